// Elementwise instructions: AR.
#include "Emitter.h"

namespace tpu_mlir::bm1684x {
namespace {

constexpr int64_t maxStride = (1 << 18) - 1; // elements

struct OperandFields {
  Field mode, prec, n, c, h, w;
};
constexpr OperandFields resultFields = {Field::res0_str,   Field::res0_prec,  Field::res0_n_str,
                                        Field::res0_c_str, Field::res0_h_str, Field::res0_w_str};
constexpr OperandFields operandFields[] = {
    {Field::opd0_str, Field::opd0_prec, Field::opd0_n_str, Field::opd0_c_str, Field::opd0_h_str, Field::opd0_w_str},
    {Field::opd1_str, Field::opd1_prec, Field::opd1_n_str, Field::opd1_c_str, Field::opd1_h_str, Field::opd1_w_str}};

void setLayout(Emitter &e, const OperandFields &fields, const LocalTensor &tensor, StrideMode mode) {
  e.set(fields.mode, mode);
  if (mode != StrideMode::Free)
    return;
  // Steps along axes of extent 1 do not matter, and 0 always fits.
  const int64_t steps[] = {tensor.n() > 1 ? tensor.strides[0] : 0, tensor.slots() > 1 ? tensor.strides[1] : 0,
                           tensor.h() > 1 ? tensor.strides[2] : 0, tensor.w() > 1 ? tensor.strides[3] : 0};
  for (int64_t step : steps)
    e.check(step >= 0 && step <= maxStride, "a stride is not in 0..2^18-1");
  e.set(fields.n, steps[0]).set(fields.c, steps[1]).set(fields.h, steps[2]).set(fields.w, steps[3]);
}

/// An instruction with its result and operands 0 and (optionally) 1.
class ArEmitter : public Emitter {
public:
  ArEmitter(Assembler &assembler, ArOp op, const LocalTensor &out, unsigned operandCount)
      : Emitter(assembler, Format::sAR, op), out(out) {
    inLocalMemory(out, "result");
    check(out.layout != Layout::ConvWeight, "packed weights stand where an elementwise tensor is needed");
    set(Field::tsk_opd_num, operandCount);
    StrideMode mode = strideModeOf(out);
    setLayout(*this, resultFields, out, mode == StrideMode::PerChannel ? StrideMode::Free : mode);
    for (int axis = 0; axis < 4; ++axis)
      check(axis == 1 || out.shape[axis] == 1 || out.strides[axis] != 0, "the result repeats elements");
    result(out);
  }

  ArEmitter &source(unsigned index, const Operand &operand) {
    const OperandFields &fields = operandFields[index];
    set(fields.prec, precisionOf(operand.type()).value_or(Precision::INT8));
    set(index == 0 ? Field::opd0_sign : Field::opd1_sign, isSigned(operand.type()));
    if (operand.isTensor()) {
      const LocalTensor &tensor = operand.tensor();
      inLocalMemory(tensor, index == 0 ? "a" : "b");
      check(tensor.layout != Layout::ConvWeight, "packed weights stand where an elementwise tensor is needed");
      sameShape(tensor, out, "an operand has not the result's shape");
      sameLane(tensor, out, "an operand starts in another lane than the result");
      setLayout(*this, fields, tensor, strideModeOf(tensor));
    }
    this->operand(index, operand);
    return *this;
  }

  ArEmitter &scalar(uint32_t bits, ElementType type) {
    set(Field::opd2_prec, precisionOf(type).value_or(Precision::INT8));
    operand(2, Constant{type, bits});
    return *this;
  }

private:
  const LocalTensor &out;
};

bool isInteger(ElementType type) { return !isFloat(type); }

} // namespace

void Tiu::binary(ArOp op, const LocalTensor &out, const Operand &a, const Operand &b) {
  bool bitwise = op == ArOp::And || op == ArOp::Or || op == ArOp::Xor;
  bool order = op == ArOp::Max || op == ArOp::Min;
  bool arithmetic = op == ArOp::Add || op == ArOp::Sub || op == ArOp::Mul;
  if (arithmetic && isInteger(out.type))
    return integer(op, out, a, b, {.saturate = false});
  ArEmitter e(assembler, op, out, 2);
  e.source(0, a).source(1, b);
  e.check(bitwise || order || arithmetic || op == ArOp::AbsDiff || op == ArOp::Mac, "this is not a binary operation");
  e.check(a.isTensor() || b.isTensor(), "both operands are constants");
  if (bitwise)
    e.check(byteSize(a.type()) == byteSize(out.type) && byteSize(b.type()) == byteSize(out.type),
            "operands and result of a bitwise operation have different sizes");
  else
    e.check(a.type() == out.type && b.type() == out.type, "operands and result are not of one type");
  if (op == ArOp::Mac) {
    e.check(out.type == ElementType::F32, "multiply-accumulate is for F32");
    e.access.read(out);
  }
  e.check(op != ArOp::AbsDiff || isFloat(out.type), "the absolute difference is for floating point");
  e.emit();
}

void Tiu::div(const LocalTensor &out, const Operand &a, const Operand &b, int64_t steps) {
  ArEmitter e(assembler, ArOp::Div, out, 2);
  e.source(0, a).source(1, b);
  e.check(a.isTensor() || b.isTensor(), "both operands are constants");
  e.check(out.type == ElementType::F32 && a.type() == ElementType::F32 && b.type() == ElementType::F32,
          "division is for F32");
  e.check(steps >= 1 && steps <= 4, "the number of steps is not in 1..4");
  e.set(Field::opd2_n_str, steps - 1);
  e.emit();
}

void Tiu::integer(ArOp op, const LocalTensor &out, const Operand &a, const Operand &b, const IntegerOptions &options) {
  ArOp form = !options.saturate ? op
              : op == ArOp::Add ? ArOp::Adds
              : op == ArOp::Sub ? ArOp::Subs
              : op == ArOp::Mul ? ArOp::Muls
                                : op;
  ArEmitter e(assembler, form, out, 3);
  e.check(op == ArOp::Add || op == ArOp::Sub || op == ArOp::Mul, "only add, sub and mul take a shift");
  e.source(0, a).source(1, b);
  e.check(a.isTensor() || b.isTensor(), "both operands are constants");
  e.check(isInteger(out.type) && isInteger(a.type()) && isInteger(b.type()), "an operand is not an integer");
  e.check(options.shift >= -128 && options.shift <= 127, "the shift is not in -128..127");
  e.scalar(static_cast<uint8_t>(options.shift), ElementType::I8);
  e.set(Field::opd2_n_str, options.rounding);
  e.emit();
}

void Tiu::shift(ArOp op, const LocalTensor &out, const Operand &a, const Operand &b, Rounding rounding) {
  ArEmitter e(assembler, op, out, 2);
  e.check(op == ArOp::ArithShift || op == ArOp::LogicShift || op == ArOp::CircularShift, "this is not a shift");
  e.source(0, a).source(1, b);
  e.check(a.isTensor() || b.isTensor(), "both operands are constants");
  e.check(isInteger(out.type) && isInteger(a.type()) && isInteger(b.type()), "an operand is not an integer");
  e.check(byteSize(b.type()) <= byteSize(a.type()), "the shift count is wider than the value");
  e.set(Field::opd2_n_str, rounding);
  e.emit();
}

void Tiu::selectOrZero(Relation relation, const LocalTensor &out, const Operand &a, const Operand &b,
                       const Operand &value) {
  constexpr ArOp ops[] = {ArOp::SelectGreat, ArOp::SelectEqual, ArOp::SelectLess};
  ArEmitter e(assembler, ops[static_cast<size_t>(relation)], out, 3);
  e.source(0, a).source(1, b);
  e.check(a.isTensor() || b.isTensor(), "both operands are constants");
  e.check(a.type() == b.type(), "the compared operands have different types");
  e.check(byteSize(out.type) <= byteSize(a.type()), "the result is wider than the compared operands");
  e.check(value.isConstant() && value.type() == out.type, "the value is not a constant of the result's type");
  e.scalar(value.bits(), value.type());
  e.emit();
}

void Tiu::fill(const LocalTensor &out, Constant value) {
  ArEmitter e(assembler, ArOp::Copy, out, 1);
  e.source(0, value);
  e.check(byteSize(value.type) == byteSize(out.type), "constant and result have different sizes");
  e.emit();
}

void Tiu::unary(ArOp op, const LocalTensor &out, const LocalTensor &in) {
  ArEmitter e(assembler, op, out, 1);
  e.source(0, in);
  e.check(op == ArOp::Abs || op == ArOp::Not || op == ArOp::Copy, "this is not a unary operation");
  e.check(byteSize(in.type) == byteSize(out.type) && (op != ArOp::Abs || in.type == out.type),
          "operand and result types do not go together");
  e.emit();
}

void Tiu::cast(const LocalTensor &out, const LocalTensor &in, Rounding rounding) {
  bool sameSizeIntegers = isInteger(in.type) && isInteger(out.type) && byteSize(in.type) == byteSize(out.type);
  if (sameSizeIntegers && isSigned(in.type) == isSigned(out.type))
    return copy(out, in);
  ArEmitter e(assembler, ArOp::Cast, out, 1);
  e.source(0, in);
  e.check(!(isHalf(in.type) && isHalf(out.type) && in.type != out.type), "F16 and BF16 convert through F32 only");
  bool toInteger = isFloat(in.type) && isInteger(out.type);
  e.check(!toInteger || static_cast<unsigned>(rounding) <= 4, "conversion to integers knows the first five roundings");
  e.set(Field::opd2_n_str, rounding).set(Field::opd2_sign, isSigned(out.type));
  e.emit();
}

} // namespace tpu_mlir::bm1684x
