// Shape rules, verifiers and operation counts of attention and of rotary positions.
#include "Extents.h"
#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// Per score: a product of `depth` values with the keys, five steps of the softmax, a product with the values.
static int64_t attentionFlops(int64_t scores, int64_t depth, int64_t width) {
  return scores * (2 * depth + 5 + 2 * width);
}

// ------------------------------------------------------------------------------------------ ScaleDotProductAttention

static FailureOr<Shape> resultShape(ScaleDotProductAttentionOp op) {
  Shape query = shapeVector(op.getQuery()), key = shapeVector(op.getKey()), value = shapeVector(op.getValue());
  if (query.size() < 2 || key.size() < 2 || value.size() < 2)
    return op.emitOpError("needs query, key and value of rank 2 or more");
  int64_t depth = query.pop_back_val(), rows = query.pop_back_val();
  int64_t keyDepth = key.pop_back_val(), keys = key.pop_back_val();
  int64_t width = value.pop_back_val(), values = value.pop_back_val();
  if (depth != keyDepth || keys != values)
    return op.emitOpError() << "has queries " << text(shapeOf(op.getQuery())) << ", keys " << text(shapeOf(op.getKey()))
                            << " and values " << text(shapeOf(op.getValue())) << ", which do not fit together";
  std::optional<Shape> batch = broadcastShapes({query, key, value});
  if (!batch)
    return op.emitOpError() << "has batch axes that do not broadcast: " << text(shapeOf(op.getQuery())) << ", "
                            << text(shapeOf(op.getKey())) << " and " << text(shapeOf(op.getValue()));
  Shape scores = *batch, result = *batch;
  scores.append({rows, keys});
  result.append({rows, width});
  if (failed(checkBroadcast(op, op.getMask(), "mask", scores)))
    return failure();
  return result;
}
LogicalResult ScaleDotProductAttentionOp::inferShapes() { return inferByRule(*this); }
LogicalResult ScaleDotProductAttentionOp::verify() {
  double scale = getScale().convertToDouble(), dropout = getDropoutP().convertToDouble();
  if (!std::isfinite(scale) || scale < 0)
    return emitOpError("scale must be finite and not negative");
  if (!(dropout >= 0 && dropout < 1))
    return emitOpError("dropout_p must be at least 0 and less than 1");
  if (getIsCausal() && !isNone(getMask()))
    return emitOpError("has a mask and is_causal; put what is_causal excludes into the mask");
  return verifyByRule(*this);
}
int64_t ScaleDotProductAttentionOp::getFLOPs() {
  ArrayRef<int64_t> result = shapeOf(getOutput()), key = shapeOf(getKey());
  if (result.size() < 2 || key.size() < 2 || !hasStaticShape(getOutput()) || !hasStaticShape(getKey()))
    return 0;
  return attentionFlops(product(result.drop_back()) * key[key.size() - 2], key.back(), result.back());
}

// ------------------------------------------------------------------------------------------ Attention

/// Values per head.
static FailureOr<int64_t> headDim(AttentionOp op) {
  ArrayRef<int64_t> weight = shapeOf(op.getQueriesWeight());
  if (failed(checkExtents(op, {{"head", int64_t(op.getHead())}})))
    return failure();
  if (int64_t(op.getDim()) != 0 && failed(checkExtents(op, {{"dim", int64_t(op.getDim())}})))
    return failure();
  int64_t columns = weight.size() == 2 ? weight[1] : 0;
  int64_t dim = int64_t(op.getDim()) != 0 ? int64_t(op.getDim()) : columns / int64_t(op.getHead());
  if (dim < 1 || !isProduct(columns, {int64_t(op.getHead()), dim}))
    return op.emitOpError() << "needs a queries_weight of head * dim columns, got shape " << text(weight);
  return dim;
}

static FailureOr<Shape> resultShape(AttentionOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()), keys = shapeOf(op.getKeys()), values = shapeOf(op.getValues());
  if (input.size() != 3 || keys.size() != 3 || values.size() != 3)
    return op.emitOpError("needs input, keys and values of rank 3");
  if (keys[0] != input[0] || values[0] != input[0] || values[1] != keys[1])
    return op.emitOpError() << "has input " << text(input) << ", keys " << text(keys) << " and values " << text(values)
                            << ", which do not fit together";
  FailureOr<int64_t> dim = headDim(op);
  ArrayRef<int64_t> out = shapeOf(op.getOutWeight());
  if (failed(dim))
    return failure();
  if (out.size() != 2)
    return op.emitOpError() << "needs a matrix for out_weight, got shape " << text(out);
  int64_t columns = *dim * int64_t(op.getHead());
  if (failed(checkShape(op, op.getQueriesWeight(), "queries_weight", {input[2], columns})) ||
      failed(checkShape(op, op.getKeysWeight(), "keys_weight", {keys[2], columns})) ||
      failed(checkShape(op, op.getValuesWeight(), "values_weight", {values[2], columns})) ||
      failed(checkShape(op, op.getOutWeight(), "out_weight", {columns, out[1]})) ||
      failed(checkElements(op, op.getQueriesBias(), "queries_bias", {columns})) ||
      failed(checkElements(op, op.getKeysBias(), "keys_bias", {columns})) ||
      failed(checkElements(op, op.getValuesBias(), "values_bias", {columns})) ||
      failed(checkElements(op, op.getOutBias(), "out_bias", {out[1]})) ||
      failed(checkBroadcast(op, op.getMask(), "mask", {input[0], int64_t(op.getHead()), input[1], keys[1]})))
    return failure();
  return Shape{input[0], input[1], out[1]};
}
LogicalResult AttentionOp::inferShapes() { return inferByRule(*this); }
LogicalResult AttentionOp::verify() {
  if (!std::isfinite(getScale().convertToDouble()))
    return emitOpError("scale must be finite");
  return verifyByRule(*this);
}
int64_t AttentionOp::getFLOPs() {
  if (!operandsAreStatic(*this))
    return 0;
  ArrayRef<int64_t> input = shapeOf(getInput()), keys = shapeOf(getKeys()), values = shapeOf(getValues());
  int64_t columns = shapeOf(getQueriesWeight()).back(), out = shapeOf(getOutWeight()).back();
  int64_t projections = 2 * columns * (input[1] * (input[2] + out) + keys[1] * (keys[2] + values[2]));
  return input[0] *
         (projections + attentionFlops(getHead() * input[1] * keys[1], columns / getHead(), columns / getHead()));
}

// ------------------------------------------------------------------------------------------ FAttention and its kin

namespace {
/// The extents that attributes state.
struct HeadExtents {
  int64_t batch, queryHeads, keyHeads, depth, width, queries, keys;
  bool keepDims;
};
} // namespace

static LogicalResult checkRows(Operation *op, Value operand, StringRef name, ArrayRef<int64_t> wanted) {
  Shape merged{wanted[0], wanted[1], wanted[2] * wanted[3]};
  ArrayRef<int64_t> shape = shapeOf(operand);
  if (shape == wanted || shape == ArrayRef(merged))
    return success();
  return op->emitOpError() << "needs " << name << " of shape " << text(wanted) << ", got " << text(shape);
}

/// The shapes of the result and of the logarithms.
static FailureOr<SmallVector<Shape>> attentionShapes(Operation *op, const HeadExtents &extents, Value mask) {
  const auto &[batch, queryHeads, keyHeads, depth, width, queries, keys, keepDims] = extents;
  if (queryHeads % keyHeads != 0)
    return op->emitOpError() << "has " << queryHeads << " heads of queries for " << keyHeads
                             << " heads of keys, which do not divide them";
  Value query = op->getOperand(0);
  if (failed(checkRows(op, query, "queries", {batch, queries, queryHeads, depth})) ||
      failed(checkRows(op, op->getOperand(1), "keys", {batch, keys, keyHeads, depth})) ||
      failed(checkRows(op, op->getOperand(2), "values", {batch, keys, keyHeads, width})) ||
      failed(checkBroadcast(op, mask, "mask", {batch, queryHeads, queries, keys})))
    return failure();
  if (keepDims && shapeOf(query).size() == 4)
    return SmallVector<Shape>{{batch, queries, queryHeads, width}, {batch, queries, queryHeads, 1}};
  return SmallVector<Shape>{{batch, queries, queryHeads * width}, {batch, queries, queryHeads}};
}

template <typename OpTy> static FailureOr<SmallVector<Shape>> headShapes(OpTy op) {
  if (failed(checkExtents(op, {{"batch", int64_t(op.getBatch())},
                               {"q_head", int64_t(op.getQHead())},
                               {"kv_head", int64_t(op.getKvHead())},
                               {"dim", int64_t(op.getDim())},
                               {"mq", int64_t(op.getMq())},
                               {"mk", int64_t(op.getMk())}})))
    return failure();
  return attentionShapes(op,
                         {int64_t(op.getBatch()), int64_t(op.getQHead()), int64_t(op.getKvHead()), int64_t(op.getDim()),
                          int64_t(op.getDim()), int64_t(op.getMq()), int64_t(op.getMk()), op.getKeepDims()},
                         op.getMask());
}
static FailureOr<Shape> resultShape(FAttentionOp op) {
  FailureOr<SmallVector<Shape>> shapes = headShapes(op);
  if (failed(shapes))
    return failure();
  return (*shapes)[0];
}
static FailureOr<SmallVector<Shape>> resultShapes(FAttentionLseOp op) { return headShapes(op); }
static FailureOr<SmallVector<Shape>> resultShapes(FlexAttentionOp op) {
  if (failed(checkExtents(op, {{"batch", int64_t(op.getBatch())},
                               {"q_head", int64_t(op.getQHead())},
                               {"kv_head", int64_t(op.getKvHead())},
                               {"qk_d", int64_t(op.getQkD())},
                               {"v_d", int64_t(op.getVD())},
                               {"mq", int64_t(op.getMq())},
                               {"mk", int64_t(op.getMk())},
                               {"flex_block", static_cast<int32_t>(op.getFlexBlock())}})))
    return failure();
  return attentionShapes(op,
                         {int64_t(op.getBatch()), int64_t(op.getQHead()), int64_t(op.getKvHead()), int64_t(op.getQkD()),
                          int64_t(op.getVD()), int64_t(op.getMq()), int64_t(op.getMk()), op.getKeepDims()},
                         op.getMask());
}

template <typename OpTy> static LogicalResult checkFiniteScale(OpTy op) {
  return std::isfinite(op.getScale().convertToDouble()) ? success() : op.emitOpError("scale must be finite");
}
LogicalResult FAttentionOp::inferShapes() { return inferByRule(*this); }
LogicalResult FAttentionOp::verify() { return failed(checkFiniteScale(*this)) ? failure() : verifyByRule(*this); }
int64_t FAttentionOp::getFLOPs() {
  return attentionFlops(getBatch() * getQHead() * getMq() * getMk(), getDim(), getDim());
}
LogicalResult FAttentionLseOp::inferShapes() { return inferByRules(*this); }
LogicalResult FAttentionLseOp::verify() { return failed(checkFiniteScale(*this)) ? failure() : verifyByRules(*this); }
int64_t FAttentionLseOp::getFLOPs() {
  return attentionFlops(getBatch() * getQHead() * getMq() * getMk(), getDim(), getDim());
}
LogicalResult FlexAttentionOp::inferShapes() { return inferByRules(*this); }
LogicalResult FlexAttentionOp::verify() { return failed(checkFiniteScale(*this)) ? failure() : verifyByRules(*this); }
int64_t FlexAttentionOp::getFLOPs() {
  return attentionFlops(getBatch() * getQHead() * getMq() * getMk(), getQkD(), getVD());
}

// ------------------------------------------------------------------------------------------ Rope

static FailureOr<Shape> resultShape(RopeOp op) {
  Shape shape = shapeVector(op.getInput1());
  if (shape.empty() || shape.back() % 2 != 0)
    return op.emitOpError() << "needs an input whose last extent is even, got shape " << text(shape);
  if (op.getIsPermuteOptimize() && shape.size() != 4)
    return op.emitOpError() << "needs an input of rank 4 with is_permute_optimize, got shape " << text(shape);
  for (Value table : {op.getInput2(), op.getInput3()}) {
    if (op.getIsPermuteOptimize()) {
      if (failed(checkShape(op, table, "tables", {shape[1], shape[3]})))
        return failure();
      continue;
    }
    ArrayRef<int64_t> own = shapeOf(table);
    if (own.empty() || own.back() != shape.back())
      return op.emitOpError() << "needs tables whose last extent is " << shape.back() << ", got shape " << text(own);
    if (failed(checkBroadcast(op, table, "table", shape)))
      return failure();
  }
  return shape;
}
TPU_MLIR_TOP_METHODS(RopeOp, 3)
} // namespace tpu_mlir::top
