#include "ElementwiseOperands.h"
#include "Relations.h"

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::ArOp;
using bm1684x::StrideMode;

namespace {

Region layoutRegion(FieldReader &fields, Field layout, Field address, std::array<Field, 4> strides, const Shape &shape,
                    int elementBytes) {
  uint64_t at = fields[address];
  switch (static_cast<StrideMode>(fields[layout])) {
  case StrideMode::Aligned:
    return alignedRegion(at, shape, elementBytes);
  case StrideMode::Compact:
    return compactRegion(at, shape, elementBytes);
  case StrideMode::PerChannel:
    return perChannelRegion(at, shape, elementBytes);
  case StrideMode::Free: {
    Shape values;
    for (int i = 0; i < 4; ++i)
      values[i] = fields.size(strides[i]);
    return stridedRegion(at, shape, values, elementBytes);
  }
  default:
    break;
  }
  fields.require(false, "layout code " + Twine(fields[layout]) + " of an operand is not supported");
  return {};
}

/// A second write to the same bytes would leave the result to chance.
bool writesOnce(const Region &region) {
  for (int i = 0; i < 4; ++i) {
    int64_t count = i == 1 ? (region.lane + region.shape[1] + laneCount - 1) / laneCount : region.shape[i];
    if (count > 1 && region.stride[i] == 0)
      return false;
  }
  return true;
}

} // namespace

ElementwiseOperands::ElementwiseOperands(FieldReader &fields, int count) : shape(fields.resultShape()) {
  result = fields.precision(Field::res0_prec);
  a = {.precision = fields.precision(Field::opd0_prec),
       .isSigned = fields.flag(Field::opd0_sign),
       .isConstant = fields.flag(Field::opd0_const),
       .constant = static_cast<uint32_t>(fields[Field::opd0_addr])};
  if (!a.isConstant)
    a.read = op.addRead(layoutRegion(fields, Field::opd0_str, Field::opd0_addr,
                                     {Field::opd0_n_str, Field::opd0_c_str, Field::opd0_h_str, Field::opd0_w_str},
                                     shape, byteWidth(a.precision)));
  if (count > 1) {
    b = {.precision = fields.precision(Field::opd1_prec),
         .isSigned = fields.flag(Field::opd1_sign),
         .isConstant = fields.flag(Field::opd1_const),
         .constant = static_cast<uint32_t>(fields[Field::opd1_addr])};
    if (!b.isConstant)
      b.read = op.addRead(layoutRegion(fields, Field::opd1_str, Field::opd1_addr,
                                       {Field::opd1_n_str, Field::opd1_c_str, Field::opd1_h_str, Field::opd1_w_str},
                                       shape, byteWidth(b.precision)));
  }
  Region target = layoutRegion(fields, Field::res0_str, Field::res0_addr,
                               {Field::res0_n_str, Field::res0_c_str, Field::res0_h_str, Field::res0_w_str}, shape,
                               byteWidth(result));
  fields.require(writesOnce(target), "the result has stride 0 along an axis longer than 1");
  op.addWrite(target);
}

void ElementwiseOperands::readThird(FieldReader &fields, Precision precision, bool isSigned) {
  c = {.precision = precision,
       .isSigned = isSigned,
       .isConstant = fields.flag(Field::opd2_const),
       .constant = static_cast<uint32_t>(fields[Field::opd2_addr])};
  if (!c.isConstant)
    c.read = op.addRead(perChannelRegion(fields[Field::opd2_addr], shape, byteWidth(precision)));
}

Prepared ElementwiseOperands::finish(
    std::function<void(const PieceAccess &, const ElementwiseOperands &, const Piece &)> body) && {
  auto shared = std::make_shared<ElementwiseOperands>(std::move(*this));
  Operation done = shared->op;
  done.run = [shared, body](const Context &context) {
    PieceAccess access(shared->op, context);
    forEachPiece(shared->shape, [&](const Piece &piece) { body(access, *shared, piece); });
    return Error::success();
  };
  return done;
}

Prepared sim::prepareSelect(FieldReader &fields) {
  ElementwiseOperands operands(fields, 2);
  Precision precision = operands.a.precision;
  fields.require(operands.b.precision == precision, "compared operands have different types");
  fields.require(bitWidth(operands.result) <= bitWidth(precision), "the result is wider than the compared operands");
  operands.readThird(fields, operands.result, false);
  auto op = static_cast<ArOp>(fields.subOp());
  Relation relation = op == ArOp::SelectGreat   ? Relation::Greater
                      : op == ArOp::SelectEqual ? Relation::Equal
                                                : Relation::Less;
  bool isSigned = fields.flag(Field::opd0_sign);
  if (Error error = fields.takeError())
    return error;
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    uint32_t a[pieceElements], b[pieceElements], c[pieceElements];
    uint8_t holds[pieceElements];
    access.load(o.a, piece, a);
    access.load(o.b, piece, b);
    access.load(o.c, piece, c);
    compareBits(relation, precision, isSigned, a, b, holds, piece.count);
    for (int64_t i = 0; i < piece.count; ++i)
      c[i] = holds[i] ? c[i] : 0;
    access.store(0, o.result, piece, c);
  });
}

Prepared sim::prepareBitOperation(FieldReader &fields) {
  auto op = static_cast<ArOp>(fields.subOp());
  bool binary = op == ArOp::And || op == ArOp::Or || op == ArOp::Xor;
  ElementwiseOperands operands(fields, binary ? 2 : 1);
  Precision precision = operands.a.precision;
  fields.require(bitWidth(operands.result) == bitWidth(precision) &&
                     (!binary || bitWidth(operands.b.precision) == bitWidth(precision)),
                 "operands and result have different widths");
  if (Error error = fields.takeError())
    return error;
  bool isFloat = kernels::isFloat(precision), isSigned = operands.a.isSigned;
  uint32_t sign = 1u << (bitWidth(precision) - 1);
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    uint32_t a[pieceElements], b[pieceElements];
    access.load(o.a, piece, a);
    if (binary)
      access.load(o.b, piece, b);
    auto each = [&](auto function) {
      for (int64_t i = 0; i < piece.count; ++i)
        a[i] = function(a[i], b[i]);
    };
    switch (op) {
    case ArOp::And:
      each([](uint32_t x, uint32_t y) { return x & y; });
      break;
    case ArOp::Or:
      each([](uint32_t x, uint32_t y) { return x | y; });
      break;
    case ArOp::Xor:
      each([](uint32_t x, uint32_t y) { return x ^ y; });
      break;
    case ArOp::Not:
      each([](uint32_t x, uint32_t) { return ~x; });
      break;
    case ArOp::Abs:
      if (isFloat)
        each([=](uint32_t x, uint32_t) { return x & ~sign; });
      else if (isSigned)
        each([=](uint32_t x, uint32_t) { return x & sign ? 0 - x : x; });
      break;
    default:
      break; // copy
    }
    access.store(0, o.result, piece, a);
  });
}
