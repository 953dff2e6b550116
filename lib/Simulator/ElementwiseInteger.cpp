// AR instructions on integers: arithmetic with a rounded shift, shifts and rotations, bit searches.
#include "ElementwiseOperands.h"
#include "IntegerArithmetic.h"

#include <algorithm>
#include <bit>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::ArOp;

namespace {

Prepared prepareArithmetic(FieldReader &fields) {
  auto op = static_cast<ArOp>(fields.subOp());
  ElementwiseOperands operands(fields, 2);
  bool shifts = fields[Field::tsk_opd_num] > 2;
  if (shifts)
    operands.readThird(fields, Precision::I8, true);
  RoundMode mode = fields.rounding();
  fields.require(!isFloat(operands.b.precision) && !isFloat(operands.result),
                 "integer operands and a float operand or result");
  bool saturates = op == ArOp::Adds || op == ArOp::Subs || op == ArOp::Muls;
  bool subtracts = op == ArOp::Sub || op == ArOp::Subs, multiplies = op == ArOp::Mul || op == ArOp::Muls;
  kernels::IntRange range = rangeOf(operands.result, operands.a.isSigned || operands.b.isSigned || op == ArOp::Subs);
  if (Error error = fields.takeError())
    return error;
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    int64_t a[pieceElements], b[pieceElements];
    access.load(o.a, piece, a);
    access.load(o.b, piece, b);
    int count = !shifts          ? 0
                : o.c.isConstant ? static_cast<int>(o.c.constantInt())
                                 : static_cast<int8_t>(access.channelBits(o.c, piece.c));
    auto value = [&](int64_t i) -> Wide {
      return multiplies ? Wide{a[i]} * b[i] : subtracts ? Wide{a[i] - b[i]} : Wide{a[i] + b[i]};
    };
    if (!saturates && count == 0) {
      // Only the low 32 bits count: wrapping 64-bit arithmetic does.
      for (int64_t i = 0; i < piece.count; ++i)
        a[i] = multiplies  ? static_cast<int64_t>(static_cast<uint64_t>(a[i]) * static_cast<uint64_t>(b[i]))
               : subtracts ? a[i] - b[i]
                           : a[i] + b[i];
    } else if (saturates && count == 0 && !multiplies) {
      for (int64_t i = 0; i < piece.count; ++i)
        a[i] = std::clamp(subtracts ? a[i] - b[i] : a[i] + b[i], range.low, range.high);
    } else {
      for (int64_t i = 0; i < piece.count; ++i)
        a[i] = saturates ? shiftSaturated(value(i), count, mode, range)
                         : static_cast<int64_t>(shiftWide(value(i), count, mode));
    }
    access.store(0, o.result, piece, a);
  });
}

Prepared prepareMinMax(FieldReader &fields) {
  bool larger = static_cast<ArOp>(fields.subOp()) == ArOp::Max;
  ElementwiseOperands operands(fields, 2);
  if (Error error = fields.takeError())
    return error;
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    int64_t a[pieceElements], b[pieceElements];
    access.load(o.a, piece, a);
    access.load(o.b, piece, b);
    for (int64_t i = 0; i < piece.count; ++i)
      a[i] = larger ? std::max(a[i], b[i]) : std::min(a[i], b[i]);
    access.store(0, o.result, piece, a);
  });
}

Prepared prepareShift(FieldReader &fields) {
  auto op = static_cast<ArOp>(fields.subOp());
  ElementwiseOperands operands(fields, 2);
  operands.b.isSigned = true;
  RoundMode mode = fields.rounding();
  int width = bitWidth(operands.a.precision);
  fields.require(bitWidth(operands.b.precision) <= width, "the shift counts are wider than the operand");
  if (op == ArOp::LogicShift)
    operands.a.isSigned = false;
  if (Error error = fields.takeError())
    return error;
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    int64_t a[pieceElements], count[pieceElements];
    access.load(o.a, piece, a);
    access.load(o.b, piece, count);
    for (int64_t i = 0; i < piece.count; ++i) {
      auto by = static_cast<int>(count[i]);
      if (op == ArOp::CircularShift) {
        uint64_t bits = static_cast<uint64_t>(a[i]) & ((uint64_t{1} << width) - 1);
        int left = ((by % width) + width) % width;
        a[i] = static_cast<int64_t>(bits << left | bits >> (width - left));
      } else if (op == ArOp::LogicShift && by > 0) {
        a[i] = static_cast<int64_t>(static_cast<uint64_t>(a[i]) << (width == 32 ? by & 31 : std::min(by, 63)));
      } else {
        a[i] = kernels::shift(a[i], by, mode);
      }
    }
    access.store(0, o.result, piece, a);
  });
}

Prepared prepareDoublingHighHalf(FieldReader &fields) {
  ElementwiseOperands operands(fields, 2);
  Precision precision = operands.a.precision;
  RoundMode mode = fields.rounding();
  kernels::IntRange range = rangeOf(precision, operands.a.isSigned);
  fields.require(operands.b.precision == precision && operands.result == precision,
                 "operands and result differ in type");
  if (Error error = fields.takeError())
    return error;
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    int64_t a[pieceElements], b[pieceElements];
    access.load(o.a, piece, a);
    access.load(o.b, piece, b);
    for (int64_t i = 0; i < piece.count; ++i)
      a[i] = shiftSaturated(Wide{2} * a[i] * b[i], -bitWidth(precision), mode, range);
    access.store(0, precision, piece, a);
  });
}

/// The number of leading bits before the first one (or zero); the width if there is none.
Prepared prepareFirstBit(FieldReader &fields) {
  bool one = static_cast<ArOp>(fields.subOp()) == ArOp::GetFirstOne;
  ElementwiseOperands operands(fields, 1);
  int width = bitWidth(operands.a.precision);
  if (Error error = fields.takeError())
    return error;
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    uint32_t a[pieceElements];
    access.load(o.a, piece, a);
    uint32_t mask = static_cast<uint32_t>((uint64_t{1} << width) - 1);
    for (int64_t i = 0; i < piece.count; ++i)
      a[i] = static_cast<uint32_t>(width - std::bit_width((one ? a[i] : ~a[i]) & mask));
    access.store(0, o.result, piece, a);
  });
}

/// 16-bit result = sat(round((result << left) + A·B, right)) for 8-bit operands.
Prepared prepareMultiplyAccumulate(FieldReader &fields) {
  ElementwiseOperands operands(fields, 2);
  RoundMode mode = fields.rounding();
  fields.require(operands.a.precision == Precision::I8 && operands.b.precision == Precision::I8 &&
                     operands.result == Precision::I16,
                 "integer multiply-accumulate exists for 8-bit operands and a 16-bit result only");
  fields.require(fields.flag(Field::opd2_const), "the shifts of multiply-accumulate must be constant");
  int left = fields[Field::opd2_addr] & 0xFF, right = fields[Field::opd2_addr] >> 8 & 0xFF;
  fields.require(left <= 32 && right <= 63, "a shift of multiply-accumulate is out of range");
  bool isSigned = operands.a.isSigned || operands.b.isSigned;
  Operand old{.precision = Precision::I16, .isSigned = isSigned, .read = operands.op.addRead(operands.op.writes[0])};
  kernels::IntRange range = rangeOf(Precision::I16, isSigned);
  if (Error error = fields.takeError())
    return error;
  return std::move(operands).finish([=](const PieceAccess &access, const ElementwiseOperands &o, const Piece &piece) {
    int64_t a[pieceElements], b[pieceElements], sum[pieceElements];
    access.load(o.a, piece, a);
    access.load(o.b, piece, b);
    access.load(old, piece, sum);
    for (int64_t i = 0; i < piece.count; ++i)
      a[i] = std::clamp(kernels::roundingShiftRight(sum[i] * (int64_t{1} << left) + a[i] * b[i], right, mode),
                        range.low, range.high);
    access.store(0, Precision::I16, piece, a);
  });
}

} // namespace

Prepared sim::prepareElementwiseInteger(const Instruction &insn) {
  FieldReader fields(insn);
  switch (static_cast<ArOp>(fields.subOp())) {
  case ArOp::Mul:
  case ArOp::Add:
  case ArOp::Sub:
  case ArOp::Muls:
  case ArOp::Adds:
  case ArOp::Subs:
    return prepareArithmetic(fields);
  case ArOp::Max:
  case ArOp::Min:
    return prepareMinMax(fields);
  case ArOp::LogicShift:
  case ArOp::ArithShift:
  case ArOp::CircularShift:
    return prepareShift(fields);
  case ArOp::MulDHR:
    return prepareDoublingHighHalf(fields);
  case ArOp::GetFirstOne:
  case ArOp::GetFirstZero:
    return prepareFirstBit(fields);
  case ArOp::Mac:
    return prepareMultiplyAccumulate(fields);
  case ArOp::SelectGreat:
  case ArOp::SelectEqual:
  case ArOp::SelectLess:
    return prepareSelect(fields);
  case ArOp::Copy:
  case ArOp::Abs:
  case ArOp::Not:
  case ArOp::And:
  case ArOp::Or:
  case ArOp::Xor:
    return prepareBitOperation(fields);
  default:
    return fields.unsupported();
  }
}
