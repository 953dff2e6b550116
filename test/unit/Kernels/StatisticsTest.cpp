// Statistics of tensors: against naive counting, and the same whatever the order and division of the values.
#include "tpu_mlir/Kernels/Statistics.h"
#include "Reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace tpu_mlir::kernels;

namespace {

std::vector<float> values(int64_t count, float deviation, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.1f, deviation);
  std::vector<float> result(count);
  for (float &value : result)
    value = random() % 5 == 0 ? 0.0f : normal(random);
  return result;
}

void expectEqual(const TensorStatistics &a, const TensorStatistics &b) {
  EXPECT_EQ(a.count, b.count);
  EXPECT_EQ(a.zeros, b.zeros);
  EXPECT_EQ(a.notFinite, b.notFinite);
  EXPECT_EQ(a.minimum, b.minimum);
  EXPECT_EQ(a.maximum, b.maximum);
  EXPECT_EQ(a.exponent, b.exponent);
  EXPECT_EQ(a.positive, b.positive);
  EXPECT_EQ(a.negative, b.negative);
}

void expectCountsOf(const TensorStatistics &is, const std::vector<float> &all) {
  TensorStatistics want(static_cast<int>(is.positive.size()) / 2);
  const double width = std::ldexp(1.0, is.exponent);
  for (float x : all) {
    want.zeros += x == 0;
    ++(x < 0 ? want.negative : want.positive)[static_cast<size_t>(std::floor(std::fabs(double(x)) / width))];
  }
  EXPECT_EQ(is.count, int64_t(all.size()));
  EXPECT_EQ(is.zeros, want.zeros);
  EXPECT_EQ(is.positive, want.positive);
  EXPECT_EQ(is.negative, want.negative);
  EXPECT_EQ(is.minimum, *std::min_element(all.begin(), all.end()));
  EXPECT_EQ(is.maximum, *std::max_element(all.begin(), all.end()));
}

TEST(Statistics, CountLikeANaiveLoopForEveryLength) {
  for (int64_t length : {1, 2, 3, 15, 16, 17, 511, 512, 513, 1000, 400001}) {
    const std::vector<float> all = values(length, 3.0f, unsigned(length));
    TensorStatistics is(2048);
    is.add(all.data(), length);
    expectCountsOf(is, all);
  }
}

TEST(Statistics, DoNotDependOnOrderOrDivision) {
  std::vector<float> all;
  for (float deviation : {1e-3f, 1.0f, 300.0f}) {
    const std::vector<float> part = values(5000, deviation, 3);
    all.insert(all.end(), part.begin(), part.end());
  }
  TensorStatistics whole(1024), back(1024);
  whole.add(all.data(), int64_t(all.size()));
  expectCountsOf(whole, all);
  const int64_t third = int64_t(all.size()) / 3;
  for (int64_t i : {2, 0, 1}) // large values first
    back.add(all.data() + i * third, third);
  expectEqual(whole, back);
  for (bool reversed : {false, true}) {
    TensorStatistics parts[3] = {TensorStatistics(1024), TensorStatistics(1024), TensorStatistics(1024)};
    for (int i = 0; i < 3; ++i)
      parts[i].add(all.data() + i * third, third);
    TensorStatistics merged(1024);
    for (int i = 0; i < 3; ++i)
      merged.merge(parts[reversed ? 2 - i : i]);
    expectEqual(whole, merged);
  }
}

TEST(Statistics, KeepAtLeastTheBinsAskedForUpToTheLargestMagnitude) {
  for (float largest : {1.0f, 0.999f, 1.001f, 3e38f, 1e-20f}) {
    TensorStatistics is(100);
    is.add(&largest, 1);
    const double used = largest / std::ldexp(1.0, is.exponent);
    EXPECT_GE(used, 128);
    EXPECT_LT(used, 256);
  }
}

TEST(Statistics, ZerosAndTinyValuesHaveAPlace) {
  const std::vector<float> all = {0.0f, -0.0f, 1e-44f, -1e-38f};
  TensorStatistics is(16);
  is.add(all.data(), 4);
  EXPECT_EQ(is.exponent, TensorStatistics::smallestExponent);
  EXPECT_EQ(is.zeros, 2);
  EXPECT_EQ(is.positive[0], 3);
  EXPECT_EQ(is.negative[0], 1);
  const float one = 1;
  is.add(&one, 1);
  EXPECT_EQ(is.positive[0], 3);
  EXPECT_EQ(is.negative[0], 1);
  EXPECT_EQ(is.positive[16], 1);
}

TEST(Statistics, ValuesThatAreNotFiniteAreOnlyCounted) {
  std::vector<float> all = values(1000, 1, 9), finite = all;
  all.insert(all.begin() + 500, std::numeric_limits<float>::quiet_NaN());
  all.insert(all.begin() + 100, -std::numeric_limits<float>::infinity());
  all.push_back(std::numeric_limits<float>::infinity());
  TensorStatistics is(64);
  is.add(all.data(), int64_t(all.size()));
  EXPECT_EQ(is.notFinite, 3);
  expectCountsOf(is, finite);
}

TEST(Statistics, RoundsToTheGridHalfToEven) {
  const std::vector<float> in = {0.25f, 0.75f, -0.25f, -0.75f, 1.3f, 200, -200, std::nanf(""), 0.5f};
  std::vector<float> out(in.size());
  roundToGrid(in.data(), out.data(), int64_t(in.size()), 0.5f, 0, -128, 127);
  EXPECT_EQ(out, (std::vector<float>{0, 1, 0, -1, 1.5f, 63.5f, -64, 0, 0.5f}));
  roundToGrid(in.data(), out.data(), int64_t(in.size()), 0.5f, -128, -128, 127);
  EXPECT_EQ(out, (std::vector<float>{0, 1, 0, 0, 1.5f, 127.5f, 0, 0, 0.5f}));
}

TEST(Statistics, SumsOfSquaresAreExactForIntegers) {
  const int64_t count = 150001;
  std::vector<float> a(count), b(count);
  double error = 0, energy = 0;
  for (int64_t i = 0; i < count; ++i) {
    a[i] = float(i % 101), b[i] = float(i % 7);
    error += double(a[i] - b[i]) * (a[i] - b[i]);
    energy += double(a[i]) * a[i];
  }
  const SquaredError is = squaredError(a.data(), b.data(), count);
  EXPECT_EQ(is.error, error);
  EXPECT_EQ(is.energy, energy);
}

} // namespace
