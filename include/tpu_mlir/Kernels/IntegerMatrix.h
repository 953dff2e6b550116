// Matrix products of 8-bit values: exact i32 sums, made to bytes by a requantization.
#pragma once
#include "tpu_mlir/Kernels/Quantization.h"

namespace tpu_mlir::kernels {

/// Element (row, column) is data[row * rowStride + column * columnStride], less the zero point (right operand only).
struct ByteMatrix {
  const uint8_t *data = nullptr;
  int64_t rowStride = 0, columnStride = 0;
  bool isSigned = true;
  int32_t zeroPoint = 0;
};

/// out (m × n, rows `outStride` apart) = left (m × k) · right (k × n).
struct ByteProduct {
  ByteMatrix left, right;
  uint8_t *out = nullptr;
  int64_t outStride = 0;
};

/// `count` products of one shape, signs and zero point; the channels of the requantization are columns.
void integerMatMul(int64_t count, int64_t m, int64_t n, int64_t k, const std::vector<ByteProduct> &products,
                   const Requantization &requantization);

} // namespace tpu_mlir::kernels
