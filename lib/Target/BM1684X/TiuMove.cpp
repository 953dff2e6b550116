// Moves between lanes, static memory, gather and scatter within lanes.
#include "Emitter.h"

namespace tpu_mlir::bm1684x {
namespace {

class MoveEmitter : public Emitter {
public:
  MoveEmitter(Assembler &assembler, TransOp op) : Emitter(assembler, Format::sTRANS_sBC, op) {}

  void emitBetween(const LocalTensor &out, const LocalTensor &in) {
    check(byteSize(in.type) == byteSize(out.type), "source and result have different element sizes");
    check(in.address() != out.address(), "source and result are the same memory");
    set(Field::opd0_c, in.c()).set(Field::opd0_w, in.w());
    operand(0, in).result(out);
    emit();
  }
};

bool isTransposed(const LocalTensor &out, const LocalTensor &in) {
  return out.n() == in.n() && out.c() == in.w() && out.h() == in.h() && out.w() == in.c();
}

uint64_t banksOf(const LocalTensor &tensor) {
  uint64_t banks = 0;
  for (int64_t bank = tensor.offset / bankBytes; bank * bankBytes < tensor.endOffset(); ++bank)
    banks |= uint64_t{1} << bank;
  return banks;
}

/// Whether two of the tensors meet in a bank.
bool haveBankConflict(const LocalTensor &a, const LocalTensor &b, const LocalTensor &c) {
  uint64_t x = banksOf(a), y = banksOf(b), z = banksOf(c);
  return (x & y) || (y & z) || (x & z);
}

bool isIndex(ElementType type) { return type == ElementType::U8 || type == ElementType::U16; }

class GatherEmitter : public Emitter {
public:
  using Emitter::Emitter;

  GatherEmitter &options(const GatherOptions &options, ElementType type) {
    set(Field::opd3_const, options.hasException ? 1 : 0);
    if (options.fill) {
      check(options.hasException, "a fill value needs the exception index");
      check(byteSize(options.fill->type) == byteSize(type), "the fill value has not the data's size");
      set(Field::opd2_const, 1).set(Field::opd2_addr, options.fill->bits);
    }
    return *this;
  }
  /// Addresses that every lane resolves on its own.
  GatherEmitter &data(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index) {
    check(byteSize(in.type) == byteSize(out.type), "data and result have different element sizes");
    sameLane(in, out, "data and result start in different lanes");
    setIfPresent(Field::opd0_prec, precisionOf(in.type).value_or(Precision::INT8));
    set(Field::opd1_prec, precisionOf(index.type).value_or(Precision::INT8));
    operand(0, in);
    operand(1, index);
    result(out);
    return *this;
  }
};

void emitElements(Assembler &assembler, SgOp op, SgOp tolerant, const LocalTensor &out, const LocalTensor &in,
                  const LocalTensor &index, const GatherOptions &options) {
  GatherEmitter e(assembler, Format::sSG, haveBankConflict(out, in, index) ? tolerant : op);
  e.aligned(out, "result").aligned(in, "data").aligned(index, "index");
  e.check(isIndex(index.type), "the index is not U8 or U16");
  e.check(out.h() == 1 && in.h() == 1 && index.h() == 1 && in.n() == 1, "data and index have more than one row");
  bool gathers = op == SgOp::ElementGather;
  e.check(out.n() == index.n() && out.c() == index.c() && (gathers ? out.w() : in.w()) == index.w(),
          "the index has not the shape of the elements that are moved");
  e.check(options.sharedTable ? in.c() >= std::min(out.c(), numLanes) : in.c() == out.c(),
          "data and result have different channels");
  e.sameLane(index, out, "index and result start in different lanes");
  e.set(Field::opd0_str, options.sharedTable ? StrideMode::OneTable : StrideMode::Aligned);
  e.set(Field::opd0_h, 1).set(Field::opd0_w, in.w()).set(Field::opd1_c, index.c()).set(Field::opd1_w, index.w());
  e.data(out, in, index).options(options, out.type);
  // Scattering leaves elements as they are; so does an exception without fill value.
  if (!gathers || (options.hasException && !options.fill))
    e.access.read(out);
  e.emit();
}

void emitShared(Assembler &assembler, SgOp op, const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                const GatherOptions &options) {
  GatherEmitter e(assembler, Format::sSG, op);
  bool pairs = op == SgOp::GatherD2, gathers = op != SgOp::ScatterD1;
  e.aligned(out, "result").aligned(in, "data").compact(index, "index");
  e.check(!haveBankConflict(out, in, index), "two operands meet in a bank, which this form forbids");
  e.check(pairs ? index.type == ElementType::U16 : isIndex(index.type), "the index has not the needed type");
  e.check(index.lane == 0 && index.offset % lineBytes == 0, "the index does not start a line of lane 0");
  e.check(index.n() == 1 && index.h() == 1 && index.w() == (pairs ? 2 : 1), "the index is not one list");
  e.check(out.n() == in.n() && out.c() == in.c(), "data and result have different batches or channels");
  e.check(out.h() == 1 && (pairs || in.h() == 1), "data or result have more than one row");
  e.check((gathers ? out.w() : in.w()) == index.c(), "the index has not one entry per element that is moved");
  // The hardware cannot address a row that ends one element into a line of 512 bits.
  e.check(!pairs || (in.w() - 1) % (512 / (8 * in.itemBytes())) != 0 || in.w() == 1,
          "the data's rows have a width that this form cannot address");
  e.set(Field::opd0_h, in.h()).set(Field::opd0_w, in.w()).set(Field::opd1_c, index.c()).set(Field::opd1_w, 1);
  e.data(out, in, index).options(options, out.type);
  if (!gathers || (options.hasException && !options.fill))
    e.access.read(out);
  e.emit();
}

void emitLines(Assembler &assembler, SglOp op, const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
               const GatherOptions &options) {
  GatherEmitter e(assembler, Format::sSGL, op);
  bool gathers = op == SglOp::GatherLine;
  e.lineAligned(out, "result").lineAligned(in, "data").aligned(index, "index");
  e.check(isIndex(index.type), "the index is not U8 or U16");
  e.check(!options.hasException && !options.fill, "moves of lines have no exception index");
  e.check(out.c() <= numLanes && in.n() == 1 && in.w() == out.w(), "data and result shapes do not go together");
  e.check(options.sharedTable ? in.c() >= out.c() : in.c() == out.c(), "data and result have different channels");
  e.check(index.shape == Dims{out.n(), out.c(), gathers ? out.h() : in.h(), 1},
          "the index has not one entry per line that is moved");
  e.sameLane(index, out, "index and result start in different lanes");
  e.set(Field::opd0_str, options.sharedTable ? StrideMode::OneTable : StrideMode::Free);
  e.set(Field::opd0_h, in.h());
  e.data(out, in, index);
  if (!gathers)
    e.access.read(out);
  e.emit();
}

} // namespace

void Tiu::cwTranspose(const LocalTensor &out, const LocalTensor &in) {
  MoveEmitter e(assembler, TransOp::CwTranspose);
  e.lineAligned(out, "result").aligned(in, "source");
  e.check(in.lane == 0, "the source does not start in lane 0");
  e.check(isTransposed(out, in), "the result's shape is not the source's with c and w exchanged");
  e.emitBetween(out, in);
}

void Tiu::wcTranspose(const LocalTensor &out, const LocalTensor &in) {
  MoveEmitter e(assembler, TransOp::WcTranspose);
  e.aligned(out, "result").aligned(in, "source");
  e.check(out.lane == 0, "the result does not start in lane 0");
  e.check(isTransposed(out, in), "the result's shape is not the source's with c and w exchanged");
  e.emitBetween(out, in);
}

void Tiu::laneCopy(const LocalTensor &out, const LocalTensor &in) {
  MoveEmitter e(assembler, TransOp::LaneCopy);
  e.aligned(out, "result").aligned(in, "source");
  e.sameShape(out, in, "source and result have different shapes");
  e.emitBetween(out, in);
}

void Tiu::laneBroadcast(const LocalTensor &out, const LocalTensor &in) {
  MoveEmitter e(assembler, TransOp::LaneBroadcast);
  e.aligned(out, "result").aligned(in, "source");
  e.check(in.shape == Dims{out.n(), 1, out.h(), out.w()}, "the source is not one channel of the result's shape");
  e.check(out.lane + out.c() <= numLanes, "the result goes beyond lane 63");
  e.emitBetween(out, in);
}

void Tiu::staticBroadcast(const LocalTensor &out, uint32_t staticOffset) {
  MoveEmitter e(assembler, TransOp::StaticBroadcast);
  e.aligned(out, "result");
  e.check(out.n() == 1 && out.h() == 1, "the result has not the shape [1, c, 1, w]");
  e.check(out.lane + out.c() <= numLanes, "the result goes beyond lane 63");
  e.check(staticOffset % out.itemBytes() == 0 &&
              staticOffset + out.w() * out.itemBytes() <= static_cast<int64_t>(staticBytes),
          "the source is not in static memory");
  e.set(Field::opd0_c, out.c()).set(Field::opd0_w, out.w()).set(Field::opd0_addr, staticBase + staticOffset);
  e.result(out);
  e.emit();
}

void Tiu::staticDistribute(const LocalTensor &out, uint32_t staticOffset) {
  MoveEmitter e(assembler, TransOp::StaticDistribute);
  e.compact(out, "result");
  e.check(out.n() == 1 && out.h() == 1 && out.w() == 1 && out.lane == 0, "the result is not [1, c, 1, 1] in lane 0");
  e.check(staticOffset % out.itemBytes() == 0 &&
              staticOffset + out.c() * out.itemBytes() <= static_cast<int64_t>(staticBytes),
          "the source is not in static memory");
  e.set(Field::opd0_c, out.c()).set(Field::opd0_w, 1).set(Field::opd0_addr, staticBase + staticOffset);
  e.result(out);
  e.emit();
}

void Tiu::gatherElements(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index,
                         const GatherOptions &options) {
  emitElements(assembler, SgOp::ElementGather, SgOp::ElementGatherHzd, out, table, index, options);
}

static LocalTensor tableCopy(const LocalTensor &table, int64_t copy) {
  LocalTensor other = table;
  other.offset += static_cast<uint32_t>(copy * tableCopyStep);
  return other;
}

bool Tiu::canGatherFourBanks(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index) {
  uint64_t used = banksOf(out) | banksOf(index);
  for (int64_t copy = 0; copy < tableCopies; ++copy)
    if (LocalTensor other = tableCopy(table, copy); other.endOffset() > laneBytes || (banksOf(other) & used))
      return false;
  return !(banksOf(out) & banksOf(index));
}

void Tiu::gatherFourBanks(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index) {
  GatherEmitter e(assembler, Format::sSG, SgOp::FourBankGather);
  e.aligned(out, "result").aligned(table, "data").aligned(index, "index");
  e.check(isIndex(index.type), "the index is not U8 or U16");
  e.check(out.shape == index.shape && out.n() == 1 && out.h() == 1, "index and result are not one row of one batch");
  e.check(table.n() == 1 && table.h() == 1 && table.c() >= std::min(out.c(), numLanes), "the data are not one table");
  e.check(canGatherFourBanks(out, table, index), "operands meet in a bank, or copies of the table leave the lane");
  e.sameLane(index, out, "index and result start in different lanes");
  e.set(Field::opd0_str, StrideMode::OneTable);
  e.set(Field::opd0_h, 1).set(Field::opd0_w, table.w()).set(Field::opd1_c, index.c()).set(Field::opd1_w, index.w());
  e.data(out, table, index);
  for (int64_t copy = 1; copy < tableCopies; ++copy)
    e.access.read(tableCopy(table, copy));
  e.emit();
}
void Tiu::scatterElements(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                          const GatherOptions &options) {
  emitElements(assembler, SgOp::ElementScatter, SgOp::ElementScatterHzd, out, in, index, options);
}
void Tiu::gatherColumns(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index,
                        const GatherOptions &options) {
  emitShared(assembler, SgOp::GatherD1, out, table, index, options);
}
void Tiu::scatterColumns(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                         const GatherOptions &options) {
  emitShared(assembler, SgOp::ScatterD1, out, in, index, options);
}
void Tiu::gatherPixels(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                       const GatherOptions &options) {
  emitShared(assembler, SgOp::GatherD2, out, in, index, options);
}
void Tiu::gatherLines(const LocalTensor &out, const LocalTensor &table, const LocalTensor &index,
                      const GatherOptions &options) {
  emitLines(assembler, SglOp::GatherLine, out, table, index, options);
}
void Tiu::scatterLines(const LocalTensor &out, const LocalTensor &in, const LocalTensor &index,
                       const GatherOptions &options) {
  emitLines(assembler, SglOp::ScatterLine, out, in, index, options);
}

} // namespace tpu_mlir::bm1684x
