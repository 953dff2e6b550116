// A matrix of integers with a scale and a zero point per column and group, as A16MatMul, A16Gather and Mlp have them.
#pragma once
#include "tpu_mlir/Support/Tensor.h"

#include <cstdint>

namespace tpu_mlir::evaluation {

/// The matrix [columns, depth] that `values` (f32) hold, or [depth, columns] if it is not `transposed`; of 4 bits, two
/// share a byte along the depth, the even one in the low bits.
struct StoredMatrix {
  const float *values, *scale, *zeroPoint;
  int64_t columns, depth, bits, groups;
  bool transposed;

  /// (q − zeroPoint) · scale of one column.
  void column(int64_t index, float *out) const {
    const int64_t perGroup = depth / groups;
    for (int64_t k = 0; k < depth; ++k) {
      const int64_t group = index * groups + k / perGroup;
      out[k] = (stored(index, k) - zeroPoint[group]) * scale[group];
    }
  }

private:
  float stored(int64_t index, int64_t k) const {
    const int64_t at = bits == 4 ? k / 2 : k, length = bits == 4 ? depth / 2 : depth;
    const float value = values[transposed ? index * length + at : at * columns + index];
    if (bits == 8)
      return value;
    const int byte = static_cast<int>(value) & 255;
    return static_cast<float>(k % 2 ? byte >> 4 : byte & 15);
  }
};

} // namespace tpu_mlir::evaluation
