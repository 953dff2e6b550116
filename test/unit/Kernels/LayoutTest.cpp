// Kernels that move values: permutations and selections of every element size against index arithmetic, paddings,
// concatenation, interpolation with values worked out by hand.
#include "tpu_mlir/Kernels/Layout.h"
#include "Reference.h"

#include <cstring>
#include <numeric>

using namespace tpu_mlir::kernels;

namespace {

using Shape = std::vector<int64_t>;

int64_t product(const Shape &shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

Shape unflatten(int64_t flat, const Shape &shape) {
  Shape index(shape.size());
  for (size_t i = shape.size(); i-- > 0;) {
    index[i] = flat % shape[i];
    flat /= shape[i];
  }
  return index;
}

int64_t flatten(const Shape &index, const Shape &shape) {
  int64_t flat = 0;
  for (size_t i = 0; i < shape.size(); ++i)
    flat = flat * shape[i] + index[i];
  return flat;
}

template <typename T> std::vector<T> counting(int64_t count) {
  std::vector<T> values(count);
  for (int64_t i = 0; i < count; ++i)
    values[i] = static_cast<T>(i * 7 + 3);
  return values;
}

template <typename T> void checkPermute(const Shape &shape, const Shape &order) {
  const auto in = counting<T>(product(shape));
  std::vector<T> out(in.size());
  permute(in.data(), shape, order, sizeof(T), out.data());
  Shape outShape;
  for (int64_t axis : order)
    outShape.push_back(shape[axis]);
  for (int64_t i = 0; i < product(outShape); ++i) {
    const Shape at = unflatten(i, outShape);
    Shape from(shape.size());
    for (size_t a = 0; a < order.size(); ++a)
      from[order[a]] = at[a];
    ASSERT_EQ(out[i], in[flatten(from, shape)]) << "element " << i << " of " << sizeof(T) << " bytes";
  }
}

template <typename T> void checkSelect(const Shape &shape, const std::vector<AxisMap> &maps) {
  const auto in = counting<T>(product(shape));
  Shape outShape;
  for (const AxisMap &map : maps)
    outShape.push_back(map.size());
  std::vector<T> out(product(outShape));
  const T fill = 99;
  select(in.data(), shape, maps, &fill, sizeof(T), out.data());
  for (int64_t i = 0; i < product(outShape); ++i) {
    Shape at = unflatten(i, outShape);
    bool inside = true;
    for (size_t a = 0; a < at.size(); ++a) {
      at[a] = maps[a][at[a]];
      inside = inside && at[a] != outside;
    }
    ASSERT_EQ(out[i], inside ? in[flatten(at, shape)] : fill) << "element " << i << " of " << sizeof(T) << " bytes";
  }
}

} // namespace

TEST(Layout, PermuteMovesEveryElement) {
  const std::pair<Shape, Shape> cases[] = {{{2, 3, 4, 5}, {0, 2, 3, 1}},
                                           {{2, 3, 4, 5}, {3, 2, 1, 0}},
                                           {{2, 3, 4, 5}, {0, 1, 2, 3}},
                                           {{70, 90}, {1, 0}},
                                           {{1, 7, 1, 5}, {3, 2, 1, 0}},
                                           {{2, 3, 4, 5, 6}, {0, 3, 1, 4, 2}},
                                           {{5}, {0}},
                                           {{33, 2, 40}, {2, 1, 0}},
                                           {{3, 4, 50}, {1, 0, 2}},
                                           {{0, 4}, {1, 0}}};
  for (const auto &[shape, order] : cases) {
    checkPermute<uint8_t>(shape, order);
    checkPermute<uint16_t>(shape, order);
    checkPermute<uint32_t>(shape, order);
    checkPermute<uint64_t>(shape, order);
  }
}

TEST(Layout, SelectMovesEveryElement) {
  const Shape shape = {3, 4, 9};
  const std::vector<std::vector<AxisMap>> cases = {
      {identityMap(3), identityMap(4), identityMap(9)},
      {identityMap(3), stepMap(1, 2, 2), identityMap(9)},
      {stepMap(2, -1, 3), identityMap(4), stepMap(8, -3, 3)},
      {repeatMap(3, 2), identityMap(4), stretchMap(9, 2)},
      {paddedMap(3, 1, 2, Padding::Constant), paddedMap(4, 2, 3, Padding::Reflect),
       paddedMap(9, 4, 1, Padding::Constant)},
      {identityMap(3), paddedMap(4, 1, 0, Padding::Constant), identityMap(9)}};
  for (const auto &maps : cases) {
    checkSelect<uint8_t>(shape, maps);
    checkSelect<uint16_t>(shape, maps);
    checkSelect<uint32_t>(shape, maps);
    checkSelect<uint64_t>(shape, maps);
  }
}

TEST(Layout, PaddingsMirrorAndRepeat) {
  EXPECT_EQ(paddedMap(4, 2, 3, Padding::Reflect), (AxisMap{2, 1, 0, 1, 2, 3, 2, 1, 0}));
  EXPECT_EQ(paddedMap(3, 2, 3, Padding::Symmetric), (AxisMap{1, 0, 0, 1, 2, 2, 1, 0}));
  EXPECT_EQ(paddedMap(2, 2, 1, Padding::Edge), (AxisMap{0, 0, 0, 1, 1}));
  EXPECT_EQ(paddedMap(2, 1, 2, Padding::Constant), (AxisMap{outside, 0, 1, outside, outside}));
}

TEST(Layout, ConcatInterleavesOuterIndices) {
  const std::vector<uint16_t> a = {1, 2, 3, 4}, b = {10, 20};
  std::vector<uint16_t> out(6);
  concat({{a.data(), 4}, {b.data(), 2}}, 2, out.data());
  EXPECT_EQ(out, (std::vector<uint16_t>{1, 2, 10, 3, 4, 20}));
}

TEST(Interpolation, NearestRounding) {
  EXPECT_EQ(nearestMap(2, 4, 2, Coordinates::Asymmetric), (AxisMap{0, 0, 1, 1}));
  EXPECT_EQ(nearestMap(4, 3, 0.75, Coordinates::Asymmetric), (AxisMap{0, 1, 2}));
  // positions −1/4, 1/4, 3/4, 5/4
  EXPECT_EQ(nearestMap(2, 4, 2, Coordinates::HalfPixel), (AxisMap{0, 0, 1, 1}));
  // positions 1/2 and 5/2: halves down
  EXPECT_EQ(nearestMap(4, 2, 0.5, Coordinates::HalfPixel), (AxisMap{0, 2}));
  EXPECT_EQ(nearestMap(5, 3, 0.6, Coordinates::AlignCorners), (AxisMap{0, 2, 4}));
}

TEST(Interpolation, LinearWeights) {
  const std::vector<float> in = {0, 4};
  std::vector<float> out(4);
  const auto run = [&](Coordinates coordinates) {
    interpolate(1, {1, 1, 1}, {2, 4, 2}, coordinates, in.data(), out.data());
    return out;
  };
  EXPECT_EQ(run(Coordinates::HalfPixel), (std::vector<float>{0, 1, 3, 4}));
  EXPECT_EQ(run(Coordinates::PytorchHalfPixel), (std::vector<float>{0, 1, 3, 4}));
  EXPECT_EQ(run(Coordinates::Asymmetric), (std::vector<float>{0, 2, 4, 4}));
  const std::vector<float> aligned = run(Coordinates::AlignCorners);
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(aligned[i], 4.0f * i / 3, 1e-6);
  std::vector<float> one(1);
  interpolate(1, {1, 1, 1}, {2, 1, 0.5}, Coordinates::PytorchHalfPixel, in.data(), one.data());
  EXPECT_EQ(one[0], 0);
  interpolate(1, {1, 1, 1}, {2, 1, 0.5}, Coordinates::HalfPixel, in.data(), one.data());
  EXPECT_EQ(one[0], 2);
}

TEST(Interpolation, BothAxes) {
  const std::vector<float> in = {0, 1, 2, 3};
  std::vector<float> out(9);
  interpolate(1, {2, 3, 1.5}, {2, 3, 1.5}, Coordinates::AlignCorners, in.data(), out.data());
  EXPECT_EQ(out, (std::vector<float>{0, 0.5f, 1, 1, 1.5f, 2, 2, 2.5f, 3}));
}
