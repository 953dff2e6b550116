// Field reading, layouts and the dispatch over instruction formats.
#include "Operation.h"

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;

namespace {
int64_t roundUp(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }
int64_t slotsOf(const Region &region) { return (region.lane + region.shape[1] + laneCount - 1) / laneCount; }

Region regionAt(uint64_t address, const Shape &shape, int elementBytes) {
  Region region;
  region.lane = static_cast<int64_t>(address / laneBytes);
  region.address = address % laneBytes;
  region.shape = shape;
  region.elementBytes = elementBytes;
  return region;
}
} // namespace

Region sim::alignedRegion(uint64_t address, const Shape &shape, int elementBytes) {
  Region region = regionAt(address, shape, elementBytes);
  int64_t channel = roundUp(shape[2] * shape[3] * elementBytes, 64) / elementBytes;
  region.stride = {slotsOf(region) * channel, channel, shape[3], 1};
  return region;
}

Region sim::compactRegion(uint64_t address, const Shape &shape, int elementBytes) {
  Region region = regionAt(address, shape, elementBytes);
  region.stride = {slotsOf(region) * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1};
  return region;
}

Region sim::lineRegion(uint64_t address, const Shape &shape, int elementBytes) {
  Region region = regionAt(address, shape, elementBytes);
  int64_t line = roundUp(shape[3] * elementBytes, 64) / elementBytes;
  region.stride = {slotsOf(region) * shape[2] * line, shape[2] * line, line, 1};
  return region;
}

Region sim::perChannelRegion(uint64_t address, const Shape &shape, int elementBytes) {
  return stridedRegion(address, shape, {0, 1, 0, 0}, elementBytes);
}

Region sim::stridedRegion(uint64_t address, const Shape &shape, const Shape &strides, int elementBytes) {
  Region region = regionAt(address, shape, elementBytes);
  region.stride = strides;
  return region;
}

Precision FieldReader::precision(Field field) {
  uint64_t code = insn[field];
  require(code <= static_cast<uint64_t>(Precision::BF16),
          "element type code " + Twine(code) + " in " + bm1684x::name(field) + " is not supported");
  return code <= static_cast<uint64_t>(Precision::BF16) ? static_cast<Precision>(code) : Precision::I8;
}

RoundMode FieldReader::rounding(bool toInteger) { return roundingCode(insn[Field::opd2_n_str], toInteger); }

RoundMode FieldReader::roundingCode(uint64_t code, bool toInteger) {
  require(code <= (toInteger ? 4u : 6u),
          "rounding mode " + Twine(code) + (toInteger ? " does not exist from float to integer" : " does not exist"));
  return code <= 6 ? static_cast<RoundMode>(code) : RoundMode::HalfEven;
}

Error FieldReader::unsupported() const { return createStringError("this operation is not supported by the simulator"); }

Prepared sim::prepare(const Instruction &instruction) {
  using bm1684x::ArOp;
  switch (instruction.format()) {
  case Format::CONV:
  case Format::sCONV:
    return prepareConv(instruction);
  case Format::PorD:
  case Format::sPorD:
    return preparePoolDepthwise(instruction);
  case Format::MM:
  case Format::sMM:
    return prepareMatmulFolded(instruction);
  case Format::MM2:
  case Format::sMM2:
    return prepareMatmulRows(instruction);
  case Format::AR:
  case Format::sAR: {
    if (instruction.is(ArOp::Cast))
      return prepareCast(instruction);
    uint64_t code = instruction[Field::opd0_prec];
    bool isFloat = code == 1 || code == 2 || code == 5;
    return isFloat ? prepareElementwise(instruction) : prepareElementwiseInteger(instruction);
  }
  case Format::RQ_DQ:
  case Format::sRQ_sDQ:
    return prepareRequantDequant(instruction);
  case Format::TRANS_BC:
  case Format::sTRANS_sBC:
    return prepareTransposeBroadcast(instruction);
  case Format::SG:
  case Format::sSG:
    return prepareScatterGather(instruction);
  case Format::SGL:
  case Format::sSGL:
    return prepareLineScatterGather(instruction);
  case Format::SFU:
  case Format::sSFU:
    return prepareSpecialFunction(instruction);
  case Format::LIN:
  case Format::sLIN:
    return prepareLinear(instruction);
  case Format::CMP:
  case Format::sCMP:
    return prepareCompare(instruction);
  case Format::VC:
  case Format::sVC:
    return prepareVectorCorrelation(instruction);
  case Format::DMA_tensor:
  case Format::DMA_cw_transpose:
    return prepareDmaTensor(instruction);
  case Format::DMA_matrix:
  case Format::sDMA_matrix:
    return prepareDmaMatrix(instruction);
  case Format::DMA_general:
  case Format::sDMA_general:
    return prepareDmaGeneral(instruction);
  case Format::DMA_gather:
  case Format::DMA_scatter:
    return prepareDmaIndexed(instruction);
  case Format::DMA_masked_select:
  case Format::sDMA_masked_select:
  case Format::DMA_nonzero:
  case Format::sDMA_nonzero:
    return prepareDmaCompaction(instruction);
  case Format::sDMA_sys:
    return Operation{};
  case Format::SYSID: {
    using bm1684x::SysOp;
    if (instruction.is(SysOp::End) || instruction.is(SysOp::Nop) || instruction.is(SysOp::IntrBarrier) ||
        instruction.is(SysOp::DataBarrier))
      return Operation{};
    return FieldReader(instruction).unsupported();
  }
  case Format::LAR:
    return FieldReader(instruction).unsupported();
  }
  return FieldReader(instruction).unsupported();
}
