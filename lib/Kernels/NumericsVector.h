// The vector functions as each instruction set provides them. Numerics.h has the public ones.
#pragma once
#include "tpu_mlir/Kernels/Numerics.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::kernels {
// clang-format off
TPU_SIMD_DECLARE(void encodeHalves(Precision half, const float *in, uint16_t *out, size_t count, RoundMode mode))
TPU_SIMD_DECLARE(void decodeHalves(Precision half, const uint16_t *in, float *out, size_t count))
TPU_SIMD_DECLARE(void roundToHalf(Precision half, float *values, size_t count))
TPU_SIMD_DECLARE(void floatsToInts(const float *in, int32_t *out, size_t count, float low, float high, uint32_t highBits, RoundMode mode))
TPU_SIMD_DECLARE(void intsToFloats(const int32_t *in, float *out, size_t count))
TPU_SIMD_DECLARE(void roundFloatVector(const float *in, float *out, size_t count, RoundMode mode))
TPU_SIMD_DECLARE(void requantizeVector(const int32_t *in, int32_t *out, size_t count, int64_t inZeroPoint, int32_t multiplier, int shiftCount, int64_t outZeroPoint, IntRange limits, RoundMode mode))
// clang-format on
} // namespace tpu_mlir::kernels
