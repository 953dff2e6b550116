// Constants of quantized tensors.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"

#include <algorithm>
#include <cmath>

namespace tpu_mlir::codegen {

/// The number that stands for a real value, computed as the chip quantizes: product and sum rounded to f32, halves to
/// even, saturated.
inline int64_t storedNumber(double value, const top::Quantization &quantization) {
  float scaled = static_cast<float>(value) * quantization.quantizeScale();
  float shifted = scaled + static_cast<float>(quantization.zeroPoint);
  double rounded = std::nearbyint(static_cast<double>(shifted));
  return static_cast<int64_t>(
      std::clamp(rounded, static_cast<double>(quantization.low), static_cast<double>(quantization.high)));
}

} // namespace tpu_mlir::codegen
