// The inner loops give the same bits at every instruction set, and those of the scalar functions.
#include "FloatKernels.h"
#include "Gemm.h"
#include "tpu_mlir/Kernels/FloatEnvironment.h"
#include "tpu_mlir/Kernels/Numerics.h"

#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using kernels::bitsOf;
using kernels::Precision;

namespace {

/// Values of a half type (or f32), some of them zero, denormal, infinite or NaN.
std::vector<float> operands(Precision precision, size_t count, bool special, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  const float rare[] = {0.0f,
                        -0.0f,
                        std::numeric_limits<float>::infinity(),
                        -std::numeric_limits<float>::infinity(),
                        kernels::floatOf(0x7FC00000),
                        0x1p-24f,
                        0x1p-120f,
                        0x1p120f,
                        -0x1p-100f};
  std::vector<float> values(count);
  for (float &value : values) {
    value = random() % 3 ? normal(random) : 0.0f;
    if (special && random() % 16 == 0)
      value = rare[random() % std::size(rare)];
    if (precision != Precision::F32)
      value = kernels::flushDenormal(kernels::halfToFloat(precision, kernels::floatToHalf(precision, value)));
  }
  return values;
}

/// Calls the variant of every level that this machine has.
#if defined(__x86_64__)
#define FOR_EACH_LEVEL(function)                                                                                       \
  do {                                                                                                                 \
    check(sim::simd_baseline::function, "baseline");                                                                   \
    if (simdLevel() >= 1)                                                                                              \
      check(sim::simd_avx2::function, "AVX2");                                                                         \
    if (simdLevel() >= 2)                                                                                              \
      check(sim::simd_avx512::function, "AVX-512");                                                                    \
  } while (false)
#else
#define FOR_EACH_LEVEL(function) check(sim::simd_baseline::function, "baseline")
#endif

TEST(Gemm, HalfGroupsEqualScalarSums) {
  kernels::FlushDenormals scope;
  constexpr int64_t rows = 23, depth = 71; // groups of 32, 32 and 7
  for (Precision half : {Precision::F16, Precision::BF16})
    for (bool special : {false, true}) {
      std::vector<float> x = operands(half, rows * depth, special, 1),
                         w = operands(half, depth * gemmColumns, special, 2);
      std::vector<int64_t> base(rows);
      for (int64_t r = 0; r < rows; ++r)
        base[r] = r * depth;
      const TermGroup groups[] = {{0, 32}, {32, 32}, {64, 7}};
      auto check = [&](auto multiply, const char *level) {
        std::vector<float> sums(rows * gemmColumns, 0.5f);
        multiply(x.data(), base.data(), rows, groups, 3, w.data(), sums.data());
        for (int64_t r = 0; r < rows; ++r)
          for (int c = 0; c < gemmColumns; ++c) {
            float expected = 0.5f;
            for (TermGroup group : groups) {
              float column[32];
              for (int k = 0; k < group.count; ++k)
                column[k] = w[(group.offset + k) * gemmColumns + c];
              expected = kernels::addFlush(
                  expected, kernels::truncatedGroupSum(&x[r * depth + group.offset], column, group.count));
            }
            uint32_t got = bitsOf(sums[r * gemmColumns + c]);
            if (expected != expected)
              ASSERT_GT(got & 0x7FFFFFFF, 0x7F800000u) << level << " row " << r << " column " << c;
            else
              ASSERT_EQ(got, bitsOf(expected)) << level << " row " << r << " column " << c;
          }
      };
      FOR_EACH_LEVEL(multiplyHalf);
    }
}

TEST(Gemm, F32HasTwoAccumulators) {
  kernels::FlushDenormals scope;
  constexpr int64_t rows = 19, terms = 27;
  std::vector<float> x = operands(Precision::F32, rows * terms, false, 3);
  std::vector<float> w = operands(Precision::F32, terms * gemmColumns, false, 4),
                     even = operands(Precision::F32, 16, false, 5);
  std::vector<int64_t> base(rows), offsets(terms);
  for (int64_t r = 0; r < rows; ++r)
    base[r] = r * terms;
  for (int64_t t = 0; t < terms; ++t)
    offsets[t] = t;
  auto check = [&](auto multiply, const char *level) {
    std::vector<float> results(rows * gemmColumns, 0.25f);
    multiply(x.data(), base.data(), rows, offsets.data(), terms, w.data(), even.data(), true, results.data());
    for (int64_t r = 0; r < rows; ++r)
      for (int c = 0; c < gemmColumns; ++c) {
        float sums[2] = {even[c], 0.25f};
        for (int64_t t = 0; t < terms; ++t)
          sums[t & 1] = kernels::addFlush(sums[t & 1], kernels::mulFlush(x[r * terms + t], w[t * gemmColumns + c]));
        ASSERT_EQ(bitsOf(results[r * gemmColumns + c]), bitsOf(kernels::addFlush(sums[1], sums[0]))) << level;
      }
  };
  FOR_EACH_LEVEL(multiplyF32);
}

TEST(Gemm, EightBitSumsAreExactAtTheExtremes) {
  constexpr int64_t rows = 9, pairs = 8000;
  // 255 · 510 in every term: the largest sum that a call may have to hold.
  std::vector<int32_t> x(pairs, 255 | 255 << 16), w(pairs * gemmColumns, 510 | 510 << 16);
  std::vector<int64_t> base(rows, 0), offsets(pairs);
  for (int64_t t = 0; t < pairs; ++t)
    offsets[t] = t;
  auto check = [&](auto multiply, const char *level) {
    std::vector<int64_t> sums(rows * gemmColumns, 5);
    multiply(x.data(), base.data(), rows, offsets.data(), pairs, w.data(), sums.data());
    for (int64_t sum : sums)
      ASSERT_EQ(sum, 5 + int64_t{255} * 510 * 2 * pairs) << level;
  };
  FOR_EACH_LEVEL(multiplyPairs8);
}

TEST(Pooling, DepthwiseRoundsEveryStep) {
  kernels::FlushDenormals scope;
  const Window window{12, 4, 5, 3, 2, 2, 2, 1, 1}; // 3×2 kernel, stride 2
  for (Precision precision : {Precision::F16, Precision::BF16, Precision::F32}) {
    std::vector<float> padded = operands(precision, 12 * 12 + 100, false, 6), taps = operands(precision, 6, false, 7);
    auto rounded = [&](float value) {
      return precision == Precision::F32 ? value
                                         : kernels::halfToFloat(precision, kernels::floatToHalf(precision, value));
    };
    auto check = [&](auto depthwise, const char *level) {
      std::vector<float> out(20);
      depthwise(precision, window, padded.data(), taps.data(), 0.0f, 0.5f, true, out.data());
      for (int y = 0; y < 4; ++y)
        for (int x = 0; x < 5; ++x) {
          float sums[2] = {0.0f, 0.5f};
          for (int t = 0; t < 6; ++t) {
            float product = rounded(kernels::mulFlush(padded[(2 * y + t / 2) * 12 + 2 * x + t % 2], taps[t]));
            sums[t & 1] = rounded(kernels::addFlush(sums[t & 1], product));
          }
          ASSERT_EQ(bitsOf(out[y * 5 + x]), bitsOf(rounded(kernels::addFlush(sums[1], sums[0])))) << level;
        }
    };
    FOR_EACH_LEVEL(depthwiseFloat);
  }
}

} // namespace
