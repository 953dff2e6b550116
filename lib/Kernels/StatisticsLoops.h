// What the drivers of the statistics and their variants per instruction set know of each other.
#pragma once
#include "tpu_mlir/Kernels/Statistics.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::kernels {

/// Extremes of the values; `notFinite` tells that the others say nothing.
struct Extremes {
  float minimum, maximum;
  bool notFinite;
};

/// `count` > 0.
TPU_SIMD_DECLARE(Extremes extremesLoop(const float *in, int64_t count))
/// Counts values by floor(|x| · perWidth), negative ones `bins` further, in two tables of 2 · bins entries that the
/// caller adds up: equal neighbours (there are many zeros) do not wait for each other's counter. Returns the number of
/// zeros. Values are finite and fit; fewer than 2^31.
TPU_SIMD_DECLARE(int64_t countLoop(const float *in, int64_t count, float perWidth, int bins, uint32_t *tables))
TPU_SIMD_DECLARE(void roundLoop(const float *in, float *out, int64_t count, float scale, float perScale, float low,
                                float high))
/// Sums in 16 interleaved accumulators, so that all variants add in the same order.
TPU_SIMD_DECLARE(SquaredError squaredErrorLoop(const float *a, const float *b, int64_t count))

} // namespace tpu_mlir::kernels
