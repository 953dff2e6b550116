// The inner loops of convolution and matrix product: sixteen result channels (columns) at a time, any number of result
// pixels (rows). A row's operands are x[rowBase[row] + offset of the term], so padded images and matrices look alike.
// Columns lie next to each other in the packed weights and in the results.
#pragma once
#include "tpu_mlir/Support/Simd.h"
#include <cstdint>

namespace tpu_mlir::sim {

constexpr int gemmColumns = 16;

/// Up to 32 neighbouring operands of a row that the chip adds in one step.
struct TermGroup {
  int64_t offset; // of the first operand from the row's base
  int32_t count;
};

// clang-format off
/// f16 and bf16: accumulators[row][16] (f32) += the group sums in order (kernels::truncatedGroupSum). weights: per group
/// count × 16. The thread must flush denormals.
TPU_SIMD_DECLARE(void multiplyHalf(const float *x, const int64_t *rowBase, int64_t rows, const TermGroup *groups, int64_t groupCount, const float *weights, float *accumulators))

/// f32: even terms are added to one accumulator, odd terms to another, products and sums rounded one by one;
/// results[row][16] = odd + even. results holds the odd start values on entry, evenStart (16 values) the even ones. Of
/// several NaN the first goes through: operand before weight, accumulator before product, and in the last sum the
/// accumulator named by oddFirst. The thread must flush denormals.
TPU_SIMD_DECLARE(void multiplyF32(const float *x, const int64_t *rowBase, int64_t rows, const int64_t *offsets, int64_t terms, const float *weights, const float *evenStart, bool oddFirst, float *results))

/// 8-bit integers as pairs of 16-bit values: sums[row][16] += Σ x·w over both members. x and weights in pairs (32-bit
/// words), weights [pair][16]; at most 16000 terms, so that 32 bits hold the sum.
TPU_SIMD_DECLARE(void multiplyPairs8(const int32_t *x, const int64_t *rowBase, int64_t rows, const int64_t *offsets, int64_t pairs, const int32_t *weights, int64_t *sums))
// clang-format on

} // namespace tpu_mlir::sim
