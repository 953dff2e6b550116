// Shape rules, verifiers and operation counts of Slice and Reduce.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// A slice with one entry per axis. An end below the first element is written -(extent + 1), which means the same when
/// it is read again.
struct FullSlice {
  Shape offset, steps, ends, shape;
};

static LogicalResult resolveAxis(SliceOp op, int64_t axis, int64_t extent, FullSlice &slice) {
  int64_t step = slice.steps[axis], begin = slice.offset[axis], end = slice.ends[axis];
  if (step == 0)
    return op.emitOpError() << "has step 0 on axis " << axis;
  if (begin < 0)
    begin += extent;
  if (end < 0)
    end += extent;
  begin = std::clamp<int64_t>(begin, step > 0 ? 0 : -1, step > 0 ? extent : extent - 1);
  end = std::clamp<int64_t>(end, step > 0 ? 0 : -1, extent);
  int64_t distance = step > 0 ? end - begin : begin - end, stride = std::abs(step);
  slice.shape[axis] = distance <= 0 ? 0 : (distance + stride - 1) / stride;
  slice.offset[axis] = begin < 0 ? -(extent + 1) : begin;
  slice.ends[axis] = end < 0 ? -(extent + 1) : end;
  return success();
}

static FailureOr<FullSlice> resolve(SliceOp op) {
  Shape input = shapeVector(op.getInput());
  Shape offset = i64Values(op.getOffset()), ends = i64Values(op.getEnds()), steps = i64Values(op.getSteps());
  Shape axes = i64Values(op.getAxes());
  if (axes.empty())
    for (size_t i = 0; i < offset.size(); ++i)
      axes.push_back(i);
  if (steps.empty())
    steps.assign(offset.size(), 1);
  if (offset.size() != axes.size() || ends.size() != axes.size() || steps.size() != axes.size())
    return op.emitOpError() << "has " << offset.size() << " offsets, " << ends.size() << " ends and " << steps.size()
                            << " steps for " << axes.size() << " axes";
  FullSlice slice{Shape(input.size(), 0), Shape(input.size(), 1), input, input};
  SmallVector<bool> seen(input.size(), false);
  for (size_t i = 0; i < axes.size(); ++i) {
    int64_t axis = normalizeAxis(axes[i], input.size());
    if (axis < 0 || seen[axis])
      return op.emitOpError() << "has an axis " << axes[i] << " that is given twice or outside of the input's rank "
                              << input.size();
    seen[axis] = true;
    slice.offset[axis] = offset[i];
    slice.steps[axis] = steps[i];
    slice.ends[axis] = ends[i];
    if (failed(resolveAxis(op, axis, input[axis], slice)))
      return failure();
  }
  if (product(slice.shape) == 0)
    return op.emitOpError() << "takes nothing from an input of shape " << text(input);
  return slice;
}

static FailureOr<Shape> resultShape(SliceOp op) {
  FailureOr<FullSlice> slice = resolve(op);
  if (failed(slice))
    return failure();
  return slice->shape;
}

static bool isDynamic(SliceOp op) {
  return !isNone(op.getOffsetT()) || !isNone(op.getEndsT()) || !isNone(op.getStepsT());
}

/// Moves a constant operand into the attribute.
static LogicalResult foldOperand(SliceOp op, OpOperand &operand, StringRef attribute) {
  if (isNone(operand.get()))
    return success();
  FailureOr<Shape> values = constantIntegers(operand.get());
  if (failed(values))
    return op.emitOpError() << "needs an operand for " << attribute << " that is constant";
  op->setAttr(attribute, Builder(op.getContext()).getI64ArrayAttr(*values));
  operand.set(noneFor(op));
  return success();
}

LogicalResult SliceOp::inferShapes() {
  if (failed(foldOperand(*this, getOffsetTMutable(), "offset")) ||
      failed(foldOperand(*this, getEndsTMutable(), "ends")) || failed(foldOperand(*this, getStepsTMutable(), "steps")))
    return failure();
  FailureOr<FullSlice> slice = resolve(*this);
  if (failed(slice) || failed(setResultShape(*this, slice->shape)))
    return failure();
  Builder builder(getContext());
  setOffsetAttr(builder.getI64ArrayAttr(slice->offset));
  setStepsAttr(builder.getI64ArrayAttr(slice->steps));
  setEndsAttr(builder.getI64ArrayAttr(slice->ends));
  setAxesAttr(builder.getI64ArrayAttr({}));
  return success();
}
LogicalResult SliceOp::verify() { return isDynamic(*this) ? success() : verifyByRule(*this); }
int64_t SliceOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(ReduceOp op) {
  Shape input = shapeVector(op.getInput()), axes = i64Values(op.getAxes()), shape;
  SmallVector<bool> reduced(input.size(), axes.empty());
  for (int64_t axis : axes) {
    int64_t position = normalizeAxis(axis, input.size());
    if (position < 0)
      return op.emitOpError() << "has axis " << axis << " for an input of rank " << input.size();
    reduced[position] = true;
  }
  for (size_t i = 0; i < input.size(); ++i)
    if (!reduced[i])
      shape.push_back(input[i]);
    else if (op.getKeepdims())
      shape.push_back(1);
  if (shape.empty())
    shape.push_back(1);
  return shape;
}
/// Axes become explicit, ascending and counted from the front.
LogicalResult ReduceOp::inferShapes() {
  if (failed(inferByRule(*this)))
    return failure();
  Shape axes = i64Values(getAxes());
  int64_t rank = shapeOf(getInput()).size();
  if (axes.empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  for (int64_t &axis : axes)
    axis = normalizeAxis(axis, rank);
  llvm::sort(axes);
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  setAxesAttr(Builder(getContext()).getI64ArrayAttr(axes));
  return success();
}
LogicalResult ReduceOp::verify() { return verifyByRule(*this); }
int64_t ReduceOp::getFLOPs() { return hasStaticShape(getInput()) ? elementsOf(getInput()) : 0; }
} // namespace tpu_mlir::top
