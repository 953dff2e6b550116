// One register of 32-bit values, for files compiled once per instruction set (*.simd.cpp). Built on the compilers'
// vector extensions, so each level has its own width and all give the same bits; intrinsics only where the
// extension has no word for it. Everything lives in the level's namespace: nothing here may be shared between levels.
#pragma once
#include "tpu_mlir/Kernels/Numerics.h"

#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tpu_mlir::TPU_SIMD_NAMESPACE {

/// 32-bit values in a register: 16, 8 or 4.
constexpr int lanesPerVector = TPU_SIMD_LEVEL == 2 ? 16 : TPU_SIMD_LEVEL == 1 ? 8 : 4;
typedef float FloatVector __attribute__((vector_size(lanesPerVector * 4)));
typedef int32_t IntVector __attribute__((vector_size(lanesPerVector * 4)));
typedef uint32_t UIntVector __attribute__((vector_size(lanesPerVector * 4)));
typedef uint16_t HalfVector __attribute__((vector_size(lanesPerVector * 2)));

template <typename Vector> inline Vector loadVector(const void *from) {
  Vector value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <typename Vector> inline void storeVector(void *to, Vector value) { std::memcpy(to, &value, sizeof value); }

inline FloatVector splat(float value) { return FloatVector{} + value; }
inline IntVector splat(int32_t value) { return IntVector{} + value; }
inline UIntVector splat(uint32_t value) { return UIntVector{} + value; }
/// −0 in every lane: splat(-0.0f) would add to +0 and lose the sign.
inline FloatVector splatBits(uint32_t bits) { return (FloatVector)splat(bits); }

inline IntVector truncateToInt(FloatVector value) { return __builtin_convertvector(value, IntVector); }
inline FloatVector toFloat(IntVector value) { return __builtin_convertvector(value, FloatVector); }
inline IntVector maxInt(IntVector a, IntVector b) { return a > b ? a : b; }

/// Whether any lane of a comparison is true.
inline bool anyLane(IntVector mask) {
#if TPU_SIMD_LEVEL == 2
  return _mm512_movepi32_mask((__m512i)mask) != 0;
#elif TPU_SIMD_LEVEL == 1
  return _mm256_movemask_epi8((__m256i)mask) != 0;
#elif defined(__x86_64__)
  return _mm_movemask_epi8((__m128i)mask) != 0;
#else
  return (mask[0] | mask[1] | mask[2] | mask[3]) != 0;
#endif
}

/// Products of 16-bit pairs: lane i gets a[2i]·b[2i] + a[2i+1]·b[2i+1].
inline IntVector multiplyPairs(IntVector a, IntVector b) {
#if TPU_SIMD_LEVEL == 2
  return (IntVector)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif TPU_SIMD_LEVEL == 1
  return (IntVector)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__x86_64__)
  return (IntVector)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  IntVector lowA = (a << 16) >> 16, lowB = (b << 16) >> 16;
  return lowA * lowB + (a >> 16) * (b >> 16);
#endif
}

inline IntVector isNaN(FloatVector value) { return value != value; }

inline FloatVector flushDenormals(FloatVector value) {
  UIntVector bits = (UIntVector)value;
  return (FloatVector)((bits & 0x7F800000u) == 0 ? bits & 0x80000000u : bits);
}

/// f32 → f16 bits in the low half of each lane, half to even; NaN → sign | 0x7fff. Plain integer steps; the hardware
/// conversion gives the same (test/unit/Kernels).
inline UIntVector encodeF16Steps(FloatVector value) {
  UIntVector bits = (UIntVector)value, sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
  // Normal results: round at bit 13 and move the exponent. Numbers below 2^-14: adding 2^-1 shifts the mantissa so that
  // the addition itself rounds at the last bit of the f16 denormals.
  UIntVector normal = (magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13;
  FloatVector shifted = (FloatVector)(magnitude < 0x38800000u ? magnitude : splat(0u)) + splat(0.5f);
  UIntVector small = (UIntVector)shifted - 0x3F000000u;
  UIntVector result = magnitude < 0x38800000u ? small : normal;
  result = magnitude >= 0x47800000u ? splat(0x7C00u) : result; // also what rounds up to 65536: see normal
  result = magnitude > 0x7F800000u ? splat(0x7FFFu) : result;
  return result | sign;
}

inline HalfVector encodeF16(FloatVector value) {
#if TPU_SIMD_LEVEL == 2
  HalfVector half = (HalfVector)_mm512_maskz_cvtps_ph(0xFFFF, (__m512)value, _MM_FROUND_TO_NEAREST_INT);
#elif TPU_SIMD_LEVEL == 1
  HalfVector half = (HalfVector)_mm256_cvtps_ph((__m256)value, _MM_FROUND_TO_NEAREST_INT);
#else
  return __builtin_convertvector(encodeF16Steps(value), HalfVector);
#endif
#if TPU_SIMD_LEVEL > 0
  return (half & 0x7FFF) > 0x7C00 ? half | (uint16_t)0x7FFF : half;
#endif
}

/// f16 bits → f32; NaN → sign | 0x7fffffff.
inline FloatVector decodeF16(HalfVector half) {
#if TPU_SIMD_LEVEL == 2
  UIntVector bits = (UIntVector)_mm512_maskz_cvtph_ps(0xFFFF, (__m256i)half);
#elif TPU_SIMD_LEVEL == 1
  UIntVector bits = (UIntVector)_mm256_cvtph_ps((__m128i)half);
#else
  UIntVector wide = __builtin_convertvector(half, UIntVector), sign = (wide & 0x8000u) << 16,
             magnitude = wide & 0x7FFFu;
  UIntVector normal = (magnitude << 13) + 0x38000000u;
  FloatVector small = toFloat((IntVector)magnitude) * splat(0x1p-24f);
  UIntVector bits = sign | (magnitude < 0x400u     ? (UIntVector)small
                            : magnitude >= 0x7C00u ? normal + 0x38000000u
                                                   : normal);
#endif
  return (FloatVector)((bits & 0x7FFFFFFFu) > 0x7F800000u ? bits | 0x7FFFFFFFu : bits);
}

/// f32 → bf16 bits in the low half of each lane, half to even, denormals flushed; NaN → sign | 0x7fff.
inline UIntVector encodeBF16Wide(FloatVector value) {
  UIntVector bits = (UIntVector)flushDenormals(value);
  UIntVector rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  return (bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x7FFFu : rounded;
}
inline HalfVector narrow(UIntVector value) { return __builtin_convertvector(value, HalfVector); }
inline UIntVector widen(HalfVector value) { return __builtin_convertvector(value, UIntVector); }
inline HalfVector encodeBF16(FloatVector value) { return narrow(encodeBF16Wide(value)); }
inline FloatVector decodeBF16(HalfVector half) { return (FloatVector)(widen(half) << 16); }

/// The value after storing in the format.
template <kernels::Precision precision> inline FloatVector roundTo(FloatVector value) {
  if constexpr (precision == kernels::Precision::F16)
    return decodeF16(encodeF16(value));
  else if constexpr (precision == kernels::Precision::BF16)
    return (FloatVector)(encodeBF16Wide(value) << 16);
  else
    return value;
}

/// Calls step(from, to) for each full vector; the last, partial one works on copies.
template <typename In, typename Out, typename Step>
inline void forVectors(const In *in, Out *out, size_t count, Step step) {
  size_t i = 0;
  for (; i + lanesPerVector <= count; i += lanesPerVector)
    step(in + i, out + i);
  if (i < count) {
    In from[lanesPerVector] = {};
    Out to[lanesPerVector];
    std::memcpy(from, in + i, (count - i) * sizeof(In));
    step(from, to);
    std::memcpy(out + i, to, (count - i) * sizeof(Out));
  }
}

} // namespace tpu_mlir::TPU_SIMD_NAMESPACE
