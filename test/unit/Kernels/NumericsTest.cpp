// Vector conversions give the bits of the scalar functions, on random and on special values, for every rounding mode;
// a few scalar results are checked against numbers worked out by hand.
#include "tpu_mlir/Kernels/Numerics.h"
#include "tpu_mlir/Kernels/FloatEnvironment.h"

#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace tpu_mlir::kernels;

namespace {

constexpr RoundMode allModes[] = {RoundMode::HalfEven, RoundMode::HalfAway, RoundMode::TowardZero, RoundMode::Down,
                                  RoundMode::Up,       RoundMode::HalfUp,   RoundMode::HalfDown};

/// Random bits, random moderate numbers, ties of f16 and bf16, and every special value with both signs.
std::vector<float> interestingFloats() {
  std::vector<float> values;
  std::mt19937 random(1);
  for (int i = 0; i < 40000; ++i)
    values.push_back(floatOf(random()));
  std::normal_distribution<float> normal;
  for (int i = 0; i < 20000; ++i)
    values.push_back(normal(random));
  for (int i = 0; i < 20000; ++i) // near and on the ties, f16 denormals included
    for (int dropped : {13, 16, 14, 20, 23})
      values.push_back(floatOf(((random() % 60 + 90) << 23 | (random() & 0x7FFFFF & (~0u << (dropped - 1)))) ^
                               (random() & 0x80000000u)));
  for (uint32_t bits :
       {0u,          1u,          0x7FFFFFu,   0x800000u,   0x7F800000u, 0x7FC00000u, 0x7FA00000u, 0x7F7FFFFFu,
        0x3F800000u, 0x477FE000u, 0x477FEFFFu, 0x477FF000u, 0x47800000u, 0x33000000u, 0x33000001u, 0x33800000u,
        0x387FE000u, 0x387FFFFFu, 0x3F000000u, 0x3FC00000u, 0x40200000u, 0x4F000000u, 0x4EFFFFFFu, 0x4F800000u,
        0x4F7FFFFFu, 0x42FF0000u, 0x437F8000u, 0x7F7F8000u, 0x7F7F7FFFu})
    for (uint32_t sign : {0u, 0x80000000u})
      values.push_back(floatOf(bits | sign));
  for (int i = -600; i <= 600; ++i)
    values.push_back(static_cast<float>(i) / 4);
  return values;
}

TEST(Numerics, HandWorkedHalves) {
  EXPECT_EQ(floatToHalf(Precision::F16, 1.0f), 0x3C00);
  EXPECT_EQ(floatToHalf(Precision::F16, 65519.996f), 0x7BFF);
  EXPECT_EQ(floatToHalf(Precision::F16, 65520.0f), 0x7C00); // tie to even: past the largest
  EXPECT_EQ(floatToHalf(Precision::F16, 65520.0f, RoundMode::TowardZero), 0x7BFF);
  EXPECT_EQ(floatToHalf(Precision::F16, 70000.0f, RoundMode::TowardZero), 0x7C00); // overflow is infinity in every mode
  EXPECT_EQ(floatToHalf(Precision::F16, 0x1p-25f), 0);                             // half of the smallest denormal
  EXPECT_EQ(floatToHalf(Precision::F16, 0x1p-25f, RoundMode::HalfAway), 1);
  EXPECT_EQ(floatToHalf(Precision::F16, 0x1.8p-25f), 1);
  EXPECT_EQ(floatToHalf(Precision::BF16, 1.00390625f), 0x3F80); // 1 + 2^-8: tie to even
  EXPECT_EQ(floatToHalf(Precision::BF16, 1.01171875f), 0x3F82);
  EXPECT_EQ(floatToHalf(Precision::BF16, -1.00390625f, RoundMode::Down), 0xBF81);
  EXPECT_EQ(floatToHalf(Precision::BF16, floatOf(0xFFA00000)), 0xFFFF);
  EXPECT_EQ(int32ToHalf(Precision::F16, 100000, RoundMode::TowardZero), 0x7BFF);
  EXPECT_EQ(int32ToHalf(Precision::F16, 100000, RoundMode::HalfEven), 0x7C00);
}

TEST(Numerics, HandWorkedIntegers) {
  EXPECT_EQ(roundingShiftRight(5, 1, RoundMode::HalfEven), 2);
  EXPECT_EQ(roundingShiftRight(-5, 1, RoundMode::HalfAway), -3);
  EXPECT_EQ(roundingShiftRight(-5, 1, RoundMode::HalfUp), -2);
  EXPECT_EQ(roundingShiftRight(-5, 1, RoundMode::HalfDown), -3);
  EXPECT_EQ(roundingShiftRight(-1, 100, RoundMode::Down), -1);
  EXPECT_EQ(shift(3, 65, RoundMode::HalfEven), 6);
  EXPECT_EQ(requantizeInt(1000, 1 << 20, -24, 3, Precision::I8, true, RoundMode::HalfUp), 66); // 62.5 → 63, + 3
  EXPECT_EQ(requantizeInt(-100000, 1 << 20, -20, 0, Precision::I8, true, RoundMode::HalfUp), -128);
  EXPECT_EQ(requantizeFloat(7, 0.5f, 1.0f, Precision::I8, true, RoundMode::HalfEven, RoundMode::HalfEven), 4);
  EXPECT_EQ(floatToInt(floatOf(1), Precision::I8, true, RoundMode::Up), 1);
  EXPECT_EQ(floatToInt(-3e9f, Precision::I32, true, RoundMode::HalfEven), -2147483648LL);
  EXPECT_EQ(floatToInt(4e9f, Precision::I32, false, RoundMode::HalfEven), 4000000000LL);
  EXPECT_EQ(intToFloat(16777217, RoundMode::HalfEven), 16777216.0f);
  EXPECT_EQ(intToFloat(16777217, RoundMode::Up), 16777218.0f);
  EXPECT_EQ(intToFloat(-16777217, RoundMode::HalfUp), -16777216.0f);
}

TEST(Numerics, ProductsAreFlushedAfterRounding) {
  EXPECT_EQ(bitsOf(mulFlush(floatOf(0x00800001), 0.5f)), 0u);
  EXPECT_EQ(bitsOf(mulFlush(floatOf(0x80FFFFFF), 0.5f)), 0x80000000u);   // 2^-126·(1 − 2^-24), exact
  EXPECT_EQ(bitsOf(mulFlush(0x1.0008p-60f, 0x1.FFFp-67f)), 0x00800000u); // 2^-126·(1 − 2^-26) rounds up
  EXPECT_EQ(bitsOf(addFlush(floatOf(1), floatOf(1))), 0u);
}

TEST(Numerics, GroupSumTruncatesBelowTheLargestProduct) {
  // The largest product is 1 (e = 0): others keep multiples of 2^-24.
  float a[3] = {1, 0x1.8p-12f, -0x1.8p-12f}, b[3] = {1, 0x1p-12f, 0x1p-12f};
  EXPECT_EQ(truncatedGroupSum(a, b, 2), 1.0f); // 1 + 2^-24: half an ulp, to even
  EXPECT_EQ(truncatedGroupSum(a, b, 3), 1.0f); // truncation toward zero on both sides
  float c[3] = {1, 0x1p-11f, 0x1.8p-12f}, d[3] = {1, 0x1p-12f, 0x1p-12f};
  EXPECT_EQ(truncatedGroupSum(c, d, 3), floatOf(0x3F800002)); // 1 + 3·2^-24: tie, to even is up
  float inf = floatOf(0x7F800000), e[2] = {inf, floatOf(0x7FC00000)}, f[2] = {-1, 1};
  EXPECT_EQ(bitsOf(truncatedGroupSum(e, f, 2)), 0xFF800000u);
  float g[2] = {inf, inf};
  EXPECT_EQ(bitsOf(truncatedGroupSum(g, f, 2)), 0xFFC00000u);
}

TEST(Numerics, VectorHalvesEqualScalar) {
  std::vector<float> in = interestingFloats();
  for (Precision half : {Precision::F16, Precision::BF16})
    for (RoundMode mode : allModes) {
      std::vector<uint16_t> out(in.size());
      convertF32ToHalf(half, in.data(), out.data(), in.size(), mode);
      for (size_t i = 0; i < in.size(); ++i)
        ASSERT_EQ(out[i], floatToHalf(half, in[i], mode))
            << std::hexfloat << in[i] << " mode " << int(mode) << " to " << int(half);
    }
}

TEST(Numerics, EveryHalfDecodes) {
  std::vector<uint16_t> in(65536);
  for (int i = 0; i < 65536; ++i)
    in[i] = static_cast<uint16_t>(i);
  std::vector<float> out(in.size());
  for (Precision half : {Precision::F16, Precision::BF16}) {
    convertHalfToF32(half, in.data(), out.data(), in.size());
    for (int i = 0; i < 65536; ++i)
      ASSERT_EQ(bitsOf(out[i]), bitsOf(halfToFloat(half, in[i]))) << i;
  }
}

TEST(Numerics, VectorFloatToIntEqualsScalar) {
  std::vector<float> in = interestingFloats();
  std::vector<int32_t> out(in.size());
  for (Precision integer : {Precision::I8, Precision::I16, Precision::I32})
    for (bool isSigned : {false, true})
      for (RoundMode mode : allModes) {
        convertF32ToInt32(in.data(), out.data(), in.size(), integer, isSigned, mode);
        for (size_t i = 0; i < in.size(); ++i)
          ASSERT_EQ(out[i], static_cast<int32_t>(floatToInt(in[i], integer, isSigned, mode)))
              << std::hexfloat << in[i] << " mode " << int(mode) << " to " << int(integer) << isSigned;
      }
}

TEST(Numerics, VectorRoundingEqualsScalar) {
  std::vector<float> in = interestingFloats(), out(in.size());
  for (RoundMode mode : allModes) {
    roundFloats(in.data(), out.data(), in.size(), mode);
    for (size_t i = 0; i < in.size(); ++i)
      ASSERT_EQ(bitsOf(out[i]), bitsOf(roundFloat(in[i], mode))) << std::hexfloat << in[i] << " mode " << int(mode);
  }
}

TEST(Numerics, VectorIntegersEqualScalar) {
  std::mt19937_64 random(3);
  std::vector<int32_t> in(5000), out(in.size());
  std::vector<float> floats(in.size());
  for (auto &value : in)
    value = static_cast<int32_t>(random()) >> (random() % 32);
  in[0] = INT32_MIN, in[1] = INT32_MAX, in[2] = -16777217, in[3] = 16777217;
  for (RoundMode mode : allModes) {
    convertInt32ToF32(in.data(), floats.data(), in.size(), mode);
    for (size_t i = 0; i < in.size(); ++i)
      ASSERT_EQ(floats[i], intToFloat(in[i], mode)) << in[i] << " mode " << int(mode);
    for (int count : {-70, -63, -40, -17, -1, 0, 3, 70}) {
      auto multiplier = static_cast<int32_t>(random());
      requantizeInt(in.data(), out.data(), in.size(), 0, multiplier, count, -5, rangeOf(Precision::I16, true), mode);
      for (size_t i = 0; i < in.size(); ++i)
        ASSERT_EQ(out[i], requantizeInt(in[i], multiplier, count, -5, Precision::I16, true, mode))
            << in[i] << " * " << multiplier << " shift " << count << " mode " << int(mode);
    }
  }
}

TEST(Numerics, FlushScopeIsLeftAsFound) {
  volatile float tiny = floatOf(1);
  float kept = tiny + tiny;
  float flushed;
  {
    FlushDenormals scope;
    flushed = tiny + tiny;
  }
  float after = tiny + tiny;
  EXPECT_EQ(bitsOf(kept), 2u);
  EXPECT_EQ(bitsOf(flushed), 0u);
  EXPECT_EQ(bitsOf(after), 2u);
}

} // namespace
