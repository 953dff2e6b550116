// TRANS&BC: exchange of channels and columns, copies between lanes, broadcasts from a lane or from static memory.
#include "Elements.h"

#include <cstring>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::TransOp;

namespace {

/// R[n, c, h, w] = A[n, w, h, c]
void exchange(const Operation &op, const Context &context) {
  const Region &source = op.reads[0], &target = op.writes[0];
  int64_t bytes = source.elementBytes, channels = target.shape[1];
  parallelFor(target.shape[0] * channels, 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t n = i / channels, c = i % channels;
      uint8_t *to = context.writes[0] + target.planeOffset(n, c);
      for (int64_t w = 0; w < target.shape[3]; ++w) {
        const uint8_t *from = context.reads[0] + source.planeOffset(n, w) + c * bytes * source.stride[3];
        for (int64_t h = 0; h < target.shape[2]; ++h)
          std::memcpy(to + bytes * (h * target.stride[2] + w), from + bytes * h * source.stride[2], bytes);
      }
    }
  });
}

/// Copies planes; a source of one channel serves all.
void copyPlanes(const Operation &op, const Context &context) {
  const Region &source = op.reads[0], &target = op.writes[0];
  int64_t channels = target.shape[1], plane = target.plane() * target.elementBytes;
  parallelFor(target.shape[0] * channels, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int64_t n = i / channels, c = i % channels;
      std::memmove(context.writes[0] + target.planeOffset(n, c),
                   context.reads[0] + source.planeOffset(n, source.shape[1] == 1 ? 0 : c), plane);
    }
  });
}

} // namespace

Prepared sim::prepareTransposeBroadcast(const Instruction &insn) {
  FieldReader fields(insn);
  auto kind = static_cast<TransOp>(fields.subOp());
  int bytes = byteWidth(fields.precision(Field::res0_prec));
  Shape shape = fields.resultShape();
  uint64_t from = fields[Field::opd0_addr], to = fields[Field::res0_addr];
  Operation op;
  bool exchanges = false;
  auto staticRow = [&](int64_t count) {
    Region row;
    row.local = false;
    row.address = from;
    row.shape = {1, 1, 1, count};
    row.stride = {0, 0, 0, 1};
    row.elementBytes = bytes;
    fields.require(from >= staticBase && from < staticBase + staticBytes, "the source does not lie in static memory");
    return row;
  };
  switch (kind) {
  case TransOp::CwTranspose:
  case TransOp::WcTranspose: {
    exchanges = true;
    fields.require(fields.size(Field::opd0_c) == shape[3] && fields.size(Field::opd0_w) == shape[1],
                   "source and result do not have channels and columns exchanged");
    op.addRead(alignedRegion(from, {shape[0], shape[3], shape[2], shape[1]}, bytes));
    op.addWrite(kind == TransOp::CwTranspose ? lineRegion(to, shape, bytes) : alignedRegion(to, shape, bytes));
    break;
  }
  case TransOp::LaneCopy:
  case TransOp::LaneBroadcast: {
    bool broadcasts = kind == TransOp::LaneBroadcast;
    op.addRead(alignedRegion(from, {shape[0], broadcasts ? 1 : shape[1], shape[2], shape[3]}, bytes));
    op.addWrite(alignedRegion(to, shape, bytes));
    fields.require(!broadcasts || static_cast<int64_t>(to) / laneBytes + shape[1] <= laneCount,
                   "a broadcast reaches past the last lane");
    break;
  }
  case TransOp::StaticBroadcast: {
    op.addRead(staticRow(shape[3]));
    op.addWrite(alignedRegion(to, {1, shape[1], 1, shape[3]}, bytes));
    fields.require(static_cast<int64_t>(to) / laneBytes + shape[1] <= laneCount,
                   "a broadcast reaches past the last lane");
    break;
  }
  case TransOp::StaticDistribute: {
    op.addRead(staticRow(shape[1]));
    op.addWrite(compactRegion(to, {1, shape[1], 1, 1}, bytes));
    break;
  }
  }
  if (Error error = fields.takeError())
    return error;
  Operation description = op;
  op.run = [=](const Context &context) {
    const Region &target = description.writes[0];
    if (exchanges)
      exchange(description, context);
    else if (kind != TransOp::StaticDistribute)
      copyPlanes(description, context);
    else
      for (int64_t c = 0; c < target.shape[1]; ++c)
        std::memcpy(context.writes[0] + target.planeOffset(0, c),
                    context.reads[0] + description.reads[0].planeOffset(0, 0) + c * bytes, bytes);
    return Error::success();
  };
  return op;
}
