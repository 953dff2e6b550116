// SG and SGL: gathers and scatters along W, H × W or lines, mask selection, positions of non-zero elements. The data
// decide which addresses are used, so an index out of range is an error at run time.
#include "Elements.h"

#include "tpu_mlir/Target/BM1684X/Machine.h"

#include <atomic>
#include <cstring>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::SglOp;
using bm1684x::SgOp;

namespace {

constexpr int64_t skipped = -1, outOfRange = -2;

struct Indexed {
  Operation op;
  int64_t plane = 0;         // elements or lines that an index may name
  bool hasException = false; // the all-ones index is not an error: fill, or leave as it is
  bool fills = false;
  uint32_t fill = 0;
  int indexBytes = 1;

  void readExceptions(FieldReader &fields) {
    hasException = fields.flag(Field::opd3_const);
    fills = fields.flag(Field::opd2_const);
    fill = static_cast<uint32_t>(fields[Field::opd2_addr]);
  }

  /// Index element i of plane (n, c) of read operand 1.
  uint32_t raw(const Context &context, int64_t n, int64_t c, int64_t i) const {
    uint32_t value = 0;
    gatherElements(context.reads[1], op.reads[1], n, c, i, 1, &value);
    return indexBytes == 1 ? value & 0xFF : value & 0xFFFF;
  }
  bool isException(uint32_t value) const { return hasException && value == (indexBytes == 1 ? 0xFFu : 0xFFFFu); }
  int64_t index(uint32_t value) const {
    return isException(value) ? skipped : value < static_cast<uint64_t>(plane) ? value : outOfRange;
  }
  Error rangeError() const {
    return createStringError("an index is out of range: there are " + Twine(plane) + " elements");
  }
};

/// Copies `count` elements between planes.
void copyElements(const Region &from, const uint8_t *source, const Region &to, uint8_t *target, int64_t n, int64_t c,
                  int64_t fromIndex, int64_t toIndex, int64_t count) {
  std::memcpy(target + to.planeOffset(n, c) + toIndex * to.elementBytes,
              source + from.planeOffset(from.shape[0] == 1 ? 0 : n, c) + fromIndex * from.elementBytes,
              count * from.elementBytes);
}

/// move(n, c, fails) for every channel plane of the result on several threads; they report a bad index through `fails`.
template <typename Move> Error forPlanes(const Indexed &indexed, const Shape &shape, Move move) {
  std::atomic<bool> failed = false;
  parallelFor(shape[0] * shape[1], 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      if (!move(i / shape[1], i % shape[1]))
        failed = true;
  });
  return failed ? indexed.rangeError() : Error::success();
}

/// Shared lists: element i of a list lies in lane i % 64, slot i / 64; pairs are (w, h).
struct SharedList {
  bool pairs;
  int64_t index(const Indexed &indexed, const Context &context, int64_t i, int64_t width) const {
    if (!pairs)
      return indexed.index(indexed.raw(context, 0, i, 0));
    uint32_t w = indexed.raw(context, 0, i, 0), h = indexed.raw(context, 0, i, 1);
    if (indexed.isException(w) || indexed.isException(h))
      return skipped;
    return w < width && int64_t{h} * width + w < indexed.plane ? int64_t{h} * width + w : outOfRange;
  }
};

Prepared prepareShared(FieldReader &fields) {
  auto kind = static_cast<SgOp>(fields.subOp());
  bool gathers = kind == SgOp::GatherD1 || kind == SgOp::GatherD2;
  SharedList list{kind == SgOp::GatherD2 || kind == SgOp::ScatterD2};
  auto indexed = std::make_shared<Indexed>();
  indexed->readExceptions(fields);
  Precision precision = fields.precision(Field::opd0_prec), index = fields.precision(Field::opd1_prec);
  int bytes = byteWidth(fields.precision(Field::res0_prec));
  indexed->indexBytes = byteWidth(index);
  fields.require(byteWidth(precision) == bytes, "data and result have different widths");
  fields.require(list.pairs ? indexed->indexBytes == 2 : indexed->indexBytes <= 2, "this index type is not supported");
  Shape shape = fields.resultShape();
  Shape data{shape[0], shape[1], list.pairs ? fields.size(Field::opd0_h) : 1, fields.size(Field::opd0_w)};
  if (!list.pairs)
    shape[2] = 1;
  int64_t count = gathers ? shape[2] * shape[3] : data[2] * data[3];
  Operation &op = indexed->op;
  op.addRead(alignedRegion(fields[Field::opd0_addr], data, bytes));
  op.addRead(compactRegion(fields[Field::opd1_addr], {1, count, 1, list.pairs ? 2 : 1}, indexed->indexBytes));
  op.addWrite(alignedRegion(fields[Field::res0_addr], shape, bytes));
  indexed->plane = gathers ? data[2] * data[3] : shape[2] * shape[3];
  fields.require(count >= 1, "there are no indices");
  if (Error error = fields.takeError())
    return error;
  int64_t width = gathers ? data[3] : shape[3];
  Operation result = op;
  result.run = [=](const Context &context) -> Error {
    std::vector<int64_t> indices(count);
    for (int64_t i = 0; i < count; ++i) {
      indices[i] = list.index(*indexed, context, i, width);
      if (indices[i] == outOfRange)
        return indexed->rangeError();
    }
    const Region &from = indexed->op.reads[0], &to = indexed->op.writes[0];
    return forPlanes(*indexed, shape, [&](int64_t n, int64_t c) {
      for (int64_t i = 0; i < count; ++i)
        if (indices[i] >= 0)
          copyElements(from, context.reads[0], to, context.writes[0], n, c, gathers ? indices[i] : i,
                       gathers ? i : indices[i], 1);
        else if (gathers && indexed->fills)
          scatterElements(context.writes[0], to, n, c, i, 1, &indexed->fill);
      return true;
    });
  };
  return result;
}

Prepared preparePerElement(FieldReader &fields) {
  auto kind = static_cast<SgOp>(fields.subOp());
  bool inFourBanks = kind == SgOp::FourBankGather;
  bool gathers = kind == SgOp::ElementGather || kind == SgOp::ElementGatherHzd || inFourBanks;
  auto indexed = std::make_shared<Indexed>();
  indexed->readExceptions(fields);
  int bytes = byteWidth(fields.precision(Field::res0_prec));
  indexed->indexBytes = byteWidth(fields.precision(Field::opd1_prec));
  fields.require(byteWidth(fields.precision(Field::opd0_prec)) == bytes, "data and result have different widths");
  fields.require(indexed->indexBytes <= 2, "this index type is not supported");
  Shape shape = fields.resultShape();
  shape[2] = 1;
  int64_t width = fields.size(Field::opd0_w), count = gathers ? shape[3] : width;
  Operation &op = indexed->op;
  Region table = alignedRegion(fields[Field::opd0_addr], {1, shape[1], 1, width}, bytes);
  if (fields[Field::opd0_str] == 4) // one table for all slots of a lane
    table.stride[1] = 0;
  else
    fields.require(fields[Field::opd0_str] == 0, "this layout of the table is not supported");
  op.addRead(table);
  op.addRead(alignedRegion(fields[Field::opd1_addr], {shape[0], shape[1], 1, count}, indexed->indexBytes));
  op.addWrite(alignedRegion(fields[Field::res0_addr], shape, bytes));
  indexed->plane = gathers ? width : shape[3];
  if (inFourBanks) {
    fields.require(shape[0] == 1, "a gather in four banks takes one batch");
    for (int64_t copy = 1; copy < bm1684x::tableCopies; ++copy) {
      table.address += bm1684x::tableCopyStep;
      op.addRead(table);
    }
  }
  if (Error error = fields.takeError())
    return error;
  Operation result = op;
  bool isByteTable = gathers && bytes == 1 && indexed->indexBytes == 1 && width == 256 && !indexed->hasException;
  result.run = [=](const Context &context) -> Error {
    const Region &from = indexed->op.reads[0], &to = indexed->op.writes[0], &list = indexed->op.reads[1];
    for (size_t copy = 2; copy < indexed->op.reads.size(); ++copy)
      for (int64_t c = 0; c < shape[1]; ++c)
        if (std::memcmp(context.reads[0] + from.planeOffset(0, c),
                        context.reads[copy] + indexed->op.reads[copy].planeOffset(0, c), width * bytes))
          return createStringError("the copies of a table differ");
    return forPlanes(*indexed, shape, [&](int64_t n, int64_t c) {
      if (isByteTable) { // no index can be out of range
        const uint8_t *at = context.reads[1] + list.planeOffset(n, c),
                      *values = context.reads[0] + from.planeOffset(0, c);
        uint8_t *target = context.writes[0] + to.planeOffset(n, c);
        for (int64_t i = 0; i < count; ++i)
          target[i] = values[at[i]];
        return true;
      }
      for (int64_t i = 0; i < count; ++i) {
        int64_t at = indexed->index(indexed->raw(context, n, c, i));
        if (at == outOfRange)
          return false;
        if (at >= 0)
          copyElements(from, context.reads[0], to, context.writes[0], n, c, gathers ? at : i, gathers ? i : at, 1);
        else if (gathers && indexed->fills)
          scatterElements(context.writes[0], to, n, c, i, 1, &indexed->fill);
      }
      return true;
    });
  };
  return result;
}

/// Elements where a mask is not zero, or the positions of elements that are not zero; counts go to a second result.
Prepared prepareCompaction(FieldReader &fields) {
  auto kind = static_cast<SgOp>(fields.subOp());
  bool positions = kind == SgOp::Nonzero || kind == SgOp::NonzeroHzd;
  Precision data = fields.precision(Field::opd0_prec), result = fields.precision(Field::res0_prec);
  int maskBytes = byteWidth(positions ? data : fields.precision(Field::opd1_prec));
  Shape shape = fields.resultShape();
  shape[2] = 1;
  fields.require(positions ? !isFloat(data) && (result == Precision::I16 || result == Precision::I32)
                           : byteWidth(data) == byteWidth(result),
                 "these types of data and result do not go together");
  Operation op;
  op.addRead(
      alignedRegion(fields[Field::opd0_addr], {positions ? shape[0] : 1, shape[1], 1, shape[3]}, byteWidth(data)));
  if (!positions)
    op.addRead(alignedRegion(fields[Field::opd1_addr], shape, maskBytes));
  op.addWrite(alignedRegion(fields[Field::res0_addr], shape, byteWidth(result)));
  op.addWrite(compactRegion(fields[Field::res1_addr], {shape[0], shape[1], 1, 1}, 2));
  if (Error error = fields.takeError())
    return error;
  Operation description = op;
  op.run = [=](const Context &context) {
    const Region &from = description.reads[0], &to = description.writes[0];
    int mask = positions ? 0 : 1;
    parallelFor(shape[0] * shape[1], 4, [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        int64_t n = plane / shape[1], c = plane % shape[1], found = 0;
        for (int64_t i = 0; i < shape[3]; ++i) {
          uint32_t taken = 0;
          gatherElements(context.reads[mask], description.reads[mask], n, c, i, 1, &taken);
          if (!taken)
            continue;
          if (positions)
            scatterElements(context.writes[0], to, n, c, found++, 1, &i);
          else
            copyElements(from, context.reads[0], to, context.writes[0], n, c, i, found++, 1);
        }
        auto count = static_cast<uint16_t>(found);
        scatterElements(context.writes[1], description.writes[1], n, c, 0, 1, &count);
      }
    });
    return Error::success();
  };
  return op;
}

} // namespace

Prepared sim::prepareScatterGather(const Instruction &insn) {
  FieldReader fields(insn);
  switch (static_cast<SgOp>(fields.subOp())) {
  case SgOp::GatherD1:
  case SgOp::GatherD2:
  case SgOp::ScatterD1:
  case SgOp::ScatterD2:
    return prepareShared(fields);
  case SgOp::ElementGather:
  case SgOp::ElementScatter:
  case SgOp::ElementGatherHzd:
  case SgOp::ElementScatterHzd:
  case SgOp::FourBankGather:
    return preparePerElement(fields);
  case SgOp::MaskSelect:
  case SgOp::MaskSelectHzd:
  case SgOp::Nonzero:
  case SgOp::NonzeroHzd:
    return prepareCompaction(fields);
  default:
    return fields.unsupported();
  }
}

Prepared sim::prepareLineScatterGather(const Instruction &insn) {
  FieldReader fields(insn);
  bool gathers = static_cast<SglOp>(fields.subOp()) == SglOp::GatherLine;
  auto indexed = std::make_shared<Indexed>(); // line indices have no exception code
  int bytes = byteWidth(fields.precision(Field::res0_prec));
  indexed->indexBytes = byteWidth(fields.precision(Field::opd1_prec));
  fields.require(indexed->indexBytes <= 2, "this index type is not supported");
  Shape shape = fields.resultShape();
  int64_t lines = fields.size(Field::opd0_h), count = gathers ? shape[2] : lines;
  Region table = lineRegion(fields[Field::opd0_addr], {1, shape[1], lines, shape[3]}, bytes);
  if (fields[Field::opd0_str] == 4)
    table.stride[1] = 0;
  else
    fields.require(fields[Field::opd0_str] == 3, "this layout of the table is not supported");
  Operation &op = indexed->op;
  op.addRead(table);
  op.addRead(alignedRegion(fields[Field::opd1_addr], {shape[0], shape[1], count, 1}, indexed->indexBytes));
  op.addWrite(lineRegion(fields[Field::res0_addr], shape, bytes));
  indexed->plane = gathers ? lines : shape[2];
  if (Error error = fields.takeError())
    return error;
  Operation result = op;
  result.run = [=](const Context &context) {
    const Region &from = indexed->op.reads[0], &to = indexed->op.writes[0];
    int64_t pitch = to.stride[2];
    return forPlanes(*indexed, shape, [&](int64_t n, int64_t c) {
      for (int64_t i = 0; i < count; ++i) {
        int64_t at = indexed->index(indexed->raw(context, n, c, i));
        if (at < 0)
          return false;
        copyElements(from, context.reads[0], to, context.writes[0], n, c, (gathers ? at : i) * pitch,
                     (gathers ? i : at) * pitch, shape[3]);
      }
      return true;
    });
  };
  return result;
}
