// Comparison with selection, per-channel linear functions, special functions, requantization.
#include "Emitter.h"

namespace tpu_mlir::bm1684x {
namespace {

/// Aligned tensors of one shape in one lane.
void setAlignedPair(Emitter &e, const LocalTensor &out, const LocalTensor &in) {
  e.aligned(out, "result").aligned(in, "input");
  e.sameShape(out, in, "input and result have different shapes");
  e.sameLane(out, in, "input and result start in different lanes");
}

void setAlignedOperand(Emitter &e, unsigned index, const Operand &operand, const LocalTensor &out) {
  if (operand.isTensor()) {
    e.aligned(operand.tensor(), "operand");
    e.sameShape(operand.tensor(), out, "an operand has not the result's shape");
    e.sameLane(operand.tensor(), out, "an operand starts in another lane than the result");
  }
  e.operand(index, operand);
}

/// The part that CMP instructions share: operands, types, first result.
void setCompare(Emitter &e, const LocalTensor &out, const Operand &a, const Operand &b, const Operand &c,
                const Operand &d) {
  e.aligned(out, "result");
  const Operand *operands[] = {&a, &b, &c, &d};
  bool anyTensor = false;
  for (unsigned i = 0; i < 4; ++i) {
    setAlignedOperand(e, i, *operands[i], out);
    anyTensor |= operands[i]->isTensor();
  }
  e.check(anyTensor, "all operands are constants");
  e.check(a.type() == b.type(), "the compared operands have different types");
  e.check(byteSize(c.type()) == byteSize(d.type()), "the selected operands have different sizes");
  e.set(Field::opd0_prec, precisionOf(a.type()).value_or(Precision::INT8));
  e.set(Field::opd2_prec, precisionOf(c.type()).value_or(Precision::INT8));
  e.set(Field::opd0_sign, isSigned(a.type()));
}

void setLinear(Emitter &e, unsigned index, const Operand &operand, const LocalTensor &out) {
  if (operand.isTensor()) {
    e.compact(operand.tensor(), "per-channel operand");
    e.check(operand.tensor().shape == Dims{1, out.c(), 1, 1}, "a per-channel operand has not the shape [1, c, 1, 1]");
    e.sameLane(operand.tensor(), out, "a per-channel operand starts in another lane than the result");
  }
  e.check(operand.type() == out.type, "an operand has not the result's type");
  e.operand(index, operand);
}

void emitLinear(Assembler &assembler, LinOp op, const LocalTensor &out, const LocalTensor &a, const Operand &b,
                const std::optional<Operand> &c) {
  Emitter e(assembler, Format::sLIN, op);
  setAlignedPair(e, out, a);
  e.check(isFloat(out.type) && a.type == out.type, "input and result are not of one floating-point type");
  e.operand(0, a);
  setLinear(e, 1, b, out);
  if (c)
    setLinear(e, 2, *c, out);
  e.result(out);
  e.emit();
}

bool isInteger(ElementType type) { return !isFloat(type); }

class QuantEmitter : public Emitter {
public:
  QuantEmitter(Assembler &assembler, QuantOp op, const LocalTensor &out, const LocalTensor &in)
      : Emitter(assembler, Format::sRQ_sDQ, op) {
    setAlignedPair(*this, out, in);
    check(isInteger(in.type), "the input is not an integer");
    set(Field::opd0_prec, precisionOf(in.type).value_or(Precision::INT8));
    set(Field::opd0_sign, isSigned(in.type)).set(Field::opd2_sign, isSigned(out.type));
    operand(0, in);
    result(out);
  }

  QuantEmitter &constants(uint32_t first, uint32_t second) {
    set(Field::opd1_const, 1).set(Field::opd1_addr, first).set(Field::opd2_addr, second);
    return *this;
  }
  QuantEmitter &table(const LocalTensor &words, const LocalTensor &out, int64_t count) {
    aligned(words, "table");
    check(words.shape == Dims{1, out.c(), 1, count} && byteSize(words.type) == 4,
          "the table is not one row of 32-bit words per channel");
    sameLane(words, out, "table and result start in different lanes");
    operand(1, words);
    return *this;
  }
};

void checkRequant(Emitter &e, const LocalTensor &out, const LocalTensor &in) {
  e.check(isInteger(out.type) && byteSize(out.type) <= 2, "the result is not an 8 or 16 bit integer");
  e.check(byteSize(in.type) >= 2, "the input is not a 16 or 32 bit integer");
}

void checkDequant(Emitter &e, const LocalTensor &in) {
  e.check(byteSize(in.type) <= 2, "the input is not an 8 or 16 bit integer");
}

uint32_t requantModes(Emitter &e, Rounding toFloat, Rounding toInteger) {
  e.check(static_cast<unsigned>(toFloat) <= 4 && static_cast<unsigned>(toInteger) <= 4,
          "conversions know the first five roundings");
  return static_cast<uint32_t>(toFloat) | static_cast<uint32_t>(toInteger) << 3;
}

bool fitsShift(int64_t shift) { return shift >= -128 && shift <= 127; }
bool fitsZeroPoint(int64_t value) { return value >= -32768 && value <= 65535; }

} // namespace

void Tiu::select(Relation relation, const LocalTensor &out, const Operand &a, const Operand &b, const Operand &c,
                 const Operand &d) {
  constexpr CmpOp ops[] = {CmpOp::SelectGreat, CmpOp::SelectEqual, CmpOp::SelectLess};
  Emitter e(assembler, Format::sCMP, ops[static_cast<size_t>(relation)]);
  setCompare(e, out, a, b, c, d);
  e.check(byteSize(out.type) == byteSize(c.type()), "the result has not the selected operands' size");
  e.result(out);
  e.emit();
}

void Tiu::extremumSelect(Relation relation, const LocalTensor &out, const LocalTensor &selected, const Operand &a,
                         const Operand &b, const Operand &c, const Operand &d) {
  Emitter e(assembler, Format::sCMP, relation == Relation::Greater ? CmpOp::MaxSelectGreat : CmpOp::MinSelectLess);
  e.check(relation != Relation::Equal, "there is no such form for equality");
  setCompare(e, out, a, b, c, d);
  e.aligned(selected, "selected");
  e.sameShape(selected, out, "the two results have different shapes");
  e.sameLane(selected, out, "the two results start in different lanes");
  e.check(out.type == a.type() && byteSize(selected.type) == byteSize(c.type()),
          "the results' types do not go with the operands");
  e.result(out);
  e.set(Field::res1_addr, selected.address());
  e.access.write(selected);
  e.access.addressFields.push_back(Field::res1_addr);
  e.emit();
}

void Tiu::scaleBias(const LocalTensor &out, const LocalTensor &a, const Operand &b, const Operand &c) {
  emitLinear(assembler, LinOp::Mac, out, a, b, c);
}
void Tiu::squareSum(const LocalTensor &out, const LocalTensor &a, const Operand &b) {
  emitLinear(assembler, LinOp::SquareSum, out, a, b, std::nullopt);
}
void Tiu::squareDiff(const LocalTensor &out, const LocalTensor &a, const Operand &b) {
  emitLinear(assembler, LinOp::SquareDiff, out, a, b, std::nullopt);
}

void Tiu::taylor(const LocalTensor &out, const LocalTensor &in, const LocalTensor &coefficients) {
  Emitter e(assembler, Format::sSFU, SfuOp::Taylor4x);
  setAlignedPair(e, out, in);
  e.aligned(coefficients, "coefficients");
  e.check(isFloat(in.type) && out.type == in.type && coefficients.type == in.type,
          "input, coefficients and result are not of one floating-point type");
  int64_t count = coefficients.w();
  e.check(count >= 2, "a polynomial needs two coefficients");
  e.check(coefficients.n() == 1 && coefficients.h() == 1, "the coefficients have not the shape [1, lanes, 1, count]");
  e.sameLane(coefficients, out, "coefficients and result start in different lanes");
  e.check(coefficients.c() >= std::min(out.c(), numLanes), "a lane has no coefficients");
  e.set(Field::opd0_prec, precisionOf(in.type).value_or(Precision::FP32)).set(Field::opd1_n, count);
  // Without effect; the value follows the vendor's kernels.
  e.set(Field::opd2_n_str, (count - 1) % 4);
  e.operand(0, in).operand(1, coefficients).result(out);
  e.emit();
}

void Tiu::normalize(const LocalTensor &out, const LocalTensor &in) {
  Emitter e(assembler, Format::sSFU, SfuOp::Normalize);
  setAlignedPair(e, out, in);
  e.check(isFloat(in.type) && (out.type == in.type || (!isFloat(out.type) && byteSize(out.type) == byteSize(in.type))),
          "the result is neither of the input's type nor an integer of its size");
  e.set(Field::opd0_prec, precisionOf(in.type).value_or(Precision::FP32)).set(Field::opd2_n_str, 3);
  e.operand(0, in).result(out);
  e.emit();
}

void Tiu::rsqrt(const LocalTensor &out, const LocalTensor &in, int64_t steps) {
  Emitter e(assembler, Format::sSFU, SfuOp::Rsqrt);
  setAlignedPair(e, out, in);
  e.check(in.type == ElementType::F32 && out.type == ElementType::F32, "the reciprocal square root is for F32");
  e.check(steps >= 1 && steps <= 4, "the number of steps is not in 1..4");
  e.set(Field::opd0_prec, Precision::FP32).set(Field::opd2_n_str, steps - 1).set(Field::opd1_n, steps);
  e.operand(0, in).result(out);
  e.emit();
}

void Tiu::requant(const LocalTensor &out, const LocalTensor &in, const RequantFloat &constants) {
  QuantEmitter e(assembler, QuantOp::Rq0, out, in);
  checkRequant(e, out, in);
  e.check(isSigned(in.type), "the input is not signed");
  e.set(Field::opd2_n_str, requantModes(e, constants.toFloat, constants.toInteger));
  e.constants(std::bit_cast<uint32_t>(constants.scale), std::bit_cast<uint32_t>(constants.offset)).emit();
}

void Tiu::requantFloat(const LocalTensor &out, const LocalTensor &in, const LocalTensor &table, Rounding toFloat,
                       Rounding toInteger) {
  QuantEmitter e(assembler, QuantOp::Rq0, out, in);
  checkRequant(e, out, in);
  e.check(isSigned(in.type), "the input is not signed");
  e.set(Field::opd2_n_str, requantModes(e, toFloat, toInteger));
  e.table(table, out, 2).emit();
}

void Tiu::requant(const LocalTensor &out, const LocalTensor &in, const RequantInteger &constants) {
  QuantEmitter e(assembler, QuantOp::Rq1, out, in);
  checkRequant(e, out, in);
  e.check(fitsShift(constants.shift), "the shift is not in -128..127");
  e.check(fitsZeroPoint(constants.zeroPoint), "the zero point does not fit 16 bits");
  e.set(Field::opd2_n_str, constants.rounding);
  e.constants(static_cast<uint32_t>(constants.multiplier),
              static_cast<uint32_t>(constants.zeroPoint) << 16 | static_cast<uint8_t>(constants.shift))
      .emit();
}

void Tiu::requantInteger(const LocalTensor &out, const LocalTensor &in, const LocalTensor &table, Rounding rounding) {
  QuantEmitter e(assembler, QuantOp::Rq1, out, in);
  checkRequant(e, out, in);
  e.set(Field::opd2_n_str, rounding);
  e.table(table, out, 3).emit();
}

void Tiu::dequant(const LocalTensor &out, const LocalTensor &in, const DequantFloat &constants) {
  QuantEmitter e(assembler, QuantOp::Dq0, out, in);
  checkDequant(e, in);
  e.check(out.type == ElementType::F32, "the result is not F32");
  e.check(fitsZeroPoint(constants.zeroPoint), "the zero point does not fit 16 bits");
  e.set(Field::opd2_n_str, constants.rounding);
  e.constants(static_cast<uint16_t>(constants.zeroPoint), std::bit_cast<uint32_t>(constants.scale)).emit();
}

void Tiu::dequantFloat(const LocalTensor &out, const LocalTensor &in, const LocalTensor &table, Rounding rounding) {
  QuantEmitter e(assembler, QuantOp::Dq0, out, in);
  checkDequant(e, in);
  e.check(out.type == ElementType::F32, "the result is not F32");
  e.set(Field::opd2_n_str, rounding);
  e.table(table, out, 2).emit();
}

void Tiu::dequant(const LocalTensor &out, const LocalTensor &in, const RequantInteger &constants) {
  QuantEmitter e(assembler, QuantOp::Dq1, out, in);
  checkDequant(e, in);
  e.check(isInteger(out.type), "the result is not an integer");
  e.check(fitsShift(constants.shift), "the shift is not in -128..127");
  e.check(fitsZeroPoint(constants.zeroPoint), "the zero point does not fit 16 bits");
  e.set(Field::opd2_n_str, constants.rounding);
  e.constants(static_cast<uint32_t>(constants.shift) << 16 | static_cast<uint16_t>(constants.zeroPoint),
              static_cast<uint32_t>(constants.multiplier))
      .emit();
}

void Tiu::dequantInteger(const LocalTensor &out, const LocalTensor &in, const LocalTensor &table, Rounding rounding) {
  QuantEmitter e(assembler, QuantOp::Dq1, out, in);
  checkDequant(e, in);
  e.check(isInteger(out.type), "the result is not an integer");
  e.set(Field::opd2_n_str, rounding);
  e.table(table, out, 3).emit();
}

} // namespace tpu_mlir::bm1684x
