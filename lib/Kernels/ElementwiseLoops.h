// What the elementwise drivers and their variants per instruction set know of each other. Loops run in one thread.
#pragma once
#include "tpu_mlir/Kernels/Elementwise.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::kernels {

/// How the innermost loop steps through its operands: 0 repeats one value, 1 walks.
struct InnerStep {
  int64_t a, b;
};

TPU_SIMD_DECLARE(void applyLoop(Function function, const float *in, float *out, int64_t count,
                                Coefficients coefficients))
TPU_SIMD_DECLARE(void limitLoop(const float *in, float *out, int64_t count, const Limits &limits))
TPU_SIMD_DECLARE(void combineLoop(Arithmetic arithmetic, const float *a, const float *b, InnerStep step, float *out,
                                  int64_t count))
TPU_SIMD_DECLARE(void multiplyAddLoop(const float *in, float *out, int64_t count, float factor, float addend,
                                      const Limits &limits))
/// out = e^(in · beta − offset); returns the sum.
TPU_SIMD_DECLARE(double expSumLoop(const float *in, float *out, int64_t count, float beta, float offset))
TPU_SIMD_DECLARE(float maxLoop(const float *in, int64_t count))

} // namespace tpu_mlir::kernels
