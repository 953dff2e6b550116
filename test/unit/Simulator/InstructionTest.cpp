// Single instructions with results worked out by hand, and what must be refused.
#include "SimulatorTestTools.h"
#include "tpu_mlir/Kernels/Numerics.h"
#include "tpu_mlir/Simulator/HazardCheck.h"

#include <random>

using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using namespace tpu_mlir::sim::testing;

namespace {

TEST(Instruction, AddWorksOnEveryLaneAndSlot) {
  Machine machine;
  // 65 channels of 1×3: channel 64 lies in lane 0, slot 1, 64 bytes further.
  put<float>(machine, 0, 0, {1, 2, 3});
  put<float>(machine, 0, 64, {10, 20, 30});
  put<float>(machine, 63, 0, {7, 8, 9});
  put<float>(machine, 0, 0x1000, {0.5f, 0.5f, 0.5f});
  put<float>(machine, 0, 0x1040, {1, 1, 1});
  put<float>(machine, 63, 0x1000, {-7, -7, -7});
  ASSERT_EQ(message(machine.execute(addTensors(0, 0x1000, 0x2000, {1, 65, 1, 3}))), "");
  EXPECT_EQ(get<float>(machine, 0, 0x2000, 3), (std::vector<float>{1.5f, 2.5f, 3.5f}));
  EXPECT_EQ(get<float>(machine, 0, 0x2040, 3), (std::vector<float>{11, 21, 31}));
  EXPECT_EQ(get<float>(machine, 63, 0x2000, 3), (std::vector<float>{0, 1, 2}));
}

TEST(Instruction, AddFlushesDenormals) {
  Machine machine;
  put<uint32_t>(machine, 0, 0, {1, 0x80000001});
  put<uint32_t>(machine, 0, 0x1000, {1, 0x80000000});
  ASSERT_EQ(message(machine.execute(addTensors(0, 0x1000, 0x2000, {1, 1, 1, 2}))), "");
  EXPECT_EQ(get<uint32_t>(machine, 0, 0x2000, 2), (std::vector<uint32_t>{0, 0x80000000}));
}

TEST(Instruction, AnOperandThatTheResultOverwritesElsewhereIsReadFirst) {
  Machine machine;
  // The result starts one 64-byte line behind operand A: every line of A is overwritten before its turn.
  std::vector<float> a(64), zeros(64);
  for (int i = 0; i < 64; ++i)
    a[i] = static_cast<float>(i);
  put(machine, 0, 0, a);
  put(machine, 0, 0x1000, zeros);
  ASSERT_EQ(message(machine.execute(addTensors(0, 0x1000, 64, {1, 1, 1, 64}))), "");
  EXPECT_EQ(get<float>(machine, 0, 64, 64), a);
}

TEST(Instruction, IntegerConvolutionSubtractsKernelZeroPoint) {
  Machine machine;
  // One input channel, 2×2 image, 2×2 kernel, one output: Σ x·(w − 3).
  put<int8_t>(machine, 0, 0, {1, -2, 3, 4});
  std::vector<int8_t> weights(4 * 64); // cells of 64 input channels
  weights[0] = 10, weights[64] = 5, weights[128] = -1, weights[192] = 7;
  put(machine, 0, 0x1000, weights);
  Instruction conv =
      make(Format::CONV, bm1684x::ConvOp::Normal,
           {{Field::opd0_sign, 1},    {Field::opd1_sign, 1}, {Field::opd2_sign, 1},      {Field::res0_prec, 4},
            {Field::opd2_const, 1},   {Field::opd2_addr, 3}, {Field::opd3_const, 1},     {Field::res_op_x_str, 1},
            {Field::res_op_y_str, 1}, {Field::res0_n, 1},    {Field::res0_c, 1},         {Field::res0_h, 1},
            {Field::res0_w, 1},       {Field::opd0_c, 1},    {Field::opd0_h, 2},         {Field::opd0_w, 2},
            {Field::opd1_h, 2},       {Field::opd1_w, 2},    {Field::opd1_addr, 0x1000}, {Field::res0_addr, 0x2000}});
  ASSERT_EQ(message(machine.execute(conv)), "");
  EXPECT_EQ(get<int32_t>(machine, 0, 0x2000, 1)[0], 1 * 7 + -2 * 2 + 3 * -4 + 4 * 4);
}

TEST(Instruction, HalfConvolutionAddsGroupsOf32Truncated) {
  Machine machine;
  // 33 input channels in lanes 0 … 32: the first 32 form one group, the last a second one.
  using kernels::Precision;
  auto half = [](float value) { return kernels::floatToHalf(Precision::F16, value); };
  std::vector<uint16_t> weights(64);
  std::vector<float> x(33), w(33);
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  for (int c = 0; c < 33; ++c) {
    x[c] = kernels::f16ToFloat(half(normal(random)));
    w[c] = kernels::f16ToFloat(half(normal(random)));
    put<uint16_t>(machine, c, 0, {half(x[c])});
    weights[c] = half(w[c]);
  }
  put(machine, 0, 0x1000, weights);
  put<float>(machine, 0, 0x1800, {0.25f});
  Instruction conv = make(Format::CONV, bm1684x::ConvOp::Normal,
                          {{Field::res0_prec, 2},
                           {Field::opd0_prec, 1},
                           {Field::opd1_prec, 1},
                           {Field::opd3_const, 1},
                           {Field::res_op_x_str, 1},
                           {Field::res_op_y_str, 1},
                           {Field::res0_n, 1},
                           {Field::res0_c, 1},
                           {Field::res0_h, 1},
                           {Field::res0_w, 1},
                           {Field::opd0_c, 33},
                           {Field::opd0_h, 1},
                           {Field::opd0_w, 1},
                           {Field::opd1_h, 1},
                           {Field::opd1_w, 1},
                           {Field::opd1_addr, 0x1000},
                           {Field::opd2_addr, 0x1800},
                           {Field::res0_addr, 0x2000}});
  ASSERT_EQ(message(machine.execute(conv)), "");
  float expected = kernels::addFlush(0.25f, kernels::truncatedGroupSum(x.data(), w.data(), 32));
  expected = kernels::addFlush(expected, kernels::truncatedGroupSum(&x[32], &w[32], 1));
  EXPECT_EQ(get<float>(machine, 0, 0x2000, 1)[0], expected);
}

TEST(Instruction, StaticMemoryHoldsTheChipsTables) {
  Machine machine;
  auto tables = machine.memory().staticTables();
  uint32_t hash = 2166136261u; // FNV-1a over what the vendor's loader writes into zeroed memory
  for (int64_t i = 0; i < staticBytes; ++i)
    hash = (hash ^ tables[i]) * 16777619u;
  EXPECT_EQ(hash, 0x32dd0b93u);
}

TEST(Instruction, DmaGathersRowsAndFillsWhatIsOutOfRange) {
  Machine machine;
  ASSERT_EQ(message(machine.memory().addGlobal(globalBase, 4096)), "");
  auto words = [&](uint64_t address, std::vector<uint32_t> values) {
    ASSERT_EQ(message(machine.writeGlobal(address, {reinterpret_cast<uint8_t *>(values.data()), values.size() * 4})),
              "");
  };
  words(globalBase, {1, 2, 3, 4, 5, 6}); // three rows of two
  words(globalBase + 0x100, {2, 9, 0});
  Instruction gather = make(Format::DMA_gather, 0,
                            {{Field::src_data_format, 4},
                             {Field::src_csize, 1},
                             {Field::src_hsize, 3},
                             {Field::src_wsize, 2},
                             {Field::index_csize, 1},
                             {Field::index_hsize, 3},
                             {Field::dst_hsize, 3},
                             {Field::constant_value, 77}});
  setAddress(gather, globalBase, globalBase + 0x200);
  gather.set(Field::index_start_addr_l32, 0x100).set(Field::index_start_addr_h8, 1);
  ASSERT_EQ(message(machine.execute(gather)), "");
  auto result = machine.readGlobal(globalBase + 0x200, 24);
  ASSERT_TRUE(static_cast<bool>(result));
  std::vector<uint32_t> values(6);
  std::memcpy(values.data(), result->data(), 24);
  EXPECT_EQ(values, (std::vector<uint32_t>{5, 6, 77, 77, 1, 2}));
}

TEST(Refused, AccessBeyondALane) {
  Machine machine;
  EXPECT_EQ(message(machine.execute(addTensors(0, 0x1000, laneBytes - 64, {1, 1, 1, 17}))),
            "the access to lanes 0 to 0, bytes 0x3ffc0 to 0x40004 leaves local memory");
}

TEST(Refused, GlobalMemoryThatDoesNotExist) {
  Machine machine;
  EXPECT_EQ(message(machine.execute(copyTensor(globalBase, localBase, {1, 1, 1, 4}))),
            "the access to addresses 0x100000000 to 0x100000010 leaves the memory there");
}

TEST(Refused, ChangingWeightsOrStaticMemory) {
  Machine machine;
  ASSERT_EQ(message(machine.memory().addGlobal(globalBase, 64)), "");
  machine.memory().protect(globalBase);
  EXPECT_EQ(message(machine.execute(copyTensor(localBase, globalBase, {1, 1, 1, 4}))),
            "the write to addresses 0x100000000 to 0x100000010 would change weights");
  EXPECT_EQ(message(machine.execute(copyTensor(localBase, staticBase, {1, 1, 1, 4}))),
            "the write to addresses 0x9000000 to 0x9000010 would change static memory");
}

TEST(Refused, OperationsThatAreNotSupported) {
  Machine machine;
  Instruction copy = addTensors(0, 0x1000, 0x2000, {1, 1, 1, 4});
  copy.set(Field::tsk_eu_typ, static_cast<uint64_t>(bm1684x::ArOp::CopyMb));
  EXPECT_EQ(message(machine.execute(copy)), "this operation is not supported by the simulator");
  Instruction empty = addTensors(0, 0x1000, 0x2000, {1, 0, 1, 4});
  EXPECT_EQ(message(machine.execute(empty)), "a size is 0");
  Instruction type = addTensors(0, 0x1000, 0x2000, {1, 1, 1, 4});
  type.set(Field::res0_prec, 6);
  EXPECT_EQ(message(machine.execute(type)), "element type code 6 in res0_prec is not supported");
}

TEST(Refused, IndexOutOfRange) {
  Machine machine;
  put<uint8_t>(machine, 0, 0x1000, {0, 4});
  Instruction gather = make(Format::SG, bm1684x::SgOp::ElementGather,
                            {{Field::res0_n, 1},
                             {Field::res0_c, 1},
                             {Field::res0_h, 1},
                             {Field::res0_w, 2},
                             {Field::opd0_h, 1},
                             {Field::opd0_w, 4},
                             {Field::opd1_addr, 0x1000},
                             {Field::res0_addr, 0x2000}});
  EXPECT_EQ(message(machine.execute(gather)), "an index is out of range: there are 4 elements");
}

TEST(Refused, CopiesOfATableThatDiffer) {
  Machine machine;
  for (uint32_t copy = 0; copy < 4; ++copy)
    put<uint8_t>(machine, 0, 0x1000 + copy * 0x8000, {10, 20});
  put<uint8_t>(machine, 0, 0, {1, 0, 1});
  Instruction gather = make(Format::SG, bm1684x::SgOp::FourBankGather,
                            {{Field::res0_n, 1},
                             {Field::res0_c, 1},
                             {Field::res0_h, 1},
                             {Field::res0_w, 3},
                             {Field::opd0_h, 1},
                             {Field::opd0_w, 2},
                             {Field::opd0_str, 4},
                             {Field::opd0_addr, 0x1000},
                             {Field::opd1_w, 3},
                             {Field::res0_addr, 0x6000}});
  ASSERT_EQ(message(machine.execute(gather)), "");
  EXPECT_EQ(get<uint8_t>(machine, 0, 0x6000, 3), (std::vector<uint8_t>{20, 10, 20}));
  put<uint8_t>(machine, 0, 0x11000, {10, 21});
  EXPECT_EQ(message(machine.execute(gather)), "the copies of a table differ");
  gather.set(Field::res0_n, 2);
  EXPECT_EQ(message(machine.execute(gather)), "a gather in four banks takes one batch");
}

TEST(Refused, SizesBeyondAnyMemory) {
  Machine machine;
  Instruction copy = copyTensor(globalBase, globalBase, {65535, 65535, 65535, 65535});
  EXPECT_EQ(message(machine.execute(copy)), "a tensor is larger than any memory");
  copy.set(Field::stride_enable, 1); // all strides 0: one element read and written very often
  EXPECT_EQ(message(machine.execute(copy)), "a tensor is larger than any memory");
}

// Any bytes: an instruction or a refusal, never a crash. Sizes are kept small so that the test stays short.
TEST(Refused, RandomBytesNeverCrash) {
  Machine machine;
  ASSERT_EQ(message(machine.memory().addGlobal(globalBase, 1 << 20)), "");
  std::mt19937_64 random(11);
  constexpr Field sizes[] = {
      Field::res0_n,    Field::res0_c,    Field::res0_h,      Field::res0_w,      Field::opd0_n,     Field::opd0_c,
      Field::opd0_h,    Field::opd0_w,    Field::opd1_n,      Field::opd1_c,      Field::opd1_h,     Field::opd1_w,
      Field::src_nsize, Field::src_csize, Field::src_hsize,   Field::src_wsize,   Field::dst_nsize,  Field::dst_csize,
      Field::dst_hsize, Field::dst_wsize, Field::move_length, Field::index_csize, Field::index_hsize};
  constexpr Field addresses[] = {Field::res0_addr, Field::res1_addr, Field::opd0_addr,
                                 Field::opd1_addr, Field::opd2_addr, Field::opd3_addr};
  size_t executed = 0, refused = 0;
  for (unsigned format = 0; format < bm1684x::numFormats; ++format) {
    std::vector<unsigned> subOps(64);
    auto known = bm1684x::subOpsOf(static_cast<Format>(format));
    for (int i = 0; i < 1500; ++i) {
      Instruction instruction(static_cast<Format>(format));
      for (Field field : bm1684x::fieldsOf(static_cast<Format>(format))) {
        unsigned width = Instruction::ref(static_cast<Format>(format), field).width;
        if (field != Field::cmd_short && field != Field::tsk_typ && field != Field::cmd_type && random() % 4)
          instruction.set(field, random() & (width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1));
      }
      instruction.set(instruction.selector(), known[random() % known.size()]);
      for (Field field : sizes)
        if (instruction.has(field))
          instruction.set(field, random() % 16 ? random() % 9 : random() % 80);
      for (Field field : addresses) {
        unsigned width = Instruction::ref(static_cast<Format>(format), field).width;
        if (instruction.has(field) && random() % 8)
          instruction.set(field, (random() & 0xFFFFFF) & ((uint64_t{1} << width) - 1));
      }
      if (instruction.engine() == Engine::GDMA && instruction.has(Field::dst_start_addr_l32)) {
        auto place = [&] {
          return random() % 2 ? localBase + random() % localBytes : globalBase + random() % (1 << 20);
        };
        setAddress(instruction, place(), place());
      }
      llvm::Error error = machine.execute(instruction);
      (error ? refused : executed)++;
      llvm::consumeError(std::move(error));
      if (instruction.has(Field::cmd_id_en))
        instruction.set(Field::cmd_id_en, 0).set(Field::cmd_id, 1);
      bool tiu = instruction.engine() == Engine::TIU;
      auto hazards = findHazards(tiu ? llvm::ArrayRef(instruction) : llvm::ArrayRef<Instruction>(),
                                 tiu ? llvm::ArrayRef<Instruction>() : llvm::ArrayRef(instruction));
      llvm::consumeError(hazards.takeError());
    }
  }
  EXPECT_GT(executed, 500u);
  EXPECT_GT(refused, 500u);
}

} // namespace
