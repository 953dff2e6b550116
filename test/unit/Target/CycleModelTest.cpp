// Prices worked out by hand from the rules of docs, and the schedule of two queues.
#include "tpu_mlir/Target/BM1684X/CycleModel.h"
#include "AssemblerTestTools.h"

using namespace tpu_mlir::bm1684x;
using enum tpu_mlir::ElementType;

namespace {

class Prices : public AssemblerTest {
protected:
  uint64_t last() {
    EXPECT_FALSE(assembler.failed()) << failure();
    return costOf(assembler.instructions().back()).cycles;
  }
};
class Schedules : public AssemblerTest {};

TEST_F(Prices, HalfConvolutionTakesFourPixelsAnd32ChannelsPerCycle) {
  assembler.tiu.conv(local(0, F16), local(0x4000, F16), weight(0x8000, F16), std::nullopt, window3);
  EXPECT_EQ(last(), 1u * 1 * 16 * 2 * 9); // 64 pixels / 4, 64 channels / 32, 3 x 3
}

TEST_F(Prices, F32ConvolutionTakes16PixelsAndOneChannelPerCycle) {
  assembler.tiu.conv(local(0, F32), local(0x4000, F32), weight(0x8000, F32), std::nullopt, window3);
  EXPECT_EQ(last(), 4u * 64 * 9);
}

TEST_F(Prices, ElementwiseTakesALinePerCycleAndTwiceInPlace) {
  assembler.tiu.add(local(0, F16), local(0x4000, F16), Constant::raw(0, F16));
  EXPECT_EQ(last(), 2u);
  assembler.tiu.add(local(0, F32), local(0, F32), Constant::f32(1));
  EXPECT_EQ(last(), 8u);
}

TEST_F(Prices, DivisionCostsByItsSteps) {
  assembler.tiu.div(local(0, F32), local(0x4000, F32), local(0x8000, F32));
  EXPECT_EQ(last(), 4u * 31);
}

TEST_F(Prices, ALoadPaysForTheChannelsOfMemoryThatItMisses) {
  // 64 F32 biases touch one of four channels and a 256-byte burst each: 64 * 256 * 4 / 54.0167
  assembler.gdma.copy(LocalTensor::compact(0, {1, 64, 1, 1}, F32), global(global0, F32, {1, 64, 1, 1}));
  EXPECT_EQ(last(), 1213u);
}

TEST_F(Prices, MatrixLoadsHaveNoChannelPenalty) {
  assembler.gdma.loadMatrix(FoldedMatrix::at(0, 1, 64, 64, F32), {global0, 1, 64, 64, F32});
  EXPECT_EQ(last(), 256u / 58);
}

TEST_F(Schedules, EnginesOverlapUntilTheyWait) {
  assembler.gdma.copy(local(0, F32, {1, 64, 64, 64}), global(global0, F32, {1, 64, 64, 64}));
  assembler.tiu.fill(local(0x8000, F32), Constant::f32(0));
  assembler.tiu.abs(local(0x10000, F32, {1, 64, 64, 64}), local(0, F32, {1, 64, 64, 64}));
  auto result = schedule(assembler.instructions());
  ASSERT_TRUE(static_cast<bool>(result));
  uint64_t load = costOf(assembler.instructions()[0]).cycles;
  EXPECT_EQ(result->intervals[1].start, 0u);
  EXPECT_EQ(result->intervals[2].start, load);
  EXPECT_EQ(result->totalCycles, load + 256);
  EXPECT_EQ(result->busyCycles[static_cast<size_t>(Engine::TIU)], 4u + 256);
  EXPECT_EQ(result->bytesRead, 64u * 64 * 64 * 4);
  EXPECT_EQ(result->bytesWritten, 0u);
  EXPECT_EQ(result->criticalPath, (std::vector<uint32_t>{0, 2}));
  EXPECT_EQ(result->lowerBound(), load);
}

TEST_F(Schedules, CommandsThatWaitForEachOtherAreAnError) {
  Instruction tiu(Format::sAR, ArOp::Copy), gdma(Format::DMA_tensor, DmaTensorOp::Copy);
  tiu.set(Field::cmd_id, 1).set(Field::cmd_id_dep, 1);
  gdma.set(Field::cmd_id, 1).set(Field::cmd_id_dep, 1);
  auto result = schedule(std::vector<Instruction>{tiu, gdma});
  ASSERT_FALSE(static_cast<bool>(result));
  EXPECT_NE(llvm::toString(result.takeError()).find("never runs"), std::string::npos);
}

} // namespace
