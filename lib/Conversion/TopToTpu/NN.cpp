// Lowering of convolution, deconvolution, pooling, scale, normalization, matrix product and softmax.
#include "AsPlane.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;

static constexpr StringRef int4Attributes[] = {"in_int4_scale", "in_int4_zp", "out_int8_scale", "out_int8_zp",
                                               "weight_bits"};

/// Input, filter in the op's type and bias in f32 (it starts the f32 accumulation).
static FailureOr<SmallVector<Value>> filterOperands(Lowering &l, AsPlane &plane) {
  FailureOr<Value> filter = l.operand(l.op->getOperand(1));
  if (succeeded(filter))
    filter = plane.filter(*filter);
  FailureOr<Value> input = l.operand(l.op->getOperand(0)), bias = l.operand(l.op->getOperand(2), ElementType::F32);
  if (failed(input) || failed(filter) || failed(bias))
    return failure();
  return SmallVector<Value>{plane.input(*input), *filter, *bias};
}

/// Filters, biases and scales are packed when the model is compiled.
static LogicalResult requireWeight(Lowering &l, Value value, StringRef what) {
  if (top::isNone(value) || top::weightOf(value))
    return success();
  return l.refuse("the " + what + " is computed at run time, which is not supported; make it a constant");
}

static LogicalResult checkSpatial(Lowering &l, int64_t kernelRank) {
  if (kernelRank != 1 && kernelRank != 2)
    return l.refuse("only 1- and 2-dimensional windows are supported on bm1684x");
  return success();
}

static LogicalResult lowerConv(top::ConvOp op, Lowering &l) {
  if (failed(checkSpatial(l, op.getKernelShape().size())))
    return failure();
  if (failed(requireWeight(l, op.getFilter(), "filter")) || failed(requireWeight(l, op.getBias(), "bias")))
    return failure();
  AsPlane plane(l, op.getKernelShape().size());
  auto operands = filterOperands(l, plane);
  if (failed(operands))
    return failure();
  for (int64_t inserted : top::i64ValuesOr(op.getInserts(), 0, 0))
    if (inserted != 0)
      return l.refuse("inserted zeros are not supported; use a transposed convolution");
  NamedAttrList attrs =
      l.attributesWithout({"inserts", "dynweight_reorderd", "do_winograd", "auto_pad", "in_int4_scale", "in_int4_zp",
                           "out_int8_scale", "out_int8_zp", "weight_bits"});
  attrs.set("with_bias", l.builder.getBoolAttr(!top::isNone(op.getBias())));
  return plane.replace(tpu::Conv2DOp::getOperationName(), *operands, attrs);
}

static LogicalResult lowerDeconv(top::DeconvOp op, Lowering &l) {
  if (failed(checkSpatial(l, op.getKernelShape().size())))
    return failure();
  if (failed(requireWeight(l, op.getFilter(), "filter")) || failed(requireWeight(l, op.getBias(), "bias")))
    return failure();
  for (int64_t stride : top::i64Values(op.getStrides()))
    if (stride > 15)
      return l.refuse("strides above 15 are not supported on bm1684x");
  AsPlane plane(l, op.getKernelShape().size());
  auto operands = filterOperands(l, plane);
  if (failed(operands))
    return failure();
  NamedAttrList attrs = l.attributesWithout({"dynweight_reorderd"});
  attrs.set("with_bias", l.builder.getBoolAttr(!top::isNone(op.getBias())));
  return plane.replace(tpu::DeconvOp::getOperationName(), *operands, attrs);
}

template <typename OpTy> static LogicalResult lowerPool(OpTy op, Lowering &l, tpu::PoolMode mode) {
  if (failed(checkSpatial(l, op.getKernelShape().size())))
    return failure();
  if (op.getIsAdaptive() || op.getPadValue() != 0)
    return l.refuse("adaptive windows and padding with other values than 0 are not supported; give kernel and strides, "
                    "and pad in an op of its own");
  FailureOr<Value> input = l.operand(op.getInput());
  if (failed(input))
    return failure();
  MLIRContext *context = op.getContext();
  NamedAttrList attrs = l.attributesWithout({"auto_pad", "keepdims", "round_mode", "first_round_mode"});
  attrs.set("pool_mode", tpu::PoolModeAttr::get(context, mode));
  AsPlane plane(l, op.getKernelShape().size());
  Value planeInput = plane.input(*input);
  return plane.replace(tpu::Pool2DOp::getOperationName(), planeInput, attrs);
}

static LogicalResult replaceByScale(Lowering &l, Value input, Value scale, Value bias, NamedAttrList attrs) {
  if (failed(requireWeight(l, scale, "scale")) || failed(requireWeight(l, bias, "bias")))
    return failure();
  FailureOr<Value> x = l.operand(input), s = l.operand(scale), b = l.operand(bias);
  if (failed(x) || failed(s) || failed(b))
    return failure();
  return l.replace(tpu::ScaleOp::getOperationName(), {*x, *s, *b, l.none()}, attrs);
}

/// (x - mean) / sqrt(variance + epsilon) * gamma + beta = x * scale + bias.
static LogicalResult lowerBatchNorm(top::BatchNormOp op, Lowering &l) {
  auto read = [&](Value value) -> FailureOr<Tensor> {
    if (top::isNone(value))
      return Tensor();
    auto weight = top::weightOf(value);
    if (!weight)
      return l.refuse("mean, variance, gamma and beta have to be constants");
    return top::readWeight(weight);
  };
  auto mean = read(op.getMean()), variance = read(op.getVariance()), gamma = read(op.getGamma()),
       beta = read(op.getBeta());
  if (failed(mean) || failed(variance) || failed(gamma) || failed(beta))
    return failure();
  int64_t channels = mean->elements();
  Tensor scale(ElementType::F32, {channels}), bias(ElementType::F32, {channels});
  for (int64_t c = 0; c < channels; ++c) {
    double factor = 1.0 / std::sqrt(variance->data<float>()[c] + op.getEpsilon().convertToDouble());
    if (!gamma->empty())
      factor *= gamma->data<float>()[c];
    scale.data<float>()[c] = static_cast<float>(factor);
    bias.data<float>()[c] =
        static_cast<float>((beta->empty() ? 0.0 : beta->data<float>()[c]) - factor * mean->data<float>()[c]);
  }
  Value s = l.weight("_scale", scale), b = l.weight("_bias", bias);
  return replaceByScale(l, op.getInput(), s, b, l.attributesWithout({"epsilon"}));
}

static LogicalResult lowerMatMul(top::MatMulOp op, Lowering &l) {
  if (op.getDqType() != "NONE" || op.getIsLora())
    return l.refuse("quantized or LoRA weights are not supported in this mode");
  if (op.getHdimIsBatch() || op.getOutputTranspose())
    return l.refuse("hdim_is_batch and output_transpose are not supported; transpose in ops of their own");
  SmallVector<Value> operands;
  for (Value value : {op.getInput(), op.getRight()}) {
    FailureOr<Value> converted = l.operand(value);
    if (failed(converted))
      return failure();
    operands.push_back(*converted);
  }
  FailureOr<Value> bias = l.operand(op.getBias(), ElementType::F32);
  if (failed(bias))
    return failure();
  Value none = l.none();
  operands.append({*bias, none, none});
  SmallVector<StringRef> dropped(std::begin(int4Attributes), std::end(int4Attributes));
  return l.replace(tpu::MatMulOp::getOperationName(), operands, l.attributesWithout(dropped));
}

static LogicalResult lowerLayerNorm(top::LayerNormOp op, Lowering &l) {
  FailureOr<Value> input = l.operand(op.getInput()), weight = l.operand(op.getWeight(), ElementType::F32),
                   bias = l.operand(op.getBias(), ElementType::F32);
  if (failed(input) || failed(weight) || failed(bias))
    return failure();
  Value none = l.none();
  return l.replace(tpu::LayerNormOp::getOperationName(), {*input, *weight, *bias, none, none}, l.attributesWithout());
}

static LogicalResult lowerSoftmax(top::SoftmaxOp op, Lowering &l) {
  FailureOr<Value> input = l.operand(op.getInput());
  if (failed(input))
    return failure();
  Value none = l.none();
  return l.replace(tpu::SoftmaxOp::getOperationName(), {*input, none, none, none, none, none},
                   l.attributesWithout({"round_mode"}));
}

void tpu_mlir::addNNLowerings(LoweringTable &table) {
  add<top::ConvOp>(table, lowerConv);
  add<top::DeconvOp>(table, lowerDeconv);
  add<top::MaxPoolOp>(table, [](top::MaxPoolOp op, Lowering &l) { return lowerPool(op, l, tpu::PoolMode::Max); });
  add<top::AvgPoolOp>(table, [](top::AvgPoolOp op, Lowering &l) { return lowerPool(op, l, tpu::PoolMode::Avg); });
  add<top::ScaleOp>(table, [](top::ScaleOp op, Lowering &l) {
    return replaceByScale(l, op.getInput(), op.getScale(), op.getBias(), l.attributesWithout());
  });
  add<top::BatchNormOp>(table, lowerBatchNorm);
  add<top::MatMulOp>(table, lowerMatMul);
  add<top::LayerNormOp>(table, lowerLayerNorm);
  add<top::SoftmaxOp>(table, lowerSoftmax);
}
