// Sixteen 32-bit values at a time, for files compiled once per instruction set (*.simd.cpp). Built on the compilers'
// vector extensions, so each level gets its own registers and all give the same bits; intrinsics only where the
// extension has no word for it. Everything lives in the level's namespace: nothing here may be shared between levels.
#pragma once
#include "tpu_mlir/Kernels/Numerics.h"

#include <cstring>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tpu_mlir::TPU_SIMD_NAMESPACE {

constexpr int lanesPerVector = 16;
typedef float F32x16 __attribute__((vector_size(64)));
typedef int32_t I32x16 __attribute__((vector_size(64)));
typedef uint32_t U32x16 __attribute__((vector_size(64)));
typedef uint16_t U16x16 __attribute__((vector_size(32)));

template <typename Vector> inline Vector loadVector(const void *from) {
  Vector value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <typename Vector> inline void storeVector(void *to, Vector value) { std::memcpy(to, &value, sizeof value); }

inline F32x16 splat(float value) { return F32x16{} + value; }
inline I32x16 splat(int32_t value) { return I32x16{} + value; }
inline U32x16 splat(uint32_t value) { return U32x16{} + value; }
/// −0 in every lane: splat(-0.0f) would add to +0 and lose the sign.
inline F32x16 splatBits(uint32_t bits) { return (F32x16)splat(bits); }

inline I32x16 truncateToInt(F32x16 value) { return __builtin_convertvector(value, I32x16); }
inline F32x16 toFloat(I32x16 value) { return __builtin_convertvector(value, F32x16); }
inline I32x16 maxInt(I32x16 a, I32x16 b) { return a > b ? a : b; }

/// Whether any lane of a comparison is true.
inline bool anyLane(I32x16 mask) {
#if TPU_SIMD_LEVEL == 2
  return _mm512_movepi32_mask((__m512i)mask) != 0;
#else
  typedef int64_t I64x8 __attribute__((vector_size(64)));
  I64x8 wide = (I64x8)mask;
  return (wide[0] | wide[1] | wide[2] | wide[3] | wide[4] | wide[5] | wide[6] | wide[7]) != 0;
#endif
}

/// Products of 16-bit pairs: lane i gets a[2i]·b[2i] + a[2i+1]·b[2i+1].
inline I32x16 multiplyPairs(I32x16 a, I32x16 b) {
#if TPU_SIMD_LEVEL == 2
  return (I32x16)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif TPU_SIMD_LEVEL == 1
  union {
    I32x16 all;
    __m256i part[2];
  } left{a}, right{b};
  for (int i = 0; i < 2; ++i)
    left.part[i] = _mm256_madd_epi16(left.part[i], right.part[i]);
  return left.all;
#elif defined(__x86_64__)
  union {
    I32x16 all;
    __m128i part[4];
  } left{a}, right{b};
  for (int i = 0; i < 4; ++i)
    left.part[i] = _mm_madd_epi16(left.part[i], right.part[i]);
  return left.all;
#else
  I32x16 lowA = (a << 16) >> 16, lowB = (b << 16) >> 16;
  return lowA * lowB + (a >> 16) * (b >> 16);
#endif
}

inline I32x16 isNaN(F32x16 value) { return value != value; }

inline F32x16 flushDenormals(F32x16 value) {
  U32x16 bits = (U32x16)value;
  return (F32x16)((bits & 0x7F800000u) == 0 ? bits & 0x80000000u : bits);
}

/// f32 → f16 bits in the low half of each lane, half to even; NaN → sign | 0x7fff. Plain integer steps; the hardware
/// conversion gives the same (test/unit/Kernels).
inline U32x16 encodeF16Steps(F32x16 value) {
  U32x16 bits = (U32x16)value, sign = (bits >> 16) & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
  // Normal results: round at bit 13 and move the exponent. Numbers below 2^-14: adding 2^-1 shifts the mantissa so that
  // the addition itself rounds at the last bit of the f16 denormals.
  U32x16 normal = (magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13;
  F32x16 shifted = (F32x16)(magnitude < 0x38800000u ? magnitude : splat(0u)) + splat(0.5f);
  U32x16 small = (U32x16)shifted - 0x3F000000u;
  U32x16 result = magnitude < 0x38800000u ? small : normal;
  result = magnitude >= 0x47800000u ? splat(0x7C00u) : result; // also what rounds up to 65536: see normal
  result = magnitude > 0x7F800000u ? splat(0x7FFFu) : result;
  return result | sign;
}

inline U16x16 encodeF16(F32x16 value) {
#if TPU_SIMD_LEVEL == 2
  U16x16 half = (U16x16)_mm512_maskz_cvtps_ph(0xFFFF, (__m512)value, _MM_FROUND_TO_NEAREST_INT);
#elif TPU_SIMD_LEVEL == 1
  union {
    F32x16 all;
    __m256 part[2];
  } in{value};
  union {
    U16x16 all;
    __m128i part[2];
  } out;
  for (int i = 0; i < 2; ++i)
    out.part[i] = _mm256_cvtps_ph(in.part[i], _MM_FROUND_TO_NEAREST_INT);
  U16x16 half = out.all;
#else
  return __builtin_convertvector(encodeF16Steps(value), U16x16);
#endif
#if TPU_SIMD_LEVEL > 0
  return (half & 0x7FFF) > 0x7C00 ? half | (uint16_t)0x7FFF : half;
#endif
}

/// f16 bits → f32; NaN → sign | 0x7fffffff.
inline F32x16 decodeF16(U16x16 half) {
#if TPU_SIMD_LEVEL == 2
  U32x16 bits = (U32x16)_mm512_maskz_cvtph_ps(0xFFFF, (__m256i)half);
#elif TPU_SIMD_LEVEL == 1
  union {
    U16x16 all;
    __m128i part[2];
  } in{half};
  union {
    U32x16 all;
    __m256 part[2];
  } out;
  for (int i = 0; i < 2; ++i)
    out.part[i] = _mm256_cvtph_ps(in.part[i]);
  U32x16 bits = out.all;
#else
  U32x16 wide = __builtin_convertvector(half, U32x16), sign = (wide & 0x8000u) << 16, magnitude = wide & 0x7FFFu;
  U32x16 normal = (magnitude << 13) + 0x38000000u;
  F32x16 small = toFloat((I32x16)magnitude) * splat(0x1p-24f);
  U32x16 bits = sign | (magnitude < 0x400u ? (U32x16)small : magnitude >= 0x7C00u ? normal + 0x38000000u : normal);
#endif
  return (F32x16)((bits & 0x7FFFFFFFu) > 0x7F800000u ? bits | 0x7FFFFFFFu : bits);
}

/// f32 → bf16 bits in the low half of each lane, half to even, denormals flushed; NaN → sign | 0x7fff.
inline U32x16 encodeBF16Wide(F32x16 value) {
  U32x16 bits = (U32x16)flushDenormals(value);
  U32x16 rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
  return (bits & 0x7FFFFFFFu) > 0x7F800000u ? (bits >> 16) | 0x7FFFu : rounded;
}
inline U16x16 narrow(U32x16 value) { return __builtin_convertvector(value, U16x16); }
inline U32x16 widen(U16x16 value) { return __builtin_convertvector(value, U32x16); }
inline U16x16 encodeBF16(F32x16 value) { return narrow(encodeBF16Wide(value)); }
inline F32x16 decodeBF16(U16x16 half) { return (F32x16)(widen(half) << 16); }

/// The value after storing in the format.
template <kernels::Precision precision> inline F32x16 roundTo(F32x16 value) {
  if constexpr (precision == kernels::Precision::F16)
    return decodeF16(encodeF16(value));
  else if constexpr (precision == kernels::Precision::BF16)
    return (F32x16)(encodeBF16Wide(value) << 16);
  else
    return value;
}

/// Calls step(offset, count) for pieces of 16; the last piece may be shorter: it works on copies of the arrays.
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
