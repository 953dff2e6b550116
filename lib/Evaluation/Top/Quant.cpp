// Evaluation of Top ops: integer arithmetic of quantized networks, and exchange between devices.
#include "../Common.h"
#include "Rounding.h"
#include "tpu_mlir/Dialect/Top/IR/TopQuant.h"
#include "tpu_mlir/Support/Parallel.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

namespace {

constexpr int64_t grain = 4096;

Wide limited(Wide value, Wide low, Wide high) { return value < low ? low : value > high ? high : value; }
Wide to32Bits(Wide value) { return limited(value, -(Wide{1} << 31), (Wide{1} << 31) - 1); }

// value · multiplier / 2^31, rounded half up, limited to 32 bits.
Wide highProduct(Wide value, int64_t multiplier) {
  return to32Bits(shifted(value * multiplier, -31, Rounding::HalfUp));
}

// The integers that an operand stores, whatever its type, within 32 bits; others of a float type are rounded half up.
std::vector<int64_t> storedIntegers(const Tensor &tensor) {
  if (tensor.type() == ElementType::I32)
    return integersOf(tensor);
  const Tensor floats = toFloat(tensor);
  std::vector<int64_t> values(floats.elements());
  for (int64_t i = 0; i < floats.elements(); ++i) {
    const double value = std::floor(floats.data<float>()[i] + 0.5);
    values[i] = std::isnan(value) ? 0 : static_cast<int64_t>(std::clamp(value, -0x1p31, 0x1p31 - 1));
  }
  return values;
}

// The value of a list at each position of an axis: one for all, or one each.
template <typename T> struct PerPosition {
  SmallVector<T> values;
  int64_t extent = 1, inner = 1;

  PerPosition(SmallVector<T> list, const Extents &shape, int64_t axis) : values(std::move(list)) {
    if (values.size() == 1)
      return;
    axis = top::normalizeAxis(axis, shape.size());
    extent = shape[axis];
    for (size_t i = axis + 1; i < shape.size(); ++i)
      inner *= shape[i];
  }
  T operator[](int64_t element) const { return values[values.size() == 1 ? 0 : element / inner % extent]; }
};

SmallVector<float> floatsOf(ArrayAttr list) {
  SmallVector<float> values;
  for (Attribute value : list)
    values.push_back(static_cast<float>(cast<FloatAttr>(value).getValueAsDouble()));
  return values;
}

// Hands over integers: with the zero point and limits of a quantized result, else limited to 32 bits. `zeroPoint`:
// whether that of the type is still to be added.
LogicalResult finishIntegers(Call &call, const std::function<Wide(int64_t)> &value, bool addZeroPoint) {
  const std::optional<top::Quantization> quantization = call.resultQuantization();
  const Extents shape = call.resultShape();
  if (!quantization) {
    Tensor out = call.floatResult();
    parallelFor(out.elements(), grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        out.data<float>()[i] = static_cast<float>(static_cast<int64_t>(to32Bits(value(i))));
    });
    return call.finish(std::move(out));
  }
  if (!isByteType(quantization->storage))
    return call.refuse("has a quantized result of another type than 8 bits, which is not evaluated");
  Tensor out(quantization->storage, shape);
  parallelFor(out.elements(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Wide stored = value(i) + (addZeroPoint ? quantization->zeroPoint : 0);
      out.data<uint8_t>()[i] =
          static_cast<uint8_t>(static_cast<int64_t>(limited(stored, quantization->low, quantization->high)));
    }
  });
  return call.finishAsIs(std::move(out));
}

} // namespace

static LogicalResult evaluateRequantInt(top::RequantIntOp op, Call &call) {
  const Tensor &input = call.operand(op.getInput());
  const std::vector<int64_t> values = storedIntegers(input);
  const PerPosition<int64_t> multiplier(top::i64Values(op.getMultiplier()), input.shape(), op.getRqAxis());
  const PerPosition<int64_t> shift(top::i64Values(op.getRshift()), input.shape(), op.getRqAxis());
  const Rounding rounding = roundingOf(op.getRoundMode());
  const std::string mode = op.getQuantMode().str();
  return finishIntegers(
      call,
      [&](int64_t i) -> Wide {
        const Wide x = values[i];
        const int right = static_cast<int>(shift[i]);
        if (mode == "MultiplierShift")
          return shifted(x * multiplier[i], -right, rounding);
        if (mode == "OnlyShift")
          return shifted(x, -right, rounding);
        if (mode == "TFLite_LShift" && right < 0)
          return highProduct(shifted(x, -right, rounding), multiplier[i]);
        return shifted(highProduct(x, multiplier[i]), -right, rounding);
      },
      /*addZeroPoint=*/true);
}

static LogicalResult evaluateRequantFp(top::RequantFpOp op, Call &call) {
  const Tensor &input = call.operand(op.getInput());
  const std::vector<int64_t> values = storedIntegers(input);
  const PerPosition<float> scale(floatsOf(op.getScale()), input.shape(), 1);
  const PerPosition<float> offset(floatsOf(op.getOffset()), input.shape(), 1);
  const Rounding first = roundingOf(op.getFirstRoundMode()), last = roundingOf(op.getRoundMode());
  return finishIntegers(
      call,
      [&](int64_t i) -> Wide {
        const float product = toFloatRounded(values[i], first) * scale[i];
        const double result = rounded(product + offset[i], last);
        return static_cast<int64_t>(std::clamp(result, -0x1p31, 0x1p31 - 1));
      },
      /*addZeroPoint=*/false);
}

static LogicalResult evaluateDequantInt(top::DequantIntOp op, Call &call) {
  const Tensor &input = call.operand(op.getInput());
  const std::vector<int64_t> values = storedIntegers(input);
  const std::optional<top::Quantization> quantization = call.operandQuantization(0);
  const int64_t zeroPoint = quantization ? quantization->zeroPoint : 0;
  const PerPosition<int64_t> multiplier(top::i64Values(op.getMultiplier()), input.shape(), 1);
  const PerPosition<int64_t> shift(top::i64Values(op.getShift()), input.shape(), 1);
  const Rounding rounding = roundingOf(op.getRoundMode());
  const bool wide = op.getQuantMode() == "TFLite";
  const int left = static_cast<int>(op.getLshift());
  return finishIntegers(
      call,
      [&](int64_t i) -> Wide {
        const Wide x = Wide{values[i]} - zeroPoint;
        const Wide product = wide ? highProduct(shifted(x, left, rounding), multiplier[i]) : x * multiplier[i];
        return shifted(product, -static_cast<int>(shift[i]), rounding);
      },
      /*addZeroPoint=*/false);
}

template <typename OpTy> static LogicalResult evaluateCopy(OpTy op, Call &call) {
  return call.finish(call.floats(size_t{0}));
}

template <typename OpTy> static LogicalResult evaluateExchange(OpTy op, Call &call) {
  if (op.getNranks() != 1)
    return call.refuse("exchanges values of " + Twine(op.getNranks()) + " devices; the evaluation knows one");
  return call.finish(call.floats(size_t{0}));
}

void evaluation::attachTopQuantModels(MLIRContext &context) {
  attach<top::RequantIntOp, evaluateRequantInt>(context);
  attach<top::RequantFpOp, evaluateRequantFp>(context);
  attach<top::DequantIntOp, evaluateDequantInt>(context);
  attach<top::WeightReorderOp, evaluateCopy<top::WeightReorderOp>>(context);
  attach<top::C2CAllReduceOp, evaluateExchange<top::C2CAllReduceOp>>(context);
  attach<top::C2CBroadcastOp, evaluateExchange<top::C2CBroadcastOp>>(context);
}
