// Moves in the forms that the cycle model prices low, and as the tensor moves that they stand for: the same memory.
#include "SimulatorTestTools.h"
#include "tpu_mlir/Target/BM1684X/Assembler.h"
#include "tpu_mlir/Target/BM1684X/CycleModel.h"

#include <random>

using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using namespace tpu_mlir::sim::testing;
using namespace tpu_mlir::bm1684x;

namespace {

constexpr auto F32 = ElementType::F32, F16 = ElementType::F16;
constexpr uint64_t bytes = 0x40000;
constexpr uint32_t localBytesUsed = 0x4000;

/// Loads to and stores from random local memory in one of the forms.
void emit(Assembler &assembler, uint32_t seed) {
  std::mt19937 random(seed);
  auto pick = [&](uint32_t count) { return static_cast<int64_t>(random() % count); };
  const ElementType type = pick(2) ? F32 : F16;
  const uint8_t lane = static_cast<uint8_t>(pick(3) ? 0 : pick(64));
  if (pick(2)) {
    const int64_t rows = 1 + pick(3), width = 1 + pick(9), cols = 1 + pick(static_cast<uint32_t>(100 * width));
    FoldedMatrix local = FoldedMatrix::at(0, rows, cols, width, type, lane);
    auto at = [&](uint64_t address) { return GlobalMatrix{address, rows, cols, cols + pick(5), type}; };
    assembler.gdma.loadMatrix(local, at(sim::globalBase));
    assembler.gdma.storeMatrix(at(sim::globalBase + bytes / 2), local);
    return;
  }
  const Dims shape = {1 + pick(2), 1 + pick(70), 1, 1 + pick(20)}, turned = {shape[0], shape[3], shape[2], shape[1]};
  assembler.gdma.cwTranspose(LocalTensor::aligned(0, turned, type, lane),
                             GlobalTensor::contiguous(sim::globalBase, shape, type));
  assembler.gdma.cwTranspose(GlobalTensor::contiguous(sim::globalBase + bytes / 2, turned, type),
                             LocalTensor::aligned(0, shape, type, lane));
}

struct Result {
  std::vector<uint8_t> memory;
  std::vector<bm1684x::Instruction> instructions;
};

Result run(uint32_t seed, bool avoid, int64_t scratchBytes) {
  Assembler assembler({.avoidPriceQuirks = avoid});
  assembler.scratch = {bm1684x::laneBytes - scratchBytes, bm1684x::laneBytes};
  emit(assembler, seed);
  auto program = assembler.finish();
  EXPECT_TRUE(static_cast<bool>(program)) << (program ? "" : llvm::toString(program.takeError()));
  Machine machine;
  EXPECT_EQ(message(machine.memory().addGlobal(sim::globalBase, bytes)), "");
  std::vector<uint8_t> values(bytes);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<uint8_t>(i * 7 + i / 251);
  EXPECT_EQ(message(machine.writeGlobal(sim::globalBase, values)), "");
  for (int64_t lane = 0; lane < sim::laneCount; ++lane)
    std::fill_n(machine.memory().local() + lane * sim::laneBytes, localBytesUsed, static_cast<uint8_t>(lane));
  Result result;
  result.instructions = program->instructions;
  for (const bm1684x::Instruction &instruction : program->instructions)
    EXPECT_EQ(message(machine.execute(instruction)), "");
  llvm::ArrayRef<uint8_t> global = llvm::cantFail(machine.readGlobal(sim::globalBase, bytes));
  result.memory.assign(global.begin(), global.end());
  for (int64_t lane = 0; lane < sim::laneCount; ++lane) {
    const uint8_t *begin = machine.memory().local() + lane * sim::laneBytes;
    result.memory.insert(result.memory.end(), begin, begin + localBytesUsed);
  }
  return result;
}

TEST(PriceQuirks, PlainFormsMoveTheSameBytes) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    Result cheap = run(seed, false, 0);
    for (const bm1684x::Instruction &instruction : cheap.instructions)
      ASSERT_NE(instruction.format(), Format::DMA_tensor);
    for (int64_t scratchBytes : {0, 0x4000}) {
      Result plain = run(seed, true, scratchBytes);
      ASSERT_EQ(cheap.memory, plain.memory) << seed;
      for (const bm1684x::Instruction &instruction : plain.instructions)
        ASSERT_TRUE(instruction.engine() == Engine::TIU || instruction.format() == Format::DMA_tensor);
    }
  }
}

TEST(PriceQuirks, ValuesOfChannelsMoveAsOneRunThroughScratch) {
  const Dims shape = {1, 64, 1, 3};
  auto cycles = [&](int64_t scratchBytes, bool avoid) {
    Assembler assembler({.avoidPriceQuirks = avoid});
    assembler.scratch = {bm1684x::laneBytes - scratchBytes, bm1684x::laneBytes};
    assembler.gdma.cwTranspose(LocalTensor::aligned(0, shape, F32),
                               GlobalTensor::contiguous(sim::globalBase, {1, 3, 1, 64}, F32));
    return llvm::cantFail(bm1684x::schedule(llvm::cantFail(assembler.finish()).instructions)).totalCycles;
  };
  EXPECT_EQ(cycles(0, false), 64u * 3 * 4 / 64);
  EXPECT_EQ(cycles(0, true), 3639u);        // 192 runs on one of four channels of memory
  EXPECT_EQ(cycles(0x4000, true), 56u + 4); // three runs on one channel, and four lines transposed
}

} // namespace
