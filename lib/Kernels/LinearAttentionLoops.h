// What the drivers of linear attention and their variants per instruction set know of each other.
#pragma once
#include "tpu_mlir/Kernels/Attention.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::kernels {

/// `scratch` has room for 3 · d values.
TPU_SIMD_DECLARE(void deltaRuleLoop(const DeltaRuleHead &head, int64_t positions, int64_t d, float scale,
                                    bool normalize, float *scratch))
TPU_SIMD_DECLARE(void scanLoop(const ScanChannel &channel, int64_t positions, int64_t states, int64_t batch))

} // namespace tpu_mlir::kernels
