// Random programs, in the order of emission and in that of the scheduler: the same memory afterwards, no races.
#include "tpu_mlir/Target/BM1684X/Scheduler.h"
#include "SimulatorTestTools.h"
#include "tpu_mlir/Simulator/HazardCheck.h"
#include "tpu_mlir/Target/BM1684X/Assembler.h"

#include <random>

using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using namespace tpu_mlir::sim::testing;
using bm1684x::Assembler;
using bm1684x::Dims;
using bm1684x::GlobalTensor;
using bm1684x::LocalTensor;

namespace {

constexpr auto F32 = ElementType::F32;
constexpr int64_t maxChannels = 96;
constexpr uint64_t tensorBytes = uint64_t{maxChannels} * 64 * 4;
constexpr int globalTensors = 6;
/// Of local tensors; they begin at multiples of the step, so that they meet in part.
constexpr uint32_t localStep = 0x80, localSteps = 24;

/// Moves and arithmetic between few places in local and global memory.
class RandomProgram {
public:
  explicit RandomProgram(uint32_t seed) : random(seed) {}

  void emit(Assembler &assembler, int count) {
    for (int i = 0; i < count; ++i)
      emitOne(assembler);
  }

private:
  int64_t pick(int64_t count) { return static_cast<int64_t>(random() % static_cast<uint64_t>(count)); }
  LocalTensor local(Dims shape) {
    return LocalTensor::aligned(static_cast<uint32_t>(pick(localSteps)) * localStep, shape, F32,
                                static_cast<uint8_t>(pick(4) ? 0 : pick(64)));
  }
  /// A part of a tensor: some channels, some rows.
  GlobalTensor global(Dims shape) {
    GlobalTensor whole = GlobalTensor::contiguous(globalBase + static_cast<uint64_t>(pick(globalTensors)) * tensorBytes,
                                                  {1, maxChannels, 8, 8}, F32);
    return whole.slice({0, pick(maxChannels - shape[1] + 1), pick(8 - shape[2] + 1), pick(8 - shape[3] + 1)}, shape);
  }
  void emitOne(Assembler &assembler) {
    Dims shape = {1, 1 + pick(maxChannels), 1 + pick(8), pick(2) ? 8 : 1 + pick(8)};
    switch (pick(8)) {
    case 0:
    case 1:
      return assembler.gdma.copy(local(shape), global(shape));
    case 2:
    case 3:
      return assembler.gdma.copy(global(shape), local(shape));
    case 4:
      return assembler.gdma.copy(global(shape), global(shape));
    case 5:
      return assembler.tiu.fill(local(shape), bm1684x::Constant::f32(static_cast<float>(pick(100))));
    default: {
      LocalTensor a = local(shape);
      uint8_t lane = a.lane;
      auto beside = [&] {
        return LocalTensor::aligned(static_cast<uint32_t>(pick(localSteps)) * localStep, shape, F32, lane);
      };
      return assembler.tiu.add(beside(), a, beside());
    }
    }
  }

  std::mt19937 random;
};

bm1684x::Program assemble(uint32_t seed, int count, bool reorder) {
  Assembler assembler({.reorder = reorder, .relocate = false});
  RandomProgram(seed).emit(assembler, count);
  auto program = assembler.finish();
  EXPECT_TRUE(static_cast<bool>(program)) << (program ? "" : llvm::toString(program.takeError()));
  return program ? std::move(*program) : bm1684x::Program{};
}

struct Streams {
  std::vector<Instruction> tiu, gdma;
};

Streams decode(const bm1684x::Program &program) {
  return {llvm::cantFail(bm1684x::decodeStream(program.tiu, Engine::TIU)),
          llvm::cantFail(bm1684x::decodeStream(program.gdma, Engine::GDMA))};
}

/// Local and global memory after the program.
std::vector<uint8_t> execute(const Streams &streams, sim::Schedule schedule) {
  Machine machine;
  EXPECT_EQ(message(machine.memory().addGlobal(globalBase, globalTensors * tensorBytes)), "");
  std::vector<float> values(globalTensors * tensorBytes / 4);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i % 1009);
  auto *bytes = reinterpret_cast<uint8_t *>(values.data());
  EXPECT_EQ(message(machine.writeGlobal(globalBase, {bytes, globalTensors * tensorBytes})), "");
  EXPECT_EQ(message(machine.run(streams.tiu, streams.gdma, schedule)), "");
  llvm::ArrayRef<uint8_t> global = llvm::cantFail(machine.readGlobal(globalBase, globalTensors * tensorBytes));
  std::vector<uint8_t> result(global.begin(), global.end());
  for (int64_t lane = 0; lane < laneCount; ++lane) {
    const uint8_t *begin = machine.memory().local() + lane * laneBytes;
    result.insert(result.end(), begin, begin + localStep * localSteps * 4);
  }
  return result;
}

uint64_t cyclesOf(const bm1684x::Program &program) {
  bm1684x::Schedule schedule = llvm::cantFail(bm1684x::schedule(program.instructions));
  // The critical path goes from the first cycle to the last without a gap.
  uint64_t at = 0;
  for (uint32_t position : schedule.criticalPath) {
    EXPECT_EQ(schedule.intervals[position].start, at);
    at = schedule.intervals[position].end;
  }
  EXPECT_EQ(at, schedule.totalCycles);
  EXPECT_LE(schedule.lowerBound(), schedule.totalCycles);
  return schedule.totalCycles;
}

TEST(Scheduler, RandomProgramsLeaveTheSameMemoryWithoutRaces) {
  int faster = 0;
  for (uint32_t seed = 0; seed < 40; ++seed) {
    bm1684x::Program given = assemble(seed, 40, false), reordered = assemble(seed, 40, true);
    ASSERT_EQ(given.instructions.size(), reordered.instructions.size());
    ASSERT_LE(cyclesOf(reordered), cyclesOf(given)) << seed;
    faster += cyclesOf(reordered) < cyclesOf(given);
    Streams streams = decode(reordered);
    auto hazards = llvm::cantFail(findHazards(streams.tiu, streams.gdma));
    ASSERT_TRUE(hazards.empty()) << seed << ": " << hazards.front().message;
    std::vector<uint8_t> expected = execute(decode(given), {sim::Schedule::GdmaFirst});
    ASSERT_EQ(execute(streams, {sim::Schedule::TiuFirst}), expected) << seed;
    ASSERT_EQ(execute(streams, {sim::Schedule::Random, seed}), expected) << seed;
  }
  EXPECT_GE(faster, 10);
}

TEST(Scheduler, TheSameProgramGivesTheSameBytes) {
  bm1684x::Program first = assemble(7, 200, true), second = assemble(7, 200, true);
  EXPECT_EQ(first.tiu, second.tiu);
  EXPECT_EQ(first.gdma, second.gdma);
}

TEST(Scheduler, ContextsFollowTheirInstructions) {
  Assembler assembler;
  LocalTensor a = LocalTensor::aligned(0, {1, 64, 64, 64}, F32), b = LocalTensor::aligned(0x8000, a.shape, F32);
  GlobalTensor from = GlobalTensor::contiguous(globalBase, a.shape, F32);
  assembler.setContext("first");
  assembler.gdma.copy(a, from);
  assembler.tiu.abs(a, a);
  assembler.gdma.copy(from, a);
  assembler.setContext("second");
  assembler.gdma.copy(b, GlobalTensor::contiguous(globalBase + 0x1000000, a.shape, F32));
  assembler.tiu.abs(b, b);
  auto program = llvm::cantFail(assembler.finish());
  // The second load does not wait for the first store.
  std::string order;
  for (auto [instruction, context] : llvm::zip(program.instructions, program.contextOf))
    if (instruction.engine() == Engine::GDMA)
      order += program.contexts[context] + " ";
  EXPECT_EQ(order, "first second first ");
}

TEST(Scheduler, AStoreOfSomeRowsDoesNotHoldUpALoadOfOthers) {
  GlobalTensor tensor = GlobalTensor::contiguous(globalBase, {1, 64, 16, 16}, F32);
  auto rows = [&](int64_t begin) { return tensor.slice({0, 0, begin, 0}, {1, 64, 8, 16}); };
  EXPECT_FALSE(rows(0).region().overlaps(rows(8).region()));
  EXPECT_FALSE(rows(8).region().overlaps(rows(0).region()));
  EXPECT_TRUE(rows(4).region().overlaps(rows(8).region()));
  EXPECT_TRUE(rows(4).region().overlaps(rows(0).region()));
  EXPECT_TRUE(tensor.region().covers(rows(4).region()));
  EXPECT_TRUE(rows(4).region().covers(tensor.slice({0, 8, 5, 0}, {1, 4, 2, 16}).region()));
  EXPECT_FALSE(rows(4).region().covers(tensor.slice({0, 8, 3, 0}, {1, 4, 2, 16}).region()));
}

/// Against every byte of small tensors.
TEST(Scheduler, RegionsOfGlobalTensorsAgreeWithTheirBytes) {
  std::mt19937 random(5);
  auto pick = [&](uint32_t count) { return static_cast<int64_t>(random() % count); };
  auto bytesOf = [](const GlobalTensor &tensor) {
    std::vector<bool> touched(4096);
    for (int64_t n = 0; n < tensor.n(); ++n)
      for (int64_t c = 0; c < tensor.c(); ++c)
        for (int64_t h = 0; h < tensor.h(); ++h)
          for (int64_t w = 0; w < tensor.w(); ++w)
            touched[tensor.address - globalBase + n * tensor.strides[0] + c * tensor.strides[1] +
                    h * tensor.strides[2] + w * tensor.strides[3]] = true;
    return touched;
  };
  auto part = [&](Dims whole) {
    GlobalTensor tensor =
        GlobalTensor::contiguous(globalBase + static_cast<uint64_t>(pick(3) * pick(20)), whole, ElementType::I8);
    Dims begin, size;
    for (int i = 0; i < 4; ++i) {
      size[i] = pick(3) ? 1 + pick(static_cast<uint32_t>(whole[i])) : whole[i];
      begin[i] = pick(static_cast<uint32_t>(whole[i] - size[i] + 1));
    }
    tensor = tensor.slice(begin, size);
    return pick(4) ? tensor : tensor.permuted({1, 0, 3, 2});
  };
  int disjoint = 0, covering = 0;
  for (int round = 0; round < 20000; ++round) {
    Dims whole = {1 + pick(3), 1 + pick(4), 1 + pick(5), 1 + pick(6)};
    GlobalTensor a = part(whole), b = part(whole);
    std::vector<bool> bytesA = bytesOf(a), bytesB = bytesOf(b);
    bool meet = false, within = true;
    for (size_t i = 0; i < bytesA.size(); ++i) {
      meet |= bytesA[i] && bytesB[i];
      within &= bytesA[i] || !bytesB[i];
    }
    bool overlaps = a.region().overlaps(b.region()), covers = a.region().covers(b.region());
    ASSERT_TRUE(overlaps || !meet) << a.str() << " " << b.str();
    ASSERT_TRUE(within || !covers) << a.str() << " " << b.str();
    disjoint += !overlaps;
    covering += covers;
  }
  EXPECT_GT(disjoint, 1000);
  EXPECT_GT(covering, 1000);
}

} // namespace
