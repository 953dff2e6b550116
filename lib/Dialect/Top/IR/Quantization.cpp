// Quantized and calibrated element types.
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

static Type elementOf(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped ? shaped.getElementType() : type;
}

std::optional<Quantization> top::quantizationOf(Type type) {
  auto uniform = dyn_cast<quant::UniformQuantizedType>(elementOf(type));
  if (!uniform)
    return std::nullopt;
  return Quantization{elementTypeOf(uniform), uniform.getScale(), uniform.getZeroPoint(), uniform.getStorageTypeMin(),
                      uniform.getStorageTypeMax()};
}

std::optional<top::Range> top::calibratedRangeOf(Type type) {
  auto calibrated = dyn_cast<quant::CalibratedQuantizedType>(elementOf(type));
  if (!calibrated)
    return std::nullopt;
  return Range{calibrated.getMin(), calibrated.getMax()};
}

Type top::calibratedType(Type expressed, Range range) {
  return quant::CalibratedQuantizedType::get(expressed, range.min, range.max);
}

Quantization top::quantizationFor(Range range, bool asymmetric) {
  const double low = std::min(range.min, 0.0), high = std::max(range.max, 0.0);
  if (low == 0)
    return {ElementType::U8, high > 0 ? high / 255 : 1.0, 0, 0, 255};
  if (!asymmetric)
    return {ElementType::I8, std::max(-low, high) / 127, 0, -128, 127};
  const double scale = (high - low) / 255;
  const auto zeroPoint = static_cast<int64_t>(std::round(-low / scale)) - 128;
  return {ElementType::I8, scale, std::clamp<int64_t>(zeroPoint, -128, 127), -128, 127};
}

Type top::uniformType(const Quantization &q, Type expressed) {
  const bool isSigned = q.storage == ElementType::I8 || q.storage == ElementType::I16 || q.storage == ElementType::I32;
  const unsigned bits = 8 * byteSize(q.storage);
  return quant::UniformQuantizedType::get(isSigned ? quant::QuantizationFlags::Signed : 0,
                                          IntegerType::get(expressed.getContext(), bits), expressed, q.scale,
                                          q.zeroPoint, q.low, q.high);
}
