// Exponential and hyperbolic functions on vectors, for *.simd.cpp files. Range reduction and polynomials are Cephes';
// the error stays below 2 units in the last place (test/unit/Kernels/ElementwiseTest.cpp).
#pragma once
#include "tpu_mlir/Kernels/Vector.h"

namespace tpu_mlir::TPU_SIMD_NAMESPACE {

/// a · b + c, rounded once where the level can do that.
inline FloatVector fused(FloatVector a, FloatVector b, FloatVector c) {
#if TPU_SIMD_LEVEL == 2
  return (FloatVector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif TPU_SIMD_LEVEL == 1
  return (FloatVector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}

inline FloatVector absolute(FloatVector value) { return (FloatVector)((UIntVector)value & 0x7FFFFFFFu); }

template <size_t size> inline FloatVector polynomial(FloatVector x, const float (&coefficients)[size]) {
  FloatVector value = splat(coefficients[0]);
  for (size_t i = 1; i < size; ++i)
    value = fused(value, x, splat(coefficients[i]));
  return value;
}

inline FloatVector exponential(FloatVector x) {
  constexpr float coefficients[] = {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f,
                                    4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f};
  FloatVector bounded = x < -104.0f ? splat(-104.0f) : x;
  bounded = bounded > 89.0f ? splat(89.0f) : bounded; // also what keeps the power of two in range
  constexpr float magic = 12582912.0f;                // 1.5 · 2^23: adding it rounds to an integer
  const FloatVector n = fused(bounded, splat(1.44269504088896341f), splat(magic)) - magic;
  FloatVector r = fused(n, splat(-0.693359375f), bounded);
  r = fused(n, splat(2.12194440e-4f), r);
  const FloatVector power = fused(polynomial(r, coefficients), r * r, r) + 1.0f;
  // 2^n in two steps, so that results near the ends of the range need no exponent beyond it.
  const IntVector whole = truncateToInt(x == x ? n : splat(0.0f)), half = whole >> 1;
  const FloatVector first = (FloatVector)((half + 127) << 23), second = (FloatVector)((whole - half + 127) << 23);
  const FloatVector value = power * first * second;
  return x == x ? value : x;
}

inline FloatVector sigmoid(FloatVector x) { return 1.0f / (1.0f + exponential(-x)); }

inline FloatVector hyperbolicTangent(FloatVector x) {
  constexpr float coefficients[] = {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f,
                                    -3.33332819422e-1f};
  const FloatVector magnitude = absolute(x), square = x * x;
  const FloatVector small = fused(polynomial(square, coefficients) * square, x, x);
  const FloatVector large = 1.0f - 2.0f / (exponential(2.0f * magnitude) + 1.0f);
  const FloatVector signedLarge = (FloatVector)((UIntVector)large | ((UIntVector)x & 0x80000000u));
  return magnitude < 0.625f ? small : signedLarge;
}

} // namespace tpu_mlir::TPU_SIMD_NAMESPACE
