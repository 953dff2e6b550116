// Bytes beside the 32-bit vectors of Vector.h: widening, narrowing and rounding of f32 to integers, for files compiled
// once per instruction set.
#pragma once
#include "tpu_mlir/Kernels/Vector.h"

namespace tpu_mlir::TPU_SIMD_NAMESPACE {

typedef int8_t SignedBytes __attribute__((vector_size(lanesPerVector)));
typedef uint8_t UnsignedBytes __attribute__((vector_size(lanesPerVector)));

// Intrinsics, because compilers take these conversions apart element by element.
inline IntVector widenBytes(const uint8_t *from, bool isSigned) {
#if TPU_SIMD_LEVEL == 2
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i *>(from));
  return (IntVector)(isSigned ? _mm512_maskz_cvtepi8_epi32(0xFFFF, bytes) : _mm512_maskz_cvtepu8_epi32(0xFFFF, bytes));
#elif TPU_SIMD_LEVEL == 1
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i *>(from));
  return (IntVector)(isSigned ? _mm256_cvtepi8_epi32(bytes) : _mm256_cvtepu8_epi32(bytes));
#elif defined(__x86_64__)
  int32_t word;
  std::memcpy(&word, from, sizeof word);
  const __m128i zero = _mm_setzero_si128(), bytes = _mm_cvtsi32_si128(word);
  return (IntVector)(isSigned ? _mm_srai_epi32(_mm_unpacklo_epi16(zero, _mm_unpacklo_epi8(zero, bytes)), 24)
                              : _mm_unpacklo_epi16(_mm_unpacklo_epi8(bytes, zero), zero));
#else
  return isSigned ? __builtin_convertvector(loadVector<SignedBytes>(from), IntVector)
                  : __builtin_convertvector(loadVector<UnsignedBytes>(from), IntVector);
#endif
}

/// The low byte of each lane.
inline void storeBytes(uint8_t *to, IntVector value) {
#if TPU_SIMD_LEVEL == 2
  _mm_storeu_si128(reinterpret_cast<__m128i *>(to), _mm512_maskz_cvtepi32_epi8(0xFFFF, (__m512i)value));
#elif TPU_SIMD_LEVEL == 1
  const __m256i first = _mm256_set1_epi32(0x0C080400);
  const __m256i words = _mm256_shuffle_epi8((__m256i)value, first); // each half's bytes in its lowest word
  _mm_storel_epi64(reinterpret_cast<__m128i *>(to),
                   _mm_unpacklo_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
#elif defined(__x86_64__)
  const __m128i low = _mm_and_si128((__m128i)value, _mm_set1_epi32(0xFF)), shorts = _mm_packs_epi32(low, low);
  const int32_t word = _mm_cvtsi128_si32(_mm_packus_epi16(shorts, shorts));
  std::memcpy(to, &word, sizeof word);
#else
  storeVector(to, __builtin_convertvector((UIntVector)value, UnsignedBytes));
#endif
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
  return (IntVector)_mm512_maskz_cvtps_epi32(0xFFFF, (__m512)value);
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

/// value · scale + offset within the limits, as the chip's maximum and minimum of two f32 give it.
inline FloatVector rescaleReal(FloatVector value, FloatVector scale, FloatVector offset, float low, float high) {
  value = value * scale + offset;
  value = value > low ? value : splat(low);
  return value < high ? value : splat(high);
}

/// even(value · scale + offset) within the limits.
inline IntVector rescale(FloatVector value, FloatVector scale, FloatVector offset, float low, float high) {
  value = value * scale + offset;
  value = value < low ? splat(low) : value;
  return roundEven(value > high ? splat(high) : value);
}

} // namespace tpu_mlir::TPU_SIMD_NAMESPACE
