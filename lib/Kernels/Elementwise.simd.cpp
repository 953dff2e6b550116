// Inner loops over elements.
#include "ElementwiseLoops.h"
#include "VectorMath.h"
#include "tpu_mlir/Kernels/ShortSigmoid.h"

#include <algorithm>
#include <cmath>

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {

using namespace tpu_mlir::TPU_SIMD_NAMESPACE;

namespace {

template <typename Step> void vectors(const float *in, float *out, int64_t count, Step step) {
  forVectors(in, out, static_cast<size_t>(count),
             [&](const float *from, float *to) { storeVector(to, FloatVector(step(loadVector<FloatVector>(from)))); });
}

template <typename Step> void scalars(const float *in, float *out, int64_t count, Step step) {
  for (int64_t i = 0; i < count; ++i)
    out[i] = step(in[i]);
}

inline FloatVector clampVector(FloatVector x, float low, float high) {
  x = x < low ? splat(low) : x;
  return x > high ? splat(high) : x;
}

inline FloatVector mish(FloatVector x) {
  // tanh(log(1 + e)) = (e² + 2e) / (e² + 2e + 2); for large x that is 1, and e² would overflow.
  const FloatVector e = exponential(x > 20.0f ? splat(20.0f) : x), t = e * (e + 2.0f);
  return x > 20.0f ? x : x * (t / (t + 2.0f));
}

inline FloatVector geluTanh(FloatVector x) {
  return 0.5f * x * (1.0f + hyperbolicTangent(0.7978845608f * fused(x * x * x, splat(0.044715f), x)));
}

inline FloatVector square(FloatVector x) { return x * x; }

inline FloatVector shortSigmoid(FloatVector x) {
  namespace k = short_sigmoid;
  const FloatVector y = clampVector(x, k::low, k::high), shifted = y * k::minusLog2e + k::magic;
  const FloatVector rest = y + (shifted - k::magic) * k::ln2;
  const FloatVector scale = (FloatVector)(((IntVector)shifted + k::exponentOffset) << 23);
  const FloatVector power = square(square(square(square(rest + k::shift) + k::lift)));
  const FloatVector divisor = power * scale * k::factor + 1.0f;
  const FloatVector seed = (FloatVector)(k::seedBits - (IntVector)divisor);
  return seed * (square(divisor * seed + k::reciprocalShift) * k::reciprocalFactor + k::reciprocalLift);
}

inline FloatVector timesShortSigmoid(FloatVector x, float factor) {
  const FloatVector limit = splat(factor == 0 ? 0.0f : short_sigmoid::limitOf(factor));
  const FloatVector m = factor > 0 ? (x > limit ? x : limit) : factor < 0 ? (x < limit ? x : limit) : x;
  return shortSigmoid(m * factor) * m;
}

float softplus(float x) { return std::max(x, 0.0f) + std::log1p(std::exp(-std::fabs(x))); }

} // namespace

// Functions of exponentials run on vectors, the others call the C library. No default: the compiler misses none.
void applyLoop(Function function, const float *in, float *out, int64_t count, Coefficients coefficients) {
  const float alpha = coefficients.alpha, beta = coefficients.beta;
  const auto logistic = [=](FloatVector x) { return coefficients.shortSigmoid ? shortSigmoid(x) : sigmoid(x); };
  const auto timesLogistic = [=](FloatVector x, float factor) {
    return coefficients.shortSigmoid ? timesShortSigmoid(x, factor) : x * sigmoid(factor * x);
  };
  switch (function) {
  case Function::Abs:
    return vectors(in, out, count, absolute);
  case Function::Arccos:
    return scalars(in, out, count, [](float x) { return std::acos(x); });
  case Function::Arccosh:
    return scalars(in, out, count, [](float x) { return std::acosh(x); });
  case Function::Arcsin:
    return scalars(in, out, count, [](float x) { return std::asin(x); });
  case Function::Arcsinh:
    return scalars(in, out, count, [](float x) { return std::asinh(x); });
  case Function::Arctanh:
    return scalars(in, out, count, [](float x) { return std::atanh(x); });
  case Function::Ceil:
    return scalars(in, out, count, [](float x) { return std::ceil(x); });
  case Function::Cos:
    return scalars(in, out, count, [](float x) { return std::cos(x); });
  case Function::Cosh:
    return scalars(in, out, count, [](float x) { return std::cosh(x); });
  case Function::Elu:
    return scalars(in, out, count, [=](float x) { return x > 0 ? x : alpha * std::expm1(x); });
  case Function::Erf:
    return scalars(in, out, count, [](float x) { return std::erf(x); });
  case Function::Exp:
    return vectors(in, out, count, exponential);
  case Function::Floor:
    return scalars(in, out, count, [](float x) { return std::floor(x); });
  case Function::Gelu:
    return scalars(in, out, count, [](float x) { return 0.5f * x * (1.0f + std::erf(x * 0.70710678118654752f)); });
  case Function::GeluTanh:
    return vectors(in, out, count, geluTanh);
  case Function::GeluSigmoid:
    return vectors(in, out, count, [=](FloatVector x) { return timesLogistic(x, 1.702f); });
  case Function::HardSigmoid:
    return vectors(in, out, count, [=](FloatVector x) { return clampVector(alpha * x + beta, 0, 1); });
  case Function::HardSwish:
    return vectors(in, out, count, [](FloatVector x) { return x * clampVector(x / 6.0f + 0.5f, 0, 1); });
  case Function::IsFinite:
    return scalars(in, out, count, [](float x) { return std::isfinite(x) ? 1.0f : 0.0f; });
  case Function::LeakyRelu:
    return vectors(in, out, count, [=](FloatVector x) { return x > 0.0f ? x : alpha * x; });
  case Function::Log:
    return scalars(in, out, count, [](float x) { return std::log(x); });
  case Function::Log2:
    return scalars(in, out, count, [](float x) { return std::log2(x); });
  case Function::LogSigmoid:
    return scalars(in, out, count, [](float x) { return -softplus(-x); });
  case Function::Mish:
    return vectors(in, out, count, mish);
  case Function::Reciprocal:
    return vectors(in, out, count, [=](FloatVector x) { return alpha / x; });
  case Function::Round:
    return scalars(in, out, count, [](float x) { return std::nearbyint(x); });
  case Function::Rsqrt:
    return scalars(in, out, count, [](float x) { return 1.0f / std::sqrt(x); });
  case Function::Sigmoid:
    return vectors(in, out, count, [=](FloatVector x) { return alpha * logistic(x) + beta; });
  case Function::Sign:
    return scalars(in, out, count, [](float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : x == 0 ? 0.0f : x; });
  case Function::Silu:
    return vectors(in, out, count, [=](FloatVector x) { return timesLogistic(x, 1.0f); });
  case Function::Sin:
    return scalars(in, out, count, [](float x) { return std::sin(x); });
  case Function::Sinh:
    return scalars(in, out, count, [](float x) { return std::sinh(x); });
  case Function::Softplus:
    return scalars(in, out, count, softplus);
  case Function::Softsign:
    return vectors(in, out, count, [](FloatVector x) { return x / (1.0f + absolute(x)); });
  case Function::Sqrt:
    return scalars(in, out, count, [](float x) { return std::sqrt(x); });
  case Function::Square:
    return vectors(in, out, count, [](FloatVector x) { return x * x; });
  case Function::Swish:
    return vectors(in, out, count, [=](FloatVector x) { return timesLogistic(x, alpha); });
  case Function::Tan:
    return scalars(in, out, count, [](float x) { return std::tan(x); });
  case Function::Tanh:
    return vectors(in, out, count, hyperbolicTangent);
  }
}

void limitLoop(const float *in, float *out, int64_t count, const Limits &limits) {
  vectors(in, out, count, [&](FloatVector x) { return clampVector(x, limits.low, limits.high); });
}

void multiplyAddLoop(const float *in, float *out, int64_t count, float factor, float addend, const Limits &limits) {
  vectors(in, out, count, [&](FloatVector x) { return clampVector(x * factor + addend, limits.low, limits.high); });
}

namespace {

template <typename Step> void pairs(const float *a, const float *b, InnerStep step, float *out, int64_t count, Step f) {
  int64_t i = 0;
  const auto take = [](const float *from, int64_t index, int64_t walk) {
    return walk ? loadVector<FloatVector>(from + index) : splat(*from);
  };
  for (; i + lanesPerVector <= count; i += lanesPerVector)
    storeVector(out + i, FloatVector(f(take(a, i, step.a), take(b, i, step.b))));
  for (; i < count; ++i)
    out[i] = FloatVector(f(splat(a[i * step.a]), splat(b[i * step.b])))[0];
}

} // namespace

void combineLoop(Arithmetic arithmetic, const float *a, const float *b, InnerStep step, float *out, int64_t count) {
  using V = FloatVector;
  switch (arithmetic) {
  case Arithmetic::Add:
    return pairs(a, b, step, out, count, [](V x, V y) { return x + y; });
  case Arithmetic::Subtract:
    return pairs(a, b, step, out, count, [](V x, V y) { return x - y; });
  case Arithmetic::Multiply:
    return pairs(a, b, step, out, count, [](V x, V y) { return x * y; });
  case Arithmetic::Divide:
    return pairs(a, b, step, out, count, [](V x, V y) { return x / y; });
  case Arithmetic::Max:
    return pairs(a, b, step, out, count, [](V x, V y) { return x > y ? x : y; });
  case Arithmetic::Min:
    return pairs(a, b, step, out, count, [](V x, V y) { return x >= y ? y : x; });
  }
}

double expSumLoop(const float *in, float *out, int64_t count, float beta, float offset) {
  vectors(in, out, count, [=](FloatVector x) { return exponential(x * beta - offset); });
  double sums[8] = {};
  for (int64_t i = 0; i < count; ++i)
    sums[i % 8] += out[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

float maxLoop(const float *in, int64_t count) {
  float best = in[0];
  for (int64_t i = 1; i < count; ++i)
    best = in[i] > best ? in[i] : best;
  return best;
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
