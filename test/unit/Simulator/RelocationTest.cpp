// Random programs whose values share little local memory, and the same with values in other places: what they leave in
// global memory is the same.
#include "tpu_mlir/Target/BM1684X/Relocation.h"
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
constexpr uint64_t tensorBytes = 96 * 64 * 4;
constexpr int globalTensors = 64;
constexpr int64_t places = 12;

/// Loads, sums and stores of tensors that were written before they are read.
class RandomProgram {
public:
  RandomProgram(Assembler &assembler, uint32_t seed) : assembler(assembler), random(seed) {}

  void emit(int count) {
    for (int i = 0; i < count; ++i)
      emitOne();
    for (const LocalTensor &tensor : live)
      assembler.gdma.copy(target(tensor.shape), tensor);
  }

private:
  int64_t pick(size_t count) { return static_cast<int64_t>(random() % count); }
  /// A place for a tensor; what was there is gone.
  LocalTensor place(Dims shape, uint8_t lane) {
    LocalTensor tensor = LocalTensor::aligned(static_cast<uint32_t>(pick(places)) * 0x100, shape, F32, lane);
    llvm::erase_if(live, [&](const LocalTensor &other) {
      return other.offset < tensor.endOffset() && tensor.offset < other.endOffset();
    });
    return tensor;
  }
  /// Of the half of global memory that is only read, or in turn of the other.
  GlobalTensor source(Dims shape) { return globalAt(pick(globalTensors / 2), shape); }
  GlobalTensor target(Dims shape) { return globalAt(globalTensors / 2 + stores++ % (globalTensors / 2), shape); }
  GlobalTensor globalAt(int64_t number, Dims shape) {
    return GlobalTensor::contiguous(globalBase + static_cast<uint64_t>(number) * tensorBytes, shape, F32);
  }
  void emitOne() {
    int64_t kind = live.empty() ? 0 : pick(9);
    if (kind <= 1) {
      LocalTensor tensor = place({1, 1 + pick(96), 1 + pick(8), 8}, static_cast<uint8_t>(pick(3) ? 0 : pick(64)));
      if (tensor.h() > 1 && pick(2)) { // by halves
        int64_t half = tensor.h() / 2;
        auto rows = [&](int64_t begin, int64_t size) {
          return tensor.slice({0, 0, begin, 0}, {1, tensor.c(), size, 8});
        };
        assembler.gdma.copy(rows(0, half), source({1, tensor.c(), half, 8}));
        assembler.gdma.copy(rows(half, tensor.h() - half), source({1, tensor.c(), tensor.h() - half, 8}));
      } else {
        assembler.gdma.copy(tensor, source(tensor.shape));
      }
      live.push_back(tensor);
      return;
    }
    LocalTensor in = live[static_cast<size_t>(pick(live.size()))];
    if (kind == 2)
      return assembler.gdma.copy(target(in.shape), in);
    if (kind == 3) // in place
      return assembler.tiu.add(in, in, bm1684x::Constant::f32(1));
    LocalTensor out = place(in.shape, in.lane);
    for (int i = 0; i < 4; ++i) // so that both engines have work
      assembler.tiu.div(out, in, bm1684x::Constant::f32(kind % 2 ? 0.5f : -1));
    live.push_back(out);
  }

  Assembler &assembler;
  int64_t stores = 0;
  std::mt19937 random;
  std::vector<LocalTensor> live;
};

bm1684x::Program assemble(uint32_t seed, bool relocate) {
  Assembler assembler({.relocate = relocate});
  RandomProgram(assembler, seed).emit(80);
  auto program = assembler.finish();
  EXPECT_TRUE(static_cast<bool>(program)) << (program ? "" : llvm::toString(program.takeError()));
  return program ? std::move(*program) : bm1684x::Program{};
}

std::vector<uint8_t> execute(const bm1684x::Program &program, uint32_t seed) {
  auto tiu = llvm::cantFail(bm1684x::decodeStream(program.tiu, Engine::TIU));
  auto gdma = llvm::cantFail(bm1684x::decodeStream(program.gdma, Engine::GDMA));
  auto hazards = llvm::cantFail(findHazards(tiu, gdma));
  EXPECT_TRUE(hazards.empty()) << seed << ": " << hazards.front().message;
  Machine machine;
  EXPECT_EQ(message(machine.memory().addGlobal(globalBase, globalTensors * tensorBytes)), "");
  std::vector<float> values(globalTensors * tensorBytes / 4);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i % 1009);
  auto *bytes = reinterpret_cast<uint8_t *>(values.data());
  EXPECT_EQ(message(machine.writeGlobal(globalBase, {bytes, globalTensors * tensorBytes})), "");
  EXPECT_EQ(message(machine.run(tiu, gdma, {sim::Schedule::Random, seed})), "");
  llvm::ArrayRef<uint8_t> global = llvm::cantFail(machine.readGlobal(globalBase, globalTensors * tensorBytes));
  return {global.begin(), global.end()};
}

uint64_t cyclesOf(const bm1684x::Program &program) {
  return llvm::cantFail(bm1684x::schedule(program.instructions)).totalCycles;
}

TEST(Relocation, RandomProgramsLeaveTheSameInGlobalMemory) {
  int faster = 0;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    bm1684x::Program given = assemble(seed, false), moved = assemble(seed, true);
    ASSERT_LE(cyclesOf(moved), cyclesOf(given)) << seed;
    faster += cyclesOf(moved) < cyclesOf(given);
    ASSERT_EQ(execute(moved, seed), execute(given, seed)) << seed;
  }
  EXPECT_GE(faster, 20);
}

TEST(Relocation, TheSameProgramGivesTheSameBytes) {
  bm1684x::Program first = assemble(7, true), second = assemble(7, true);
  EXPECT_EQ(first.tiu, second.tiu);
  EXPECT_EQ(first.gdma, second.gdma);
}

TEST(Relocation, TilesInOnePlaceBecomeDoubleBuffers) {
  Assembler together({.relocate = false}), apart;
  for (Assembler *assembler : {&together, &apart})
    for (uint64_t tile = 0; tile < 8; ++tile) {
      LocalTensor in = LocalTensor::aligned(0, {1, 64, 64, 64}, F32), out = LocalTensor::aligned(0x8000, in.shape, F32);
      uint64_t address = globalBase + tile * 0x1000000;
      assembler->gdma.copy(in, GlobalTensor::contiguous(address, in.shape, F32));
      for (int i = 0; i < 20; ++i)
        assembler->tiu.mul(out, in, bm1684x::Constant::f32(2));
      assembler->gdma.copy(GlobalTensor::contiguous(address + 0x800000, in.shape, F32), out);
    }
  bm1684x::Program slow = llvm::cantFail(together.finish()), fast = llvm::cantFail(apart.finish());
  auto busy = llvm::cantFail(bm1684x::schedule(fast.instructions)).lowerBound();
  EXPECT_GT(cyclesOf(slow), busy * 21 / 20);
  EXPECT_LT(cyclesOf(fast), busy * 21 / 20);
}

TEST(Relocation, WhatHasNoKnownAddressFieldStaysWhereItIs) {
  Assembler assembler;
  LocalTensor table = LocalTensor::aligned(0, {1, 64, 1, 256}, ElementType::I8);
  LocalTensor index = LocalTensor::aligned(0x4000, {1, 64, 1, 64}, ElementType::U8);
  LocalTensor out = LocalTensor::aligned(0xC000, {1, 64, 1, 64}, ElementType::I8);
  assembler.tiu.gatherFourBanks(out, table, index); // reads copies of the table, of which it holds one address
  auto program = llvm::cantFail(assembler.finish());
  bm1684x::AccessLog log;
  bm1684x::Accesses accesses;
  accesses.read(table).read(index).write(out);
  for (int64_t copy = 1; copy < bm1684x::tableCopies; ++copy)
    accesses.read(LocalTensor::aligned(static_cast<uint32_t>(copy * bm1684x::tableCopyStep), table.shape, table.type));
  accesses.addressFields = {Field::opd1_addr, Field::res0_addr};
  log.append(accesses);
  auto placed = bm1684x::relocated(program.instructions, log, {{0, 1}});
  ASSERT_TRUE(placed.has_value());
  EXPECT_EQ(placed->instructions[0][Field::opd0_addr], table.address());
  // The others are not in its banks, nor in one.
  auto bankOf = [&](Field field) { return placed->instructions[0][field] / bm1684x::bankBytes; };
  for (Field field : {Field::opd1_addr, Field::res0_addr}) {
    EXPECT_NE(bankOf(field), 0u);
    EXPECT_TRUE(bankOf(field) % 2 == 1 || bankOf(field) > 6);
  }
  EXPECT_NE(bankOf(Field::opd1_addr), bankOf(Field::res0_addr));
}

} // namespace
