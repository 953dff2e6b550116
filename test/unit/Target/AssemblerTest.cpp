// Dependencies, streams and broken constraints.
#include "AssemblerTestTools.h"
#include <random>

using namespace tpu_mlir::bm1684x;
using enum tpu_mlir::ElementType;

namespace {

class Dependencies : public AssemblerTest {
protected:
  std::vector<uint32_t> dependencies() const {
    std::vector<uint32_t> result;
    for (const Instruction &instruction : assembler.instructions())
      result.push_back(instruction.dependency());
    return result;
  }
};
class Streams : public AssemblerTest {};
class Constraints : public AssemblerTest {
protected:
  void expectFailure(const char *text) {
    std::string message = failure();
    EXPECT_NE(message.find(text), std::string::npos) << message;
  }
};

TEST_F(Dependencies, ComputeWaitsForItsLoadAndTheStoreForTheResult) {
  assembler.gdma.copy(local(0, F32), global(global0, F32));
  assembler.tiu.add(local(0x4000, F32), local(0, F32), Constant::f32(1));
  assembler.gdma.copy(global(global1, F32), local(0x4000, F32));
  EXPECT_EQ(dependencies(), (std::vector<uint32_t>{0, 1, 1}));
}

TEST_F(Dependencies, ALoadWaitsUntilItsBufferHasBeenRead) {
  assembler.gdma.copy(local(0, F32), global(global0, F32));
  assembler.tiu.abs(local(0x4000, F32), local(0, F32));
  assembler.tiu.abs(local(0x8000, F32), local(0x4000, F32));
  assembler.gdma.copy(local(0, F32), global(global1, F32));
  EXPECT_EQ(dependencies().back(), 1u); // the second abs does not touch the buffer
}

TEST_F(Dependencies, SeparateBuffersRunIndependently) {
  assembler.tiu.fill(local(0, F32), Constant::f32(0));
  assembler.gdma.copy(local(0x4000, F32), global(global0, F32));
  EXPECT_EQ(dependencies(), (std::vector<uint32_t>{0, 0}));
}

TEST_F(Dependencies, LanesAreToldApart) {
  assembler.tiu.fill(LocalTensor::aligned(0, {1, 8, 8, 8}, F32, 0), Constant::f32(0));
  assembler.gdma.copy(LocalTensor::aligned(0, {1, 8, 8, 8}, F32, 8), global(global0, F32, {1, 8, 8, 8}));
  assembler.gdma.copy(LocalTensor::aligned(0, {1, 8, 8, 8}, F32, 7), global(global0, F32, {1, 8, 8, 8}));
  EXPECT_EQ(dependencies(), (std::vector<uint32_t>{0, 0, 1}));
}

TEST_F(Dependencies, SlicesWaitOnlyForTheirOwnPart) {
  LocalTensor whole = local(0, F32, {1, 64, 32, 32});
  for (int64_t h = 0; h < 32; h += 8)
    assembler.gdma.copy(whole.slice({0, 0, h, 0}, {1, 64, 8, 32}), global(global0, F32, {1, 64, 8, 32}));
  LocalTensor second = whole.slice({0, 0, 8, 0}, {1, 64, 8, 32});
  assembler.tiu.abs(local(0x8000, F32, {1, 64, 8, 32}), second);
  EXPECT_EQ(dependencies().back(), 2u);
}

TEST_F(Dependencies, NeverDecreaseInAStream) {
  assembler.gdma.copy(local(0, F32), global(global0, F32));
  assembler.gdma.copy(local(0x4000, F32), global(global0, F32));
  assembler.tiu.abs(local(0x8000, F32), local(0x4000, F32));
  assembler.tiu.abs(local(0xC000, F32), local(0, F32));
  EXPECT_EQ(dependencies(), (std::vector<uint32_t>{0, 0, 2, 2}));
}

TEST_F(Dependencies, AccumulationReadsTheWidePartialSums) {
  // The F16 result covers half of the bytes that its F32 partial sums do.
  LocalTensor out = local(0x4000, F16, {1, 64, 16, 16});
  assembler.gdma.copy(local(0x4000 + 512, F32, {1, 64, 1, 16}), global(global0, F32, {1, 64, 1, 16}));
  assembler.tiu.conv(out, local(0x8000, F16, {1, 64, 16, 16}), weight(0x10000, F16), std::nullopt, window3);
  EXPECT_EQ(dependencies().back(), 0u);
  assembler.tiu.conv(out, local(0x8000, F16, {1, 64, 16, 16}), weight(0x10000, F16), std::nullopt, window3,
                     {.accumulate = true});
  EXPECT_EQ(dependencies().back(), 1u);
}

/// Every byte of a small local memory on its own, to compare with.
class Reference {
public:
  uint32_t record(size_t engine, uint32_t id, llvm::ArrayRef<LocalRegion> reads, llvm::ArrayRef<LocalRegion> writes) {
    uint32_t result = waited[engine];
    auto each = [](const LocalRegion &region, auto visit) {
      for (unsigned lane = 0; lane < 64; ++lane)
        if (region.lanes >> lane & 1)
          for (uint32_t byte = region.begin; byte < region.end; ++byte)
            visit(lane, byte);
    };
    for (const LocalRegion &region : reads)
      each(region, [&](unsigned lane, uint32_t byte) {
        result = std::max(result, writer[1 - engine][lane][byte]);
        reader[engine][lane][byte] = id;
      });
    for (const LocalRegion &region : writes)
      each(region, [&](unsigned lane, uint32_t byte) {
        result = std::max({result, writer[1 - engine][lane][byte], reader[1 - engine][lane][byte]});
        writer[engine][lane][byte] = id;
      });
    return waited[engine] = result;
  }
  static constexpr uint32_t bytes = 96;

private:
  uint32_t writer[2][64][bytes] = {}, reader[2][64][bytes] = {}, waited[2] = {};
};

TEST(DependencyTracker, AgreesWithAByteByByteRecordOnRandomAccesses) {
  std::mt19937 random(3);
  for (int repeat = 0; repeat < 30; ++repeat) {
    DependencyTracker tracker;
    auto reference = std::make_unique<Reference>();
    uint32_t ids[2] = {0, 0};
    for (int step = 0; step < 300; ++step) {
      auto regions = [&] {
        llvm::SmallVector<LocalRegion> result;
        for (unsigned i = random() % 3; i > 0; --i) {
          uint32_t begin = random() % Reference::bytes, end = begin + random() % (Reference::bytes - begin + 1);
          uint64_t lanes = random() % 2 ? ~uint64_t{0} : laneMask(random() % 64, 1 + random() % 64);
          result.push_back({lanes, begin, end});
        }
        return result;
      };
      auto reads = regions(), writes = regions();
      size_t engine = random() % 2;
      uint32_t id = ++ids[engine];
      ASSERT_EQ(tracker.record(static_cast<Engine>(engine), id, reads, writes),
                reference->record(engine, id, reads, writes));
    }
  }
}

TEST_F(Streams, InstructionsOfAlternatingOpsKnowTheirOp) {
  const char *names[] = {"conv", "pool", "conv", "", "pool"};
  for (const char *name : names) {
    assembler.setContext(name);
    assembler.tiu.abs(local(0x4000, F32), local(0, F32));
  }
  for (int round = 0; round < 2; ++round) {
    auto program = assembler.finish();
    ASSERT_TRUE(static_cast<bool>(program));
    ASSERT_EQ(program->contextOf.size(), round ? 1u : 5u);
    for (auto [context, name] : llvm::zip(program->contextOf, names))
      EXPECT_EQ(program->contexts[context], round ? "" : name);
    EXPECT_EQ(program->contexts.size(), round ? 1u : 3u); // every name once
    assembler.tiu.abs(local(0x4000, F32), local(0, F32)); // an empty assembler has no context
  }
}

TEST_F(Streams, EndWithTheEndInstructionsAndArePadded) {
  assembler.setContext("first");
  assembler.gdma.copy(local(0, F32), global(global0, F32));
  assembler.setContext("second");
  assembler.tiu.abs(local(0x4000, F32), local(0, F32));
  auto program = assembler.finish();
  ASSERT_TRUE(static_cast<bool>(program));
  EXPECT_EQ(program->tiuCount, 2u);
  EXPECT_EQ(program->gdmaCount, 2u);
  EXPECT_EQ(program->tiu.size(), 128u);  // 64 + 16
  EXPECT_EQ(program->gdma.size(), 128u); // 96 + 16
  for (Engine engine : {Engine::TIU, Engine::GDMA}) {
    auto decoded = decodeStream(engine == Engine::TIU ? program->tiu : program->gdma, engine);
    ASSERT_TRUE(static_cast<bool>(decoded));
    ASSERT_EQ(decoded->size(), 2u);
    EXPECT_EQ((*decoded)[0], program->instructions[engine == Engine::TIU ? 1 : 0]);
    EXPECT_EQ((*decoded)[1].id(), 2u);
    EXPECT_EQ((*decoded)[1].dependency(), 0u);
  }
  EXPECT_EQ(program->contexts[program->contextOf[0]], "first");
  EXPECT_EQ(program->contexts[program->contextOf[1]], "second");
}

TEST_F(Streams, AnEmptyGroupStillHasBothEndInstructions) {
  auto program = assembler.finish();
  ASSERT_TRUE(static_cast<bool>(program));
  EXPECT_EQ(program->tiuCount, 1u);
  EXPECT_EQ(program->gdmaCount, 1u);
}

TEST_F(Streams, TheNextGroupStartsAnew) {
  assembler.tiu.fill(local(0, F32), Constant::f32(0));
  ASSERT_TRUE(static_cast<bool>(assembler.finish()));
  assembler.gdma.copy(local(0, F32), global(global0, F32));
  EXPECT_EQ(assembler.instructions()[0].id(), 1u);
  EXPECT_EQ(assembler.instructions()[0].dependency(), 0u);
}

TEST_F(Constraints, TheFirstBrokenRuleIsReportedWithItsContextAndTensors) {
  assembler.setContext("conv1");
  assembler.tiu.add(local(0, F32), local(0x4000, F32, {1, 64, 8, 9}), Constant::f32(1));
  assembler.tiu.add(local(4, I64), local(0, F32), local(0, F32)); // no effect any more
  EXPECT_TRUE(assembler.failed());
  EXPECT_EQ(failure(), "conv1: sAR arith.add result f32[1,64,8,8] @0x0 lane 0, a f32[1,64,8,9] @0x4000 lane 0: an "
                       "operand has not the result's shape");
}

TEST_F(Constraints, TensorsStayInTheirLane) {
  assembler.tiu.abs(local(0x3FFC0, F32), local(0, F32));
  expectFailure("a tensor ends beyond its lane");
}

TEST_F(Constraints, AlignedAddressesAreMultiplesOfALine) {
  assembler.tiu.rsqrt(local(32, F32), local(0x4000, F32));
  expectFailure("not a multiple of its alignment");
}

TEST_F(Constraints, ElementwiseOperandsStartInTheResultsLane) {
  assembler.tiu.abs(local(0, F32), LocalTensor::aligned(0, shape, F32, 1));
  expectFailure("another lane");
}

TEST_F(Constraints, HalfConvolutionInputStartsInLaneZero) {
  assembler.tiu.conv(local(0, F16), LocalTensor::aligned(0x4000, shape, F16, 3), weight(0x8000, F16), std::nullopt,
                     window3);
  expectFailure("lane 0");
}

TEST_F(Constraints, ConvolutionResultFollowsFromTheWindow) {
  assembler.tiu.conv(local(0, F16, {1, 64, 7, 8}), local(0x4000, F16), weight(0x8000, F16), std::nullopt, window3);
  expectFailure("do not follow from input and window");
}

TEST_F(Constraints, WindowLimits) {
  Window2d window = window3;
  window.pad.top = 16;
  assembler.tiu.maxPool(local(0, F16, {1, 64, 23, 8}), local(0x4000, F16), window, 0);
  expectFailure("a padding is not in 0..15");
}

TEST_F(Constraints, StridesOfElementwiseOperandsAreLimited) {
  LocalTensor far = LocalTensor::free(0, {2, 64, 2, 2}, {8, 4, 1 << 18, 1}, I8);
  assembler.tiu.copy(local(0x8000, I8, {2, 64, 2, 2}), far);
  EXPECT_TRUE(assembler.failed());
}

TEST_F(Constraints, ResultsDoNotRepeatElements) {
  assembler.tiu.copy(local(0, F32, {1, 64, 1, 8}).broadcast({1, 64, 8, 8}), local(0x4000, F32));
  expectFailure("the result repeats elements");
}

TEST_F(Constraints, F32MatrixProductsUseTheFoldedForm) {
  assembler.tiu.mm2(matrix(0, F32), matrix(0x4000, F32), matrix(0x8000, F32), Mm2Form::Nn);
  EXPECT_TRUE(assembler.failed());
}

TEST_F(Constraints, TransposedRightMatrixDoesNotAccumulate) {
  assembler.tiu.mm2(matrix(0, F32), matrix(0x4000, F16), matrix(0x8000, F16), Mm2Form::Nt, true);
  expectFailure("cannot accumulate");
}

TEST_F(Constraints, PlainGatherForbidsBankConflictsAndTheElementFormAvoidsThem) {
  LocalTensor index = LocalTensor::aligned(0x200, {1, 64, 1, 8}, U16);
  assembler.tiu.gatherElements(local(0, F16, {1, 64, 1, 8}), local(0x4000, F16, {1, 64, 1, 8}), index);
  ASSERT_FALSE(assembler.failed());
  EXPECT_EQ(assembler.instructions().back().subOpName(), "sg.pe_s_gather_hzd");
  assembler.tiu.gatherColumns(local(0, F16, {1, 64, 1, 8}), local(0x200, F16, {1, 64, 1, 8}),
                              LocalTensor::compact(0x4000, {1, 8, 1, 1}, U16));
  expectFailure("meet in a bank");
}

TEST_F(Constraints, AGatherInFourBanksHasBanksOfItsOwn) {
  LocalTensor index = local(0, U8, {1, 64, 1, 8}), out = local(0x4000, I8, {1, 64, 1, 8});
  auto table = [&](uint32_t offset) { return local(offset, I8, {1, 64, 1, 256}); };
  EXPECT_TRUE(Tiu::canGatherFourBanks(out, table(0x8000), index));
  EXPECT_TRUE(Tiu::canGatherFourBanks(out, table(0x27F00), index));
  EXPECT_FALSE(Tiu::canGatherFourBanks(out, table(0x100), index));                                // the first copy
  EXPECT_FALSE(Tiu::canGatherFourBanks(local(0x1C000, I8, {1, 64, 1, 8}), table(0xC000), index)); // the third
  EXPECT_FALSE(Tiu::canGatherFourBanks(local(0x100, I8, {1, 64, 1, 8}), table(0x8000), index));   // index and result
  EXPECT_FALSE(Tiu::canGatherFourBanks(out, table(0x28000), index));                              // beyond the lane
  assembler.tiu.gatherFourBanks(out, table(0x100), index);
  expectFailure("meet in a bank");
}

TEST_F(Constraints, GlobalAddressesLieInGlobalMemory) {
  assembler.gdma.copy(local(0, F32), global(0x2000'0000, F32));
  expectFailure("neither in L2 nor in global memory");
}

TEST_F(Constraints, MovesKeepTheNumberOfElements) {
  assembler.gdma.copy(local(0, F32), global(global0, F32, {1, 64, 8, 9}));
  expectFailure("different element counts");
}

TEST_F(Constraints, MovesDoNotRepeatColumns) {
  assembler.gdma.copy(local(0, F32), global(global0, F32, {1, 64, 8, 1}).broadcast(shape));
  expectFailure("a w stride is 0");
}

TEST_F(Constraints, HalvesConvertThroughF32) {
  assembler.tiu.cast(local(0, F16), local(0x4000, BF16));
  expectFailure("through F32 only");
}

} // namespace
