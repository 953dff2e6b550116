// Special functions from elementwise steps in f32. Coefficients are minimax fits made for the reduced ranges given
// beside them. Largest errors found on 500,000 arguments in [-80, 80], [-5, 5] and [-0.005, 0.005], with every step
// rounded as the chip rounds: relative exp 1.0e-7, expm1 1.4e-7, sigmoid 3.3e-7, tanh and erf 3.7e-7, softplus 2.4e-7,
// ln 1.6e-7, reciprocal 1.6e-7; absolute sin and cos 1.8e-7. What is made for half-precision results is good to 6.1e-5.
#include "Functions.h"

#include "tpu_mlir/Kernels/ShortSigmoid.h"

#include <cmath>

namespace tpu_mlir::codegen {
namespace {

// Adding 1.5 * 2^23 rounds to an integer (half to even) and leaves that integer in the low bits.
constexpr double roundingMagic = 12582912.0;
constexpr int32_t roundingMagicBits = 0x4B400000;

// ln 2 = high + low; the high part has few bits, so its product with an exponent is exact.
constexpr double ln2High = 0.693359375, ln2Low = -2.12194440e-4;
// pi in three parts of the same kind.
constexpr double piHigh = 3.140625, piMiddle = 9.670257568359375e-4, piLow = 6.2783295e-7;

// e^r and (e^r - 1) / r for |r| <= 0.3467.
constexpr float expCoefficients[] = {1.0f,          1.0f,           0.49999991f,   0.1666642f,
                                     0.0416682288f, 0.00837484561f, 0.00138368108f};
// The same of e^-r, to 7.5e-8.
constexpr float negativeExpCoefficients[] = {1.00000012f,   -0.999999702f, 0.499988943f,
                                             -0.166675761f, 0.0419155620f, -0.00829762872f};
constexpr float expm1Coefficients[] = {1.0f, 0.49999997f, 0.166665062f, 0.0416671373f, 0.00836909469f, 0.00138888764f};
// ln(1 + t) / t for |t| <= 1/3, and for 0 <= t <= 1.
constexpr float logCoefficients[] = {1.0f,          -0.499999315f, 0.333331674f,  -0.250080258f, 0.200119451f,
                                     -0.164127901f, 0.13987641f,   -0.154032037f, 0.14056164f};
constexpr float log1pCoefficients[] = {1.0f,          -0.499999017f, 0.333299637f,   -0.249541327f, 0.196759388f,
                                       -0.153055906f, 0.106036521f,  -0.0569595173f, 0.0198514573f, -0.0032440247f};
// 1 / (1 - u) for |u| <= 0.0506.
constexpr float reciprocalCoefficients[] = {1.0f, 0.999997973f, 0.999997616f, 1.00319672f, 1.00336170f};
// sin(r) / r in r^2 for |r| <= pi/2.
constexpr float sinCoefficients[] = {1.0f, -0.166666567f, 0.00833302364f, -0.000198073321f, 2.60170827e-6f};
// tanh(t) / t = numerator(t^2) / denominator(t^2) for |t| <= 9.
constexpr float tanhNumerator[] = {0.99999998f, 0.133810258f, 0.00349558831f, 2.06090846e-5f, 1.33546639e-8f};
constexpr float tanhDenominator[] = {1.0f, 0.467143414f, 0.0258769829f, 0.000328563508f, 7.77655939e-7f};
// erf(t) / t = numerator(t^2) / denominator(t^2) for |t| <= 3.93.
constexpr float erfNumerator[] = {1.12837915f,    0.190784274f,    0.0527903392f,
                                  0.00377962525f, 0.000284808478f, 2.04196199e-6f};
constexpr float erfDenominator[] = {1.0f, 0.502410881f, 0.114257700f, 0.0149974718f, 0.00116521558f, 3.8003975e-5f};

/// x = n ln 2 + r with |r| <= 0.3467: r, and 2^n (0 for n = -127).
struct Reduced {
  MathValue rest, scale;
};
Reduced reduceByLn2(MathProgram &p, MathValue x) {
  MathValue shifted = p.linear(x, 1.4426950408889634, roundingMagic);
  MathValue n = p.sub(shifted, roundingMagic);
  MathValue rest = p.mac(p.mac(x, n, -ln2High), n, -ln2Low);
  return {rest, p.intAddShift(shifted, 127 - roundingMagicBits, 23)};
}

/// t * numerator(t^2) / denominator(t^2) for x clamped to [-limit, limit]; the result is within [-1, 1].
MathValue oddRational(MathProgram &p, MathValue x, double limit, llvm::ArrayRef<float> numerator,
                      llvm::ArrayRef<float> denominator) {
  MathValue t = p.clamp(x, -limit, limit);
  MathValue square = p.mul(t, t);
  MathValue top = p.mul(p.polynomial(square, numerator), t);
  return p.clamp(p.mul(top, reciprocalOf(p, p.polynomial(square, denominator))), -1, 1);
}

/// (-1)^n sin(r), where n is in the low bits of `shifted` (plus `extra`).
MathValue signedSine(MathProgram &p, MathValue rest, MathValue shifted, int32_t extra) {
  MathValue sine = p.mul(p.polynomial(p.mul(rest, rest), sinCoefficients), rest);
  return p.bitXor(sine, p.intAddShift(shifted, extra, 31));
}

MathValue subtractMultipleOfPi(MathProgram &p, MathValue x, MathValue n) {
  return p.mac(p.mac(p.mac(x, n, -piHigh), n, -piMiddle), n, -piLow);
}

// Beyond this argument f32 no longer tells the phases of a sine apart; clamping keeps the result finite.
constexpr double largestAngle = 8e5;

} // namespace

MathValue expOf(MathProgram &p, MathValue x, double low, double high) {
  Reduced reduced = reduceByLn2(p, std::isinf(high) ? p.max(x, low) : p.clamp(x, low, high));
  return p.mul(p.polynomial(reduced.rest, expCoefficients), reduced.scale);
}

MathValue expm1Of(MathProgram &p, MathValue x) {
  Reduced reduced = reduceByLn2(p, p.clamp(x, -88, 88.376));
  MathValue small = p.mul(p.mul(p.polynomial(reduced.rest, expm1Coefficients), reduced.rest), reduced.scale);
  return p.add(small, p.sub(reduced.scale, 1.0));
}

MathValue logOf(MathProgram &p, MathValue x) {
  MathValue y = p.clamp(x, 1.17549435e-38, 1.7014118e38);
  MathValue exponent = p.exponent(y);
  MathValue mantissa = p.mul(y, p.intSubShift(MathArg::raw(254), exponent, 23));
  MathValue t = p.sub(mantissa, 1.0);
  MathValue sum = p.mul(p.polynomial(t, logCoefficients), t);
  MathValue n = p.sub(p.intToFloat(exponent), 127.0);
  return p.mac(p.mac(sum, n, ln2Low), n, ln2High);
}

MathValue reciprocalOf(MathProgram &p, MathValue x) {
  // |1 - x seed| is at most 0.0506; a polynomial of it in place of Newton's steps, which cost four steps each.
  MathValue seed = p.intSubShift(MathArg::raw(0x7EF31000), x, 0);
  return p.mul(seed, p.polynomial(p.sub(1.0, p.mul(x, seed)), reciprocalCoefficients));
}

/// 1 / (1 + e^-x), where x lies within [-83, 88]: e^83 is the largest divisor that the reciprocal's seed takes.
static MathValue logisticOf(MathProgram &p, MathValue x) {
  MathValue shifted = p.linear(x, -1.4426950408889634, roundingMagic);
  MathValue n = p.sub(shifted, roundingMagic);
  MathValue rest = p.mac(p.mac(x, n, ln2High), n, ln2Low);
  MathValue scale = p.intAddShift(shifted, 127 - roundingMagicBits, 23);
  return reciprocalOf(p, p.add(p.mul(p.polynomial(rest, negativeExpCoefficients), scale), 1.0));
}

MathValue sigmoidOf(MathProgram &p, MathValue x) { return logisticOf(p, p.clamp(x, -83, 88)); }

MathValue timesSigmoidOf(MathProgram &p, MathValue x, float factor) {
  // The factor in front is limited like the argument, since the sigmoid stays above zero, which would show beside a
  // huge one.
  constexpr double low = -83, high = 88;
  if (factor == 0)
    return p.mul(x, 0.5);
  MathValue m = factor > 0 ? p.max(x, low / factor) : p.min(x, low / factor);
  MathValue y = factor == 1 ? p.min(m, high) : p.clamp(p.mul(m, factor), low, high);
  return p.mul(logisticOf(p, y), m);
}

static MathValue shortSigmoidOf(MathProgram &p, MathValue x, bool limitedBelow) {
  namespace k = kernels::short_sigmoid;
  MathValue y = p.min(limitedBelow ? x : p.max(x, k::low), k::high);
  MathValue shifted = p.linear(y, k::minusLog2e, k::magic);
  MathValue rest = p.mac(y, p.sub(shifted, k::magic), k::ln2);
  MathValue square = p.squareSum(p.squareSum(rest, k::shift), k::lift);
  MathValue fourth = p.mul(square, square);
  MathValue power = p.mul(p.mul(fourth, fourth), p.intAddShift(shifted, k::exponentOffset, 23));
  MathValue divisor = p.linear(power, k::factor, 1.0);
  MathValue seed = p.intSubShift(MathArg::raw(k::seedBits), divisor, 0);
  MathValue quadratic = p.squareSum(p.mul(divisor, seed), k::reciprocalShift);
  return p.mul(seed, p.linear(quadratic, k::reciprocalFactor, k::reciprocalLift));
}

MathValue shortSigmoidOf(MathProgram &p, MathValue x) { return shortSigmoidOf(p, x, false); }

MathValue timesShortSigmoidOf(MathProgram &p, MathValue x, float factor) {
  MathValue m = x;
  if (factor != 0) {
    double limit = kernels::short_sigmoid::limitOf(factor);
    m = factor > 0 ? p.max(x, limit) : p.min(x, limit);
  }
  bool whole = factor == 1.0f;
  return p.mul(shortSigmoidOf(p, whole ? m : p.mul(m, factor), whole), m);
}

MathValue tanhOf(MathProgram &p, MathValue x) { return oddRational(p, x, 9, tanhNumerator, tanhDenominator); }

MathValue erfOf(MathProgram &p, MathValue x) { return oddRational(p, x, 3.93, erfNumerator, erfDenominator); }

MathValue softplusOf(MathProgram &p, MathValue x) {
  MathValue negative = p.max(p.min(x, p.sub(0.0, x)), -88.0);
  Reduced reduced = reduceByLn2(p, negative);
  MathValue e = p.mul(p.polynomial(reduced.rest, expCoefficients), reduced.scale);
  return p.mac(p.max(x, 0.0), p.polynomial(e, log1pCoefficients), e);
}

MathValue sinOf(MathProgram &p, MathValue x) {
  MathValue angle = p.clamp(x, -largestAngle, largestAngle);
  MathValue shifted = p.linear(angle, 1 / M_PI, roundingMagic);
  MathValue n = p.sub(shifted, roundingMagic);
  return signedSine(p, subtractMultipleOfPi(p, angle, n), shifted, 0);
}

// cos(x) = -(-1)^k sin(x - (k + 1/2) pi)
MathValue cosOf(MathProgram &p, MathValue x) {
  MathValue angle = p.clamp(x, -largestAngle, largestAngle);
  MathValue shifted = p.add(p.linear(angle, 1 / M_PI, -0.5), roundingMagic);
  MathValue n = p.add(p.sub(shifted, roundingMagic), 0.5);
  return signedSine(p, subtractMultipleOfPi(p, angle, n), shifted, 1);
}

MathValue rsqrtOf(MathProgram &p, MathValue x) {
  MathValue y = p.rsqrt(x);
  return p.chooseGreater(x, 0.0, y, MathArg::raw(0x7F800000));
}

MathValue sqrtOf(MathProgram &p, MathValue x) {
  MathValue positive = p.max(x, 0.0);
  return p.mul(p.rsqrt(positive), positive);
}

} // namespace tpu_mlir::codegen
