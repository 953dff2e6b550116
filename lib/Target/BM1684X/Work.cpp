// Work of instructions: useful elements against what the rates of the cycle model allow.
#include "tpu_mlir/Target/BM1684X/Work.h"
#include "Cycles.h"
#include "tpu_mlir/Target/BM1684X/Machine.h"
#include "llvm/ADT/Twine.h"
#include <algorithm>

using namespace llvm;

namespace tpu_mlir::bm1684x {
namespace {

int64_t value(const Instruction &i, Field field) { return static_cast<int64_t>(i[field]); }
int64_t itemBytes(const Instruction &i, Field precision) { return precisionBytes(i[precision]); }
bool isLocal(uint64_t address) { return address >= localBase && address < staticBase; }

int64_t resultElements(const Instruction &i) {
  return value(i, Field::res0_n) * value(i, Field::res0_c) * value(i, Field::res0_h) * value(i, Field::res0_w);
}

/// Multiply-adds of a convolution or matrix product; nothing for other instructions.
std::optional<int64_t> multiplyAdds(const Instruction &i) {
  switch (i.format()) {
  case Format::CONV:
  case Format::sCONV:
    return resultElements(i) * value(i, Field::opd0_c) * value(i, Field::opd1_h) * value(i, Field::opd1_w);
  case Format::MM:
  case Format::sMM: {
    int64_t rows = value(i, Field::opd0_n);
    int64_t inner = (value(i, Field::opd0_c) - 1) * value(i, Field::opd0_w) + value(i, Field::opd1_w);
    if (i[Field::left_tran])
      std::swap(rows, inner);
    return rows * value(i, Field::res0_c) * value(i, Field::res0_w) * inner;
  }
  case Format::MM2:
  case Format::sMM2:
    return value(i, Field::res0_c) * value(i, Field::res0_w) *
           value(i, i.is(Mm2Op::Nn) ? Field::opd1_c : Field::opd1_w);
  default:
    return std::nullopt;
  }
}

/// Elements of a full line of every lane that a vector instruction handles at once, by the widest type it names.
int64_t elementsPerStep(const Instruction &i) {
  int64_t widest = 1;
  for (Field precision : {Field::res0_prec, Field::opd0_prec})
    if (i.has(precision))
      widest = std::max(widest, itemBytes(i, precision));
  return numLanes * (i.format() == Format::RQ_DQ || i.format() == Format::sRQ_sDQ ? 16 : lineBytes / widest);
}

/// Steps that one full line costs.
int64_t stepsPerLine(const Instruction &i) {
  switch (i.format()) {
  case Format::PorD:
  case Format::sPorD:
    return value(i, Field::opd1_h) * value(i, Field::opd1_w);
  case Format::AR:
  case Format::sAR:
    return i.is(ArOp::Div) ? 15 + 8 * (value(i, Field::opd2_n_str) & 7) : 1;
  case Format::CMP:
  case Format::sCMP:
    return 2;
  case Format::SFU:
  case Format::sSFU:
    if (i.is(SfuOp::Taylor) || i.is(SfuOp::Taylor4x))
      return value(i, Field::opd1_n);
    return i.is(SfuOp::Rsqrt) ? 30 : 1;
  case Format::VC:
  case Format::sVC:
    return (value(i, Field::opd0_c) - 1) * value(i, Field::opd0_w) + value(i, Field::opd1_w);
  default:
    return 1;
  }
}

/// Gathers and scatters find one element per lane and step; only lanes can stand idle.
bool isIndexed(const Instruction &i) {
  Format format = i.format();
  return format == Format::SG || format == Format::sSG || format == Format::SGL || format == Format::sSGL;
}

double vectorCycles(const Instruction &i, uint64_t price) {
  if (isIndexed(i)) {
    int64_t channels = std::max<int64_t>(1, value(i, Field::res0_c));
    return static_cast<double>(price) * static_cast<double>(channels) /
           static_cast<double>(alignUp(channels, numLanes));
  }
  return static_cast<double>(resultElements(i)) * static_cast<double>(stepsPerLine(i)) /
         static_cast<double>(elementsPerStep(i));
}

std::string shapeText(std::initializer_list<uint64_t> extents) {
  std::string text;
  for (uint64_t extent : extents)
    text += (text.empty() ? "" : "x") + std::to_string(extent);
  return text;
}

StringRef typeText(uint64_t precision) {
  static constexpr StringLiteral names[] = {"int8", "f16", "f32", "int16", "int32", "bf16", "int4", "?"};
  return names[precision & 7];
}

std::string summarizeTiu(const Instruction &i) {
  Field selector = i.selector();
  StringRef operation = i.has(selector) ? i.subOpName() : StringRef();
  std::string text = operation.empty() ? i.name().str() : operation.str();
  if (i.has(Field::opd0_prec))
    text += (" " + typeText(i[Field::opd0_prec])).str();
  if (i.has(Field::res0_c))
    text += " " + shapeText({i[Field::res0_n], i[Field::res0_c], i[Field::res0_h], i[Field::res0_w]});
  Format f = i.format();
  if (f == Format::CONV || f == Format::sCONV || f == Format::PorD || f == Format::sPorD)
    text += ", window " + shapeText({i[Field::opd1_h], i[Field::opd1_w]});
  if (f == Format::CONV || f == Format::sCONV)
    text += ", from " + std::to_string(i[Field::opd0_c]) + " channels";
  return text;
}

std::string summarizeGdma(const Instruction &i) {
  bool fromLocal = isLocal(i.sourceAddress()), toLocal = isLocal(i.destinationAddress());
  std::string text = fromLocal ? toLocal ? "lane move" : "store" : toLocal ? "load" : "global move";
  bool isFill = i.has(Field::fill_constant_en) && i[Field::fill_constant_en];
  if (isFill)
    text = "fill";
  text += (" " + typeText(i[Field::src_data_format])).str();
  Field n = Field::src_nsize, c = Field::src_csize, h = Field::src_hsize, w = Field::src_wsize;
  if (isFill) {
    n = Field::dst_nsize;
    c = Field::dst_csize;
    h = Field::dst_hsize;
    w = Field::dst_wsize;
  }
  if (i.format() == Format::DMA_matrix || i.format() == Format::sDMA_matrix)
    text += " " + (fromLocal ? shapeText({i[Field::dst_hsize], i[Field::dst_wsize]})
                             : shapeText({i[Field::src_hsize], i[Field::src_wsize]}));
  else if (i.has(Field::move_length) && i[Field::move_length])
    text += " " + std::to_string(i[Field::move_length]);
  else
    text += " " + shapeText({i[n], i[c], i[h], i[w]});
  StringRef operation = i.subOpName();
  return operation.empty() ? text : text + ", " + operation.str();
}

} // namespace

int64_t arrayRate(Precision precision) {
  int64_t bytes = precisionBytes(static_cast<uint64_t>(precision));
  return bytes == 4 ? numLanes * 16 : numLanes * 4 * (lineBytes / bytes);
}

Work workOf(const Instruction &instruction) {
  Cost cost = costOf(instruction);
  Work work;
  if (instruction.engine() == Engine::GDMA) {
    bool fromLocal = isLocal(instruction.sourceAddress()), toLocal = isLocal(instruction.destinationAddress());
    work.unit = fromLocal && toLocal ? Unit::LaneMove : Unit::Memory;
    double bytes = static_cast<double>(std::max(cost.bytesRead, cost.bytesWritten));
    // Moves that stay on one side are as fast as they can be; fills move nothing.
    work.idealCycles = cost.bytesRead && !cost.bytesWritten   ? bytes / bestLoadRate
                       : cost.bytesWritten && !cost.bytesRead ? bytes / bestStoreRate
                                                              : static_cast<double>(cost.cycles);
  } else if (std::optional<int64_t> macs = multiplyAdds(instruction)) {
    work.unit = Unit::Array;
    work.multiplyAdds = static_cast<uint64_t>(*macs);
    bool isMm = instruction.format() == Format::MM || instruction.format() == Format::sMM;
    auto precision = static_cast<Precision>(instruction[Field::opd0_prec] & 7);
    // MM multiplies integers element by element, at a quarter of the convolution's rate.
    int64_t rate = isMm && precision != Precision::FP32 ? numLanes * 64 : arrayRate(precision);
    work.idealCycles = static_cast<double>(*macs) / static_cast<double>(rate);
  } else if (!instruction.isEnd()) {
    work.idealCycles = vectorCycles(instruction, cost.cycles);
  }
  work.idealCycles = std::min(work.idealCycles, static_cast<double>(cost.cycles));
  return work;
}

std::string summarize(const Instruction &instruction) {
  return instruction.engine() == Engine::TIU ? summarizeTiu(instruction) : summarizeGdma(instruction);
}

} // namespace tpu_mlir::bm1684x
