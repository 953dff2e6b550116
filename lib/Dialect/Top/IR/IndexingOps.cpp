// Shape rules, verifiers and operation counts of selection, search, gathering and scattering.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/TopIndexing.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

using Shapes = SmallVector<Shape>;

/// The axis of the op in its first operand, counted from the front; an error if it is not within the rank.
template <typename OpTy> static FailureOr<int64_t> axisOf(OpTy op) {
  const int64_t rank = shapeOf(op->getOperand(0)).size(), given = op.getAxis();
  const int64_t axis = normalizeAxis(given, rank);
  if (axis < 0)
    return op.emitOpError() << "has axis " << given << " for an input of rank " << rank;
  return axis;
}

/// Writes the axis counted from the front, as later stages want it.
template <typename OpTy> static LogicalResult normalize(OpTy op) {
  op.setAxisAttr(
      Builder(op.getContext()).getI64IntegerAttr(normalizeAxis(op.getAxis(), shapeOf(op.getInput()).size())));
  return success();
}

static FailureOr<Shapes> resultShapes(ArgOp op) {
  FailureOr<int64_t> axis = axisOf(op);
  if (failed(axis))
    return failure();
  Shape shape = shapeVector(op.getInput());
  if (shape[*axis] == 0)
    return op.emitOpError("searches an axis without elements");
  shape[*axis] = 1;
  if (!op.getKeepdims())
    shape.erase(shape.begin() + *axis);
  if (shape.empty())
    shape.push_back(1);
  return Shapes{shape, shape};
}
LogicalResult ArgOp::inferShapes() { return failed(inferByRules(*this)) ? failure() : normalize(*this); }
LogicalResult ArgOp::verify() { return verifyByRules(*this); }
int64_t ArgOp::getFLOPs() { return hasStaticShape(getInput()) ? elementsOf(getInput()) : 0; }

static FailureOr<Shapes> resultShapes(SortOp op) {
  if (failed(axisOf(op)))
    return failure();
  return Shapes{shapeVector(op.getInput()), shapeVector(op.getInput())};
}
LogicalResult SortOp::inferShapes() { return failed(inferByRules(*this)) ? failure() : normalize(*this); }
LogicalResult SortOp::verify() { return verifyByRules(*this); }
int64_t SortOp::getFLOPs() { return 0; }

static FailureOr<Shapes> resultShapes(TopKOp op) {
  FailureOr<int64_t> axis = axisOf(op);
  if (failed(axis))
    return failure();
  Shape shape = shapeVector(op.getInput());
  const int64_t count = op.getK();
  if (count < 1 || count > shape[*axis])
    return op.emitOpError() << "takes " << count << " elements of an axis of " << shape[*axis];
  shape[*axis] = count;
  return Shapes{shape, shape};
}
LogicalResult TopKOp::inferShapes() {
  if (getKT()) {
    FailureOr<Shape> count = constantIntegers(getKT());
    if (failed(count) || count->size() != 1)
      return emitOpError("needs a kT that is one constant number");
    setKAttr(Builder(getContext()).getI64IntegerAttr(count->front()));
    getKTMutable().clear();
  }
  return failed(inferByRules(*this)) ? failure() : normalize(*this);
}
/// With kT, K is not known yet.
LogicalResult TopKOp::verify() { return getKT() ? success() : verifyByRules(*this); }
int64_t TopKOp::getFLOPs() { return 0; }

/// Whether the indices are one number whose axis is dropped.
static bool dropsAxis(GatherOp op) {
  ArrayRef<int64_t> indices = shapeOf(op.getIndices());
  return !op.getKeepdims() && indices.size() == 1 && indices[0] == 1;
}
static FailureOr<Shape> resultShape(GatherOp op) {
  FailureOr<int64_t> axis = axisOf(op);
  if (failed(axis))
    return failure();
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  Shape shape(input.take_front(*axis));
  if (!dropsAxis(op))
    llvm::append_range(shape, shapeOf(op.getIndices()));
  llvm::append_range(shape, input.drop_front(*axis + 1));
  if (shape.empty())
    shape.push_back(1);
  return shape;
}
LogicalResult GatherOp::inferShapes() {
  if (failed(inferByRule(*this)))
    return failure();
  if (!dropsAxis(*this))
    setKeepdims(true);
  return success();
}
LogicalResult GatherOp::verify() { return verifyByRule(*this); }
int64_t GatherOp::getFLOPs() { return 0; }

/// Extents of indices along other axes than `axis` are within those of the data.
static LogicalResult checkWithin(Operation *op, ArrayRef<int64_t> data, ArrayRef<int64_t> indices, int64_t axis) {
  bool fits = data.size() == indices.size();
  for (size_t i = 0; fits && i < data.size(); ++i)
    fits = static_cast<int64_t>(i) == axis || indices[i] <= data[i];
  if (fits)
    return success();
  return op->emitOpError() << "has indices of shape " << text(indices) << " that do not lie within the input's "
                           << text(data) << " along all axes but " << axis;
}

static FailureOr<Shape> resultShape(GatherElementsOp op) {
  FailureOr<int64_t> axis = axisOf(op);
  if (failed(axis) || failed(checkWithin(op, shapeOf(op.getInput()), shapeOf(op.getIndices()), *axis)))
    return failure();
  return shapeVector(op.getIndices());
}
LogicalResult GatherElementsOp::inferShapes() { return failed(inferByRule(*this)) ? failure() : normalize(*this); }
LogicalResult GatherElementsOp::verify() { return verifyByRule(*this); }
int64_t GatherElementsOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(ScatterElementsOp op) {
  FailureOr<int64_t> axis = axisOf(op);
  if (failed(axis) || failed(checkWithin(op, shapeOf(op.getInput()), shapeOf(op.getIndices()), *axis)))
    return failure();
  if (shapeOf(op.getUpdates()) != shapeOf(op.getIndices()))
    return op.emitOpError() << "has updates of shape " << text(shapeOf(op.getUpdates())) << " for indices of shape "
                            << text(shapeOf(op.getIndices()));
  return shapeVector(op.getInput());
}

template <typename OpTy> static LogicalResult verifyReduction(OpTy op) {
  const int64_t reduction = op.getReductionAttr().getInt();
  if (reduction < 0 || reduction > 5)
    return op.emitOpError() << "has reduction " << reduction << ", which must be between 0 and 5";
  return verifyByRule(op);
}
LogicalResult ScatterElementsOp::inferShapes() { return failed(inferByRule(*this)) ? failure() : normalize(*this); }
LogicalResult ScatterElementsOp::verify() { return verifyReduction(*this); }
int64_t ScatterElementsOp::getFLOPs() { return 0; }

/// The axes that follow the indexed ones, behind the axes of the tuples; an error if the tuples do not fit.
static FailureOr<Shape> selectedShape(Operation *op, ArrayRef<int64_t> data, ArrayRef<int64_t> indices, int64_t batch) {
  const int64_t rank = data.size(), indexRank = indices.size();
  if (batch < 0 || batch >= indexRank || batch > rank)
    return op->emitOpError() << "has " << batch << " batch_dims for operands of shapes " << text(data) << " and "
                             << text(indices);
  if (data.take_front(batch) != indices.take_front(batch))
    return op->emitOpError() << "has operands of shapes " << text(data) << " and " << text(indices) << " whose first "
                             << batch << " extents differ";
  const int64_t tuple = indices.back();
  if (tuple < 1 || tuple > rank - batch)
    return op->emitOpError() << "has tuples of " << tuple << " indices for " << rank - batch << " axes";
  Shape shape(indices.drop_back());
  llvm::append_range(shape, data.drop_front(batch + tuple));
  return shape;
}

static FailureOr<Shape> resultShape(GatherNDOp op) {
  ArrayRef<int64_t> indices = shapeOf(op.getIndices());
  FailureOr<Shape> shape = selectedShape(op, shapeOf(op.getInput()), indices, op.getBatchDims());
  if (failed(shape))
    return failure();
  if (op.getIndiceDims() && static_cast<int64_t>(*op.getIndiceDims()) != indices.back())
    return op.emitOpError() << "has indice_dims " << static_cast<int64_t>(*op.getIndiceDims()) << " for tuples of "
                            << indices.back() << " indices";
  if (shape->empty())
    shape->push_back(1);
  return shape;
}
TPU_MLIR_TOP_METHODS(GatherNDOp, 0)

static FailureOr<Shape> resultShape(ScatterNDOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInputData()), updates = shapeOf(op.getUpdates());
  FailureOr<Shape> selected = selectedShape(op, input, shapeOf(op.getIndices()), 0);
  if (failed(selected))
    return failure();
  // One tuple for a single element: no axis is left, and tensors have at least one.
  if (updates != ArrayRef<int64_t>(*selected) && !(selected->empty() && elementCount(updates) == 1))
    return op.emitOpError() << "has updates of shape " << text(updates) << " where its indices select "
                            << text(*selected);
  return shapeVector(op.getInputData());
}
LogicalResult ScatterNDOp::inferShapes() { return inferByRule(*this); }
LogicalResult ScatterNDOp::verify() { return verifyReduction(*this); }
int64_t ScatterNDOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(NonZeroOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  const std::optional<int64_t> count = elementCount(input);
  const int64_t rank = input.size();
  if (rank == 0 || !count)
    return op.emitOpError() << "needs an input of at least rank 1 and at most 2^31 elements, got " << text(input);
  return op.getOrder() == "ColMajor" ? Shape{*count, rank} : Shape{rank, *count};
}
LogicalResult NonZeroOp::inferShapes() { return inferByRule(*this); }
LogicalResult NonZeroOp::verify() { return verifyByRule(*this); }
int64_t NonZeroOp::getFLOPs() { return flopsPerElement(*this, 1); }

static LogicalResult checkNms(NmsOp op) {
  if (failed(checkOperandCount(op, 2, 5)))
    return failure();
  if (op.getCenterPointBox() > 1)
    return op.emitOpError() << "has center_point_box " << static_cast<int64_t>(op.getCenterPointBox())
                            << ", which must be 0 or 1";
  if (static_cast<int64_t>(op.getMaxOutputSize()) < 1)
    return op.emitOpError() << "has max_output_size " << static_cast<int64_t>(op.getMaxOutputSize())
                            << ", which must be at least 1";
  return success();
}
static FailureOr<Shape> resultShape(NmsOp op) {
  if (failed(checkNms(op)))
    return failure();
  ArrayRef<int64_t> boxes = shapeOf(op.getInputs()[0]), scores = shapeOf(op.getInputs()[1]);
  if (boxes.size() != 3 || scores.size() != 3 || boxes[2] != 4 || boxes[0] != scores[0] || boxes[1] != scores[2])
    return op.emitOpError() << "needs boxes [batch, boxes, 4] and scores [batch, classes, boxes], got " << text(boxes)
                            << " and " << text(scores);
  for (Value scalar : op.getInputs().drop_front(2))
    if (elementCount(shapeOf(scalar)) != 1)
      return op.emitOpError() << "has a limit of shape " << text(shapeOf(scalar)) << ", which must be one number";
  const int64_t most = std::min<int64_t>(op.getMaxOutputSize(), boxes[1]);
  const std::optional<int64_t> rows = elementCount({scores[0], scores[1], most});
  if (!rows)
    return op.emitOpError("would have more than 2^31 rows");
  return Shape{*rows, 3};
}
LogicalResult NmsOp::inferShapes() {
  FailureOr<Shape> shape = resultShape(*this);
  if (failed(shape))
    return failure();
  return hasStaticShape(getOutput()) ? verify() : setResultShape(*this, *shape);
}
/// More rows than can be filled are allowed: files of other tools count batches and boxes differently.
LogicalResult NmsOp::verify() {
  if (!operandsAreStatic(*this))
    return checkNms(*this);
  FailureOr<Shape> shape = resultShape(*this);
  if (failed(shape))
    return failure();
  if (!hasStaticShape(getOutput()))
    return success();
  ArrayRef<int64_t> given = shapeOf(getOutput()), scores = shapeOf(getInputs()[1]);
  const std::optional<int64_t> most =
      elementCount({scores[0], scores[1], std::min<int64_t>(getMaxOutputSize(), int64_t{1} << 31)});
  if (given.size() == 2 && given[1] == 3 && given[0] >= (*shape)[0] && (!most || given[0] <= *most))
    return success();
  return checkResultShape(*this, *shape);
}
int64_t NmsOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(IndexPutOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()), values = shapeOf(op.getValues());
  if (input.empty())
    return op.emitOpError("needs an input of at least rank 1");
  Shape rows = shapeVector(op.getIndices());
  llvm::append_range(rows, input.drop_front());
  std::optional<Shape> both = broadcastShapes({rows, Shape(values)});
  if (!both || *both != rows)
    return op.emitOpError() << "has values of shape " << text(values) << " where its indices select " << text(rows);
  return Shape(input);
}
TPU_MLIR_TOP_METHODS(IndexPutOp, 0)

static LogicalResult checkTable(EmbDenseBwdOp op) {
  if (op.getNumWeights() < 1)
    return op.emitOpError() << "has num_weights " << op.getNumWeights() << ", which must be at least 1";
  return success();
}
static FailureOr<Shape> resultShape(EmbDenseBwdOp op) {
  ArrayRef<int64_t> gradient = shapeOf(op.getGradOutput()), indices = shapeOf(op.getIndices());
  if (failed(checkTable(op)))
    return failure();
  if (gradient.empty() || gradient.drop_back() != indices)
    return op.emitOpError() << "has a gradient of shape " << text(gradient) << " for indices of shape "
                            << text(indices);
  return Shape{op.getNumWeights(), gradient.back()};
}
LogicalResult EmbDenseBwdOp::inferShapes() { return inferByRule(*this); }
LogicalResult EmbDenseBwdOp::verify() { return failed(checkTable(*this)) ? failure() : verifyByRule(*this); }
int64_t EmbDenseBwdOp::getFLOPs() { return hasStaticShape(getGradOutput()) ? elementsOf(getGradOutput()) : 0; }
} // namespace tpu_mlir::top
