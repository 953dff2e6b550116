// Shape rules, verifiers and operation counts of ops with regions, If and Loop, and of user-defined ops.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Control.h"
#include "tpu_mlir/Dialect/Top/IR/Ranges.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static LogicalResult checkScalar(Operation *op, Value operand, StringRef what) {
  if (hasStaticShape(operand) && elementsOf(operand) != 1)
    return op->emitOpError() << "needs one element as " << what << ", got " << text(shapeOf(operand));
  return success();
}

/// The values that a region yields; the region verifier has seen to it that there is a Yield.
static ValueRange yielded(Region &region) { return region.front().getTerminator()->getOperands(); }

static LogicalResult checkYield(Operation *op, Region &region, size_t count) {
  if (region.front().empty() || !isa<YieldOp>(region.front().back()))
    return op->emitOpError("needs regions that end with top.Yield");
  if (size_t given = yielded(region).size(); given != count)
    return op->emitOpError() << "yields " << given << " values where " << count << " are needed";
  return success();
}

/// Whether both shapes are known and differ.
static bool differ(Value a, Value b) { return hasStaticShape(a) && hasStaticShape(b) && shapeOf(a) != shapeOf(b); }

LogicalResult IfOp::verify() {
  if (getNumResults() == 0)
    return emitOpError("needs at least one result");
  return checkScalar(*this, getCond(), "condition");
}
LogicalResult IfOp::verifyRegions() {
  for (Region *region : {&getThenBranch(), &getElseBranch()}) {
    if (region->getNumArguments())
      return emitOpError("has a branch with arguments");
    if (failed(checkYield(*this, *region, getNumResults())))
      return failure();
    for (auto [value, result] : llvm::zip(yielded(*region), getResults()))
      if (differ(value, result))
        return emitOpError() << "yields " << text(shapeOf(value)) << " for a result of shape " << text(shapeOf(result));
  }
  return success();
}
LogicalResult IfOp::inferShapes() {
  for (Region *region : {&getThenBranch(), &getElseBranch()})
    if (failed(inferBlockShapes(region->front())))
      return failure();
  for (auto [index, taken, other] : llvm::enumerate(yielded(getThenBranch()), yielded(getElseBranch()))) {
    if (!hasStaticShape(taken) || !hasStaticShape(other))
      return emitOpError("has a branch that yields a value of unknown shape");
    if (differ(taken, other))
      return emitOpError() << "has branches that yield " << text(shapeOf(taken)) << " and " << text(shapeOf(other))
                           << "; both must have one shape";
    if (failed(setResultShape(*this, shapeOf(taken), index)))
      return failure();
  }
  return success();
}
int64_t IfOp::getFLOPs() { return 0; }

std::optional<bool> constantCondition(Value value) {
  FailureOr<std::vector<double>> numbers = constantNumbers(value);
  if (failed(numbers) || numbers->size() != 1)
    return std::nullopt;
  return numbers->front() != 0;
}

std::optional<int64_t> tripCount(LoopOp op) {
  int64_t most = maxIterations + 1;
  if (!isNone(op.getM())) {
    FailureOr<Shape> trips = constantIntegers(op.getM());
    if (failed(trips) || trips->size() != 1)
      return std::nullopt;
    most = std::clamp<int64_t>(trips->front(), 0, maxIterations + 1);
  }
  if (!isNone(op.getCond())) {
    std::optional<bool> first = constantCondition(op.getCond());
    if (!first)
      return std::nullopt;
    Value next = yielded(op.getBody()).front();
    // What is passed on stays as it was.
    std::optional<bool> later = next == op.getBody().getArgument(1) ? first : constantCondition(next);
    if (!*first)
      return 0;
    if (!later)
      return most > 1 ? std::nullopt : std::optional<int64_t>(most);
    if (!*later)
      most = std::min<int64_t>(most, 1);
  }
  return most <= maxIterations ? std::optional<int64_t>(most) : std::nullopt;
}

LogicalResult LoopOp::verify() {
  if (getNumResults() == 0)
    return emitOpError("needs at least one result");
  if (isNone(getM()) && isNone(getCond()))
    return emitOpError("has neither a number of iterations nor a condition, so it would never end");
  if (getNumResults() < getVInitial().size())
    return emitOpError() << "has " << getNumResults() << " results for " << getVInitial().size() << " carried values";
  for (Value value : getVInitial())
    if (isNone(value))
      return emitOpError("needs carried values that are tensors");
  for (Value result : getResults())
    if (isNone(result))
      return emitOpError("needs results that are tensors");
  return failed(checkScalar(*this, getM(), "number of iterations")) ? failure()
                                                                    : checkScalar(*this, getCond(), "condition");
}
LogicalResult LoopOp::verifyRegions() {
  size_t carried = getVInitial().size();
  if (getBody().getNumArguments() != carried + 2)
    return emitOpError() << "has a body with " << getBody().getNumArguments() << " arguments where " << carried + 2
                         << " are needed";
  for (BlockArgument argument : getBody().getArguments())
    if (!isa<TensorType>(argument.getType()))
      return emitOpError("needs body arguments that are tensors");
  if (failed(checkYield(*this, getBody(), getNumResults() + 1)))
    return failure();
  for (size_t i = 0; i < carried; ++i) {
    Value initial = getVInitial()[i], argument = getBody().getArgument(i + 2), next = yielded(getBody())[i + 1];
    for (Value other : {argument, next, Value(getResult(i))})
      if (differ(initial, other))
        return emitOpError() << "carries a value of shape " << text(shapeOf(initial)) << " as " << text(shapeOf(other))
                             << "; its shape must stay";
  }
  if (failed(checkScalar(*this, getBody().getArgument(0), "iteration")) ||
      failed(checkScalar(*this, getBody().getArgument(1), "condition")))
    return failure();
  return checkScalar(*this, yielded(getBody()).front(), "condition");
}

/// Gives a body argument the type of what it stands for.
static LogicalResult setArgument(LoopOp op, BlockArgument argument, ArrayRef<int64_t> shape, Type element) {
  if (hasStaticShape(argument) && shapeOf(argument) != shape)
    return op.emitOpError() << "has a body argument of shape " << text(shapeOf(argument)) << " for a value of "
                            << text(shape);
  argument.setType(RankedTensorType::get(shape, element));
  return success();
}

/// Upstream's front end gives arguments names by Input ops in the body.
static void removeInputs(Block &body) {
  for (InputOp input : llvm::make_early_inc_range(body.getOps<InputOp>())) {
    auto argument = dyn_cast<BlockArgument>(input.getInput());
    if (!argument || argument.getOwner() != &body)
      continue;
    input.getOutput().replaceAllUsesWith(argument);
    input.erase();
  }
}

LogicalResult LoopOp::inferShapes() {
  size_t carried = getVInitial().size();
  removeInputs(getBody().front());
  for (size_t i = 0; i < carried + 2; ++i) {
    BlockArgument argument = getBody().getArgument(i);
    Value source = i == 0 ? getM() : i == 1 ? getCond() : getVInitial()[i - 2];
    // A scalar is a tensor of one element; its rank is that of the operand that it follows.
    Shape shape = i < 2 && hasStaticShape(argument) ? shapeVector(argument)
                  : isNone(source)                  ? Shape{1}
                                                    : shapeVector(source);
    Type element = i < 2 ? Float32Type::get(getContext()) : cast<TensorType>(source.getType()).getElementType();
    if (failed(setArgument(*this, argument, shape, element)))
      return failure();
  }
  if (failed(inferBlockShapes(getBody().front())))
    return failure();
  for (auto [index, result] : llvm::enumerate(getResults())) {
    Value value = yielded(getBody())[index + 1];
    if (!hasStaticShape(value))
      return emitOpError("has a body that yields a value of unknown shape");
    Shape shape = shapeVector(value);
    if (index < carried && shape != shapeVector(getVInitial()[index]))
      return emitOpError() << "carries a value of shape " << text(shapeOf(getVInitial()[index])) << " as "
                           << text(shape) << "; its shape must stay";
    if (index >= carried) {
      std::optional<int64_t> trips = tripCount(*this);
      if (!trips && hasStaticShape(result))
        continue;
      if (!trips)
        return emitOpError("collects values in a number of iterations that is not constant");
      shape.insert(shape.begin(), *trips);
    }
    if (failed(setResultShape(*this, shape, index)))
      return failure();
  }
  return success();
}
int64_t LoopOp::getFLOPs() {
  // The body itself is counted once by whoever adds up all ops.
  std::optional<int64_t> trips = tripCount(*this);
  if (!trips || *trips < 2)
    return 0;
  int64_t once = 0;
  getBody().walk([&](FlopsInterface op) { once += op.getFLOPs(); });
  return (*trips - 1) * once;
}

LogicalResult CustomOp::verify() {
  if (getNumResults() == 0)
    return emitOpError("needs at least one result");
  return getName().empty() ? LogicalResult(emitOpError("needs a name")) : success();
}
LogicalResult CustomOp::inferShapes() {
  if (llvm::all_of(getResults(), hasStaticShape))
    return success();
  return emitOpError() << "has the name '" << getName() << "' of a user's op, whose results must state their shapes";
}
int64_t CustomOp::getFLOPs() { return 0; }
} // namespace tpu_mlir::top
