// 8-bit quantization of tensors: what a quantized or calibrated element type says, and the quantized type that a
// calibrated range gets. The one place for these rules; numerics of the conversions are in Kernels.
#pragma once
#include "mlir/IR/Value.h"
#include "tpu_mlir/Support/Tensor.h"

#include <optional>

namespace tpu_mlir::top {

/// value = (q - zeroPoint) * scale, with q within [low, high] of `storage`.
struct Quantization {
  ElementType storage = ElementType::None;
  double scale = 1;
  int64_t zeroPoint = 0;
  int64_t low = -128, high = 127;

  /// The factors as the chip has them: f32.
  float dequantizeScale() const { return static_cast<float>(scale); }
  float quantizeScale() const { return static_cast<float>(1 / scale); }
  bool operator==(const Quantization &) const = default;
};

/// A range of real values.
struct Range {
  double min = 0, max = 0;
};

/// The quantization of a tensor (or element) type that is `!quant.uniform`; nothing for other types.
std::optional<Quantization> quantizationOf(mlir::Type type);
inline std::optional<Quantization> quantizationOf(mlir::Value value) { return quantizationOf(value.getType()); }
inline bool isQuantized(mlir::Value value) { return quantizationOf(value).has_value(); }

/// The range of a tensor (or element) type that is `!quant.calibrated`; nothing for other types.
std::optional<Range> calibratedRangeOf(mlir::Type type);
/// The element type `!quant.calibrated` of the range, expressed in `expressed` (f32, f16, bf16).
mlir::Type calibratedType(mlir::Type expressed, Range range);

/// How a range is quantized to 8 bits. A range without negative values is u8 with zero point 0 and scale max / 255;
/// others are i8: symmetric with scale max(|min|, |max|) / 127, asymmetric with scale (max - min) / 255 and zero point
/// round(-min / scale) - 128. Zero always lies in the range; an empty range gets scale 1.
Quantization quantizationFor(Range range, bool asymmetric);
/// The element type `!quant.uniform` of it; real values are `expressed`.
mlir::Type uniformType(const Quantization &quantization, mlir::Type expressed);

} // namespace tpu_mlir::top
