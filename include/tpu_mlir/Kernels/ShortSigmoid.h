// The logistic function as the chip's code computes it for results that are rounded to half precision: the constants,
// shared by the generated code and its evaluation, which takes the same steps and so gives the same bits.
//
//   y = x within [low, high];  s = y * (-1 / ln 2) + magic;  n = s - magic;  r = y + n * ln 2
//   d = exponential(r) * 2^n + 1, where 2^n is made of the low bits of s
//   seed = the float of the bits (seedBits - bits of d);  result = seed * reciprocal(d * seed)
//
// x * sigmoid(factor * x) is computed as m * sigmoid(m * factor) with m = x limited to low / factor on the side where
// the sigmoid vanishes: it stays above zero, which would show beside a huge x.
//
// Polynomials are evaluated by Horner's rule, every step rounded to f32. Relative error 4e-5.
#pragma once
#include <cstdint>

namespace tpu_mlir::kernels::short_sigmoid {

/// e^-x stays within what the reciprocal takes; below -83 the result is less than any half number times 65504.
inline constexpr float low = -83.0f, high = 88.0f;
inline constexpr float minusLog2e = -1.44269502f, ln2 = 0.693147182f;
inline constexpr float limitOf(float factor) { return low / factor; }
/// Adding 1.5 * 2^23 rounds to an integer (halves to even) and leaves that integer in the low bits.
inline constexpr float magic = 12582912.0f;
/// What makes the exponent's field of 2^n of the bits of s, before a shift by 23.
inline constexpr int32_t exponentOffset = 127 - 0x4B400000;
/// e^-r for |r| <= 0.3467, to a relative 2.6e-6; from the constant term on.
inline constexpr float exponential[] = {0.9999992847442627f, -0.9999633431434631f, 0.5000436305999756f,
                                        -0.16790997982025146f, 0.041458453983068466f};
/// With this seed d * seed is within [0.945, 1.045], where the polynomial is 1 / t to a relative 3.1e-5.
inline constexpr int32_t seedBits = 0x7EF20000;
inline constexpr float reciprocal[] = {3.0191643238067627f, -3.0365612506866455f, 1.0173875093460083f};

} // namespace tpu_mlir::kernels::short_sigmoid
