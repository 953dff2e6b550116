// The logistic function as the chip's code computes it for results that are rounded to half precision: the constants,
// shared by the generated code and its evaluation, which takes the same steps and so gives the same bits.
//
//   y = x within [low, high];  s = y * (-1 / ln 2) + magic;  n = s - magic;  r = y + n * ln 2
//   p = ((r + shift)^2 + lift)^8;  d = p * 2^(n - 56) * factor + 1, where 2^(n - 56) is made of the low bits of s
//   seed = the float of the bits (seedBits - bits of d);  t = d * seed
//   result = seed * ((t + reciprocalShift)^2 * reciprocalFactor + reciprocalLift)
//
// Squares take the chip a cycle as a product does, and a square with an added constant the same: an eighth power of a
// quadratic costs less than the polynomial of equal accuracy. x * sigmoid(factor * x) is computed as
// m * sigmoid(m * factor) with m = x limited to low / factor on the side where the sigmoid vanishes: it stays above
// zero, which would show beside a huge x.
//
// Every step is rounded to f32. Relative error 6.1e-5.
#pragma once
#include <cstdint>

namespace tpu_mlir::kernels::short_sigmoid {

/// e^-x stays within what the reciprocal takes, and is lost beside 1 from 48 on; below -83 the result is less than any
/// half number times 65504.
inline constexpr float low = -83.0f, high = 48.0f;
inline constexpr float minusLog2e = -1.44269502f, ln2 = 0.693147182f;
inline constexpr float limitOf(float factor) { return low / factor; }
/// Adding 1.5 * 2^23 rounds to an integer (halves to even) and leaves that integer in the low bits.
inline constexpr float magic = 12582912.0f;
/// What makes the exponent's field of 2^(n - 56) of the bits of s, before a shift by 23.
inline constexpr int32_t exponentOffset = 127 - 56 - 0x4B400000;
/// ((r + shift)^2 + lift)^8 * 2^-56 * factor is e^-r for |r| <= 0.3467, to a relative 2.7e-5.
inline constexpr float shift = -8.002817f, lift = 63.969955f, factor = 0.99906135f;
/// With this seed d * seed is within [0.945, 1.045], where the quadratic is 1 / t to a relative 3.1e-5.
inline constexpr int32_t seedBits = 0x7EF20000;
inline constexpr float reciprocalShift = -1.4923325f, reciprocalFactor = 1.0173879f, reciprocalLift = 0.75338465f;

} // namespace tpu_mlir::kernels::short_sigmoid
