// Evaluation of elementwise functions of one tensor, for both dialects.
#pragma once
#include "Common.h"

namespace tpu_mlir::evaluation {

/// The first operand's elements through the function; f32 inside, rounded once. Only the square is native to the chip's
/// half units, the others are converted afterwards.
inline llvm::LogicalResult evaluateFunction(Call &call, kernels::Function function,
                                            kernels::Coefficients coefficients = {},
                                            const kernels::Limits &limits = {}) {
  const Tensor in = call.floats(size_t{0});
  Tensor out = call.floatResult();
  if (function != kernels::Function::Square)
    call.rounding = kernels::RoundMode::HalfAway;
  kernels::apply(function, in.data<float>(), out.data<float>(), in.elements(), coefficients);
  return call.finish(std::move(out), limits);
}

inline llvm::LogicalResult evaluateLimits(Call &call, const kernels::Limits &limits) {
  const Tensor in = call.floats(size_t{0});
  Tensor out = call.floatResult();
  kernels::limit(in.data<float>(), out.data<float>(), in.elements(), limits);
  return call.finish(std::move(out));
}

template <typename OpTy> llvm::LogicalResult evaluateRelu(OpTy op, Call &call) {
  return evaluateLimits(call, reluLimits(true, op.getReluLimit()));
}

template <typename OpTy> llvm::LogicalResult evaluateClip(OpTy op, Call &call) {
  return evaluateLimits(
      call, {static_cast<float>(op.getMin().convertToDouble()), static_cast<float>(op.getMax().convertToDouble())});
}

template <typename OpTy> llvm::LogicalResult evaluateReciprocal(OpTy op, Call &call) {
  return evaluateFunction(call, kernels::Function::Reciprocal,
                          {static_cast<float>(op.getConstVal().convertToDouble()), 0}, reluLimits(op));
}

/// x > 0 ? x : x · slope, the slope repeated as in NumPy.
template <typename OpTy> llvm::LogicalResult evaluatePRelu(OpTy op, Call &call) {
  const Tensor in = call.floats(op.getInput()), slope = call.floats(op.getSlope());
  Tensor out = call.floatResult();
  kernels::combine(kernels::Arithmetic::Multiply, in.data<float>(), in.shape(), slope.data<float>(), slope.shape(),
                   out.data<float>(), out.shape());
  const float *from = in.data<float>();
  float *to = out.data<float>();
  for (int64_t i = 0; i < in.elements(); ++i)
    to[i] = from[i] > 0 ? from[i] : to[i];
  return call.finish(std::move(out));
}

} // namespace tpu_mlir::evaluation
