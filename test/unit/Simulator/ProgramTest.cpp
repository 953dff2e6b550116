// Streams: order by ids, deadlocks, races, whole models.
#include "SimulatorTestTools.h"
#include "tpu_mlir/Simulator/HazardCheck.h"
#include "tpu_mlir/Simulator/ModelRunner.h"

using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using namespace tpu_mlir::sim::testing;

namespace {

constexpr std::array<uint64_t, 4> shape = {1, 2, 1, 4};
constexpr uint64_t input = globalBase, output = globalBase + 0x1000;

Instruction end(Engine engine) {
  return engine == Engine::TIU ? Instruction(Format::SYSID, bm1684x::SysOp::End) : Instruction(Format::sDMA_sys);
}

/// Loads a tensor, doubles it, stores it; `waits`: whether the store waits for the sum.
Program doubling(bool waits = true) {
  return {stream({{addTensors(0, 0, 0x1000, shape), 1}, {end(Engine::TIU), 0}}),
          stream({{copyTensor(input, localBase, shape), 0},
                  {copyTensor(localBase + 0x1000, output, shape), waits ? 1u : 0u},
                  {end(Engine::GDMA), 0}})};
}

TEST(Program, EnginesWaitForEachOther) {
  for (Schedule schedule :
       {Schedule{Schedule::TiuFirst}, Schedule{Schedule::GdmaFirst}, Schedule{Schedule::Random, 3}}) {
    Machine machine;
    ASSERT_EQ(message(machine.memory().addGlobal(globalBase, 0x2000)), "");
    std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
    ASSERT_EQ(message(machine.writeGlobal(input, {reinterpret_cast<uint8_t *>(values.data()), 32})), "");
    Program program = doubling();
    ASSERT_EQ(message(machine.run(program.tiu, program.gdma, schedule)), "");
    auto bytes = machine.readGlobal(output, 32);
    ASSERT_TRUE(static_cast<bool>(bytes));
    std::vector<float> result(8);
    std::memcpy(result.data(), bytes->data(), 32);
    EXPECT_EQ(result, (std::vector<float>{2, 4, 6, 8, 10, 12, 14, 16}));
  }
}

TEST(Program, WaitingForEverIsAnError) {
  Machine machine;
  Program program = doubling();
  program.gdma[0].set(Field::cmd_id_dep, 1);
  EXPECT_EQ(message(machine.run(program.tiu, program.gdma)),
            "TIU instruction 0 (AR arith.add) waits for GDMA command 1, which never completes");
}

TEST(Program, AMissingIdIsAnError) {
  Machine machine;
  ASSERT_EQ(message(machine.memory().addGlobal(globalBase, 0x2000)), "");
  Program program = doubling();
  program.gdma[1].set(Field::cmd_id, 5);
  EXPECT_NE(message(machine.run(program.tiu, program.gdma)).find("has id 5 where 2 is due"), std::string::npos);
}

TEST(Program, ErrorsNameTheInstruction) {
  Machine machine;
  Program program = doubling();
  std::string text = message(machine.run(program.tiu, program.gdma));
  EXPECT_EQ(text.find("GDMA instruction 0 (DMA_tensor "), 0u) << text;
}

TEST(Hazards, AnOrderedProgramHasNone) {
  Program program = doubling();
  auto hazards = findHazards(program.tiu, program.gdma);
  ASSERT_TRUE(static_cast<bool>(hazards));
  EXPECT_TRUE(hazards->empty());
}

TEST(Hazards, AStoreThatDoesNotWaitIsFound) {
  Program program = doubling(/*waits=*/false);
  auto hazards = findHazards(program.tiu, program.gdma);
  ASSERT_TRUE(static_cast<bool>(hazards));
  ASSERT_EQ(hazards->size(), 1u);
  EXPECT_EQ((*hazards)[0].tiuIndex, 0u);
  EXPECT_EQ((*hazards)[0].gdmaIndex, 1u);
  EXPECT_NE((*hazards)[0].message.find("AR arith.add"), std::string::npos);
  EXPECT_NE((*hazards)[0].message.find("local bytes 0x1000 to 0x1010"), std::string::npos) << (*hazards)[0].message;
}

TEST(Hazards, AWriteOverOperandsStillInUseIsFound) {
  // The second load overwrites the operand of the sum without waiting for it.
  Program program = {stream({{addTensors(0, 0, 0x1000, shape), 1}}),
                     stream({{copyTensor(input, localBase, shape), 0}, {copyTensor(input, localBase, shape), 0}})};
  auto hazards = findHazards(program.tiu, program.gdma);
  ASSERT_TRUE(static_cast<bool>(hazards));
  ASSERT_EQ(hazards->size(), 1u);
  EXPECT_EQ((*hazards)[0].gdmaIndex, 1u);
}

TEST(Hazards, WaitingForALaterInstructionOfTheQueueIsEnough) {
  Program program = {
      stream({{addTensors(0, 0, 0x1000, shape), 2}}),
      stream({{copyTensor(input, localBase, shape), 0}, {copyTensor(input, localBase + 0x4000, shape), 0}})};
  auto hazards = findHazards(program.tiu, program.gdma);
  ASSERT_TRUE(static_cast<bool>(hazards));
  EXPECT_TRUE(hazards->empty());
}

TEST(Hazards, DifferentLanesDoNotMeet) {
  // The load goes to lanes 8 and 9, the sum works in lanes 0 and 1 at the same offsets.
  Program program = {stream({{addTensors(0, 0, 0x1000, shape), 0}}),
                     stream({{copyTensor(input, localBase + 8 * laneBytes, shape), 0}})};
  auto hazards = findHazards(program.tiu, program.gdma);
  ASSERT_TRUE(static_cast<bool>(hazards));
  EXPECT_TRUE(hazards->empty());
}

TEST(Region, RunsCoverExactlyTheElements) {
  Region region;
  region.lane = 62;
  region.address = 128;
  region.shape = {2, 4, 2, 3};
  region.stride = {100, 40, 8, 1};
  region.elementBytes = 2;
  std::vector<std::vector<char>> touched(laneCount, std::vector<char>(1024));
  region.forEachRun([&](uint64_t lanes, ByteRange range) {
    for (int64_t lane = 0; lane < laneCount; ++lane)
      if (lanes >> lane & 1)
        for (uint64_t byte = range.begin; byte < range.end; ++byte)
          touched[lane][byte]++;
  });
  for (int64_t n = 0; n < 2; ++n)
    for (int64_t c = 0; c < 4; ++c)
      for (int64_t h = 0; h < 2; ++h)
        for (int64_t w = 0; w < 3; ++w)
          for (int byte = 0; byte < 2; ++byte)
            touched[(62 + c) % 64][128 + 2 * (n * 100 + (62 + c) / 64 * 40 + h * 8 + w) + byte]--;
  for (const auto &lane : touched)
    for (char count : lane)
      ASSERT_EQ(count, 0);
}

bmodel::Model doublingModel() {
  Program program = doubling();
  llvm::SmallVector<uint8_t> tiu, gdma;
  for (const Instruction &instruction : program.tiu)
    encode(instruction, tiu);
  for (const Instruction &instruction : program.gdma)
    encode(instruction, gdma);
  bmodel::CommandGroup group;
  group.tiuCount = program.tiu.size(), group.gdmaCount = program.gdma.size();
  group.tiu = bmodel::Blob::of(tiu), group.gdma = bmodel::Blob::of(gdma);
  bmodel::Tensor in, out;
  in.name = "x", in.address = input, in.shapes = {{1, 2, 1, 4}};
  out.name = "y", out.address = output, out.shapes = {{1, 2, 1, 4}};
  bmodel::Stage stage;
  stage.inputs = {in}, stage.outputs = {out};
  stage.contextAddress = globalBase, stage.contextSizes = {0x2000};
  stage.subNets.resize(1);
  stage.subNets[0].groups = {group};
  bmodel::Net net;
  net.name = "doubling", net.stages = {stage};
  bmodel::Model model;
  model.chip = "BM1684X", model.nets = {net};
  return model;
}

TEST(ModelRunner, RunsAgainAndAgain) {
  auto runner = ModelRunner::create(doublingModel());
  ASSERT_TRUE(static_cast<bool>(runner)) << message(runner.takeError());
  for (float factor : {1.0f, 3.0f}) {
    Tensor x(ElementType::F32, {1, 2, 1, 4});
    for (int i = 0; i < 8; ++i)
      x.data<float>()[i] = factor * static_cast<float>(i);
    auto results = (*runner)->run({x});
    ASSERT_TRUE(static_cast<bool>(results)) << message(results.takeError());
    ASSERT_EQ(results->size(), 1u);
    for (int i = 0; i < 8; ++i)
      EXPECT_EQ((*results)[0].data<float>()[i], 2 * factor * static_cast<float>(i));
  }
}

TEST(ModelRunner, WrongInputsAreRefused) {
  auto runner = ModelRunner::create(doublingModel());
  ASSERT_TRUE(static_cast<bool>(runner));
  EXPECT_EQ(message((*runner)->run({}).takeError()), "the network has 1 inputs, 0 were given");
  EXPECT_EQ(message((*runner)->run({Tensor(ElementType::I8, {1, 2, 1, 4})}).takeError()),
            "input 'x' takes 8 elements of f32, not 8 of i8");
}

TEST(ModelRunner, WhatCannotBeSimulatedIsRefused) {
  bmodel::Model other = doublingModel();
  other.chip = "BM1684";
  EXPECT_EQ(message(ModelRunner::create(other).takeError()),
            "the model is for chip 'BM1684', the simulator is a BM1684X");
  bmodel::Model dynamic = doublingModel();
  dynamic.nets[0].stages[0].isDynamic = 1;
  EXPECT_EQ(message(ModelRunner::create(dynamic).takeError()),
            "a dynamic network cannot be simulated: compile it for fixed input shapes");
  EXPECT_EQ(message(ModelRunner::create(doublingModel(), "other").takeError()), "the model has no network 'other'");
}

TEST(ModelRunner, CyclesAreThoseOfTheCycleModel) {
  auto runner = ModelRunner::create(doublingModel());
  ASSERT_TRUE(static_cast<bool>(runner));
  auto report = reportCycles((*runner)->programs());
  ASSERT_TRUE(static_cast<bool>(report));
  EXPECT_EQ(report->tiuInstructions, 2u);
  EXPECT_EQ(report->gdmaInstructions, 3u);
  EXPECT_EQ(report->bytesRead, 32u);
  EXPECT_EQ(report->bytesWritten, 32u);
  // One after the other: nothing overlaps in this program.
  EXPECT_EQ(report->totalCycles, report->tiuCycles + report->gdmaCycles);
  EXPECT_EQ(report->tiuCriticalCycles, report->tiuCycles);
  EXPECT_EQ(report->gdmaCriticalCycles, report->gdmaCycles);
}

} // namespace
