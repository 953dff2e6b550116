// Prices of TIU instructions. Common terms: a line is 64 bytes of a lane; E elements fill one; a round is one channel
// slot over the lanes.
#include "Cycles.h"
#include "tpu_mlir/Target/BM1684X/Machine.h"
#include <algorithm>

namespace tpu_mlir::bm1684x {
namespace {

/// Field values as signed numbers, so that differences work out.
class Reader {
public:
  explicit Reader(const Instruction &instruction) : i(instruction) {}
  int64_t operator()(Field field) const { return static_cast<int64_t>(i[field]); }
  int64_t itemBytes(Field precision) const { return precisionBytes(i[precision]); }
  int64_t plane() const { return (*this)(Field::res0_h) * (*this)(Field::res0_w); }
  int64_t rounds() const {
    return ceilDiv(((*this)(Field::res0_addr) / laneBytes) % numLanes + (*this)(Field::res0_c), numLanes);
  }
  /// Groups of E elements of the result in a lane.
  int64_t groups(int64_t e) const { return (*this)(Field::res0_n)*rounds() * ceilDiv(plane(), e); }
  const Instruction &instruction() const { return i; }

private:
  const Instruction &i;
};

/// Whether two start addresses lie in one bank; of one lane, or of any.
bool shareBank(const Reader &f, std::initializer_list<Field> addresses, bool ofOneLane) {
  std::vector<int64_t> banks;
  for (Field field : addresses)
    banks.push_back(f(field) / bankBytes % (ofOneLane ? numLanes * numBanks : numBanks));
  std::sort(banks.begin(), banks.end());
  return std::adjacent_find(banks.begin(), banks.end()) != banks.end();
}

int64_t convolution(const Reader &f) {
  int64_t bytes = f.itemBytes(Field::opd0_prec), kernel = f(Field::opd1_h) * f(Field::opd1_w);
  int64_t pixels = bytes == 4 ? 16 : 4;
  int64_t steps = bytes == 4 ? f(Field::opd0_c) : ceilDiv(f(Field::opd0_c), lineBytes / bytes);
  return f(Field::res0_n) * ceilDiv(f(Field::res0_c), numLanes) * ceilDiv(f.plane(), pixels) * steps * kernel;
}

int64_t pooling(const Reader &f) {
  int64_t e = lineBytes / std::max(f.itemBytes(Field::res0_prec), f.itemBytes(Field::opd0_prec));
  int64_t kh = f(Field::opd1_h), kw = f(Field::opd1_w);
  int64_t groups = kh == 1 ? f(Field::res0_h) * ceilDiv(f(Field::res0_w), e) : ceilDiv(f.plane(), e);
  bool isRoi = f.instruction().subOp() >= static_cast<unsigned>(PordOp::RoiDepthwise);
  bool isSlow = !isRoi && f(Field::res_op_x_str) > 1 && f(Field::res_op_y_str) > 1;
  return f(Field::res0_n) * f.rounds() * groups * kh * kw * (isSlow ? 3 : 1);
}

int64_t matrix(const Reader &f) {
  int64_t m = f(Field::opd0_n), k = (f(Field::opd0_c) - 1) * f(Field::opd0_w) + f(Field::opd1_w);
  if (f(Field::left_tran))
    std::swap(m, k);
  bool isF32 = f(Field::opd0_prec) == static_cast<int64_t>(Precision::FP32);
  bool hasBias = !f(Field::opd2_const) && (isF32 || !f.instruction().is(MmOp::Normal));
  return m * f.rounds() * ceilDiv(f(Field::res0_w), isF32 ? 16 : 64) * (k + hasBias + f(Field::res_add));
}

int64_t matrix2(const Reader &f) {
  int64_t k = f(f.instruction().is(Mm2Op::Nn) ? Field::opd1_c : Field::opd1_w);
  return ceilDiv(f(Field::res0_c), numLanes) * ceilDiv(f(Field::res0_w), 4) *
         ceilDiv(k, lineBytes / f.itemBytes(Field::opd0_prec));
}

/// Lines per group of E elements of a tensor with free strides; 0 for other layouts.
int64_t linesPerGroup(const Reader &f, Field mode, Field hStride, Field wStride, int64_t e) {
  if (f(mode) != static_cast<int64_t>(StrideMode::Free))
    return 0;
  int64_t h = f(Field::res0_h), w = f(Field::res0_w), hs = f(hStride), ws = f(wStride);
  if (ws > 1)
    return std::min(ws, e);
  int64_t lines = hs - w < e ? ceilDiv(h * hs, e) : h * ceilDiv(hs % e + w, e);
  return std::max<int64_t>(1, lines / ceilDiv(h * w, e));
}

int64_t elementwise(const Reader &f) {
  struct Source {
    Field constant, precision, address;
    bool exists;
  };
  int64_t count = f(Field::tsk_opd_num);
  const Source sources[] = {{Field::opd0_const, Field::opd0_prec, Field::opd0_addr, true},
                            {Field::opd1_const, Field::opd1_prec, Field::opd1_addr, count > 1},
                            {Field::opd2_const, Field::opd2_prec, Field::opd2_addr, count > 2}};
  int64_t widest = f.itemBytes(Field::res0_prec);
  auto isTensor = [&](const Source &s) { return s.exists && !f(s.constant); };
  for (const Source &source : sources)
    if (isTensor(source))
      widest = std::max(widest, f.itemBytes(source.precision));
  int64_t e = lineBytes / widest;
  const Instruction &i = f.instruction();
  if (i.is(ArOp::Div))
    return f.groups(e) * (15 + 8 * (f(Field::opd2_n_str) & 7));
  int64_t reads = 0;
  if (isTensor(sources[0]))
    reads += linesPerGroup(f, Field::opd0_str, Field::opd0_h_str, Field::opd0_w_str, e);
  if (isTensor(sources[1]))
    reads += linesPerGroup(f, Field::opd1_str, Field::opd1_h_str, Field::opd1_w_str, e);
  int64_t writes = linesPerGroup(f, Field::res0_str, Field::res0_h_str, Field::res0_w_str, e);
  // Writing over an operand takes twice as long, except where the operation reads its result anyway.
  bool isFree =
      i.is(ArOp::Mac) || i.is(ArOp::Copy) || i.is(ArOp::EuIdxGen) || i.is(ArOp::NpuIdxGen) || i.is(ArOp::CopyMb);
  bool isShift = i.is(ArOp::LogicShift) || i.is(ArOp::ArithShift) || i.is(ArOp::CircularShift);
  bool overFirst = isTensor(sources[0]) && f(Field::opd0_addr) == f(Field::res0_addr);
  bool overSecond = !isShift && isTensor(sources[1]) && f(Field::opd1_addr) == f(Field::res0_addr);
  int64_t inPlace = !isFree && (overFirst || overSecond) ? 2 : 1;
  return f.groups(e) * std::max({int64_t{1}, reads, writes}) * inPlace;
}

int64_t vectorProduct(const Reader &f) {
  int64_t widest =
      std::max({f.itemBytes(Field::res0_prec), f.itemBytes(Field::opd0_prec), f.itemBytes(Field::opd1_prec)});
  int64_t left = (f(Field::opd0_c) - 1) * f(Field::opd0_w) + f(Field::opd1_w);
  return left * f.rounds() * ceilDiv(f(Field::res0_w), lineBytes / widest);
}

int64_t laneMove(const Reader &f) {
  int64_t e = lineBytes / f.itemBytes(Field::res0_prec);
  int64_t n = f(Field::res0_n), c = f(Field::res0_c), h = f(Field::res0_h), w = f(Field::res0_w);
  int64_t clash = shareBank(f, {Field::res0_addr, Field::opd0_addr}, true) ? 2 : 1;
  switch (static_cast<TransOp>(f.instruction().subOp())) {
  case TransOp::CwTranspose:
    return n * h * ceilDiv(c, e);
  case TransOp::WcTranspose:
    return n * h * ceilDiv(w, e);
  case TransOp::LaneCopy:
    return clash * n * c * f.rounds() * ceilDiv(h * w, e);
  case TransOp::LaneBroadcast:
    return clash * n * f.rounds() * ceilDiv(h * w, e);
  case TransOp::StaticBroadcast:
    return ceilDiv(h * w, e);
  case TransOp::StaticDistribute:
    return ceilDiv(c, e);
  }
  return 0;
}

int64_t gather(const Reader &f) {
  int64_t rows = f(Field::res0_n) * f.rounds();
  // Halves of a cycle: banks that meet cost one and a half times, or three times, as much.
  bool clash = shareBank(f, {Field::res0_addr, Field::opd0_addr, Field::opd1_addr}, false);
  int64_t elements = rows * f(Field::opd1_w);
  switch (static_cast<SgOp>(f.instruction().subOp())) {
  case SgOp::GatherD1:
  case SgOp::GatherD2:
  case SgOp::GatherRectangle:
  case SgOp::ScatterD1:
  case SgOp::ScatterD2:
    return rows * f(Field::opd1_c);
  case SgOp::FourBankGather:
    return std::max<int64_t>(1, elements / 4);
  case SgOp::ElementGather:
  case SgOp::ElementScatter:
  case SgOp::ElementGatherHzd:
  case SgOp::ElementScatterHzd:
    return clash ? elements * 3 / 2 : elements;
  case SgOp::MaskSelect:
  case SgOp::MaskSelectHzd:
    return clash ? elements * 3 : elements;
  default:
    return elements;
  }
}

int64_t gatherLines(const Reader &f) {
  int64_t rows = f(f.instruction().is(SglOp::GatherLine) ? Field::res0_h : Field::opd0_h);
  return 2 * f(Field::res0_n) * f.rounds() * rows *
         ceilDiv(f(Field::res0_w), lineBytes / f.itemBytes(Field::res0_prec));
}

int64_t special(const Reader &f) {
  int64_t groups = f.groups(lineBytes / f.itemBytes(Field::res0_prec));
  switch (static_cast<SfuOp>(f.instruction().subOp())) {
  case SfuOp::Taylor:
  case SfuOp::Taylor4x:
    return groups * f(Field::opd1_n);
  case SfuOp::Rsqrt:
    return groups * 30;
  default:
    return groups;
  }
}

} // namespace

uint64_t tiuCycles(const Instruction &instruction) {
  Reader f(instruction);
  auto price = [&]() -> int64_t {
    switch (instruction.format()) {
    case Format::CONV:
    case Format::sCONV:
      return convolution(f);
    case Format::PorD:
    case Format::sPorD:
      return pooling(f);
    case Format::MM:
    case Format::sMM:
      return matrix(f);
    case Format::MM2:
    case Format::sMM2:
      return matrix2(f);
    case Format::AR:
    case Format::sAR:
      return elementwise(f);
    case Format::LIN:
    case Format::sLIN:
      return f.groups(lineBytes / std::max(f.itemBytes(Field::res0_prec), f.itemBytes(Field::opd0_prec)));
    case Format::CMP:
    case Format::sCMP:
      return 2 * f.groups(lineBytes / f.itemBytes(Field::opd2_prec));
    case Format::SFU:
    case Format::sSFU:
      return special(f);
    case Format::RQ_DQ:
    case Format::sRQ_sDQ:
      return f.groups(16) * (shareBank(f, {Field::res0_addr, Field::opd0_addr}, true) ? 2 : 1);
    case Format::VC:
    case Format::sVC:
      return vectorProduct(f);
    case Format::TRANS_BC:
    case Format::sTRANS_sBC:
      return laneMove(f);
    case Format::SG:
    case Format::sSG:
      return gather(f);
    case Format::SGL:
    case Format::sSGL:
      return gatherLines(f);
    default:
      return 0; // system instructions
    }
  };
  return static_cast<uint64_t>(std::max<int64_t>(0, price()));
}

} // namespace tpu_mlir::bm1684x
