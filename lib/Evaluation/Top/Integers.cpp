// Evaluation of the Top ops on integers: casts that round and saturate, arithmetic with shifts, tables of bytes.
#include "Broadcast.h"
#include "Rounding.h"
#include "tpu_mlir/Dialect/Top/IR/TopMath.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

namespace {

struct Range {
  int bits; // 0: no integer type
  bool isSigned;
  Wide low() const { return isSigned ? -(Wide{1} << (bits - 1)) : Wide{0}; }
  Wide high() const { return (Wide{1} << (isSigned ? bits - 1 : bits)) - 1; }
};

Range rangeNamed(StringRef name) {
  const bool isUnsigned = name.consume_front("U");
  int bits = 0;
  if (!name.consume_front("INT") || name.getAsInteger(10, bits))
    return {0, false};
  return {bits, !isUnsigned};
}

Range rangeOf(ElementType type) {
  switch (type) {
  case ElementType::I8:
    return {8, true};
  case ElementType::U8:
    return {8, false};
  case ElementType::I16:
    return {16, true};
  case ElementType::U16:
    return {16, false};
  case ElementType::I32:
    return {32, true};
  case ElementType::U32:
    return {32, false};
  case ElementType::I64:
    return {64, true};
  default:
    return {0, false};
  }
}

// The values as they are stored, as integers; floats are rounded towards zero and limited to 54 bits.
std::vector<int64_t> storedIntegers(const Tensor &tensor) {
  if (!isFloatType(tensor.type())) {
    const Tensor floats =
        tensor.type() == ElementType::I32 || tensor.type() == ElementType::I64 ? Tensor() : toFloat(tensor);
    if (floats.empty())
      return integersOf(tensor);
    return {floats.data<float>(), floats.data<float>() + floats.elements()};
  }
  const Tensor floats = toFloat(tensor);
  std::vector<int64_t> values(floats.elements());
  constexpr double limit = static_cast<double>(int64_t{1} << 53);
  for (int64_t i = 0; i < floats.elements(); ++i) {
    const double value = floats.data<float>()[i];
    values[i] = std::isnan(value) ? 0 : static_cast<int64_t>(std::clamp(value, -limit, limit));
  }
  return values;
}

void storeInteger(Tensor &tensor, int64_t i, Wide value) {
  switch (byteSize(tensor.type())) {
  case 1:
    tensor.data<uint8_t>()[i] = static_cast<uint8_t>(value);
    break;
  case 2:
    tensor.data<uint16_t>()[i] = static_cast<uint16_t>(value);
    break;
  case 4:
    tensor.data<uint32_t>()[i] = static_cast<uint32_t>(value);
    break;
  default:
    tensor.data<uint64_t>()[i] = static_cast<uint64_t>(value);
    break;
  }
}

struct ShiftArguments {
  StringRef mode;
  int shift;
  bool reverse, saturate;
  Rounding rounding;
};

Wide combined(StringRef mode, Wide a, Wide b) { return mode == "Add" ? a + b : mode == "Sub" ? a - b : a * b; }

} // namespace

// Products of 54-bit values and a shift by 31 bits would not fit: operands are limited so that they do.
static LogicalResult evaluateShift(Call &call, const Tensor &left, const Tensor &right,
                                   const ShiftArguments &arguments) {
  const Extents shape = call.resultShape();
  const std::vector<int64_t> a = storedIntegers(broadcastTo(left, shape));
  const std::vector<int64_t> b = storedIntegers(broadcastTo(right, shape));
  const ElementType type = call.resultType();
  const Range range = rangeOf(type);
  Tensor out(range.bits ? type : ElementType::F32, shape);
  constexpr int64_t limit = int64_t{1} << 47;
  for (int64_t i = 0; i < out.elements(); ++i) {
    Wide x = std::clamp(a[i], -limit, limit), y = std::clamp(b[i], -limit, limit);
    if (arguments.reverse)
      std::swap(x, y);
    Wide value = shifted(combined(arguments.mode, x, y), arguments.shift, arguments.rounding);
    if (range.bits && arguments.saturate)
      value = std::clamp(value, range.low(), range.high());
    if (range.bits)
      storeInteger(out, i, value);
    else
      out.data<float>()[i] = static_cast<float>(value);
  }
  return range.bits ? call.finishAsIs(std::move(out)) : call.finish(std::move(out));
}

static LogicalResult evaluateBinaryShift(top::BinaryShiftOp op, Call &call) {
  return evaluateShift(
      call, call.operand(op.getInput1()), call.operand(op.getInput2()),
      {op.getMode(), op.getShift(), op.getIsReverse(), op.getSaturation(), roundingOf(op.getRoundMode())});
}

static LogicalResult evaluateBinaryConstShift(top::BinaryConstShiftOp op, Call &call) {
  Tensor scale(ElementType::I32, {1});
  *scale.data<int32_t>() = op.getScale();
  return evaluateShift(
      call, call.operand(op.getInput()), scale,
      {op.getMode(), op.getShift(), op.getIsReverse(), op.getSaturation(), roundingOf(op.getRoundMode())});
}

static LogicalResult evaluateCast(top::CastOp op, Call &call) {
  const StringRef to = op.getTo();
  if (to == "BOOL")
    return evaluateEach(call, [](float x) { return x != 0 ? 1.0f : 0.0f; });
  if (to == "F16" || to == "BF16") {
    Tensor values = call.floats(size_t{0}).clone();
    roundToType(values.data<float>(), values.elements(), to == "F16" ? ElementType::F16 : ElementType::BF16);
    return call.finish(std::move(values));
  }
  const Range range = rangeNamed(to);
  if (!range.bits)
    return call.finish(call.floats(size_t{0}));
  const Rounding rounding = roundingOf(op.getRoundMode());
  const double low = static_cast<double>(range.low()), high = static_cast<double>(range.high());
  return evaluateEach(call, [=](float x) {
    return std::isnan(x) ? 0.0f : static_cast<float>(std::clamp(rounded(x, rounding), low, high));
  });
}

static LogicalResult evaluateLut(top::LutOp op, Call &call) {
  const std::vector<int64_t> places = storedIntegers(call.operand(op.getInput()));
  const Tensor &table = call.operand(op.getTable());
  for (int64_t place : places)
    if (place < -128 || place > 255)
      return call.refuse("looks up " + Twine(place) + ", which is no byte");
  const bool asIs = table.type() == call.resultType();
  const Tensor values = asIs ? table : call.floats(op.getTable());
  const size_t bytes = byteSize(values.type());
  Tensor out(values.type(), call.resultShape());
  for (size_t i = 0; i < places.size(); ++i)
    std::memcpy(out.data<uint8_t>() + i * bytes, values.data<uint8_t>() + (places[i] & 255) * bytes, bytes);
  return asIs ? call.finishAsIs(std::move(out)) : call.finish(std::move(out));
}

void evaluation::attachTopIntegerModels(MLIRContext &context) {
  attach<top::BinaryShiftOp, evaluateBinaryShift>(context);
  attach<top::BinaryConstShiftOp, evaluateBinaryConstShift>(context);
  attach<top::CastOp, evaluateCast>(context);
  attach<top::LutOp, evaluateLut>(context);
}
