// Integer lowering of matrix products: a constant right operand has one scale per column, two computed operands have
// one scale for all.
#include "Integer.h"
#include "QuantizedWeights.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

using namespace mlir;
using namespace tpu_mlir;

static int64_t innerSize(top::MatMulOp op) {
  ArrayRef<int64_t> shape = top::shapeOf(op.getInput());
  return shape.size() < 2 || !op.getLeftTranspose() ? shape.back() : shape[shape.size() - 2];
}

/// Columns of a constant right operand, or nothing where it is a batch of matrices or no matrix.
static std::optional<ChannelLayout> columnsOf(top::MatMulOp op) {
  ArrayRef<int64_t> shape = top::shapeOf(op.getRight());
  if (shape.size() < 2)
    return std::nullopt;
  int64_t rows = shape[shape.size() - 2], columns = shape.back();
  if (rows * columns != top::elementsOf(op.getRight()))
    return std::nullopt;
  return op.getRightTranspose() ? ChannelLayout{1, rows, columns} : ChannelLayout{rows, columns, 1};
}

static NamedAttrList matMulAttributes(Lowering &l) {
  NamedAttrList attrs =
      l.attributesWithout({"in_int4_scale", "in_int4_zp", "out_int8_scale", "out_int8_zp", "weight_bits"});
  return attrs;
}

static FailureOr<bool> replaceByProduct(top::MatMulOp op, Lowering &l, Value right, Value bias, NamedAttrList attrs) {
  if (!l.hasRealResult())
    foldReluLimit(attrs, l.resultQuantization());
  FailureOr<Value> left = l.operand(op.getInput());
  if (failed(left))
    return failure();
  Value none = l.none();
  if (failed(l.replace(tpu::MatMulOp::getOperationName(), {*left, right, bias, none, none}, attrs)))
    return failure();
  return true;
}

static FailureOr<bool> lowerConstantRight(top::MatMulOp op, Lowering &l) {
  FailureOr<top::Quantization> left = l.quantizationFor(op.getInput()), output = resultQuantizationOf(l);
  if (failed(left) || failed(output))
    return failure();
  std::optional<ChannelLayout> columns = columnsOf(op);
  // A batch of matrices has a sum of its own for every matrix, so that no one bias takes the zero point off.
  if (!columns && left->zeroPoint != 0)
    return false;
  ChannelLayout layout = columns.value_or(ChannelLayout{1, 1, top::elementsOf(op.getRight())});
  FailureOr<IntegerProduct> product =
      quantizeProduct(l, op.getRight(), op.getBias(), layout, *left, beginProduct(l, *output));
  if (failed(product))
    return failure();
  Value right = l.weight("_filter_int8", product->weight, l.builder.getIntegerType(8));
  int64_t count = product->bias.size();
  Value bias = product->hasBias() || !top::isNone(op.getBias())
                   ? l.weight("_bias_int32", product->biasTensor({1, count}))
                   : l.none();
  NamedAttrList attrs = matMulAttributes(l);
  setRescaling(l, attrs, product->outputScale, "multipliers", "rshifts", tpu::RoundMode::HalfAwayFromZero);
  return replaceByProduct(op, l, right, bias, attrs);
}

/// Two computed operands: the chip takes a zero point off the right one only.
static FailureOr<bool> lowerComputedRight(top::MatMulOp op, Lowering &l) {
  if (!top::isNone(op.getBias()))
    return false;
  FailureOr<top::Quantization> left = l.quantizationFor(op.getInput()), right = l.quantizationFor(op.getRight()),
                               output = resultQuantizationOf(l);
  if (failed(left) || failed(right) || failed(output))
    return failure();
  if (left->zeroPoint != 0)
    return false;
  l.beginInteger(*output);
  FailureOr<Value> matrix = l.operand(op.getRight());
  if (failed(matrix))
    return failure();
  NamedAttrList attrs = matMulAttributes(l);
  attrs.set("right_zp", l.builder.getI64IntegerAttr(right->zeroPoint));
  double scale = static_cast<float>(left->scale * right->scale / output->scale);
  setRescaling(l, attrs, scale, "multipliers", "rshifts", tpu::RoundMode::HalfAwayFromZero);
  return replaceByProduct(op, l, *matrix, op.getBias(), attrs);
}

static FailureOr<bool> lowerMatMul(top::MatMulOp op, Lowering &l) {
  if (op.getDqType() != "NONE" || op.getIsLora() || op.getHdimIsBatch() || op.getOutputTranspose() ||
      top::weightOf(op.getInput()) || innerSize(op) > maxAccumulated)
    return false;
  if (!top::isNone(op.getBias()) && !top::weightOf(op.getBias()))
    return false;
  return top::weightOf(op.getRight()) ? lowerConstantRight(op, l) : lowerComputedRight(op, l);
}

void tpu_mlir::addIntegerMatMul(IntegerTable &table) { addInteger<top::MatMulOp>(table, lowerMatMul); }
