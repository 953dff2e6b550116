// Shape rules, verifiers and operation counts of ops whose result shape an operand or attribute states: View, Expand,
// Repeat, ConstantFill, Range, Arange, Shape, Size, RandnLike.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Ranges.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// The result shape that the rule makes of the numbers of an operand. Where they are not known, a shape that the result
/// states already is taken.
template <typename Rule> static LogicalResult inferFrom(Operation *op, Value operand, StringRef what, Rule rule) {
  FailureOr<Shape> numbers = constantIntegers(operand);
  if (succeeded(numbers)) {
    FailureOr<Shape> shape = rule(*numbers);
    return failed(shape) || failed(checkElements(op, *shape)) ? failure() : setResultShape(op, *shape);
  }
  if (hasStaticShape(op->getResult(0)))
    return success();
  return op->emitOpError() << "needs a " << what << " operand that is constant";
}

static LogicalResult checkVector(Operation *op, Value operand, StringRef what) {
  if (hasStaticShape(operand) && shapeOf(operand).size() != 1)
    return op->emitOpError() << "needs a vector as " << what << ", got " << text(shapeOf(operand));
  return success();
}

/// A result whose shape an operand states can only be checked for its rank.
static LogicalResult checkRank(Operation *op, int64_t rank) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || type.getRank() == rank)
    return success();
  return op->emitOpError() << "has a result of rank " << type.getRank() << ", but its operands give rank " << rank;
}

LogicalResult ViewOp::inferShapes() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  return inferFrom(*this, getShape(), "shape", [&](Shape shape) -> FailureOr<Shape> {
    const Shape asked = shape;
    int64_t *rest = nullptr;
    int64_t known = 1, total = product(input);
    bool valid = true;
    for (int64_t &dim : shape) {
      valid = valid && (dim > 0 || (dim == -1 && !rest)) && dim <= total;
      if (!valid)
        break;
      if (dim == -1)
        rest = &dim;
      else
        known *= dim;
      valid = known <= total;
    }
    if (valid && rest)
      *rest = total / known;
    if (!valid || (rest ? known * *rest : known) != total)
      return emitOpError() << "cannot give " << text(input) << " the shape " << text(asked);
    return shape;
  });
}
LogicalResult ViewOp::verify() {
  if (failed(checkVector(*this, getShape(), "shape")))
    return failure();
  if (!hasStaticShape(getShape()))
    return success();
  if (failed(checkRank(*this, elementsOf(getShape()))))
    return failure();
  if (hasStaticShape(getInput()) && hasStaticShape(getOutput()) && elementsOf(getInput()) != elementsOf(getOutput()))
    return emitOpError() << "cannot give " << text(shapeOf(getInput())) << " the shape " << text(shapeOf(getOutput()));
  return success();
}
int64_t ViewOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(ExpandOp op) {
  Shape input = shapeVector(op.getInput()), wanted = i64Values(op.getShape());
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] < -1 || wanted[i] == 0)
      return op.emitOpError() << "has an invalid shape " << text(wanted);
    size_t behind = wanted.size() - i;
    if (wanted[i] == -1)
      wanted[i] = behind <= input.size() ? input[input.size() - behind] : 1;
  }
  std::optional<Shape> shape = broadcastShapes({input, wanted});
  if (!shape)
    return op.emitOpError() << "cannot expand " << text(input) << " to " << text(wanted);
  return failed(checkElements(op, *shape)) ? FailureOr<Shape>(failure()) : *shape;
}
LogicalResult ExpandOp::inferShapes() {
  if (getShapeT() && !isNone(getShapeT())) {
    FailureOr<Shape> shape = constantIntegers(getShapeT());
    if (failed(shape))
      return emitOpError("needs a shape operand that is constant");
    setShapeAttr(Builder(getContext()).getI64ArrayAttr(*shape));
    getShapeTMutable().clear();
  }
  return inferByRule(*this);
}
LogicalResult ExpandOp::verify() {
  if (getShapeT())
    return checkVector(*this, getShapeT(), "shape");
  return verifyByRule(*this);
}
int64_t ExpandOp::getFLOPs() { return 0; }

LogicalResult RepeatOp::inferShapes() {
  return inferFrom(*this, getRepeats(), "repeats", [&](const Shape &repeats) -> FailureOr<Shape> {
    Shape shape = shapeVector(getInput());
    if (repeats.size() < shape.size())
      return emitOpError() << "has " << repeats.size() << " repeats for an input of rank " << shape.size();
    shape.insert(shape.begin(), repeats.size() - shape.size(), 1);
    for (size_t i = 0; i < shape.size(); ++i) {
      if (repeats[i] < 1 || repeats[i] > INT32_MAX)
        return emitOpError() << "repeats axis " << i << " " << repeats[i] << " times; 1 to 2147483647 are possible";
      shape[i] *= repeats[i];
    }
    return shape;
  });
}
LogicalResult RepeatOp::verify() {
  if (failed(checkVector(*this, getRepeats(), "repeats")))
    return failure();
  if (!hasStaticShape(getRepeats()))
    return success();
  if (hasStaticShape(getInput()) && elementsOf(getRepeats()) < static_cast<int64_t>(shapeOf(getInput()).size()))
    return emitOpError() << "has " << elementsOf(getRepeats()) << " repeats for an input of rank "
                         << shapeOf(getInput()).size();
  return checkRank(*this, elementsOf(getRepeats()));
}
int64_t RepeatOp::getFLOPs() { return 0; }

LogicalResult ConstantFillOp::inferShapes() {
  return inferFrom(*this, getInput(), "shape", [&](const Shape &shape) -> FailureOr<Shape> {
    if (llvm::any_of(shape, [](int64_t dim) { return dim < 1; }))
      return emitOpError() << "has an invalid shape " << text(shape);
    return shape;
  });
}
LogicalResult ConstantFillOp::verify() {
  if (failed(checkVector(*this, getInput(), "shape")))
    return failure();
  return hasStaticShape(getInput()) ? checkRank(*this, elementsOf(getInput())) : success();
}
int64_t ConstantFillOp::getFLOPs() { return 0; }

int64_t sequenceLength(double start, double end, double step, bool single) {
  double distance = static_cast<float>(end - start);
  double quotient = single ? static_cast<float>(distance / step) : distance / step;
  return step != 0 && std::isfinite(quotient) && quotient > 0 && quotient <= 2147483648.0
             ? static_cast<int64_t>(std::ceil(quotient))
             : 0;
}

static std::string digits(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", number);
  return text;
}

static LogicalResult inferSequence(Operation *op, bool single) {
  double numbers[] = {0, 0, 1};
  for (auto [number, operand] : llvm::zip(numbers, op->getOperands())) {
    if (isNone(operand))
      continue;
    FailureOr<std::vector<double>> value = constantNumbers(operand);
    if (failed(value) || value->size() != 1) {
      if (hasStaticShape(op->getResult(0)))
        return success();
      return op->emitOpError("needs operands of one element that are constant");
    }
    number = value->front();
  }
  int64_t length = sequenceLength(numbers[0], numbers[1], numbers[2], single);
  if (length < 1)
    return op->emitOpError() << "has no numbers from " << digits(numbers[0]) << " to " << digits(numbers[1])
                             << " in steps of " << digits(numbers[2]);
  return setResultShape(op, {length});
}
static LogicalResult verifySequence(Operation *op) {
  for (Value operand : op->getOperands())
    if (!isNone(operand) && hasStaticShape(operand) && elementsOf(operand) != 1)
      return op->emitOpError() << "needs operands of one element, got " << text(shapeOf(operand));
  return checkRank(op, 1);
}
LogicalResult RangeOp::inferShapes() { return inferSequence(*this, false); }
LogicalResult RangeOp::verify() { return verifySequence(*this); }
int64_t RangeOp::getFLOPs() { return flopsPerElement(*this, 2); }
LogicalResult ArangeOp::inferShapes() { return inferSequence(*this, true); }
LogicalResult ArangeOp::verify() { return verifySequence(*this); }
int64_t ArangeOp::getFLOPs() { return flopsPerElement(*this, 2); }

StridedRange shapeRange(ShapeOp op) {
  const int64_t rank = shapeOf(op.getInput()).size();
  // Half of the range means the same for any rank and cannot overflow in sums.
  const auto position = [](int64_t value) { return std::clamp(value, INT64_MIN / 2, INT64_MAX / 2); };
  const int64_t step = position(op.getStep().value_or(1));
  if (step == 0)
    return {0, 1, 0};
  const int64_t start = op.getStart().value_or(step > 0 ? 0 : rank),
                end = op.getEnd().value_or(step > 0 ? rank : -rank - 1);
  return stridedRange(position(start), position(end), step, rank);
}
static FailureOr<Shape> resultShape(ShapeOp op) {
  StridedRange range = shapeRange(op);
  if (range.count == 0)
    return op.emitOpError() << "takes none of " << shapeOf(op.getInput()).size() << " extents";
  return Shape{range.count};
}
TPU_MLIR_TOP_METHODS(ShapeOp, 0)

static FailureOr<Shape> resultShape(SizeOp op) {
  int64_t rank = shapeOf(op.getInput()).size();
  if (op.getAxis() && normalizeAxis(*op.getAxis(), rank) < 0)
    return op.emitOpError() << "has axis " << *op.getAxis() << " for an input of rank " << rank;
  if (rank == 0)
    return op.emitOpError("needs an input that has axes");
  return Shape{op.getAxis() ? 1 : rank};
}
TPU_MLIR_TOP_METHODS(SizeOp, 0)

static FailureOr<Shape> resultShape(RandnLikeOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shapeOf(op.getRandnData()) != ArrayRef(shape))
    return op.emitOpError() << "has data of shape " << text(shapeOf(op.getRandnData())) << " for an input of "
                            << text(shape);
  return shape;
}
TPU_MLIR_TOP_METHODS(RandnLikeOp, 0)
} // namespace tpu_mlir::top
