// Bytes beside the 32-bit vectors of Vector.h: widening, narrowing and rounding of f32 to integers, for files compiled
// once per instruction set.
#pragma once
#include "tpu_mlir/Kernels/Vector.h"

namespace tpu_mlir::TPU_SIMD_NAMESPACE {

typedef int8_t SignedBytes __attribute__((vector_size(lanesPerVector)));
typedef uint8_t UnsignedBytes __attribute__((vector_size(lanesPerVector)));

inline IntVector widenBytes(const uint8_t *from, bool isSigned) {
  return isSigned ? __builtin_convertvector(loadVector<SignedBytes>(from), IntVector)
                  : __builtin_convertvector(loadVector<UnsignedBytes>(from), IntVector);
}

/// The low byte of each lane.
inline void storeBytes(uint8_t *to, IntVector value) {
  storeVector(to, __builtin_convertvector((UIntVector)value, UnsignedBytes));
}
inline void storeBytes(uint8_t *to, IntVector value, int64_t count) {
  if (count >= lanesPerVector)
    return storeBytes(to, value);
  uint8_t bytes[lanesPerVector];
  storeBytes(bytes, value);
  std::memcpy(to, bytes, count);
}

/// Nearest integer, halves to even; magnitudes below 2^22.
inline IntVector roundEven(FloatVector value) {
#if TPU_SIMD_LEVEL == 2
  return (IntVector)_mm512_cvtps_epi32((__m512)value);
#elif TPU_SIMD_LEVEL == 1
  return (IntVector)_mm256_cvtps_epi32((__m256)value);
#elif defined(__x86_64__)
  return (IntVector)_mm_cvtps_epi32((__m128)value);
#else
  const FloatVector shifted = value + 0x1.8p23f;
  return (IntVector)shifted - splat(0x4B400000);
#endif
}

/// f32 into [low, high]; NaN becomes 0.
inline FloatVector clampValues(FloatVector value, float low, float high) {
  value = value == value ? value : splat(0.0f);
  value = value < low ? splat(low) : value;
  return value > high ? splat(high) : value;
}

/// even(value · scale + offset) within the limits.
inline IntVector rescale(FloatVector value, FloatVector scale, FloatVector offset, float low, float high) {
  value = value * scale + offset;
  value = value < low ? splat(low) : value;
  return roundEven(value > high ? splat(high) : value);
}

} // namespace tpu_mlir::TPU_SIMD_NAMESPACE
