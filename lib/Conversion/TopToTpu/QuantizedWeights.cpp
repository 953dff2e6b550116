// Weights in 8 bits: scales per channel, biases as 32-bit integers, factors of the rescaling of results.
#include "QuantizedWeights.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Kernels/Numerics.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;

int64_t tpu_mlir::quantizeValue(double value, const top::Quantization &q) {
  if (std::isnan(value))
    return q.zeroPoint;
  double scaled = std::round(value / q.scale) + static_cast<double>(q.zeroPoint);
  return static_cast<int64_t>(std::clamp(scaled, static_cast<double>(q.low), static_cast<double>(q.high)));
}

bool tpu_mlir::isQuantizedWeight(Value value) {
  auto weight = top::weightOf(value);
  return weight && weight.getScale() && !weight.getScale()->empty();
}

static std::vector<double> scalesOf(top::WeightOp weight) {
  std::vector<double> scales;
  ArrayAttr given = *weight.getScale();
  for (Attribute scale : given)
    scales.push_back(cast<FloatAttr>(scale).getValueAsDouble());
  return scales;
}

/// The axis along which the scales of a quantized weight lie: rows of filters, columns of matrices, else the one axis
/// that has as many positions.
static int64_t channelAxis(top::WeightOp weight, Operation *user, int64_t scales) {
  ArrayRef<int64_t> shape = top::shapeOf(weight.getOutput());
  int64_t rank = shape.size();
  if (isa<top::ConvOp, top::DeconvOp>(user))
    return 0;
  if (auto product = dyn_cast<top::MatMulOp>(user))
    return product.getRightTranspose() ? std::max<int64_t>(rank - 2, 0) : rank - 1;
  for (int64_t axis = 0; axis < rank; ++axis)
    if (shape[axis] == scales)
      return axis;
  return -1;
}

/// The values of a weight of any float type, or of integers that have scales.
static FailureOr<std::vector<double>> numbersOf(const Tensor &values, top::WeightOp weight) {
  if (values.type() == ElementType::F16 || values.type() == ElementType::BF16)
    return top::readWeightAsDoubles(weight);
  if (!isQuantizedWeight(weight.getOutput()))
    return failure();
  std::vector<double> numbers(values.elements());
  auto copy = [&](auto *data) { std::copy(data, data + numbers.size(), numbers.begin()); };
  if (values.type() == ElementType::I8)
    copy(values.data<int8_t>());
  else if (values.type() == ElementType::U8)
    copy(values.data<uint8_t>());
  else if (values.type() == ElementType::I32)
    copy(values.data<int32_t>());
  else
    return failure();
  return numbers;
}

FailureOr<Tensor> tpu_mlir::readFloatWeight(top::WeightOp weight, Lowering &l) {
  FailureOr<Tensor> values = top::readWeight(weight);
  if (failed(values) || values->type() == ElementType::F32)
    return values;
  FailureOr<std::vector<double>> numbers = numbersOf(*values, weight);
  if (failed(numbers))
    return l.refuse("'" + top::nameOf(weight.getOutput()) + "' holds " + std::string(tpu_mlir::name(values->type())) +
                    ", which has no place in this op");
  Tensor result(ElementType::F32, values->shape());
  std::vector<double> scales = isQuantizedWeight(weight.getOutput()) ? scalesOf(weight) : std::vector<double>{1.0};
  int64_t axis = scales.size() == 1 ? 0 : channelAxis(weight, l.op, scales.size());
  if (axis < 0 || (scales.size() > 1 && result.dim(axis) != static_cast<int64_t>(scales.size())))
    return l.refuse("the scales of '" + top::nameOf(weight.getOutput()) + "' fit no axis of it");
  int64_t inner = 1;
  for (int64_t i = axis + 1; i < result.rank(); ++i)
    inner *= result.dim(i);
  for (int64_t i = 0; i < result.elements(); ++i)
    result.data<float>()[i] =
        static_cast<float>((*numbers)[i] * (scales.size() == 1 ? scales[0] : scales[i / inner % scales.size()]));
  return result;
}

bool IntegerProduct::hasBias() const {
  return llvm::any_of(bias, [](int64_t value) { return value != 0; });
}

Tensor IntegerProduct::biasTensor(std::vector<int64_t> shape) const {
  Tensor result(ElementType::I32, std::move(shape));
  std::copy(bias.begin(), bias.end(), result.data<int32_t>());
  return result;
}

namespace {
/// Quantization of one weight with its bias.
class ProductQuantizer {
public:
  ProductQuantizer(const ChannelLayout &layout, const top::Quantization &input, const top::Quantization &output)
      : layout(layout), input(input), output(output) {}

  /// From float values; scales are chosen here unless they are given.
  IntegerProduct fromFloats(const Tensor &values, ArrayRef<double> bias, std::vector<double> given) {
    IntegerProduct result = start(values.shape(), bias);
    const int64_t lowest = given.empty() ? -127 : -128;
    for (int64_t c = 0; c < layout.channels; ++c) {
      double scale = given.empty() ? chooseScale(values, c, bias) : given[scaleIndex(c, given.size())];
      int64_t sum = 0;
      forChannel(c, [&](int64_t at) {
        int64_t q = std::clamp<int64_t>(std::llround(values.data<float>()[at] / scale), lowest, 127);
        result.weight.data<int8_t>()[at] = static_cast<int8_t>(q);
        sum += q;
      });
      finish(result, c, scale, sum, bias);
    }
    return result;
  }

  /// From integers with their scales.
  IntegerProduct fromIntegers(const Tensor &values, ArrayRef<double> bias, ArrayRef<double> scales) {
    IntegerProduct result = start(values.shape(), bias);
    for (int64_t c = 0; c < layout.channels; ++c) {
      int64_t sum = 0;
      forChannel(c, [&](int64_t at) { sum += result.weight.data<int8_t>()[at] = values.data<int8_t>()[at]; });
      finish(result, c, scales[scaleIndex(c, scales.size())], sum, bias);
    }
    return result;
  }

private:
  template <typename Fn> void forChannel(int64_t c, Fn fn) {
    const int64_t place = c % layout.perGroup() * layout.groups + c / layout.perGroup();
    for (int64_t o = 0; o < layout.outer; ++o)
      for (int64_t i = 0; i < layout.inner; ++i)
        fn((o * layout.channels + place) * layout.inner + i);
  }

  /// One scale for all channels, one for each, or one for each of a group.
  size_t scaleIndex(int64_t c, size_t count) const {
    return count == 1 ? 0 : count == static_cast<size_t>(layout.channels) ? c : c % layout.perGroup();
  }

  IntegerProduct start(const std::vector<int64_t> &shape, ArrayRef<double> bias) {
    int64_t columns = std::max<int64_t>(layout.channels, bias.size());
    return {Tensor(ElementType::I8, shape), std::vector<int64_t>(columns), std::vector<double>(layout.channels)};
  }

  /// The channel's largest value at 127, and wider where the bias needs it.
  double chooseScale(const Tensor &values, int64_t c, ArrayRef<double> bias) {
    double largest = 0, largestBias = 0;
    forChannel(c, [&](int64_t at) { largest = std::max(largest, std::abs(double{values.data<float>()[at]})); });
    if (layout.channels > 1 && !bias.empty())
      largestBias = std::abs(bias[c]);
    else
      for (double value : bias)
        largestBias = std::max(largestBias, std::abs(value));
    double scale = std::max(largest / 127, largestBias / (input.scale * biasLimit()));
    return scale > 0 ? scale : 1.0;
  }

  /// What is left of 30 bits for the bias itself when the input's zero point is taken off too.
  double biasLimit() const {
    double zeroPointPart = std::abs(static_cast<double>(input.zeroPoint)) * 127 * layout.outer * layout.inner;
    return std::max((int64_t{1} << 30) - zeroPointPart, 1024.0);
  }

  void finish(IntegerProduct &result, int64_t c, double scale, int64_t sum, ArrayRef<double> bias) {
    // With one scale for all columns there is one sum only where the zero point is 0, see the callers.
    result.outputScale[c] = static_cast<float>(input.scale * scale / output.scale);
    size_t begin = layout.channels > 1 ? c : 0, end = layout.channels > 1 ? c + 1 : result.bias.size();
    for (size_t n = begin; n < end; ++n) {
      double real = bias.empty() ? 0.0 : std::round(bias[n] / (input.scale * scale));
      double limit = static_cast<double>(INT32_MAX);
      result.bias[n] = static_cast<int64_t>(
          std::clamp(real - static_cast<double>(input.zeroPoint) * static_cast<double>(sum), -limit, limit));
    }
  }

  const ChannelLayout &layout;
  const top::Quantization &input, &output;
};
} // namespace

static LogicalResult requireFinite(Lowering &l, StringRef name, const Tensor &values) {
  const float *data = values.data<float>();
  if (std::all_of(data, data + values.elements(), [](float value) { return std::isfinite(value); }))
    return success();
  return l.refuse("'" + name + "' has values that are not finite, which INT8 cannot express");
}

FailureOr<IntegerProduct> tpu_mlir::quantizeProduct(Lowering &l, Value weight, Value bias, const ChannelLayout &layout,
                                                    const top::Quantization &input, const top::Quantization &output) {
  std::vector<double> biasValues;
  if (auto biasOp = top::weightOf(bias)) {
    FailureOr<Tensor> read = readFloatWeight(biasOp, l);
    if (failed(read))
      return failure();
    if (failed(requireFinite(l, top::nameOf(bias), *read)))
      return failure();
    biasValues.assign(read->data<float>(), read->data<float>() + read->elements());
    if (biasValues.size() == 1)
      biasValues.resize(layout.channels, biasValues.front());
  }
  auto weightOp = top::weightOf(weight);
  std::vector<double> scales;
  if (isQuantizedWeight(weight))
    scales = scalesOf(weightOp);
  if (layout.channels > 1 && !biasValues.empty() && static_cast<int64_t>(biasValues.size()) != layout.channels)
    return l.refuse("'" + top::nameOf(bias) + "' has " + Twine(biasValues.size()) + " values for " +
                    Twine(layout.channels) + " channels");
  if (int64_t count = scales.size(); count > 1 && count != layout.channels && count != layout.perGroup())
    return l.refuse("'" + top::nameOf(weight) + "' has " + Twine(scales.size()) + " scales for " +
                    Twine(layout.channels) + " channels");
  FailureOr<Tensor> values = top::readWeight(weightOp);
  if (failed(values))
    return failure();
  ProductQuantizer quantizer(layout, input, output);
  if (values->type() == ElementType::I8 && !scales.empty())
    return quantizer.fromIntegers(*values, biasValues, scales);
  values = readFloatWeight(weightOp, l);
  if (failed(values) || failed(requireFinite(l, top::nameOf(weight), *values)))
    return failure();
  return quantizer.fromFloats(*values, biasValues, scales);
}

/// scale = multiplier * 2^-shift with a multiplier of 31 bits; fewer where the shift would leave 64-bit arithmetic.
static std::pair<int64_t, int64_t> multiplierAndShift(double scale) {
  if (!(scale > 0))
    return {0, 0};
  int exponent;
  double fraction = std::frexp(scale, &exponent);
  int64_t multiplier = std::llround(std::ldexp(fraction, 31)), shift = 31 - exponent;
  if (multiplier == int64_t{1} << 31) {
    multiplier >>= 1;
    --shift;
  }
  if (shift > 62) {
    multiplier = std::llround(std::ldexp(static_cast<double>(multiplier), static_cast<int>(62 - shift)));
    shift = 62;
  }
  return {multiplier, shift};
}

void tpu_mlir::setRescaling(Lowering &l, NamedAttrList &attrs, ArrayRef<double> scales, StringRef multipliers,
                            StringRef shifts, tpu::RoundMode rounding) {
  MLIRContext *context = l.op->getContext();
  attrs.set("quant_mode", tpu::RequantModeAttr::get(context, l.quantMode()));
  if (l.quantMode() == tpu::RequantMode::OnlyScale) {
    attrs.set("out_scales", l.builder.getF64ArrayAttr(scales));
    return;
  }
  SmallVector<int64_t> factors, amounts;
  for (double scale : scales) {
    auto [multiplier, shift] = multiplierAndShift(scale);
    factors.push_back(multiplier);
    amounts.push_back(shift);
  }
  attrs.set(multipliers, l.builder.getI64ArrayAttr(factors));
  attrs.set(shifts, l.builder.getI64ArrayAttr(amounts));
  attrs.set("round_mode", tpu::RoundModeAttr::get(context, rounding));
}

void tpu_mlir::foldReluLimit(NamedAttrList &attrs, const top::Quantization &output) {
  auto limit = dyn_cast_or_null<FloatAttr>(attrs.get("relu_limit"));
  double highest = static_cast<double>(output.high - output.zeroPoint) * output.scale;
  if (limit && limit.getValueAsDouble() > 0 && highest <= limit.getValueAsDouble() * (1 + 1e-6))
    attrs.set("relu_limit", FloatAttr::get(limit.getType(), -1.0));
}
