// Instruction formats: encoding against bytes worked out by hand, round trips of random instructions of every format,
// and what the decoder does with damaged streams.
#include "tpu_mlir/Target/BM1684X/Instruction.h"
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

using namespace llvm;
using namespace tpu_mlir::bm1684x;

namespace {

SmallVector<uint8_t> bytesOf(const Instruction &instruction) {
  SmallVector<uint8_t> bytes;
  encode(instruction, bytes);
  return bytes;
}

std::string read(const char *path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string messageOf(Error error) { return toString(std::move(error)); }

/// A stream of the given instructions with its end instruction.
SmallVector<uint8_t> streamOf(ArrayRef<Instruction> instructions, Engine engine) {
  SmallVector<uint8_t> bytes;
  for (const Instruction &instruction : instructions)
    encode(instruction, bytes);
  engine == Engine::TIU ? encode(Instruction(Format::SYSID, SysOp::End), bytes)
                        : encode(Instruction(Format::sDMA_sys, DmaSysOp::End), bytes);
  return bytes;
}

Instruction randomInstruction(Format format, unsigned subOp, std::mt19937_64 &random) {
  Instruction instruction(format);
  for (Field field : fieldsOf(format)) {
    bool selects = field == Field::cmd_short || field == Field::tsk_typ || field == Field::cmd_type;
    if (!selects)
      instruction.set(field, random() & tpu_mlir::lowBits(Instruction::ref(format, field).width));
  }
  return instruction.set(instruction.selector(), subOp);
}

TEST(Instruction, EndOfTiuStreamHasTheBytesOfTheManual) {
  Instruction end(Format::SYSID, SysOp::End);
  end.set(Field::cmd_id, 3);
  // cmd_id 3 at bit 1, tsk_typ 15 at bit 41, tsk_eu_typ 31 at bit 45: 6 | 0x1FF << 41
  SmallVector<uint8_t> expected = {0x06, 0, 0, 0, 0, 0xFE, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(bytesOf(end), expected);
  EXPECT_TRUE(end.isEnd());
}

TEST(Instruction, EndOfGdmaStreamHasTheBytesOfTheManual) {
  Instruction end(Format::sDMA_sys, DmaSysOp::End);
  end.set(Field::cmd_id, 5);
  // cmd_short bit 3, cmd_id_en = 1 at bit 5, cmd_id at bit 9, cmd_type 6 at bit 32
  SmallVector<uint8_t> expected = {0x28, 0x0A, 0, 0, 0x06, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(bytesOf(end), expected);
  EXPECT_TRUE(end.isEnd());
}

TEST(Instruction, FieldsThatCrossWordsAreStoredWhole) {
  Instruction conv(Format::sCONV, ConvOp::Normal);
  conv.set(Field::res0_addr, 0x3ABCDEF); // bits 101 to 126
  conv.set(Field::opd0_rt_pad, 0xF);     // bits 85 to 88
  EXPECT_EQ(conv[Field::res0_addr], 0x3ABCDEFu);
  SmallVector<uint8_t> bytes = bytesOf(conv);
  // 0x3ABCDEF << 5 at byte 12
  EXPECT_EQ(bytes[12] | bytes[13] << 8 | bytes[14] << 16 | static_cast<uint32_t>(bytes[15]) << 24, 0x3ABCDEFu << 5);
  EXPECT_EQ(bytes[10], 0xE0);
  EXPECT_EQ(bytes[11], 0x01);
  Instruction longForm(Format::CONV);
  EXPECT_EQ(longForm[Field::tsk_lane_num], ~uint64_t{0});
}

TEST(Instruction, LongAndShortFormsShareFieldNames) {
  Instruction longForm(Format::AR, ArOp::Add), shortForm(Format::sAR, ArOp::Add);
  for (Field field : {Field::res0_n, Field::opd1_w_str, Field::opd2_addr, Field::opd0_prec})
    EXPECT_TRUE(longForm.has(field) && shortForm.has(field)) << name(field).str();
  EXPECT_FALSE(longForm.isShort());
  EXPECT_TRUE(shortForm.isShort());
  EXPECT_FALSE(shortForm.has(Field::tsk_lane_num));
  EXPECT_EQ(shortForm[Field::tsk_lane_num], 0u);
}

TEST(Instruction, FitsTellsTheRoomOfAField) {
  Instruction mm2(Format::sMM2, Mm2Op::Nn);
  EXPECT_TRUE(mm2.fits(Field::res0_addr, (1 << 25) - 1));
  EXPECT_FALSE(mm2.fits(Field::res0_addr, 1 << 25));
  EXPECT_FALSE(mm2.fits(Field::res0_n, 0)); // no such field
}

TEST(Instruction, RandomInstructionsOfEveryFormatSurviveARoundTrip) {
  std::mt19937_64 random(1);
  for (unsigned number = 0; number < numFormats; ++number) {
    Format format = static_cast<Format>(number);
    for (unsigned subOp : subOpsOf(format))
      for (int repeat = 0; repeat < 8; ++repeat) {
        Instruction original = randomInstruction(format, subOp, random);
        SmallVector<uint8_t> bytes = bytesOf(original);
        ASSERT_EQ(bytes.size(), original.encodedSize());
        Expected<Instruction> decoded = decode(bytes, 0, original.engine());
        ASSERT_TRUE(static_cast<bool>(decoded)) << messageOf(decoded.takeError());
        EXPECT_EQ(*decoded, original) << disassemble(original) << "\n" << disassemble(*decoded);
        EXPECT_EQ(decoded->subOp(), subOp);
        EXPECT_FALSE(decoded->subOpName().empty());
      }
  }
}

TEST(Instruction, FieldsOfAFormatAreIndependent) {
  for (unsigned number = 0; number < numFormats; ++number) {
    Format format = static_cast<Format>(number);
    for (Field one : fieldsOf(format)) {
      Instruction instruction(format);
      uint64_t all = tpu_mlir::lowBits(Instruction::ref(format, one).width);
      Instruction changed = instruction;
      changed.set(one, ~instruction[one] & all);
      for (Field other : fieldsOf(format))
        EXPECT_EQ(changed[other], other == one ? ~instruction[one] & all : instruction[other]);
    }
  }
}

TEST(DecodeStream, ReadsInstructionsUpToTheEnd) {
  Instruction add(Format::sAR, ArOp::Add), conv(Format::CONV, ConvOp::Normal);
  SmallVector<uint8_t> bytes = streamOf({add, conv}, Engine::TIU);
  bytes.resize(256, 0);
  auto decoded = decodeStream(bytes, Engine::TIU);
  ASSERT_TRUE(static_cast<bool>(decoded)) << messageOf(decoded.takeError());
  ASSERT_EQ(decoded->size(), 3u);
  EXPECT_EQ((*decoded)[0], add);
  EXPECT_EQ((*decoded)[1], conv);
  EXPECT_TRUE((*decoded)[2].isEnd());
}

TEST(DecodeStream, EveryTruncationIsAnErrorWithItsOffset) {
  for (Engine engine : {Engine::TIU, Engine::GDMA}) {
    Instruction first(engine == Engine::TIU ? Format::sAR : Format::DMA_tensor);
    first.set(Field::cmd_id, 1);
    SmallVector<uint8_t> bytes = streamOf({first, first}, engine);
    for (size_t size = 0; size < bytes.size(); ++size) {
      auto decoded = decodeStream(ArrayRef(bytes).take_front(size), engine);
      ASSERT_FALSE(static_cast<bool>(decoded)) << size;
      EXPECT_NE(messageOf(decoded.takeError()).find("stream, byte "), std::string::npos);
    }
  }
}

TEST(DecodeStream, UnknownOpcodeIsAnErrorWithItsOffset) {
  SmallVector<uint8_t> bytes = bytesOf(Instruction(Format::sAR, ArOp::Add));
  SmallVector<uint8_t> unknown(128, 0);
  unknown[5] = 8 << 1; // tsk_typ 8 does not exist
  bytes.append(unknown.begin(), unknown.end());
  auto decoded = decodeStream(bytes, Engine::TIU);
  ASSERT_FALSE(static_cast<bool>(decoded));
  EXPECT_EQ(messageOf(decoded.takeError()), "TIU stream, byte 64: no instruction has this opcode");
}

TEST(DecodeStream, BytesAfterTheEndAreAnError) {
  SmallVector<uint8_t> bytes = streamOf({}, Engine::GDMA);
  bytes.resize(128, 0);
  bytes.back() = 1;
  auto decoded = decodeStream(bytes, Engine::GDMA);
  ASSERT_FALSE(static_cast<bool>(decoded));
  EXPECT_EQ(messageOf(decoded.takeError()), "GDMA stream, byte 16: there are bytes after the end instruction");
}

TEST(DecodeStream, RandomBytesNeverCrash) {
  std::mt19937_64 random(7);
  for (int repeat = 0; repeat < 20000; ++repeat) {
    SmallVector<uint8_t> bytes(random() % 400);
    for (uint8_t &byte : bytes)
      byte = static_cast<uint8_t>(random());
    for (Engine engine : {Engine::TIU, Engine::GDMA})
      if (auto decoded = decodeStream(bytes, engine))
        EXPECT_FALSE(decoded->empty());
      else
        consumeError(decoded.takeError());
  }
}

TEST(Disassemble, ShowsSymbolsAndOnlyWhatIsSet) {
  Instruction add(Format::sAR, ArOp::Add);
  add.set(Field::cmd_id, 12).set(Field::cmd_id_dep, 7).set(Field::res0_prec, 2).set(Field::res0_w, 16);
  add.set(Field::res0_addr, 0x1000).set(Field::res0_str, static_cast<uint64_t>(StrideMode::Free));
  EXPECT_EQ(disassemble(add), "sAR arith.add #12 after 7: res0_prec=FP32 res0_str=Free res0_w=16 res0_addr=0x1000");
}

TEST(Manual, TheCommittedPageIsCurrent) {
  EXPECT_EQ(read(TPU_ISA_MANUAL), read(TPU_ISA_MANUAL_MADE)) << "copy " TPU_ISA_MANUAL_MADE " over the committed page";
}

} // namespace
