// Evaluation of Cast, look-up in tables, Load and Store. Groups are run by the interpreter.
#include "../Integer.h"
#include "../Layout.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

// The chip's integer formats; 64-bit integers do not exist there.
struct IntegerFormat {
  kernels::Precision precision;
  bool isSigned;
};
static std::optional<IntegerFormat> integerFormatOf(ElementType type) {
  switch (type) {
  case ElementType::I8:
    return IntegerFormat{kernels::Precision::I8, true};
  case ElementType::U8:
    return IntegerFormat{kernels::Precision::I8, false};
  case ElementType::I16:
    return IntegerFormat{kernels::Precision::I16, true};
  case ElementType::U16:
    return IntegerFormat{kernels::Precision::I16, false};
  case ElementType::I32:
    return IntegerFormat{kernels::Precision::I32, true};
  case ElementType::U32:
    return IntegerFormat{kernels::Precision::I32, false};
  default:
    return std::nullopt;
  }
}

static void storeInteger(Tensor &out, int64_t index, int64_t value) {
  switch (byteSize(out.type())) {
  case 1:
    out.data<uint8_t>()[index] = static_cast<uint8_t>(value);
    break;
  case 2:
    out.data<uint16_t>()[index] = static_cast<uint16_t>(value);
    break;
  default:
    out.data<uint32_t>()[index] = static_cast<uint32_t>(value);
    break;
  }
}

// Float to float: the halves' encodings.
static LogicalResult castToFloat(Call &call, const Tensor &values, ElementType to, kernels::RoundMode mode) {
  if (to == ElementType::F32)
    return call.finishAsIs(values);
  return call.finishAsIs(fromFloat(values, to, mode));
}

static LogicalResult castToInteger(Call &call, const Tensor &values, ElementType to, kernels::RoundMode mode) {
  const std::optional<IntegerFormat> format = integerFormatOf(to);
  if (!format)
    return call.refuse("converts to " + Twine(name(to)) + ", which the chip does not have");
  Tensor out(to, values.shape());
  for (int64_t i = 0; i < values.elements(); ++i)
    storeInteger(out, i, kernels::floatToInt(values.data<float>()[i], format->precision, format->isSigned, mode));
  return call.finishAsIs(std::move(out));
}

// Integers of at most 32 bits to others: saturated.
static LogicalResult castIntegers(Call &call, const Tensor &in, ElementType to) {
  const std::optional<IntegerFormat> format = integerFormatOf(to);
  if (!format)
    return call.refuse("converts to " + Twine(name(to)) + ", which the chip does not have");
  Tensor out(to, in.shape());
  const bool exact = byteSize(in.type()) == 4; // beyond what f32 holds
  const Tensor floats = exact ? Tensor() : toFloat(in);
  for (int64_t i = 0; i < in.elements(); ++i) {
    const int64_t value = !exact                          ? static_cast<int64_t>(floats.data<float>()[i])
                          : in.type() == ElementType::I32 ? int64_t{in.data<int32_t>()[i]}
                                                          : int64_t{in.data<uint32_t>()[i]};
    storeInteger(out, i, kernels::saturate(value, format->precision, format->isSigned));
  }
  return call.finishAsIs(std::move(out));
}

static LogicalResult evaluateCast(tpu::CastOp op, Call &call) {
  const ElementType to = call.resultType();
  const std::optional<kernels::RoundMode> rounding = roundModeOf(op.getRoundMode());
  if (!rounding)
    return call.refuse("has the rounding mode " + tpu::stringifyRoundMode(op.getRoundMode()) +
                       ", which the chip does not have");
  const kernels::RoundMode mode = *rounding;
  const Tensor &in = call.operand(size_t{0});
  std::optional<top::Quantization> from, into;
  if (op.getWithScale()) {
    from = call.operandQuantization(0);
    into = call.resultQuantization();
  }
  if (from == into && in.type() == to)
    return call.finishAsIs(in);
  if (in.type() == ElementType::I64 || to == ElementType::I64)
    return call.refuse("converts 64-bit integers, which the chip does not have");
  if (!from && !into && !isFloatType(in.type()) && !isFloatType(to))
    return castIntegers(call, in, to);
  const Tensor values = from ? call.floats(size_t{0}) : toFloat(in);
  if (into) {
    if (!isByteType(to))
      return call.refuse("quantizes to " + Twine(name(to)) + "; 8 bits are supported");
    return call.finishAsIs(quantized(values, *into, mode));
  }
  if (isFloatType(to)) // real values become halves with ties to even
    return castToFloat(call, values, to, from ? kernels::RoundMode::HalfEven : mode);
  return castToInteger(call, values, to, mode);
}

static LogicalResult evaluateLut(tpu::LutOp op, Call &call) {
  const Tensor &in = call.operand(op.getInput()), &table = call.operand(op.getTable());
  Tensor out(call.resultType(), in.shape());
  if (!isByteType(in.type()) || !isByteType(out.type()) || table.bytes() != 256)
    return call.refuse("looks up bytes in a table of 256 bytes");
  kernels::lookUp(in.data<uint8_t>(), table.data<uint8_t>(), out.data<uint8_t>(), in.elements());
  return call.finishAsIs(std::move(out));
}

void evaluation::attachTpuStructureModels(MLIRContext &context) {
  attach<tpu::CastOp, evaluateCast>(context);
  attach<tpu::LutOp, evaluateLut>(context);
  attach<tpu::LoadOp, evaluateReshapeOp<tpu::LoadOp>>(context);
  attach<tpu::StoreOp, evaluateReshapeOp<tpu::StoreOp>>(context);
}
