// Folded convolutions give the sums of the plain one: computed here from the packed weights, as the chip would.
#include "tpu_mlir/Target/BM1684X/ConvFolding.h"
#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

#include "gtest/gtest.h"

#include <random>

using namespace tpu_mlir;
using namespace tpu_mlir::bm1684x;

namespace {
struct Case {
  KernelAxis h, w;
  int64_t ic, oc, ih, iw;
  int64_t rows;
  bool rowsAsChannels;
};

int64_t outputs(const KernelAxis &axis, int64_t inputs, int64_t padAfter) {
  int64_t span = axis.dilation * (axis.kernel - 1) + 1;
  return ((inputs - 1) * (axis.insert + 1) + 1 + axis.padBefore + padAfter - span) / axis.stride + 1;
}

struct Plane {
  int64_t c, h, w;
  std::vector<int> values;
  Plane(int64_t c, int64_t h, int64_t w) : c(c), h(h), w(w), values(static_cast<size_t>(c * h * w)) {}
  int &at(int64_t i, int64_t y, int64_t x) { return values[static_cast<size_t>((i * h + y) * w + x)]; }
  int padded(int64_t i, int64_t y, int64_t x) const {
    bool inside = y >= 0 && y < h && x >= 0 && x < w;
    return inside ? values[static_cast<size_t>((i * h + y) * w + x)] : 0;
  }
  /// With zeros between the pixels.
  int stretched(int64_t i, int64_t y, int64_t x, int64_t stepY, int64_t stepX) const {
    return y < 0 || x < 0 || y % stepY || x % stepX ? 0 : padded(i, y / stepY, x / stepX);
  }
};

/// The sum at one result position by the definition.
int plainSum(const Case &c, const Plane &in, const Tensor &weights, int64_t o, int64_t y, int64_t x) {
  int sum = 0;
  for (int64_t i = 0; i < c.ic; ++i)
    for (int64_t ky = 0; ky < c.h.kernel; ++ky)
      for (int64_t kx = 0; kx < c.w.kernel; ++kx)
        sum += weights.data<int8_t>()[((o * c.ic + i) * c.h.kernel + ky) * c.w.kernel + kx] *
               in.stretched(i, y * c.h.stride - c.h.padBefore + c.h.dilation * ky,
                            x * c.w.stride - c.w.padBefore + c.w.dilation * kx, c.h.insert + 1, c.w.insert + 1);
  return sum;
}

/// The same from packed weights: which instruction, lane and block compute it, and what they see.
int foldedSum(const ConvFolding &form, const Plane &in, const Tensor &packed, int64_t o, int64_t y, int64_t x) {
  int64_t pack = convChannelPack(ElementType::I8), row = packed.dim(3);
  int64_t phase = y / form.h.positions % form.h.phases * form.w.phases + x % form.w.phases;
  int64_t lane = y % form.h.positions * form.rowLanes() + o;
  int64_t top = form.h.begin[static_cast<size_t>(phase / form.w.phases)] + y / form.h.block() * form.h.stride;
  int64_t left = form.w.begin[static_cast<size_t>(phase % form.w.phases)] + x / form.w.block() * form.w.stride;
  int sum = 0;
  for (int64_t i = 0; i < form.ic; ++i)
    for (int64_t ty = 0; ty < form.h.kernel; ++ty)
      for (int64_t tx = 0; tx < form.w.kernel; ++tx) {
        int64_t channel = form.rowsAsChannels ? ty * form.ic + i : i;
        int64_t tap = form.rowsAsChannels ? tx : ty * form.w.kernel + tx;
        int64_t at = (phase * form.outChannels() + lane) * row + (channel / pack * form.kernelArea() + tap) * pack +
                     channel % pack;
        sum += packed.data<int8_t>()[at] * in.padded(i, top + ty * form.h.dilation, left + tx * form.w.dilation);
      }
  return sum;
}

void check(const Case &c) {
  std::mt19937 random(7);
  auto value = [&] { return static_cast<int8_t>(static_cast<int>(random() % 15) - 7); };
  Plane in(c.ic, c.ih, c.iw);
  for (int &v : in.values)
    v = value();
  Tensor weights(ElementType::I8, {c.oc, c.ic, c.h.kernel, c.w.kernel});
  for (int64_t i = 0; i < weights.elements(); ++i)
    weights.data<int8_t>()[i] = value();
  auto form = ConvFolding::of(c.h, c.w, c.ic, c.oc, c.rows, c.rowsAsChannels);
  ASSERT_TRUE(form.has_value());
  Tensor packed = packFoldedWeights(weights, *form, /*rotated=*/false);
  ASSERT_EQ(packed.dim(1), form->phases() * form->outChannels());
  int64_t oh = outputs(c.h, c.ih, c.h.padBefore), ow = outputs(c.w, c.iw, c.w.padBefore);
  for (int64_t o = 0; o < c.oc; ++o)
    for (int64_t y = 0; y < oh; ++y)
      for (int64_t x = 0; x < ow; ++x)
        ASSERT_EQ(foldedSum(*form, in, packed, o, y, x), plainSum(c, in, weights, o, y, x))
            << o << " " << y << " " << x;
}

TEST(ConvFolding, SumsAreThoseOfThePlainConvolution) {
  for (int64_t rows : {1, 2, 4, 8})
    for (bool asChannels : {false, true}) {
      check({{3, 1, 1, 1, 0}, {3, 1, 1, 1, 0}, 5, 7, 9, 6, rows, asChannels});
      check({{5, 2, 1, 2, 0}, {3, 3, 1, 0, 0}, 3, 8, 13, 10, rows, asChannels});
      check({{3, 1, 4, 4, 0}, {2, 1, 2, 1, 0}, 2, 6, 12, 7, rows, asChannels});
      check({{1, 1, 1, 0, 0}, {1, 1, 1, 0, 0}, 70, 4, 8, 3, rows, asChannels});
    }
}

TEST(ConvFolding, ZerosBetweenPixelsAreLeftOut) {
  for (int64_t rows : {1, 2, 4}) {
    check({{2, 1, 1, 1, 1}, {2, 1, 1, 1, 1}, 3, 5, 6, 5, rows, false});
    check({{4, 1, 1, 2, 1}, {4, 1, 1, 2, 1}, 3, 5, 6, 5, rows, false});
    check({{3, 1, 1, 1, 1}, {5, 1, 1, 2, 2}, 2, 4, 6, 5, rows, false});
  }
  check({{3, 1, 1, 1, 2}, {1, 1, 1, 0, 1}, 2, 80, 4, 4, 1, false});
}

TEST(ConvFolding, RefusesWhatDoesNotFit) {
  KernelAxis plain{3, 1, 1, 1, 0}, stretched{3, 1, 1, 1, 2};
  EXPECT_FALSE(ConvFolding::of(plain, plain, 4, 33, 2, false)); // more channels than lanes
  EXPECT_FALSE(ConvFolding::of(plain, plain, 4, 4, 3, false));
  EXPECT_FALSE(ConvFolding::of(stretched, plain, 4, 4, 2, false)); // zeros in threes, rows in twos
  EXPECT_FALSE(ConvFolding::of(stretched, plain, 4, 4, 1, true));
}

TEST(ConvFolding, ChoosesFormsThatPay) {
  KernelAxis three{3, 1, 1, 1, 0}, one{}, two{2, 1, 1, 1, 1}, patch{16, 16, 1, 0, 0};
  ConvExtents full{ElementType::F16, 1, 64, 64, 56, 56, 56, 56};
  EXPECT_FALSE(ConvFolding::choose(three, three, full)); // the array is full
  ConvExtents thin{ElementType::I8, 1, 16, 16, 256, 256, 256, 256};
  auto form = ConvFolding::choose(three, three, thin);
  ASSERT_TRUE(form.has_value());
  EXPECT_TRUE(form->rowsAsChannels);
  EXPECT_LT(form->cycles(thin), 256 * 256 / 4 * 9 / 4);
  ConvExtents half{ElementType::F16, 1, 32, 32, 128, 128, 128, 128}; // pays only while exchanging lanes is cheap
  EXPECT_TRUE(ConvFolding::choose(three, three, half));
  EXPECT_FALSE(ConvFolding::choose(three, three, half, TurnPrice::PerLane));
  EXPECT_GT(form->cycles(thin, TurnPrice::PerLane), form->cycles(thin));
  ConvExtents wide{ElementType::F32, 1, 16, 16, 256, 256, 256, 256};
  form = ConvFolding::choose(three, three, wide);
  ASSERT_TRUE(form.has_value());
  EXPECT_GT(form->rows(), 1);
  EXPECT_FALSE(form->rowsAsChannels); // an F32 step takes one channel
  ConvExtents doubled{ElementType::F16, 1, 256, 128, 16, 16, 32, 32};
  form = ConvFolding::choose(two, two, doubled);
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(form->phases(), 4);
  EXPECT_EQ(form->kernelArea(), 1);
  ConvExtents patches{ElementType::F32, 1, 3, 192, 224, 224, 14, 14};
  form = ConvFolding::choose(patch, patch, patches);
  ASSERT_TRUE(form.has_value());
  EXPECT_TRUE(form->joinsPatches(224, 14));
  EXPECT_FALSE(ConvFolding::choose(one, one, full));
}

TEST(ConvFolding, ParametersAreRepeatedForRows) {
  auto form = ConvFolding::of({3, 1, 1, 1, 0}, {3, 1, 1, 1, 0}, 4, 3, 16, false);
  ASSERT_TRUE(form.has_value());
  Tensor values(ElementType::F32, {2, 3});
  for (int64_t i = 0; i < 6; ++i)
    values.data<float>()[i] = static_cast<float>(i + 1);
  Tensor repeated = repeatForRows(values, 2, *form);
  ASSERT_EQ(repeated.elements(), 128);
  for (int64_t word = 0; word < 2; ++word)
    for (int64_t lane = 0; lane < 64; ++lane)
      EXPECT_EQ(repeated.data<float>()[word * 64 + lane],
                lane % 4 == 3 ? 0.0f : static_cast<float>(word * 3 + lane % 4 + 1));
}

TEST(ConvFolding, ThinGroupsAreJoined) {
  ConvExtents thin{ElementType::F16, 1, 4, 4, 28, 28, 28, 28};
  int64_t joined = groupsToJoin(thin, 32, 9);
  EXPECT_GE(joined, 8);
  EXPECT_EQ(32 % joined, 0);
  EXPECT_EQ(groupsToJoin({ElementType::F16, 1, 256, 256, 28, 28, 28, 28}, 2, 9), 1);
  Tensor weights(ElementType::I8, {6, 2, 1, 1}); // 3 groups of 2 channels
  for (int64_t i = 0; i < 12; ++i)
    weights.data<int8_t>()[i] = static_cast<int8_t>(i + 1);
  Tensor all = joinGroups(weights, 3, 3);
  ASSERT_EQ(all.shape(), (std::vector<int64_t>{6, 6, 1, 1}));
  for (int64_t o = 0; o < 6; ++o)
    for (int64_t i = 0; i < 6; ++i)
      EXPECT_EQ(all.data<int8_t>()[o * 6 + i], i / 2 == o / 2 ? o * 2 + i % 2 + 1 : 0);
}
} // namespace
