// Evaluation of QuantizeLinear and DequantizeLinear as ONNX defines them: ties to even, a scale and zero point per
// tensor or per position of an axis.
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

namespace {

// The scale and zero point of each element: element i has those of position i / inner % count.
struct LinearScales {
  std::vector<float> scale;
  std::vector<int64_t> zeroPoint;
  int64_t inner = 1;

  LinearScales(ArrayAttr scales, ArrayAttr zeroPoints, int64_t axis, const Tensor &in) {
    for (auto [value, zero] : llvm::zip(scales, zeroPoints)) {
      scale.push_back(static_cast<float>(cast<FloatAttr>(value).getValueAsDouble()));
      zeroPoint.push_back(cast<IntegerAttr>(zero).getInt());
    }
    axis = top::normalizeAxis(axis, in.rank());
    for (int64_t i = std::max<int64_t>(axis, -1) + 1; i < in.rank(); ++i)
      inner *= in.dim(i);
    inner = std::max<int64_t>(inner, 1);
  }
  bool fit(int64_t axis, const Tensor &in) const {
    const int64_t position = top::normalizeAxis(axis, in.rank());
    return scale.size() == 1 || (position >= 0 && in.dim(position) == static_cast<int64_t>(scale.size()));
  }
  size_t at(int64_t element) const { return element / inner % scale.size(); }
};

} // namespace

static LogicalResult evaluateQuantizeLinear(top::QuantizeLinearOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const LinearScales scales(op.getYScale(), op.getYZeroPoint(), op.getAxis(), in);
  Tensor out(call.resultType(), in.shape());
  if (!isByteType(out.type()) || !scales.fit(op.getAxis(), in))
    return call.refuse("needs a result of 8-bit integers and scales that fit its axis");
  const std::optional<top::Quantization> quantization = call.resultQuantization();
  const bool isSigned = out.type() == ElementType::I8;
  const int64_t low = quantization ? quantization->low : isSigned ? -128 : 0;
  const int64_t high = quantization ? quantization->high : isSigned ? 127 : 255;
  for (int64_t i = 0; i < in.elements(); ++i) {
    const size_t which = scales.at(i);
    const double rounded = kernels::roundReal(in.data<float>()[i] / scales.scale[which], kernels::RoundMode::HalfEven);
    const double value = std::isnan(rounded) ? 0 : std::clamp(rounded, -1e9, 1e9);
    out.data<uint8_t>()[i] =
        static_cast<uint8_t>(std::clamp<int64_t>(static_cast<int64_t>(value) + scales.zeroPoint[which], low, high));
  }
  return call.finishAsIs(std::move(out));
}

static LogicalResult evaluateDequantizeLinear(top::DequantizeLinearOp op, Call &call) {
  const Tensor in = toFloat(call.operand(op.getInput())); // the stored integers
  const LinearScales scales(op.getXScale(), op.getXZeroPoint(), op.getAxis(), in);
  if (!scales.fit(op.getAxis(), in))
    return call.refuse("needs scales that fit its axis");
  Tensor out = call.floatResult();
  for (int64_t i = 0; i < in.elements(); ++i) {
    const size_t which = scales.at(i);
    out.data<float>()[i] = (in.data<float>()[i] - static_cast<float>(scales.zeroPoint[which])) * scales.scale[which];
  }
  return call.finish(std::move(out));
}

void evaluation::attachTopQuantizeModels(MLIRContext &context) {
  attach<top::QuantizeLinearOp, evaluateQuantizeLinear>(context);
  attach<top::DequantizeLinearOp, evaluateDequantizeLinear>(context);
}
