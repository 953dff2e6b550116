// What the quantization drivers and their variants per instruction set know of each other. Loops run in one thread.
#pragma once
#include "tpu_mlir/Kernels/Quantization.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::kernels {

TPU_SIMD_DECLARE(void dequantizeLoop(const ByteQuantization &quantization, const uint8_t *in, float *out,
                                     int64_t count))
TPU_SIMD_DECLARE(void quantizeLoop(const ByteQuantization &quantization, const float *in, uint8_t *out, int64_t count,
                                   RoundMode mode))
/// out = even(in · scale + offset) within [low, high].
TPU_SIMD_DECLARE(void requantizeLoop(const int32_t *in, uint8_t *out, int64_t count, float scale, float offset,
                                     int32_t low, int32_t high))
TPU_SIMD_DECLARE(void requantizeFloatLoop(const float *in, uint8_t *out, int64_t count, float scale, float offset,
                                          int32_t low, int32_t high))
/// out = in · scale + offset within [low, high].
TPU_SIMD_DECLARE(void realLoop(const int32_t *in, float *out, int64_t count, float scale, float offset, float low,
                               float high))
TPU_SIMD_DECLARE(void realFloatLoop(const float *in, float *out, int64_t count, float scale, float offset, float low,
                                    float high))

} // namespace tpu_mlir::kernels
