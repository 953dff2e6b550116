// Float arithmetic of the element-wise instructions on dense pieces. The thread must flush denormals. Operands are
// values of the precision; results are rounded to it, and every NaN of a half type becomes 0x7fff.
#pragma once
#include "tpu_mlir/Kernels/Numerics.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::sim {

enum class FloatOp { Add, Sub, Mul, Max, Min, AbsDiff, Div, MultiplyAdd, SquareSum, SquareDiff };

// clang-format off
/// out[i] = a[i] op b[i]. steps: Newton steps of Div. MultiplyAdd: out[i] + a[i]·b[i]. SquareSum: (a + b)²; SquareDiff: (a − b)².
TPU_SIMD_DECLARE(void combineFloats(FloatOp op, kernels::Precision precision, int steps, const float *a, const float *b, float *out, int64_t count))
/// y = c[n−1]; y = y·x + c[k] for k = n−2 … 0, product and sum rounded to the precision.
TPU_SIMD_DECLARE(void polynomial(kernels::Precision precision, const float *x, const float *coefficients, int64_t n, float *out, int64_t count))
/// f32 only: 1/√x from the estimate 0x5f3759df − bits/2 by `steps` Newton steps.
TPU_SIMD_DECLARE(void reciprocalRoot(int steps, const float *x, float *out, int64_t count))

/// A window operation over one padded plane: out[y][x] from padded[(y·strideY + i·dilationY)·pitch + x·strideX + j·dilationX].
struct Window {
  int64_t pitch, outHeight, outWidth;
  int kernelH, kernelW, strideY, strideX, dilationY, dilationX;
};
/// Tap t is added to accumulator t & 1; accumulator 0 starts with `start`, accumulator 1 with start1; the result is
/// accumulator 1 + accumulator 0. Every product and sum is rounded to the precision. f32: the first NaN goes through, pixel
/// before tap, accumulator before product, in the last sum the accumulator that oddFirst names.
TPU_SIMD_DECLARE(void depthwiseFloat(kernels::Precision precision, const Window &window, const float *padded, const float *taps, float start0, float start1, bool oddFirst, float *out))
/// f32: the running maximum starts at the lowest finite value and gives way to every value that it does not exceed, so a
/// NaN only survives in the last place. Denormals become zero.
TPU_SIMD_DECLARE(void maxFloats(const Window &window, const float *padded, float *out))
/// The same on the bits of halves, which are kept as they are: bf16 denormals only count as zero.
TPU_SIMD_DECLARE(void maxHalves(kernels::Precision half, const Window &window, const int32_t *padded, int32_t *out))
TPU_SIMD_DECLARE(void depthwiseInt(const Window &window, const int32_t *padded, const int32_t *taps, int32_t *out))
TPU_SIMD_DECLARE(void maxInts(const Window &window, const int32_t *padded, int32_t *out))
// clang-format on

} // namespace tpu_mlir::sim
