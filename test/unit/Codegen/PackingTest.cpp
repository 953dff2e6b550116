// Packing of timelines: no two live buffers overlap, loads come early but not too early and in their order.
#include "Timeline.h"

#include "gtest/gtest.h"

#include <random>

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

/// An op that only exists to be asked about banks.
struct NoOp : TiledOp {
  bool apart = false;
  IterationSpace space() const override { return {}; }
  void emit(Assembler &, const Tile &, const TileBuffers &) const override {}
  int64_t computeCycles(const Tile &) const override { return 1; }
  bool keepsBanksApart() const override { return apart; }
};

/// A chain of steps in which each reads the result before it and a loaded parameter; some results are stored.
struct RandomTimeline {
  Timeline timeline;
  NoOp op;

  RandomTimeline(unsigned seed, int64_t largest) {
    std::mt19937 random(seed);
    auto below = [&](int64_t limit) { return static_cast<int64_t>(random() % static_cast<uint64_t>(limit)); };
    op.apart = seed % 2;
    int groups = static_cast<int>(1 + below(4)), value = 0;
    for (int group = 0; group < groups; ++group) {
      timeline.groupBegin.push_back(static_cast<int>(timeline.steps.size()));
      int before = -1, steps = static_cast<int>(2 + below(12));
      for (int i = 0; i < steps; ++i) {
        TimedStep step;
        int position = static_cast<int>(timeline.steps.size());
        step.op = &op, step.group = group;
        int loaded = addBuffer(group, 64 * (1 + below(largest / 64)));
        int made = addBuffer(group, 64 * (1 + below(largest / 64)));
        for (int buffer : {loaded, made, before})
          if (buffer >= 0)
            timeline.buffers[static_cast<size_t>(buffer)].use(position);
        step.operands.push_back({loaded, true, {}});
        step.result.buffer = made;
        if (below(2)) {
          step.scratch = addBuffer(group, 64 * (1 + below(8)));
          timeline.buffers[static_cast<size_t>(step.scratch)].use(position);
        }
        TimedLoad load;
        load.step = load.issue = position, load.op = &op, load.to.buffer = loaded;
        // Sometimes what an earlier step stored.
        load.value = value > 0 && below(4) == 0 ? static_cast<int>(below(value)) : 1000 + position;
        timeline.loads.push_back(load);
        if (below(3) == 0) {
          TimedStore store;
          store.step = position, store.op = &op, store.from.buffer = made, store.value = value++;
          timeline.buffers[static_cast<size_t>(made)].use(position + 1);
          timeline.stores.push_back(store);
        }
        before = made;
        timeline.steps.push_back(step);
      }
    }
    timeline.groupBegin.push_back(static_cast<int>(timeline.steps.size()));
  }

  int addBuffer(int group, int64_t bytes) {
    TimedBuffer buffer;
    buffer.bytes = bytes, buffer.group = group;
    timeline.buffers.push_back(buffer);
    return static_cast<int>(timeline.buffers.size()) - 1;
  }
};

bool overlap(int64_t a, int64_t aEnd, int64_t b, int64_t bEnd) { return a < bEnd && b < aEnd; }

void expectApart(const Timeline &timeline, int64_t budget) {
  for (size_t i = 0; i < timeline.buffers.size(); ++i) {
    const TimedBuffer &a = timeline.buffers[i];
    ASSERT_GE(a.offset, 0);
    ASSERT_EQ(a.offset % 64, 0);
    ASSERT_LE(a.offset + a.bytes, budget);
    for (size_t j = 0; j < i; ++j) {
      const TimedBuffer &b = timeline.buffers[j];
      ASSERT_FALSE(overlap(a.first, a.last + 1, b.first, b.last + 1) &&
                   overlap(a.offset, a.offset + a.bytes, b.offset, b.offset + b.bytes))
          << "buffers " << i << " and " << j << " are in each other's place";
    }
  }
}

} // namespace

TEST(Packing, KeepsLiveBuffersApart) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    RandomTimeline random(seed, 16384);
    PlanOptions options;
    ASSERT_FALSE(static_cast<bool>(packTimeline(random.timeline, options))) << "seed " << seed;
    expectApart(random.timeline, options.budget);
  }
}

TEST(Packing, IssuesLoadsInOrderAndBehindTheirStores) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    RandomTimeline random(seed, 16384);
    PlanOptions options;
    ASSERT_FALSE(static_cast<bool>(packTimeline(random.timeline, options)));
    int before = 0, early = 0;
    for (const TimedLoad &load : random.timeline.loads) {
      EXPECT_LE(load.issue, load.step);
      EXPECT_GE(load.issue, before);
      before = load.issue;
      early += load.issue < load.step;
      // A value that is stored later than it is loaded does not bound a load: such a network does not exist.
      for (const TimedStore &store : random.timeline.stores)
        if (store.value == load.value && store.step < load.step) {
          EXPECT_GT(load.issue, store.step) << "seed " << seed;
        }
    }
    if (random.timeline.steps.size() > 8) {
      EXPECT_GT(early, 0) << "seed " << seed;
    }
  }
}

TEST(Packing, HidesNothingWhenGroupsMayNotOverlap) {
  RandomTimeline random(7, 4096);
  PlanOptions options;
  options.overlapGroups = false;
  ASSERT_FALSE(static_cast<bool>(packTimeline(random.timeline, options)));
  for (const TimedLoad &load : random.timeline.loads) {
    int group = random.timeline.buffers[static_cast<size_t>(load.to.buffer)].group;
    EXPECT_GE(load.issue, random.timeline.groupBegin[static_cast<size_t>(group)]);
  }
}

TEST(Packing, NamesTheGroupThatDoesNotFit) {
  RandomTimeline random(3, 4096);
  int group = random.timeline.steps.back().group, position = static_cast<int>(random.timeline.steps.size()) - 1;
  int large = random.addBuffer(group, bm1684x::laneBytes);
  random.timeline.buffers[static_cast<size_t>(large)].use(position);
  int stuck = -1;
  llvm::Error error = packTimeline(random.timeline, {}, &stuck);
  ASSERT_TRUE(static_cast<bool>(error));
  llvm::consumeError(std::move(error));
  EXPECT_EQ(stuck, group);
}

TEST(Packing, PlaysBothQueues) {
  // Two steps of 10 cycles with loads of 4: the second load hides behind the first step.
  Timeline timeline;
  NoOp op;
  for (int i = 0; i < 2; ++i) {
    TimedBuffer buffer;
    buffer.bytes = 64;
    buffer.use(i);
    timeline.buffers.push_back(buffer);
    TimedStep step;
    step.op = &op, step.cycles = 10, step.operands = {{i, true, {}}}, step.result.buffer = i;
    timeline.steps.push_back(step);
    TimedLoad load;
    load.step = load.issue = i, load.op = &op, load.cycles = 4, load.to.buffer = i;
    timeline.loads.push_back(load);
  }
  timeline.groupBegin = {0, 2};
  ASSERT_FALSE(static_cast<bool>(packTimeline(timeline, {})));
  EXPECT_EQ(playTimeline(timeline), 24);
  EXPECT_EQ(busyOf(timeline).tiu, 20);
  EXPECT_EQ(busyOf(timeline).gdma, 8);
  EXPECT_EQ(peakBytes(timeline), 128); // the second is there while the first step runs
}

TEST(Packing, SeesPartsOfAlignedTensors) {
  Slice box = wholeOf({1, 128, 8, 32});
  LocalTensor rows = viewIn(0, box, ElementType::F16, {{0, 1}, {64, 64}, {2, 4}, {0, 32}});
  EXPECT_EQ(rows.layout, bm1684x::Layout::Aligned);
  EXPECT_EQ(rows.offset, 8 * 32 * 2 + 2 * 32 * 2);
  LocalTensor all = viewIn(0, box, ElementType::F16, {{0, 1}, {0, 128}, {2, 4}, {0, 32}});
  EXPECT_EQ(all.layout, bm1684x::Layout::Free);
  LocalTensor odd = viewIn(0, wholeOf({1, 64, 7, 7}), ElementType::F16, {{0, 1}, {0, 64}, {1, 2}, {0, 7}});
  EXPECT_EQ(odd.layout, bm1684x::Layout::Free); // 14 bytes are no line
}
