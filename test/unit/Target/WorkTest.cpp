// What instructions do at best, worked out by hand, and short descriptions.
#include "tpu_mlir/Target/BM1684X/Work.h"
#include "AssemblerTestTools.h"
#include "tpu_mlir/Target/BM1684X/CycleModel.h"

using namespace tpu_mlir::bm1684x;
using enum tpu_mlir::ElementType;

namespace {

class Works : public AssemblerTest {
protected:
  const Instruction &last() {
    EXPECT_FALSE(assembler.failed()) << failure();
    return assembler.instructions().back();
  }
  Work work() { return workOf(last()); }
};

TEST_F(Works, AConvolutionThatFillsTheArrayIsIdeal) {
  assembler.tiu.conv(local(0, F16), local(0x4000, F16), weight(0x8000, F16), std::nullopt, window3);
  EXPECT_EQ(work().unit, Unit::Array);
  EXPECT_EQ(work().multiplyAdds, 64u * 64 * 64 * 9); // channels x pixels x channels x kernel
  EXPECT_DOUBLE_EQ(work().idealCycles, static_cast<double>(costOf(last()).cycles));
}

TEST_F(Works, AFirstLayerLeavesMostOfTheArrayIdle) {
  LocalTensor image = local(0x4000, F16, {1, 3, 8, 8});
  assembler.tiu.conv(local(0, F16), image, LocalTensor::convWeight(0x8000, {64, 3, 3, 3}, F16), std::nullopt, window3);
  EXPECT_DOUBLE_EQ(work().idealCycles, 64.0 * 64 * 3 * 9 / (64 * 4 * 32));
  EXPECT_EQ(costOf(last()).cycles, 16u * 9);
}

TEST_F(Works, F32AndIntegersHaveTheirOwnRates) {
  EXPECT_EQ(arrayRate(Precision::FP32), 64 * 16);
  EXPECT_EQ(arrayRate(Precision::FP16), 64 * 4 * 32);
  EXPECT_EQ(arrayRate(Precision::INT8), 64 * 4 * 64);
}

TEST_F(Works, ElementwiseInstructionsWantFullLinesInAllLanes) {
  assembler.tiu.add(local(0, F32), local(0x4000, F32), Constant::f32(1));
  EXPECT_EQ(work().unit, Unit::Vector);
  EXPECT_DOUBLE_EQ(work().idealCycles, 4.0); // 64 pixels of 4 bytes in lines of 64
  assembler.tiu.add(local(0, F32, {1, 3, 8, 8}), local(0x4000, F32, {1, 3, 8, 8}), Constant::f32(1));
  EXPECT_DOUBLE_EQ(work().idealCycles, 4.0 * 3 / 64);
  assembler.tiu.add(local(0, F32), local(0, F32), Constant::f32(1)); // in place, twice the price
  EXPECT_DOUBLE_EQ(work().idealCycles, 4.0);
}

TEST_F(Works, MovesAreMeasuredAgainstTheBestRate) {
  assembler.gdma.copy(local(0, F32, {1, 64, 64, 64}), global(global0, F32, {1, 64, 64, 64}));
  EXPECT_EQ(work().unit, Unit::Memory);
  EXPECT_DOUBLE_EQ(work().idealCycles, 1048576 / 58.0);
  assembler.gdma.copy(global(global0, F32, {1, 64, 64, 64}), local(0, F32, {1, 64, 64, 64}));
  EXPECT_DOUBLE_EQ(work().idealCycles, 1048576 / 44.0);
  // 64 biases: 256 bytes for 1,213 cycles.
  assembler.gdma.copy(LocalTensor::compact(0, {1, 64, 1, 1}, F32), global(global0, F32, {1, 64, 1, 1}));
  EXPECT_DOUBLE_EQ(work().idealCycles, 256 / 58.0);
}

TEST_F(Works, TilesOfEqualShapeHaveOneDescription) {
  assembler.tiu.conv(local(0, F16), local(0x4000, F16), weight(0x8000, F16), std::nullopt, window3);
  std::string first = summarize(last());
  EXPECT_EQ(first, "conv.normal f16 1x64x8x8, window 3x3, from 64 channels");
  assembler.tiu.conv(local(0x1000, F16), local(0x6000, F16), weight(0x8000, F16), std::nullopt, window3);
  EXPECT_EQ(summarize(last()), first);
  assembler.gdma.copy(local(0, F32), global(global0, F32));
  EXPECT_EQ(summarize(last()), "load f32 1x64x8x8, dma.tensor");
  assembler.gdma.copy(global(global0, F32), local(0, F32));
  EXPECT_EQ(summarize(last()), "store f32 1x64x8x8, dma.tensor");
}

} // namespace
