// Operands that follow from weights and known shapes alone, such as a shape that is computed: evaluated where a shape
// rule needs their numbers.
#include "tpu_mlir/Dialect/Top/IR/Ranges.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;

/// Shapes and indices are short; longer values are data.
static constexpr int64_t maxElements = 4096;
/// Ops that are evaluated for one operand; also bounds what a graph that joins again and again can cost.
static constexpr int maxOps = 256;

static FailureOr<Tensor> evaluated(Value value, int &budget) {
  if (top::WeightOp weight = top::weightOf(value))
    return top::readWeight(weight);
  Operation *op = value.getDefiningOp();
  if (top::isNone(value))
    return Tensor();
  if (!op || !isa_and_nonnull<top::TopDialect>(op->getDialect()) || isa<top::InputOp>(op) || op->getNumRegions() ||
      !top::hasStaticShape(value) || top::elementsOf(value) > maxElements || --budget < 0)
    return failure();
  auto inference = dyn_cast<InferenceInterface>(op);
  if (!inference)
    return failure();
  SmallVector<Tensor> operands, results;
  for (Value operand : op->getOperands()) {
    // These ask for the type alone.
    FailureOr<Tensor> tensor = isa<top::ShapeOp, top::SizeOp>(op) ? Tensor() : evaluated(operand, budget);
    if (failed(tensor))
      return failure();
    operands.push_back(*tensor);
  }
  if (failed(inference.evaluate(operands, results)) || results.size() != op->getNumResults())
    return failure();
  return results[cast<OpResult>(value).getResultNumber()];
}

FailureOr<std::vector<double>> top::constantNumbers(Value value) {
  if (WeightOp weight = weightOf(value))
    return readWeightAsDoubles(weight);
  int budget = maxOps;
  FailureOr<Tensor> tensor = evaluated(value, budget);
  if (failed(tensor) || tensor->type() != ElementType::F32)
    return failure();
  return std::vector<double>(tensor->data<float>(), tensor->data<float>() + tensor->elements());
}
