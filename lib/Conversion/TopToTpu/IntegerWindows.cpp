// Integer lowering of convolution, transposed convolution and pooling.
#include "AsPlane.h"
#include "Integer.h"
#include "QuantizedWeights.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

using namespace mlir;
using namespace tpu_mlir;

static bool isConstantOrNone(Value value) { return top::isNone(value) || top::weightOf(value); }

static bool isPlaneOrLine(ArrayAttr kernel) { return kernel.size() == 1 || kernel.size() == 2; }

/// Whether the sum of a window of the filter cannot leave 32 bits.
static bool fitsAccumulator(Value filter) {
  ArrayRef<int64_t> shape = top::shapeOf(filter);
  return !shape.empty() && top::elementsOf(filter) / shape.front() <= maxAccumulated;
}

/// Filter, bias and rescaling of a convolution in either direction.
template <typename OpTy>
static FailureOr<bool> replaceByIntegerConv(OpTy op, Lowering &l, StringRef name, NamedAttrList attrs, int64_t groups) {
  FailureOr<top::Quantization> input = l.quantizationFor(op.getInput()), output = resultQuantizationOf(l);
  if (failed(input) || failed(output))
    return failure();
  const int64_t channels = top::shapeOf(op.getOutput())[1];
  ChannelLayout layout{1, channels, top::elementsOf(op.getFilter()) / channels, groups};
  const top::Quantization rescaled = beginProduct(l, *output);
  FailureOr<IntegerProduct> product = quantizeProduct(l, op.getFilter(), op.getBias(), layout, *input, rescaled);
  if (failed(product))
    return failure();
  FailureOr<Value> x = l.operand(op.getInput());
  if (failed(x))
    return failure();
  AsPlane plane(l, op.getKernelShape().size());
  Type si8 = IntegerType::get(op.getContext(), 8, IntegerType::Signed);
  Value filter = l.weight("_filter_i8", product->weight.reshaped(plane.shapeOf(op.getFilter())), si8);
  bool biased = !top::isNone(op.getBias()) || product->hasBias();
  Value bias = biased ? l.weight("_bias_int32", product->biasTensor({1, channels, 1, 1})) : l.none();
  attrs.set("with_bias", l.builder.getBoolAttr(biased));
  setRescaling(l, attrs, product->outputScale, "multiplier", "rshift", tpu::RoundMode::HalfUp);
  if (!l.hasRealResult())
    foldReluLimit(attrs, *output);
  if (failed(plane.replace(name, {plane.input(*x), filter, bias}, attrs)))
    return failure();
  return true;
}

static FailureOr<bool> lowerConv(top::ConvOp op, Lowering &l) {
  if (!isPlaneOrLine(op.getKernelShape()) || !top::weightOf(op.getFilter()) || !isConstantOrNone(op.getBias()) ||
      !fitsAccumulator(op.getFilter()))
    return false;
  if (llvm::any_of(top::i64ValuesOr(op.getInserts(), 0, 0), [](int64_t inserted) { return inserted != 0; }))
    return false;
  NamedAttrList attrs =
      l.attributesWithout({"inserts", "dynweight_reorderd", "do_winograd", "auto_pad", "in_int4_scale", "in_int4_zp",
                           "out_int8_scale", "out_int8_zp", "weight_bits"});
  return replaceByIntegerConv(op, l, tpu::Conv2DOp::getOperationName(), attrs, 1);
}

static FailureOr<bool> lowerDeconv(top::DeconvOp op, Lowering &l) {
  if (!isPlaneOrLine(op.getKernelShape()) || !top::weightOf(op.getFilter()) || !isConstantOrNone(op.getBias()) ||
      !fitsAccumulator(op.getFilter()))
    return false;
  if (llvm::any_of(top::i64Values(op.getStrides()), [](int64_t stride) { return stride > 15; }))
    return false;
  // The filter is [channels of a group, input channels, kernel].
  return replaceByIntegerConv(op, l, tpu::DeconvOp::getOperationName(), l.attributesWithout({"dynweight_reorderd"}),
                              op.getGroup());
}

/// Attributes of a pool, as in the float lowering.
template <typename OpTy> static NamedAttrList poolAttributes(OpTy op, Lowering &l, tpu::PoolMode mode) {
  NamedAttrList attrs = l.attributesWithout({"auto_pad", "keepdims", "round_mode", "first_round_mode"});
  attrs.set("pool_mode", tpu::PoolModeAttr::get(op.getContext(), mode));
  return attrs;
}

template <typename OpTy> static FailureOr<bool> replaceByPool(OpTy op, Lowering &l, NamedAttrList attrs) {
  FailureOr<Value> x = l.operand(op.getInput());
  if (failed(x))
    return failure();
  AsPlane plane(l, op.getKernelShape().size());
  if (failed(plane.replace(tpu::Pool2DOp::getOperationName(), plane.input(*x), attrs)))
    return failure();
  return true;
}

/// The maximum of the integers: operand and result have one quantization.
static FailureOr<bool> lowerMaxPool(top::MaxPoolOp op, Lowering &l) {
  if (!isPlaneOrLine(op.getKernelShape()) || op.getIsAdaptive() || op.getPadValue() != 0)
    return false;
  bool fixed = top::isQuantized(op.getOutput());
  FailureOr<top::Quantization> shared = fixed ? resultQuantizationOf(l) : l.quantizationFor(op.getInput());
  if (failed(shared))
    return failure();
  NamedAttrList attrs = poolAttributes(op, l, tpu::PoolMode::Max);
  foldReluLimit(attrs, *shared);
  auto limit = dyn_cast_or_null<FloatAttr>(attrs.get("relu_limit"));
  if (op.getDoRelu() && (shared->zeroPoint != shared->low || (limit && limit.getValueAsDouble() > 0)))
    return false;
  l.beginInteger(*shared, *shared);
  return replaceByPool(op, l, attrs);
}

/// The sum of the integers, rescaled by the number of values.
static FailureOr<bool> lowerAvgPool(top::AvgPoolOp op, Lowering &l) {
  if (!isPlaneOrLine(op.getKernelShape()) || op.getIsAdaptive() || op.getPadValue() != 0 ||
      top::product(top::i64Values(op.getKernelShape())) > maxAccumulated)
    return false;
  FailureOr<top::Quantization> output = resultQuantizationOf(l);
  if (failed(output))
    return failure();
  beginProduct(l, *output);
  NamedAttrList attrs = poolAttributes(op, l, tpu::PoolMode::Avg);
  if (!l.hasRealResult())
    foldReluLimit(attrs, *output);
  return replaceByPool(op, l, attrs);
}

void tpu_mlir::addIntegerWindows(IntegerTable &table) {
  addInteger<top::ConvOp>(table, lowerConv);
  addInteger<top::DeconvOp>(table, lowerDeconv);
  addInteger<top::MaxPoolOp>(table, lowerMaxPool);
  addInteger<top::AvgPoolOp>(table, lowerAvgPool);
}
