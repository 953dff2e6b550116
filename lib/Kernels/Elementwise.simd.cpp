// Inner loops over elements. Functions made of exponentials run on vectors, the rest calls the C library.
#include "ElementwiseLoops.h"
#include "VectorMath.h"

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

float softplus(float x) { return std::max(x, 0.0f) + std::log1p(std::exp(-std::fabs(x))); }

// Functions of exponentials and simple arithmetic; false for the others.
bool applyVectors(Function function, const float *in, float *out, int64_t count, float alpha, float beta) {
  switch (function) {
  case Function::Abs:
    vectors(in, out, count, absolute);
    return true;
  case Function::Exp:
    vectors(in, out, count, exponential);
    return true;
  case Function::GeluSigmoid:
    vectors(in, out, count, [](FloatVector x) { return x * sigmoid(1.702f * x); });
    return true;
  case Function::GeluTanh:
    vectors(in, out, count, geluTanh);
    return true;
  case Function::HardSigmoid:
    vectors(in, out, count, [=](FloatVector x) { return clampVector(alpha * x + beta, 0, 1); });
    return true;
  case Function::HardSwish:
    vectors(in, out, count, [](FloatVector x) { return x * clampVector(x / 6.0f + 0.5f, 0, 1); });
    return true;
  case Function::LeakyRelu:
    vectors(in, out, count, [=](FloatVector x) { return x > 0.0f ? x : alpha * x; });
    return true;
  case Function::Mish:
    vectors(in, out, count, mish);
    return true;
  case Function::Reciprocal:
    vectors(in, out, count, [=](FloatVector x) { return alpha / x; });
    return true;
  case Function::Sigmoid:
    vectors(in, out, count, [=](FloatVector x) { return alpha * sigmoid(x) + beta; });
    return true;
  case Function::Silu:
    vectors(in, out, count, [](FloatVector x) { return x * sigmoid(x); });
    return true;
  case Function::Softsign:
    vectors(in, out, count, [](FloatVector x) { return x / (1.0f + absolute(x)); });
    return true;
  case Function::Square:
    vectors(in, out, count, [](FloatVector x) { return x * x; });
    return true;
  case Function::Swish:
    vectors(in, out, count, [=](FloatVector x) { return x * sigmoid(alpha * x); });
    return true;
  case Function::Tanh:
    vectors(in, out, count, hyperbolicTangent);
    return true;
  default:
    return false;
  }
}

} // namespace

void applyLoop(Function function, const float *in, float *out, int64_t count, Coefficients coefficients) {
  if (applyVectors(function, in, out, count, coefficients.alpha, coefficients.beta))
    return;
  switch (function) {
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
    return scalars(in, out, count, [a = coefficients.alpha](float x) { return x > 0 ? x : a * std::expm1(x); });
  case Function::Erf:
    return scalars(in, out, count, [](float x) { return std::erf(x); });
  case Function::Floor:
    return scalars(in, out, count, [](float x) { return std::floor(x); });
  case Function::Gelu:
    return scalars(in, out, count, [](float x) { return 0.5f * x * (1.0f + std::erf(x * 0.70710678118654752f)); });
  case Function::Log:
    return scalars(in, out, count, [](float x) { return std::log(x); });
  case Function::Log2:
    return scalars(in, out, count, [](float x) { return std::log2(x); });
  case Function::LogSigmoid:
    return scalars(in, out, count, [](float x) { return -softplus(-x); });
  case Function::Round:
    return scalars(in, out, count, [](float x) { return std::nearbyint(x); });
  case Function::Rsqrt:
    return scalars(in, out, count, [](float x) { return 1.0f / std::sqrt(x); });
  case Function::Sign:
    return scalars(in, out, count, [](float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : x == 0 ? 0.0f : x; });
  case Function::Sin:
    return scalars(in, out, count, [](float x) { return std::sin(x); });
  case Function::Softplus:
    return scalars(in, out, count, softplus);
  case Function::Sqrt:
    return scalars(in, out, count, [](float x) { return std::sqrt(x); });
  default:
    return;
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
