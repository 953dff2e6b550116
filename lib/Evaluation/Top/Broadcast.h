// Evaluation of any function of one element, or of the elements of two operands that broadcast to each other.
#pragma once
#include "../Common.h"
#include "tpu_mlir/Kernels/Layout.h"
#include "tpu_mlir/Support/Parallel.h"

namespace tpu_mlir::evaluation {

constexpr int64_t pairGrain = 8192;

/// The tensor repeated to a shape that it broadcasts to; itself if it has that many elements.
inline Tensor broadcastTo(const Tensor &tensor, const Extents &shape) {
  Extents from = tensor.shape();
  from.insert(from.begin(), shape.size() - from.size(), 1);
  if (from == shape)
    return tensor.reshaped(shape);
  std::vector<kernels::AxisMap> maps;
  for (size_t i = 0; i < shape.size(); ++i)
    maps.push_back(from[i] == shape[i] ? kernels::identityMap(shape[i]) : kernels::repeatMap(1, shape[i]));
  Tensor out(tensor.type(), shape);
  const uint64_t fill = 0;
  kernels::select(tensor.data<uint8_t>(), from, maps, &fill, byteSize(tensor.type()), out.data<uint8_t>());
  return out;
}

inline Tensor scalarOf(const llvm::APFloat &value) {
  Tensor tensor(ElementType::F32, {1});
  *tensor.data<float>() = static_cast<float>(value.convertToDouble());
  return tensor;
}

/// The elements of the first operand, in f32, through a function, then limited.
template <typename Step> llvm::LogicalResult evaluateEach(Call &call, Step step, const kernels::Limits &limits = {}) {
  const Tensor in = call.floats(size_t{0});
  Tensor out = call.floatResult();
  parallelFor(out.elements(), pairGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out.data<float>()[i] = step(in.data<float>()[i]);
  });
  return call.finish(std::move(out), limits);
}

/// The same for pairs of elements of the first two operands.
template <typename Step> llvm::LogicalResult evaluatePair(Call &call, Step step) {
  Tensor out = call.floatResult();
  const Tensor a = broadcastTo(call.floats(size_t{0}), out.shape()),
               b = broadcastTo(call.floats(size_t{1}), out.shape());
  parallelFor(out.elements(), pairGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out.data<float>()[i] = step(a.data<float>()[i], b.data<float>()[i]);
  });
  return call.finish(std::move(out));
}

} // namespace tpu_mlir::evaluation
