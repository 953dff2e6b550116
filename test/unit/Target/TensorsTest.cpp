// Addresses and touched bytes of tensors.
#include "tpu_mlir/Target/BM1684X/Tensors.h"
#include <gtest/gtest.h>
#include <random>
#include <set>

using namespace tpu_mlir::bm1684x;
using enum tpu_mlir::ElementType;

namespace {

/// (lane, byte) of the first byte of every element.
std::set<std::pair<int64_t, int64_t>> elementsAt(const LocalTensor &t) {
  std::set<std::pair<int64_t, int64_t>> result;
  for (int64_t n = 0; n < t.n(); ++n)
    for (int64_t c = 0; c < t.c(); ++c)
      for (int64_t h = 0; h < t.h(); ++h)
        for (int64_t w = 0; w < t.w(); ++w)
          result.emplace((t.lane + c) % 64,
                         t.offset + t.itemBytes() * (n * t.strides[0] + (t.lane + c) / 64 * t.strides[1] +
                                                     h * t.strides[2] + w * t.strides[3]));
  return result;
}

TEST(LocalTensor, StridesOfTheLayouts) {
  // 15 halves of a channel fill 30 bytes; 130 channels from lane 3 on take three slots.
  EXPECT_EQ(LocalTensor::aligned(0, {2, 130, 3, 5}, F16, 3).strides, (Dims{96, 32, 5, 1}));
  EXPECT_EQ(LocalTensor::compact(0, {2, 130, 3, 5}, F16, 3).strides, (Dims{45, 15, 5, 1}));
  EXPECT_EQ(LocalTensor::lineAligned(0, {2, 130, 3, 5}, F16, 3).strides, (Dims{288, 96, 32, 1}));
  EXPECT_EQ(LocalTensor::aligned(0, {2, 130, 3, 5}, F16, 3).bytesPerLane(), 2 * 96 * 2);
}

TEST(LocalTensor, PackedWeightsTakeWholeChunksOfInputChannels) {
  EXPECT_EQ(LocalTensor::convWeight(0, {65, 33, 3, 3}, F16).bytesPerLane(), 2 * 64 * 9 * 2);
  EXPECT_EQ(LocalTensor::convWeight(0, {64, 33, 3, 3}, F32).bytesPerLane(), alignUp(33 * 9 * 4, 64));
  EXPECT_EQ(LocalTensor::convWeight(0, {64, 3, 1, 1}, I8).bytesPerLane(), 64);
}

TEST(LocalTensor, AddressesNameLaneAndByte) {
  LocalTensor tensor = LocalTensor::aligned(0x1000, {1, 4, 1, 1}, F32, 5);
  EXPECT_EQ(tensor.address(), 5u * 0x40000 + 0x1000);
  EXPECT_EQ(tensor.gdmaAddress(), 0x0800'0000u + 5u * 0x40000 + 0x1000);
}

TEST(LocalTensor, ASliceHasTheElementsOfItsBox) {
  std::mt19937 random(5);
  for (int repeat = 0; repeat < 200; ++repeat) {
    Dims shape, begin, size;
    for (int i = 0; i < 4; ++i) {
      shape[i] = 1 + random() % (i == 1 ? 200 : 6);
      begin[i] = random() % shape[i];
      size[i] = 1 + random() % (shape[i] - begin[i]);
    }
    uint8_t lane = random() % 64;
    LocalTensor whole =
        random() % 2 ? LocalTensor::aligned(64, shape, F16, lane) : LocalTensor::compact(64, shape, F16, lane);
    LocalTensor slice = whole.slice(begin, size);
    ASSERT_EQ(slice.shape, size);
    for (int64_t n = 0; n < size[0]; ++n)
      for (int64_t c = 0; c < size[1]; ++c) {
        auto place = [&](const LocalTensor &t, int64_t b, int64_t ch, int64_t h, int64_t w) {
          return std::pair((t.lane + ch) % 64, t.offset + 2 * (b * t.strides[0] + (t.lane + ch) / 64 * t.strides[1] +
                                                               h * t.strides[2] + w * t.strides[3]));
        };
        ASSERT_EQ(place(slice, n, c, size[2] - 1, size[3] - 1),
                  place(whole, begin[0] + n, begin[1] + c, begin[2] + size[2] - 1, begin[3] + size[3] - 1));
      }
    if (slice.layout == Layout::Aligned) {
      EXPECT_TRUE(slice.hasStridesOf(alignedStrides(size, F16, slice.lane)));
    }
  }
}

TEST(LocalTensor, RegionsCoverEveryElement) {
  std::mt19937 random(6);
  for (int repeat = 0; repeat < 200; ++repeat) {
    Dims shape, begin, size;
    for (int i = 0; i < 4; ++i) {
      shape[i] = 1 + random() % (i == 1 ? 150 : 9);
      begin[i] = random() % shape[i];
      size[i] = 1 + random() % (shape[i] - begin[i]);
    }
    LocalTensor tensor = LocalTensor::aligned(0, shape, F32, random() % 64).slice(begin, size);
    llvm::SmallVector<LocalRegion> regions;
    tensor.regions(regions);
    for (auto [lane, byte] : elementsAt(tensor)) {
      bool covered = false;
      for (const LocalRegion &region : regions)
        covered |= (region.lanes >> lane & 1) && region.begin <= byte && byte + 4 <= region.end;
      ASSERT_TRUE(covered);
    }
    for (const LocalRegion &region : regions)
      EXPECT_LE(region.end, static_cast<uint32_t>(tensor.endOffset()));
  }
}

TEST(LocalTensor, RegionsOfDisjointRowsDoNotOverlap) {
  LocalTensor whole = LocalTensor::aligned(0, {2, 128, 16, 32}, F32);
  llvm::SmallVector<LocalRegion> first, second;
  whole.slice({0, 0, 0, 0}, {2, 128, 8, 32}).regions(first);
  whole.slice({0, 0, 8, 0}, {2, 128, 8, 32}).regions(second);
  EXPECT_EQ(first.size(), 4u);
  for (const LocalRegion &a : first)
    for (const LocalRegion &b : second)
      EXPECT_FALSE(a.overlaps(b));
}

TEST(LaneMask, WrapsAroundAfterTheLastLane) {
  EXPECT_EQ(laneMask(0, 1), 1u);
  EXPECT_EQ(laneMask(62, 3), uint64_t{3} << 62 | 1);
  EXPECT_EQ(laneMask(17, 64), ~uint64_t{0});
}

TEST(GlobalTensor, SlicesAndPermutationsKeepElementsInPlace) {
  GlobalTensor tensor = GlobalTensor::contiguous(0x1'0000'0000, {2, 3, 4, 5}, F16);
  GlobalTensor slice = tensor.slice({1, 2, 1, 3}, {1, 1, 2, 2});
  EXPECT_EQ(slice.address, 0x1'0000'0000 + 2 * (60 + 40 + 5 + 3));
  EXPECT_EQ(slice.region().end, slice.address + 2 * (5 + 1 + 1));
  EXPECT_FALSE(slice.isContiguous());
  GlobalTensor permuted = tensor.permuted({0, 2, 1, 3});
  EXPECT_EQ(permuted.shape, (Dims{2, 4, 3, 5}));
  EXPECT_EQ(permuted.strides, (Dims{60, 5, 20, 1}));
  EXPECT_EQ(tensor.reshaped({1, 1, 24, 5}).strides, (Dims{120, 120, 5, 1}));
}

TEST(FoldedMatrix, TheLastChannelHoldsTheRest) {
  FoldedMatrix matrix = FoldedMatrix::at(0, 10, 100, 32, F32);
  EXPECT_EQ(matrix.tensor.shape, (Dims{10, 4, 1, 32}));
  EXPECT_EQ(matrix.lastWidth(), 4);
}

} // namespace
