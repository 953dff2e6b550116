// Elementwise functions against the C library in double, arithmetic with broadcasting, softmax, layer normalization and
// reductions against naive loops.
#include "tpu_mlir/Kernels/Elementwise.h"
#include "Reference.h"
#include "tpu_mlir/Kernels/Normalization.h"

#include <functional>
#include <limits>

using namespace tpu_mlir::kernels;
using namespace reference;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

// Distance in units of the last place of the wanted value, denormals flushed to the smallest normal number's unit.
double ulps(float is, double wanted) {
  if (std::isnan(wanted))
    return std::isnan(is) ? 0 : 1e9;
  const float rounded = static_cast<float>(wanted);
  if (is == rounded)
    return 0;
  if (std::isinf(rounded) || std::isinf(is))
    return 1e9;
  const double unit = std::max<double>(std::nextafter(std::fabs(rounded), infinity) - std::fabs(rounded),
                                       std::numeric_limits<float>::min() * 0x1p-23);
  return std::fabs(is - wanted) / unit;
}

struct FunctionCase {
  Function function;
  const char *name;
  std::function<double(double)> exact;
  double allowedUlps;
  double allowedAbsolute = 0; // for functions that cancel near their zeros
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return x > 30 ? x + std::exp(-x) : std::log1p(std::exp(x)); }

const FunctionCase functionCases[] = {
    {Function::Abs, "abs", [](double x) { return std::fabs(x); }, 0},
    {Function::Ceil, "ceil", [](double x) { return std::ceil(x); }, 0},
    {Function::Cos, "cos", [](double x) { return std::cos(x); }, 2},
    {Function::Elu, "elu", [](double x) { return x > 0 ? x : 0.5 * std::expm1(x); }, 2},
    {Function::Erf, "erf", [](double x) { return std::erf(x); }, 2},
    {Function::Exp, "exp", [](double x) { return std::exp(x); }, 2},
    {Function::Floor, "floor", [](double x) { return std::floor(x); }, 0},
    {Function::Gelu, "gelu", [](double x) { return x * 0.5 * (1 + std::erf(x * std::sqrt(0.5))); }, 4, 1e-6},
    {Function::GeluTanh, "gelu tanh",
     [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }, 8, 1e-6},
    // The rounding of 1.702 x is amplified by the exponential of large arguments.
    {Function::GeluSigmoid, "gelu sigmoid", [](double x) { return x * logistic(1.702 * x); }, 8, 1e-9},
    {Function::HardSigmoid, "hard sigmoid", [](double x) { return std::clamp(0.5 * x + 0.25, 0.0, 1.0); }, 1, 1e-7},
    {Function::HardSwish, "hard swish", [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }, 3, 1e-6},
    {Function::LeakyRelu, "leaky relu", [](double x) { return x > 0 ? x : 0.5 * x; }, 0},
    {Function::LogSigmoid, "log sigmoid", [](double x) { return -softplus(-x); }, 4},
    {Function::Mish, "mish", [](double x) { return x * std::tanh(softplus(x)); }, 8, 1e-36},
    {Function::Reciprocal, "reciprocal", [](double x) { return 0.5 / x; }, 1},
    {Function::Round, "round", [](double x) { return std::nearbyint(x); }, 0},
    {Function::Sigmoid, "sigmoid", [](double x) { return 0.5 * logistic(x) + 0.25; }, 2},
    {Function::Sign, "sign", [](double x) { return x > 0   ? 1
                                                   : x < 0 ? -1
                                                           : 0; }, 0},
    {Function::Silu, "silu", [](double x) { return x * logistic(x); }, 4, 1e-36},
    {Function::Arcsinh, "arcsinh", [](double x) { return std::asinh(x); }, 2},
    {Function::Cosh, "cosh", [](double x) { return std::cosh(x); }, 2},
    {Function::IsFinite, "is finite", [](double) { return 1; }, 0},
    {Function::Sinh, "sinh", [](double x) { return std::sinh(x); }, 2},
    {Function::Tan, "tan", [](double x) { return std::tan(x); }, 2},
    {Function::Sin, "sin", [](double x) { return std::sin(x); }, 2},
    {Function::Softplus, "softplus", softplus, 4},
    {Function::Softsign, "softsign", [](double x) { return x / (1 + std::fabs(x)); }, 2},
    {Function::Square, "square", [](double x) { return x * x; }, 1},
    {Function::Swish, "swish", [](double x) { return x * logistic(0.5 * x); }, 4, 1e-36},
    {Function::Tanh, "tanh", [](double x) { return std::tanh(x); }, 2},
};

// Values of all magnitudes, both signs, and an odd number of them.
std::vector<float> spread(float largest) {
  std::vector<float> values = {0.0f, -0.0f};
  for (float x = largest; x > 1e-30f; x *= 0.937f) {
    values.push_back(x);
    values.push_back(-x);
  }
  values.push_back(0.5f);
  return values;
}

} // namespace

TEST(Elementwise, FunctionsAreAccurate) {
  const std::vector<float> in = spread(85);
  std::vector<float> out(in.size());
  for (const FunctionCase &c : functionCases) {
    apply(c.function, in.data(), out.data(), in.size(), {0.5f, 0.25f});
    for (size_t i = 0; i < in.size(); ++i) {
      const double wanted = c.exact(in[i]);
      EXPECT_TRUE(ulps(out[i], wanted) <= c.allowedUlps || std::fabs(out[i] - wanted) <= c.allowedAbsolute)
          << c.name << "(" << in[i] << ") = " << out[i] << ", wanted " << wanted << ", " << ulps(out[i], wanted)
          << " ulps";
    }
  }
}

TEST(Elementwise, FunctionsOfPositiveValuesAreAccurate) {
  std::vector<float> in;
  for (float x = 1e38f; x > 1e-44f; x *= 0.71f)
    in.push_back(x);
  std::vector<float> out(in.size());
  const std::pair<Function, double (*)(double)> cases[] = {
      {Function::Log, [](double x) { return std::log(x); }},
      {Function::Log2, [](double x) { return std::log2(x); }},
      {Function::Sqrt, [](double x) { return std::sqrt(x); }},
      {Function::Rsqrt, [](double x) { return 1 / std::sqrt(x); }}};
  for (const auto &[function, exact] : cases) {
    apply(function, in.data(), out.data(), in.size());
    for (size_t i = 0; i < in.size(); ++i)
      EXPECT_LE(ulps(out[i], exact(in[i])), 2) << in[i];
  }
}

TEST(Elementwise, InverseFunctionsAreAccurate) {
  std::vector<float> small, large;
  for (float x = 0.99f; x > 1e-6f; x *= 0.9f) {
    small.insert(small.end(), {x, -x});
    large.push_back(1 / x);
  }
  const auto check = [](Function function, const std::vector<float> &in, double (*exact)(double)) {
    std::vector<float> out(in.size());
    apply(function, in.data(), out.data(), in.size());
    for (size_t i = 0; i < in.size(); ++i)
      EXPECT_LE(ulps(out[i], exact(in[i])), 2) << in[i];
  };
  check(Function::Arccos, small, [](double x) { return std::acos(x); });
  check(Function::Arcsin, small, [](double x) { return std::asin(x); });
  check(Function::Arctanh, small, [](double x) { return std::atanh(x); });
  check(Function::Arccosh, large, [](double x) { return std::acosh(x); });
}

TEST(Elementwise, ExtremesOfTheExponential) {
  const std::vector<float> in = {89, 1000, infinity, -104, -1000, -infinity, 88.7f, -87, -103, std::nanf(""), 0};
  std::vector<float> out(in.size());
  apply(Function::Exp, in.data(), out.data(), in.size());
  EXPECT_EQ(out[0], infinity);
  EXPECT_EQ(out[1], infinity);
  EXPECT_EQ(out[2], infinity);
  EXPECT_EQ(out[4], 0);
  EXPECT_EQ(out[5], 0);
  EXPECT_NEAR(out[6] / std::exp(88.7), 1, 1e-5);
  EXPECT_NEAR(out[7] / std::exp(-87.0), 1, 1e-5);
  EXPECT_NEAR(out[8], std::exp(-103.0), 2e-45);
  EXPECT_TRUE(std::isnan(out[9]));
  EXPECT_EQ(out[10], 1);
  const std::vector<float> large = {-infinity, -200, 200, infinity};
  std::vector<float> result(4);
  apply(Function::Sigmoid, large.data(), result.data(), 4);
  EXPECT_EQ(result, (std::vector<float>{0, 0, 1, 1}));
  apply(Function::Tanh, large.data(), result.data(), 4);
  EXPECT_EQ(result, (std::vector<float>{-1, -1, 1, 1}));
}

TEST(Elementwise, LimitsKeepNaN) {
  const std::vector<float> in = {-2, 0.5f, 7, std::nanf(""), -infinity};
  std::vector<float> out(5);
  limit(in.data(), out.data(), 5, {0, 6});
  EXPECT_EQ(out[0], 0);
  EXPECT_EQ(out[1], 0.5f);
  EXPECT_EQ(out[2], 6);
  EXPECT_TRUE(std::isnan(out[3]));
  EXPECT_EQ(out[4], 0);
}

namespace {

using Shape = std::vector<int64_t>;

int64_t product(const Shape &shape) {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

// Index into a broadcast operand for the flat index of the result.
int64_t broadcastIndex(int64_t flat, const Shape &out, const Shape &operand) {
  int64_t index = 0, stride = 1;
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t axis = out.size() - 1 - i;
    const int64_t at = flat % out[axis];
    flat /= out[axis];
    if (i < operand.size()) {
      const int64_t extent = operand[operand.size() - 1 - i];
      index += (extent == 1 ? 0 : at) * stride;
      stride *= extent;
    }
  }
  return index;
}

} // namespace

TEST(Elementwise, ArithmeticBroadcastsAsNumPy) {
  const std::vector<std::array<Shape, 3>> cases = {{{{2, 3, 5}, {2, 3, 5}, {2, 3, 5}}},
                                                   {{{2, 3, 5}, {1}, {2, 3, 5}}},
                                                   {{{}, {4, 7}, {4, 7}}},
                                                   {{{2, 3, 4, 5}, {3, 1, 1}, {2, 3, 4, 5}}},
                                                   {{{5, 1, 7}, {6, 1}, {5, 6, 7}}},
                                                   {{{1, 6, 1, 8}, {3, 1, 4, 1}, {3, 6, 4, 8}}},
                                                   {{{70000}, {1}, {70000}}},
                                                   {{{3, 40000}, {3, 1}, {3, 40000}}},
                                                   {{{0, 3}, {1, 3}, {0, 3}}}};
  const std::pair<Arithmetic, float (*)(float, float)> operations[] = {
      {Arithmetic::Add, [](float a, float b) { return a + b; }},
      {Arithmetic::Subtract, [](float a, float b) { return a - b; }},
      {Arithmetic::Multiply, [](float a, float b) { return a * b; }},
      {Arithmetic::Divide, [](float a, float b) { return a / b; }},
      {Arithmetic::Max, [](float a, float b) { return a > b ? a : b; }},
      {Arithmetic::Min, [](float a, float b) { return a >= b ? b : a; }}};
  for (const auto &[aShape, bShape, outShape] : cases)
    for (const auto &[operation, exact] : operations) {
      const auto a = randomValues(product(aShape), 1), b = randomValues(product(bShape), 2);
      std::vector<float> out(product(outShape));
      combine(operation, a.data(), aShape, b.data(), bShape, out.data(), outShape);
      for (int64_t i = 0; i < product(outShape); ++i)
        ASSERT_EQ(out[i], exact(a[broadcastIndex(i, outShape, aShape)], b[broadcastIndex(i, outShape, bShape)]));
    }
}

TEST(Elementwise, ScaleChannels) {
  const auto in = randomValues(2 * 3 * 19, 1);
  const float scale[] = {2, -1, 0.5f}, bias[] = {1, 0, -3};
  std::vector<float> out(in.size());
  scaleChannels(in.data(), out.data(), 2, 3, 19, scale, bias, {0, 2});
  for (size_t i = 0; i < in.size(); ++i) {
    const size_t channel = i / 19 % 3;
    EXPECT_FLOAT_EQ(out[i], std::clamp(in[i] * scale[channel] + bias[channel], 0.0f, 2.0f));
  }
}

TEST(Normalization, SoftmaxMatchesDefinition) {
  for (const Lines &lines : {Lines{3, 17, 1}, Lines{2, 5, 7}, Lines{1, 1, 4}, Lines{1, 1000, 1}})
    for (float beta : {1.0f, 2.5f, -1.0f})
      for (bool logarithm : {false, true}) {
        const auto in = randomValues(lines.outer * lines.axis * lines.inner, 3);
        std::vector<float> out(in.size());
        softmax(lines, in.data(), out.data(), beta, logarithm);
        for (int64_t o = 0; o < lines.outer; ++o)
          for (int64_t i = 0; i < lines.inner; ++i) {
            const auto at = [&](int64_t a) { return (o * lines.axis + a) * lines.inner + i; };
            double sum = 0;
            for (int64_t a = 0; a < lines.axis; ++a)
              sum += std::exp(double(beta) * in[at(a)]);
            for (int64_t a = 0; a < lines.axis; ++a) {
              const double share = std::exp(double(beta) * in[at(a)]) / sum;
              ASSERT_NEAR(out[at(a)], logarithm ? std::log(share) : share, 2e-6);
            }
          }
      }
}

TEST(Normalization, SoftmaxOfLargeValuesDoesNotOverflow) {
  const std::vector<float> in = {1000, 999, -1000, -infinity};
  std::vector<float> out(4);
  softmax({1, 4, 1}, in.data(), out.data(), 1, false);
  EXPECT_NEAR(out[0], 1 / (1 + std::exp(-1.0)), 1e-6);
  EXPECT_EQ(out[2], 0);
  EXPECT_EQ(out[3], 0);
}

TEST(Normalization, LayerNormMatchesDefinition) {
  const int64_t lines = 5, extent = 37;
  const auto in = randomValues(lines * extent, 4), weight = randomValues(extent, 5), bias = randomValues(extent, 6);
  std::vector<float> out(in.size());
  layerNorm(lines, extent, in.data(), out.data(), weight.data(), bias.data(), 1e-3);
  for (int64_t line = 0; line < lines; ++line) {
    double mean = 0, variance = 0;
    for (int64_t i = 0; i < extent; ++i)
      mean += in[line * extent + i] / double(extent);
    for (int64_t i = 0; i < extent; ++i)
      variance += std::pow(in[line * extent + i] - mean, 2) / double(extent);
    for (int64_t i = 0; i < extent; ++i)
      EXPECT_NEAR(out[line * extent + i],
                  (in[line * extent + i] - mean) / std::sqrt(variance + 1e-3) * weight[i] + bias[i], 1e-5);
  }
}

TEST(Normalization, ReductionsMatchDefinition) {
  const Lines lines{3, 4, 5};
  const auto in = randomValues(60, 7);
  std::vector<float> out(15);
  const auto check = [&](Reduction reduction, double start, std::function<double(double, double)> step,
                         std::function<double(double)> finish) {
    reduce(reduction, lines, in.data(), out.data());
    for (int64_t o = 0; o < 3; ++o)
      for (int64_t i = 0; i < 5; ++i) {
        double value = start;
        for (int64_t a = 0; a < 4; ++a)
          value = step(value, in[(o * 4 + a) * 5 + i]);
        EXPECT_NEAR(out[o * 5 + i], finish(value), 1e-6);
      }
  };
  const auto same = [](double x) { return x; };
  check(Reduction::Sum, 0, std::plus<>(), same);
  check(Reduction::Mean, 0, std::plus<>(), [](double x) { return x / 4; });
  check(Reduction::Prod, 1, std::multiplies<>(), same);
  check(Reduction::Max, -9, [](double a, double b) { return std::max(a, b); }, same);
  check(Reduction::Min, 9, [](double a, double b) { return std::min(a, b); }, same);
  check(Reduction::L1, 0, [](double a, double b) { return a + std::fabs(b); }, same);
  check(Reduction::L2, 0, [](double a, double b) { return a + b * b; }, [](double x) { return std::sqrt(x); });
}
