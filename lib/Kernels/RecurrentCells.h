// What the driver of recurrent layers and its variants per instruction set know of each other: the work on one state
// vector after the products.
#pragma once
#include "tpu_mlir/Support/Simd.h"

#include <cstdint>

namespace tpu_mlir::kernels {

/// `fromInput` and `fromState`: the sums of the gates, `hidden` values each.
TPU_SIMD_DECLARE(void lstmCell(const float *fromInput, const float *fromState, float *c, float *h, int64_t hidden))
/// Gates z and r from both sums; z stays in `update`, r · h in `scaled`.
TPU_SIMD_DECLARE(void gruGates(const float *fromInput, const float *fromState, const float *h, float *update,
                               float *scaled, int64_t hidden))
/// h from the sums of gate n alone.
TPU_SIMD_DECLARE(void gruState(const float *fromInput, const float *fromState, const float *update, float *h,
                               int64_t hidden))
/// All gates; the reset gate scales `fromState` of gate n.
TPU_SIMD_DECLARE(void gruLinearCell(const float *fromInput, const float *fromState, float *h, int64_t hidden))

} // namespace tpu_mlir::kernels
