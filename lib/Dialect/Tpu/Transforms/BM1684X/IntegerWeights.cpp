// Packing of integer weights for products and convolutions of halves.
#include "IntegerWeights.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Kernels/Numerics.h"
#include "tpu_mlir/Target/BM1684X/IntegerWeights.h"
#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

using namespace mlir;
using namespace tpu_mlir;

namespace {

ElementType typeOf(Value value) { return top::elementTypeOf(value.getType()); }

kernels::Precision precisionOf(ElementType half) {
  return half == ElementType::F16 ? kernels::Precision::F16 : kernels::Precision::BF16;
}

FailureOr<Tensor> read(Value value) {
  if (auto weight = top::weightOf(value))
    return top::readWeight(weight);
  return emitError(value.getLoc(), "weight-reorder: an integer weight that is computed cannot be packed");
}

void setWeight(OpOperand &operand, StringRef name, const Tensor &values) {
  OpBuilder builder(operand.getOwner());
  auto old = top::weightOf(operand.get());
  operand.set(top::createWeight(builder, name, values).getOutput());
  if (old && old->use_empty())
    old->erase();
}

void drop(OpOperand &operand) {
  auto old = top::weightOf(operand.get());
  operand.set(top::noneFor(operand.getOwner()));
  if (old && old->use_empty())
    old->erase();
}

uint16_t halfOf(ElementType type, float value) { return kernels::floatToHalf(precisionOf(type), value); }

/// Values as halves; `count` ones if there are none.
FailureOr<Tensor> halves(Value value, ElementType type, int64_t count) {
  Tensor result(type, {count});
  if (top::isNone(value)) {
    std::fill_n(result.data<uint16_t>(), count, halfOf(type, 1));
    return result;
  }
  FailureOr<Tensor> values = read(value);
  if (failed(values))
    return failure();
  if (values->elements() != count)
    return emitError(value.getLoc()) << "weight-reorder: " << count << " values are needed, there are "
                                     << values->elements();
  for (int64_t i = 0; i < count; ++i)
    switch (values->type()) {
    case ElementType::F32:
      result.data<uint16_t>()[i] = halfOf(type, values->data<float>()[i]);
      break;
    case ElementType::U8:
      result.data<uint16_t>()[i] = halfOf(type, values->data<uint8_t>()[i]);
      break;
    case ElementType::I8:
      result.data<uint16_t>()[i] = halfOf(type, values->data<int8_t>()[i]);
      break;
    default:
      result.data<uint16_t>()[i] = values->data<uint16_t>()[i];
    }
  return result;
}

} // namespace

/// The bias is added in f32.
static LogicalResult widenBias(tpu::A16MatMulOp op) {
  if (top::isNone(op.getBias()) || typeOf(op.getBias()) == ElementType::F32)
    return success();
  FailureOr<Tensor> bias = read(op.getBias());
  if (failed(bias))
    return failure();
  if (byteSize(bias->type()) != 2)
    return op.emitOpError("has a bias that is not of a floating-point type");
  Tensor wide(ElementType::F32, bias->shape());
  for (int64_t i = 0; i < bias->elements(); ++i)
    wide.data<float>()[i] = kernels::halfToFloat(precisionOf(bias->type()), bias->data<uint16_t>()[i]);
  setWeight(op.getBiasMutable(), top::nameOf(op.getBias()).str() + "_f32", wide);
  return success();
}

/// Long groups are cut into equal pieces with the same scale, so that a product can be split at them.
static int64_t pieceOf(int64_t group) {
  constexpr int64_t longest = 4096;
  if (group <= longest)
    return group;
  for (int64_t piece = longest; piece >= 512; --piece)
    if (group % piece == 0)
      return piece;
  return group;
}

/// Every value `times` times.
static Tensor repeated(const Tensor &values, int64_t times) {
  Tensor result(values.type(), {values.elements() * times});
  for (int64_t i = 0; i < result.elements(); ++i)
    result.data<uint16_t>()[i] = values.data<uint16_t>()[i / times];
  return result;
}

LogicalResult bm1684x::reorderIntegerWeights(tpu::A16MatMulOp op) {
  if (failed(widenBias(op)))
    return failure();
  ElementType type = typeOf(op.getInput());
  int64_t inner = top::shapeOf(op.getInput()).back(), columns = top::shapeOf(op.getOutput()).back();
  int64_t group = op.getQGroupSize() > 0 ? op.getQGroupSize() : inner, piece = pieceOf(group);
  int64_t bits = op.getWeightBits(), parameters = columns * (inner / group);
  IntegerRows layout{inner, inner / piece, bits, !top::isNone(op.getZp())};
  FailureOr<Tensor> weight = read(op.getWeight()), scale = halves(op.getScale(), type, parameters);
  if (failed(weight) || failed(scale))
    return failure();
  FailureOr<Tensor> zeroPoint = layout.hasZeroPoint ? halves(op.getZp(), type, parameters) : Tensor();
  if (failed(zeroPoint))
    return failure();
  *scale = repeated(*scale, group / piece);
  if (layout.hasZeroPoint)
    *zeroPoint = repeated(*zeroPoint, group / piece);
  bool byRows = op.getWTranspose(), isSigned = op.getSign() && !layout.hasZeroPoint;
  int64_t perByte = 8 / bits, length = inner / perByte;
  const uint8_t *stored = weight->data<uint8_t>();
  Tensor packed = packIntegerRows(layout, columns, *scale, *zeroPoint, [&](int64_t row, int64_t column) {
    int64_t at = column / perByte;
    uint8_t byte = stored[byRows ? row * length + at : at * columns + row];
    if (bits == 8)
      return byte;
    uint8_t value = column % 2 ? byte >> 4 : byte & 15;
    return static_cast<uint8_t>(isSigned ? value ^ 8 : value); // + 8
  });
  std::string name = top::nameOf(op.getWeight().getDefiningOp<top::WeightOp>().getOutput()).str() + "_reordered";
  setWeight(op.getWeightMutable(), name, packed);
  drop(op.getScaleMutable());
  if (layout.hasZeroPoint)
    drop(op.getZpMutable());
  op.setWTranspose(true);
  op.setQGroupSize(piece == inner ? 0 : piece);
  return success();
}

bool bm1684x::hasIntegerFilter(tpu::Conv2DOp op) {
  return byteSize(typeOf(op.getInput())) == 2 && byteSize(typeOf(op.getFilter())) == 1;
}

namespace {

/// f(q * scale) of every value, the product rounded to f32 first.
Tensor widened(const Tensor &filter, ArrayRef<double> scales, ElementType type) {
  Tensor result(type, filter.shape());
  int64_t perChannel = filter.elements() / static_cast<int64_t>(scales.size());
  for (int64_t i = 0; i < filter.elements(); ++i) {
    float value = static_cast<float>(filter.data<int8_t>()[i]) * static_cast<float>(scales[i / perChannel]);
    result.data<uint16_t>()[i] = halfOf(type, value);
  }
  return result;
}

/// The filter in the layout of halves, as bytes or pairs of 4 bits (see Codegen's IntegerFilterConvolution).
Tensor packFilter(const Tensor &filter, bool byRow, int64_t bits) {
  Tensor words(ElementType::I16, filter.shape()); // as large as halves
  for (int64_t i = 0; i < filter.elements(); ++i)
    words.data<int16_t>()[i] = filter.data<int8_t>()[i];
  Tensor packed = byRow ? bm1684x::packConvWeightsByRow(words) : bm1684x::packConvWeights(words);
  const int16_t *from = packed.data<int16_t>();
  constexpr int64_t unit = bm1684x::convChannelPack(ElementType::F16), half = unit / 2;
  Tensor result(ElementType::I8, {1, packed.dim(1), 1, packed.dim(3) * bits / 8});
  auto *to = result.data<uint8_t>();
  for (int64_t i = 0; i < result.elements(); ++i) {
    const int16_t *low = from + i / half * unit + i % half;
    to[i] = bits == 8 ? static_cast<uint8_t>(from[i]) : static_cast<uint8_t>((low[0] + 8) | (low[half] + 8) << 4);
  }
  return result;
}

/// Per group the zero points, then the scales of its channels; behind all groups the bias in lane order.
FailureOr<Tensor> scalesAndBias(tpu::Conv2DOp op, ArrayRef<double> scales, int64_t bits) {
  int64_t groups = op.getGroup(), channels = static_cast<int64_t>(scales.size()), perGroup = channels / groups;
  Tensor bias(ElementType::F32, {channels});
  std::fill_n(bias.data<float>(), channels, 0.0f);
  if (!top::isNone(op.getBias())) {
    FailureOr<Tensor> values = read(op.getBias());
    if (failed(values))
      return failure();
    if (values->type() != ElementType::F32 || values->elements() != channels)
      return op.emitOpError() << "has a bias that is not one f32 value per channel", failure();
    std::copy_n(values->data<float>(), channels, bias.data<float>());
  }
  Tensor lanes = bm1684x::packPerChannel(bias, groups, 1);
  Tensor result(ElementType::F32, {1, 1, 1, 2 * channels + lanes.elements()});
  auto *zeroPoints = result.data<uint32_t>();
  float *to = result.data<float>();
  for (int64_t c = 0; c < channels; ++c) {
    int64_t at = c / perGroup * 2 * perGroup + c % perGroup;
    zeroPoints[at] = bits == 4 ? 8 : 0; // as integers
    to[at + perGroup] = static_cast<float>(scales[c]);
  }
  std::copy_n(lanes.data<float>(), lanes.elements(), to + 2 * channels);
  return result;
}

} // namespace

FailureOr<bool> bm1684x::reorderIntegerFilter(tpu::Conv2DOp op) {
  FailureOr<Tensor> filter = read(op.getFilter());
  if (failed(filter))
    return failure();
  int64_t channels = filter->dim(0), ic = top::shapeOf(op.getInput())[1], bits = op.getWeightBits().value_or(8);
  SmallVector<double> scales;
  if (std::optional<ArrayAttr> list = op.getOutScales())
    for (Attribute scale : *list)
      scales.push_back(cast<FloatAttr>(scale).getValueAsDouble());
  if (scales.size() == 1)
    scales.resize(channels, scales.front());
  if (static_cast<int64_t>(scales.size()) != channels || (bits != 8 && bits != 4))
    return op.emitOpError() << "has an integer filter, which needs a scale for each of its " << channels
                            << " channels and 8 or 4 bits",
           failure();
  std::string name = top::nameOf(op.getFilter()).str() + "_reordered";
  ElementType type = typeOf(op.getInput());
  if (isDepthwise(op.getGroup(), ic, channels)) {
    setWeight(op.getFilterMutable(), top::nameOf(op.getFilter()).str() + "_wide", widened(*filter, scales, type));
    return false;
  }
  bool byRow = filter->rank() == 4 && op.getGroup() == 1 &&
               convByRow(type, ic, top::i64Values(op.getKernelShape()), top::i64ValuesOr(op.getDilations(), 2, 1),
                         top::i64Values(op.getStrides()));
  FailureOr<Tensor> records = scalesAndBias(op, scales, bits);
  if (failed(records))
    return failure();
  setWeight(op.getFilterMutable(), name, packFilter(*filter, byRow, bits));
  setWeight(op.getBiasMutable(), top::nameOf(op.getOutput()).str() + "_scales", *records);
  op.setWithBias(true);
  op.setUse_3icOptimize(byRow ? 1 : 0);
  if (byRow) {
    op->setAttr("rows_at_once", Builder(op.getContext()).getI64IntegerAttr(1));
    op->setAttr("rows_as_channels", UnitAttr::get(op.getContext()));
  }
  return true;
}
