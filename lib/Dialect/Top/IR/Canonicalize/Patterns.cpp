#include "Patterns.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

void TopDialect::getCanonicalizationPatterns(RewritePatternSet &patterns) const {
  populateNormPatterns(patterns);
  populateNormFamilyPatterns(patterns);
  populateScalePatterns(patterns);
  populateConstantPatterns(patterns);
  populateArithmeticPatterns(patterns);
  populatePadPatterns(patterns);
  populateReluPatterns(patterns);
  populateActivationPatterns(patterns);
  populatePermutePatterns(patterns);
  populateReshapePatterns(patterns);
  populateMatMulPatterns(patterns);
  populateConcatSlicePatterns(patterns);
  populateResizePatterns(patterns);
  populateSamplingPatterns(patterns);
  populateReducePatterns(patterns);
  populateLayerNormPatterns(patterns);
  populateAttentionPatterns(patterns);
  populateImagePatterns(patterns);
  populateDetectionPatterns(patterns);
  populatePartPatterns(patterns);
  populateViewPatterns(patterns);
  populateEinsumPatterns(patterns);
  populateComparisonPatterns(patterns);
  populateMathPatterns(patterns);
  populateIndexingPatterns(patterns);
  populateControlPatterns(patterns);
  populateFoldPatterns(patterns);
}

std::optional<std::vector<double>> top::weightValues(Value value) {
  WeightOp weight = weightOf(value);
  if (!weight)
    return std::nullopt;
  FailureOr<std::vector<double>> values = readWeightAsDoubles(weight);
  if (failed(values))
    return std::nullopt;
  return std::move(*values);
}

std::optional<double> top::scalarWeight(Value value) {
  if (!weightOf(value) || elementsOf(value) != 1)
    return std::nullopt;
  std::optional<std::vector<double>> values = weightValues(value);
  if (!values || !std::isfinite(values->front()))
    return std::nullopt;
  return values->front();
}

bool top::liesAlongAxis(Value value, ArrayRef<int64_t> shape, int64_t axis) {
  if (!weightOf(value))
    return false;
  ArrayRef<int64_t> own = shapeOf(value);
  if (own.size() > shape.size())
    return false;
  int64_t offset = shape.size() - own.size(), extent = 1;
  for (size_t i = 0; i < own.size(); ++i) {
    if (static_cast<int64_t>(i) + offset == axis)
      extent = own[i];
    else if (own[i] != 1)
      return false;
  }
  return extent == shape[axis];
}

std::optional<std::vector<double>> top::valuesAlongAxis(Value value, ArrayRef<int64_t> shape, int64_t axis) {
  return liesAlongAxis(value, shape, axis) ? weightValues(value) : std::nullopt;
}

LogicalResult top::replaceByOperand(PatternRewriter &rewriter, Operation *op, Value operand) {
  Value result = op->getResult(0);
  if (isNetworkOutput(result)) {
    Operation *producer = operand.getDefiningOp();
    if (!producer || isa<InputOp, WeightOp>(producer) || !operand.hasOneUse() || producer->getNumResults() != 1)
      return failure();
    rewriter.modifyOpInPlace(producer, [&] { producer->setLoc(op->getLoc()); });
  }
  rewriter.replaceOp(op, operand);
  return success();
}

SmallVector<NamedAttribute> top::reluOf(Operation *op) {
  SmallVector<NamedAttribute> attributes;
  for (StringRef name : {"do_relu", "relu_limit"})
    if (Attribute value = op->getAttr(name))
      attributes.emplace_back(StringAttr::get(op->getContext(), name), value);
  return attributes;
}

bool top::hasRelu(Operation *op) {
  auto relu = op->getAttrOfType<BoolAttr>("do_relu");
  return relu && relu.getValue();
}

Value top::newWeight(PatternRewriter &rewriter, StringRef name, ArrayRef<int64_t> shape, ArrayRef<double> values) {
  return createWeightF32(rewriter, name, shape, values).getOutput();
}

std::optional<WithScalar> top::withScalar(Operation *op) {
  if (op->getNumOperands() != 2)
    return std::nullopt;
  for (int position : {1, 0}) {
    Value tensor = op->getOperand(1 - position);
    // The weight must not be what gives the result its rank.
    if (weightOf(tensor) || shapeOf(tensor) != shapeOf(op->getResult(0)))
      continue;
    if (std::optional<double> scalar = scalarWeight(op->getOperand(position)))
      return WithScalar{tensor, *scalar, position == 0};
  }
  return std::nullopt;
}
