// Shape rules, verifiers and operation counts of ops that cut and join tensors: Split, Pack, Unpack, ConcatSlice,
// Insert, List, Tuple, UnTuple, MeshGrid.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Ranges.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static FailureOr<int64_t> axisOf(Operation *op, int64_t axis, size_t rank, StringRef of = "an input") {
  int64_t position = normalizeAxis(axis, rank);
  if (position < 0)
    return op->emitOpError() << "has axis " << axis << " for " << of << " of rank " << rank;
  return position;
}

static LogicalResult checkCounts(Operation *op, size_t inputs, size_t results) {
  if (inputs == 0)
    return op->emitOpError("needs at least one input");
  return results == 0 ? LogicalResult(op->emitOpError("needs at least one result")) : success();
}

FailureOr<Shape> splitSizes(SplitOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  FailureOr<int64_t> axis = axisOf(op, op.getAxis(), input.size());
  if (failed(axis))
    return failure();
  int64_t num = op.getNumResults(), extent = input[*axis], left = extent;
  Shape sizes(num, extent / num + (extent % num != 0));
  if (op.getSplitSize()) {
    sizes = i64Values(*op.getSplitSize());
    if (static_cast<int64_t>(sizes.size()) != num)
      return op.emitOpError() << "has " << sizes.size() << " sizes for " << num << " results";
  } else {
    sizes.back() = extent - (num - 1) * sizes.front();
  }
  for (int64_t size : sizes) {
    if (size < 1 || size > left)
      return op.emitOpError() << "cannot cut " << extent << " positions into parts of " << text(sizes);
    left -= size;
  }
  if (left != 0)
    return op.emitOpError() << "cuts only " << extent - left << " of " << extent << " positions";
  return sizes;
}
static FailureOr<SmallVector<Shape>> resultShapes(SplitOp op) {
  FailureOr<Shape> sizes = splitSizes(op);
  if (failed(sizes))
    return failure();
  SmallVector<Shape> shapes(sizes->size(), shapeVector(op.getInput()));
  for (auto [shape, size] : llvm::zip(shapes, *sizes))
    shape[normalizeAxis(op.getAxis(), shape.size())] = size;
  return shapes;
}
LogicalResult SplitOp::inferShapes() {
  if (failed(inferByRules(*this)))
    return failure();
  setSplitSizeAttr(Builder(getContext()).getI64ArrayAttr(*splitSizes(*this)));
  return success();
}
LogicalResult SplitOp::verify() {
  if (failed(checkCounts(*this, 1, getNumResults())))
    return failure();
  if (static_cast<int64_t>(getNum()) != static_cast<int64_t>(getNumResults()))
    return emitOpError() << "has num = " << static_cast<int64_t>(getNum()) << ", but " << getNumResults() << " results";
  return verifyByRules(*this);
}
int64_t SplitOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(PackOp op) {
  Shape shape = shapeVector(op.getInputs().front());
  for (Value input : op.getInputs())
    if (shapeOf(input) != ArrayRef(shape))
      return op.emitOpError() << "cannot pack " << text(shape) << " and " << text(shapeOf(input));
  FailureOr<int64_t> axis = axisOf(op, op.getAxis(), shape.size() + 1, "a result");
  if (failed(axis))
    return failure();
  shape.insert(shape.begin() + *axis, op.getInputs().size());
  return shape;
}
LogicalResult PackOp::inferShapes() { return inferByRule(*this); }
LogicalResult PackOp::verify() {
  if (failed(checkCounts(*this, getInputs().size(), 1)))
    return failure();
  if (static_cast<int64_t>(getValuesCount()) != static_cast<int64_t>(getInputs().size()))
    return emitOpError() << "has values_count = " << static_cast<int64_t>(getValuesCount()) << ", but "
                         << getInputs().size() << " inputs";
  return verifyByRule(*this);
}
int64_t PackOp::getFLOPs() { return 0; }

static FailureOr<SmallVector<Shape>> resultShapes(UnpackOp op) {
  Shape shape = shapeVector(op.getInput());
  FailureOr<int64_t> axis = axisOf(op, op.getAxis(), shape.size());
  if (failed(axis))
    return failure();
  if (shape[*axis] != static_cast<int64_t>(op.getNumResults()))
    return op.emitOpError() << "has " << op.getNumResults() << " results for an axis of " << shape[*axis]
                            << " positions";
  shape.erase(shape.begin() + *axis);
  if (shape.empty())
    shape.push_back(1);
  return SmallVector<Shape>(op.getNumResults(), shape);
}
LogicalResult UnpackOp::inferShapes() { return inferByRules(*this); }
LogicalResult UnpackOp::verify() {
  return failed(checkCounts(*this, 1, getNumResults())) ? failure() : verifyByRules(*this);
}
int64_t UnpackOp::getFLOPs() { return 0; }

/// Of an op that puts one tensor into the place of a range of another one: the axis, if all others agree.
static FailureOr<int64_t> joiningAxis(Operation *op, int64_t axis) {
  ArrayRef<int64_t> whole = shapeOf(op->getOperand(0)), part = shapeOf(op->getOperand(1));
  FailureOr<int64_t> position = axisOf(op, axis, whole.size());
  if (failed(position))
    return failure();
  bool fits = whole.size() == part.size();
  for (size_t i = 0; fits && i < whole.size(); ++i)
    fits = static_cast<int64_t>(i) == *position ? part[i] <= whole[i] : part[i] == whole[i];
  if (!fits)
    return op->emitOpError() << "cannot put " << text(part) << " into axis " << *position << " of " << text(whole);
  return position;
}

static FailureOr<Shape> resultShape(ConcatSliceOp op) {
  return failed(joiningAxis(op, op.getAxis())) ? FailureOr<Shape>(failure()) : shapeVector(op.getIn0());
}
TPU_MLIR_TOP_METHODS(ConcatSliceOp, 0)

static FailureOr<Shape> resultShape(InsertOp op) {
  FailureOr<int64_t> axis = joiningAxis(op, op.getAxis());
  if (failed(axis))
    return failure();
  int64_t offset = op.getOffset(), extent = shapeOf(op.getInput())[*axis], part = shapeOf(op.getRhs())[*axis];
  if (offset < 0 || offset > extent - part)
    return op.emitOpError() << "puts " << part << " positions at " << offset << " of an axis of " << extent;
  return shapeVector(op.getInput());
}
TPU_MLIR_TOP_METHODS(InsertOp, 0)

static LogicalResult checkVectors(Operation *op) {
  for (Value input : op->getOperands())
    if (shapeOf(input).size() != 1)
      return op->emitOpError() << "needs inputs of rank 1, got " << text(shapeOf(input));
  return success();
}

static FailureOr<Shape> resultShape(ListOp op) {
  if (failed(checkVectors(op)))
    return failure();
  Shape shape{0};
  for (Value input : op.getInputs())
    shape[0] += elementsOf(input);
  return shape;
}
LogicalResult ListOp::inferShapes() { return inferByRule(*this); }
LogicalResult ListOp::verify() {
  return failed(checkCounts(*this, getInputs().size(), 1)) ? failure() : verifyByRule(*this);
}
int64_t ListOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(TupleOp op) {
  Shape shape{0};
  for (Value input : op.getInputs())
    shape[0] += elementsOf(input);
  return shape;
}
LogicalResult TupleOp::inferShapes() { return inferByRule(*this); }
LogicalResult TupleOp::verify() {
  return failed(checkCounts(*this, getInputs().size(), 1)) ? failure() : verifyByRule(*this);
}
int64_t TupleOp::getFLOPs() { return 0; }

SmallVector<Value> untupled(ValueRange values) {
  SmallVector<Value> found;
  for (Value value : values)
    if (auto tuple = value.getDefiningOp<TupleOp>())
      llvm::append_range(found, tuple.getInputs());
    else
      found.push_back(value);
  return found;
}
static FailureOr<SmallVector<Shape>> resultShapes(UnTupleOp op) {
  SmallVector<Shape> shapes;
  for (Value value : untupled(op.getInputs()))
    shapes.push_back(shapeVector(value));
  return shapes;
}
LogicalResult UnTupleOp::inferShapes() { return inferByRules(*this); }
LogicalResult UnTupleOp::verify() {
  if (failed(checkCounts(*this, getInputs().size(), getNumResults())))
    return failure();
  return llvm::all_of(untupled(getInputs()), hasStaticShape) ? verifyByRules(*this) : success();
}
int64_t UnTupleOp::getFLOPs() { return 0; }

static FailureOr<SmallVector<Shape>> resultShapes(MeshGridOp op) {
  if (failed(checkVectors(op)))
    return failure();
  Shape shape;
  for (Value input : op.getInputs())
    shape.push_back(elementsOf(input));
  if (op.getIsReverse())
    std::reverse(shape.begin(), shape.end());
  if (failed(checkElements(op, shape)))
    return failure();
  return SmallVector<Shape>(shape.size(), shape);
}
LogicalResult MeshGridOp::inferShapes() { return inferByRules(*this); }
LogicalResult MeshGridOp::verify() {
  return failed(checkCounts(*this, getInputs().size(), getNumResults())) ? failure() : verifyByRules(*this);
}
int64_t MeshGridOp::getFLOPs() { return 0; }
} // namespace tpu_mlir::top
