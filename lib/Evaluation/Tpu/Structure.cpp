// Evaluation of Cast, Load and Store. Groups are run by the interpreter.
#include "../Layout.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Support/Parallel.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static kernels::RoundMode roundModeOf(tpu::RoundMode mode, bool &known) {
  known = true;
  switch (mode) {
  case tpu::RoundMode::HalfAwayFromZero:
    return kernels::RoundMode::HalfAway;
  case tpu::RoundMode::HalfUp:
    return kernels::RoundMode::HalfUp;
  case tpu::RoundMode::HalfDown:
    return kernels::RoundMode::HalfDown;
  case tpu::RoundMode::HalfToEven:
    return kernels::RoundMode::HalfEven;
  case tpu::RoundMode::TowardsZero:
    return kernels::RoundMode::TowardZero;
  case tpu::RoundMode::Up:
    return kernels::RoundMode::Up;
  case tpu::RoundMode::Down:
    return kernels::RoundMode::Down;
  case tpu::RoundMode::HalfToOdd:
  case tpu::RoundMode::HalfTowardsZero:
    break;
  }
  known = false;
  return kernels::RoundMode::HalfEven;
}

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

static bool isQuantized(Value value) {
  return isa<quant::QuantizedType>(cast<ShapedType>(value.getType()).getElementType()) &&
         !isa<quant::CalibratedQuantizedType>(cast<ShapedType>(value.getType()).getElementType());
}

static LogicalResult evaluateCast(tpu::CastOp op, Call &call) {
  const ElementType to = call.resultType();
  bool known;
  const kernels::RoundMode mode = roundModeOf(op.getRoundMode(), known);
  if (!known)
    return call.refuse("has the rounding mode " + tpu::stringifyRoundMode(op.getRoundMode()) +
                       ", which the chip does not have");
  if (isQuantized(op.getInput()) || isQuantized(op.getOutput()))
    return call.refuse("converts quantized types, which is not supported");
  const Tensor &in = call.operand(size_t{0});
  if (in.type() == to)
    return call.finishAsIs(in);
  if (in.type() == ElementType::I64 || to == ElementType::I64)
    return call.refuse("converts 64-bit integers, which the chip does not have");
  const Tensor floats = toFloat(in);
  Tensor out(to, in.shape());
  if (to == ElementType::F32)
    return call.finishAsIs(floats);
  if (isFloatType(to)) {
    parallelFor(in.elements(), 32768, [&](int64_t begin, int64_t end) {
      kernels::convertF32ToHalf(precisionOf(to), floats.data<float>() + begin, out.data<uint16_t>() + begin,
                                end - begin, mode);
    });
    return call.finishAsIs(std::move(out));
  }
  const std::optional<IntegerFormat> format = integerFormatOf(to);
  if (!format || !isFloatType(in.type()))
    return call.refuse("converts " + Twine(name(in.type())) + " to " + Twine(name(to)) + ", which is not supported");
  for (int64_t i = 0; i < in.elements(); ++i)
    storeInteger(out, i, kernels::floatToInt(floats.data<float>()[i], format->precision, format->isSigned, mode));
  return call.finishAsIs(std::move(out));
}

void evaluation::attachTpuStructureModels(MLIRContext &context) {
  attach<tpu::CastOp, evaluateCast>(context);
  attach<tpu::LoadOp, evaluateReshapeOp<tpu::LoadOp>>(context);
  attach<tpu::StoreOp, evaluateReshapeOp<tpu::StoreOp>>(context);
}
