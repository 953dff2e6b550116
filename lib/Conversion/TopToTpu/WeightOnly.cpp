// Lowering with integer weights and half-precision activations: matrix products become A16MatMul, whose weights have a
// scale and a zero point per output column and group of the inner axis; convolutions get an si8 filter with one scale
// per output channel.
#include "WeightOnly.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Kernels/Numerics.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;

std::optional<WeightOnly> tpu_mlir::weightOnlyMode(StringRef mode) {
  std::string upper = mode.upper();
  for (int64_t bits : {8, 4})
    for (ElementType type : {ElementType::F16, ElementType::BF16})
      if (upper == "W" + std::to_string(bits) + StringRef(std::string(name(type))).upper())
        return WeightOnly{type, bits};
  return std::nullopt;
}

namespace {
kernels::Precision precisionOf(ElementType half) {
  return half == ElementType::F16 ? kernels::Precision::F16 : kernels::Precision::BF16;
}

/// The weights of a matrix product as A16MatMul stores them.
struct GroupedWeights {
  Tensor weight, scale, zeroPoint;
  int64_t groupSize;
};

/// Scale (rounded to the half type) and zero point of the values of one group.
class GroupQuantizer {
public:
  GroupQuantizer(const WeightOnly &mode) : mode(mode), precision(precisionOf(mode.activation)) {}

  uint16_t scaleBits = 0;
  int64_t zeroPoint = 0;

  /// The scale is rounded up, so that the largest value is not cut off; without any values but 0 it is 1.
  void fit(const float *values, int64_t count) {
    auto [low, high] = std::minmax_element(values, values + count);
    double min = std::min(*low, 0.0f), max = std::max(*high, 0.0f);
    double step = mode.symmetric ? std::max(-min, max) / highest(true) : (max - min) / highest(false);
    scaleBits = kernels::floatToHalf(precision, static_cast<float>(step), kernels::RoundMode::Up);
    if (kernels::halfToFloat(precision, scaleBits) == 0)
      scaleBits = kernels::floatToHalf(precision, 1.0f);
    scale = kernels::halfToFloat(precision, scaleBits);
    zeroPoint = mode.symmetric ? 0 : std::clamp<int64_t>(std::lround(-min / scale), 0, highest(false));
  }

  /// The stored bits of a value.
  uint8_t quantize(float value) const {
    int64_t q = std::lround(value / static_cast<double>(scale)) + zeroPoint;
    q = mode.symmetric ? std::clamp<int64_t>(q, -highest(true) - 1, highest(true))
                       : std::clamp<int64_t>(q, 0, highest(false));
    return static_cast<uint8_t>(q) & static_cast<uint8_t>((1 << mode.bits) - 1);
  }

private:
  int64_t highest(bool isSigned) const { return (int64_t{1} << (mode.bits - isSigned)) - 1; }

  const WeightOnly &mode;
  const kernels::Precision precision;
  float scale = 1;
};

/// Quantizes rows [columns of the product, inner size] of a matrix.
GroupedWeights quantizeGroups(const std::vector<float> &rows, int64_t columns, int64_t inner, const WeightOnly &mode) {
  int64_t group = mode.groupSize > 0 && inner % mode.groupSize == 0 ? mode.groupSize : inner;
  int64_t groups = inner / group, perByte = 8 / mode.bits;
  GroupedWeights result{Tensor(ElementType::U8, {columns, inner / perByte}), Tensor(mode.activation, {columns, groups}),
                        mode.symmetric ? Tensor() : Tensor(ElementType::U8, {columns, groups}),
                        group == inner ? 0 : group};
  uint8_t *stored = result.weight.data<uint8_t>();
  std::fill_n(stored, result.weight.elements(), uint8_t{0});
  GroupQuantizer quantizer(mode);
  for (int64_t g = 0; g < columns * groups; ++g) {
    const float *values = rows.data() + g * group;
    quantizer.fit(values, group);
    result.scale.data<uint16_t>()[g] = quantizer.scaleBits;
    if (!mode.symmetric)
      result.zeroPoint.data<uint8_t>()[g] = static_cast<uint8_t>(quantizer.zeroPoint);
    for (int64_t i = 0; i < group; ++i) {
      int64_t at = g * group + i;
      stored[at / perByte] |= static_cast<uint8_t>(quantizer.quantize(values[i]) << (mode.bits * (at % perByte)));
    }
  }
  return result;
}

/// The constant right matrix of a product, as rows [columns, inner size], if A16MatMul can take it.
FailureOr<std::vector<float>> rowsOf(top::MatMulOp op, int64_t columns, int64_t inner) {
  FailureOr<Tensor> values = top::readWeight(top::weightOf(op.getRight()));
  if (failed(values))
    return failure();
  const float *data = values->data<float>();
  std::vector<float> rows(data, data + columns * inner);
  if (!op.getRightTranspose())
    for (int64_t n = 0; n < columns; ++n)
      for (int64_t k = 0; k < inner; ++k)
        rows[n * inner + k] = data[k * columns + n];
  return rows;
}

bool takesIntegerWeights(top::MatMulOp op, const WeightOnly &mode) {
  auto weight = top::weightOf(op.getRight());
  ArrayRef<int64_t> shape = top::shapeOf(op.getRight()), input = top::shapeOf(op.getInput());
  if (!weight || shape.size() < 2 || input.size() < 2 ||
      top::elementsOf(op.getRight()) != shape.back() * shape.rbegin()[1])
    return false;
  if (op.getLeftTranspose() || op.getHdimIsBatch() || op.getOutputTranspose() || !op.getKeepDims() || op.getIsLora() ||
      op.getDqType() != "NONE" || top::elementTypeOf(op.getRight().getType()) != ElementType::F32)
    return false;
  int64_t inner = input.back(), columns = op.getRightTranspose() ? shape.rbegin()[1] : shape.back();
  ArrayRef<int64_t> output = top::shapeOf(op.getOutput());
  bool bias = top::isNone(op.getBias()) || (top::weightOf(op.getBias()) && top::elementsOf(op.getBias()) == columns);
  return bias && output.size() == input.size() && output.drop_back() == input.drop_back() && output.back() == columns &&
         inner % (8 / mode.bits) == 0;
}

LogicalResult lowerMatMul(top::MatMulOp op, Lowering &l, const WeightOnly &mode) {
  ArrayRef<int64_t> shape = top::shapeOf(op.getOutput());
  int64_t columns = shape.back(), inner = top::shapeOf(op.getInput()).back();
  FailureOr<Value> input = l.operand(op.getInput()), bias = l.operand(op.getBias());
  FailureOr<std::vector<float>> rows = rowsOf(op, columns, inner);
  if (failed(input) || failed(bias) || failed(rows))
    return failure();
  std::string part = op.getDoRelu() ? "_a16matmul" : "";
  GroupedWeights made = quantizeGroups(*rows, columns, inner, mode);
  Value scale = l.weight(part + "_scale_" + std::string(name(mode.activation)), made.scale);
  Value zeroPoint = mode.symmetric ? l.none() : l.weight(part + "_zp", made.zeroPoint);
  Value weight = l.weight(part + "_uint", made.weight);
  NamedAttrList attrs;
  attrs.set("w_transpose", l.builder.getBoolAttr(true));
  attrs.set("weight_bits", l.builder.getI64IntegerAttr(mode.bits));
  attrs.set("sign", l.builder.getBoolAttr(true));
  attrs.set("q_group_size", l.builder.getI64IntegerAttr(made.groupSize));
  SmallVector<Value> operands{*input, weight, scale, zeroPoint, *bias};
  if (!op.getDoRelu())
    return l.replace(tpu::A16MatMulOp::getOperationName(), operands, attrs);
  Location inner_loc = top::nameLoc(op.getContext(), (top::nameOf(op.getOutput()) + part).str());
  Type type = RankedTensorType::get(shape, l.elementType());
  Value product = l.create(tpu::A16MatMulOp::getOperationName(), operands, type, attrs, inner_loc);
  NamedAttrList relu;
  relu.set("relu_limit", op.getReluLimitAttr());
  return l.replace(tpu::ReluOp::getOperationName(), product, relu);
}
/// An si8 filter with a symmetric scale per output channel.
struct ChannelWeights {
  Tensor filter;
  std::vector<double> scales;
};

/// Without clipping: the scale of the least squared error makes filters weaker on the whole, which costs deep networks
/// more than it gains (resnet18 in 4 bits: cosine 0.93 instead of 0.96).
ChannelWeights quantizeChannels(const Tensor &filter, const WeightOnly &mode) {
  int64_t channels = filter.dim(0), count = filter.elements() / std::max<int64_t>(channels, 1);
  const int64_t highest = (int64_t{1} << (mode.bits - 1)) - 1;
  ChannelWeights result{Tensor(ElementType::I8, filter.shape()), std::vector<double>(channels, 1.0)};
  for (int64_t c = 0; c < channels; ++c) {
    const float *values = filter.data<float>() + c * count;
    float largest = 0;
    for (int64_t i = 0; i < count; ++i)
      largest = std::max(largest, std::abs(values[i]));
    float scale = largest / static_cast<float>(highest);
    if (!(scale >= 0x1p-126f))
      scale = 1;
    result.scales[c] = scale;
    for (int64_t i = 0; i < count; ++i)
      result.filter.data<int8_t>()[c * count + i] = static_cast<int8_t>(
          std::clamp<int64_t>(std::lround(values[i] / static_cast<double>(scale)), -highest - 1, highest));
  }
  return result;
}

/// Lowers as in half precision, then gives the convolution the integer filter.
LogicalResult lowerConv(top::ConvOp op, Lowering &l, const WeightOnly &mode, const LoweringFn &half) {
  FailureOr<Tensor> values = top::readWeight(top::weightOf(op.getFilter()));
  if (failed(values))
    return failure();
  std::string base = top::nameOf(op.getOutput()).str();
  Operation *next = op->getNextNode();
  if (failed(half(l)))
    return failure();
  Operation *made = next->getPrevNode();
  while (made && !isa<tpu::Conv2DOp>(made))
    made = made->getPrevNode();
  auto conv = cast<tpu::Conv2DOp>(made);
  ArrayRef<int64_t> shape = top::shapeOf(conv.getFilter());
  ChannelWeights weights = quantizeChannels(values->reshaped(std::vector<int64_t>(shape.begin(), shape.end())), mode);
  OpBuilder builder(conv);
  auto filter = top::createWeight(builder, base + "_filter_i8", weights.filter,
                                  RankedTensorType::get(shape, builder.getIntegerType(8, /*isSigned=*/true)));
  conv.getFilterMutable().assign(filter.getOutput());
  conv.setOutScalesAttr(builder.getF64ArrayAttr(weights.scales));
  conv.setWeightBitsAttr(builder.getI64IntegerAttr(mode.bits));
  return success();
}
} // namespace

void tpu_mlir::addWeightOnlyLowerings(LoweringTable &table, const WeightOnly &mode) {
  LoweringFn &product = table[top::MatMulOp::getOperationName()], &convolution = table[top::ConvOp::getOperationName()];
  product = [mode, half = product](Lowering &l) {
    auto op = cast<top::MatMulOp>(l.op);
    return l.type == mode.activation && takesIntegerWeights(op, mode) ? lowerMatMul(op, l, mode) : half(l);
  };
  convolution = [mode, half = convolution](Lowering &l) {
    auto op = cast<top::ConvOp>(l.op);
    bool constant = l.type == mode.activation && top::weightOf(op.getFilter()) &&
                    top::elementTypeOf(op.getFilter().getType()) == ElementType::F32;
    return constant ? lowerConv(op, l, mode, half) : half(l);
  };
}
