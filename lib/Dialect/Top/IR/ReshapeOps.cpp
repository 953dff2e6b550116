// Shape rules, verifiers and operation counts of ops that keep the element order: Reshape, Flatten, Squeeze, Unsqueeze.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// Replaces 0 (the input's dimension) and one -1 (what is left) in a requested shape.
static FailureOr<Shape> resolveShape(ReshapeOp op, ArrayRef<int64_t> input, Shape shape) {
  int64_t unknown = -1, known = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && product(input) != 0) {
      if (i >= input.size())
        return op.emitOpError() << "copies axis " << i << " of an input of rank " << input.size();
      shape[i] = input[i];
    }
    if (shape[i] < -1 || (shape[i] == -1 && unknown >= 0))
      return op.emitOpError() << "has an invalid shape " << text(shape);
    if (shape[i] == -1)
      unknown = i;
    else
      known *= shape[i];
  }
  if (unknown >= 0 && known > 0 && product(input) % known == 0)
    shape[unknown] = product(input) / known;
  if (product(shape) != product(input) || llvm::is_contained(shape, -1))
    return op.emitOpError() << "cannot give " << text(input) << " the shape " << text(shape);
  return shape;
}

static FailureOr<Shape> flattened(Operation *op, ArrayRef<int64_t> input, int64_t begin, int64_t end) {
  int64_t rank = input.size();
  // ONNX allows an axis equal to the rank: everything goes to the front.
  int64_t first = begin == rank ? rank : normalizeAxis(begin, std::max<int64_t>(rank, 1));
  int64_t last = first == rank ? rank - 1 : normalizeAxis(end, std::max<int64_t>(rank, 1));
  if (first < 0 || last < first - 1)
    return op->emitOpError() << "flattens axes " << begin << " to " << end << " of an input of rank " << rank;
  Shape shape = llvm::to_vector(input.take_front(first));
  shape.push_back(product(input.slice(first, rank == 0 ? 0 : last - first + 1)));
  if (rank > 0)
    llvm::append_range(shape, input.drop_front(last + 1));
  return shape;
}

static FailureOr<Shape> resultShape(ReshapeOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  if (op.getShape())
    return resolveShape(op, input, i64Values(*op.getShape()));
  if (op.getFlattenStartDim() != uint64_t(-1))
    return flattened(op, input, op.getFlattenStartDim(), -1);
  if (hasStaticShape(op.getOutput()))
    return resolveShape(op, input, shapeVector(op.getOutput()));
  return op.emitOpError("has neither a shape nor a flatten_start_dim");
}
LogicalResult ReshapeOp::inferShapes() {
  if (getShapeT()) {
    FailureOr<Shape> shape = constantIntegers(getShapeT());
    if (failed(shape))
      return emitOpError("needs a shape operand that is constant");
    setShapeAttr(Builder(getContext()).getI64ArrayAttr(*shape));
    getShapeTMutable().clear();
  }
  if (failed(inferByRule(*this)))
    return failure();
  setShapeAttr(Builder(getContext()).getI64ArrayAttr(shapeOf(getOutput())));
  return success();
}
LogicalResult ReshapeOp::verify() { return getShapeT() ? success() : verifyByRule(*this); }
int64_t ReshapeOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(FlattenOp op) {
  return flattened(op, shapeOf(op.getInput()), op.getStartDim(), op.getEndDim());
}
TPU_MLIR_TOP_METHODS(FlattenOp, 0)

static FailureOr<Shape> resultShape(SqueezeOp op) {
  Shape input = shapeVector(op.getInput()), axes = i64Values(op.getAxes()), shape;
  SmallVector<bool> drop(input.size(), axes.empty());
  for (int64_t axis : axes) {
    int64_t position = normalizeAxis(axis, input.size());
    if (position < 0)
      return op.emitOpError() << "has axis " << axis << " for an input of rank " << input.size();
    if (input[position] != 1)
      return op.emitOpError() << "removes axis " << axis << " of " << input[position] << " elements from "
                              << text(input);
    drop[position] = true;
  }
  for (size_t i = 0; i < input.size(); ++i)
    if (!drop[i] || input[i] != 1)
      shape.push_back(input[i]);
  // A scalar is a tensor of one element, as everywhere in this dialect.
  if (shape.empty())
    shape.push_back(1);
  return shape;
}
TPU_MLIR_TOP_METHODS(SqueezeOp, 0)

static FailureOr<Shape> resultShape(UnsqueezeOp op) {
  Shape input = shapeVector(op.getInput()), axes = i64Values(op.getAxes());
  int64_t rank = input.size() + axes.size();
  Shape shape(rank, 0);
  for (int64_t axis : axes) {
    int64_t position = normalizeAxis(axis, rank);
    if (position < 0 || shape[position] == 1)
      return op.emitOpError() << "has an axis " << axis << " that is "
                              << (position < 0 ? "outside of the result's rank " : "given twice; rank ") << rank;
    shape[position] = 1;
  }
  size_t next = 0;
  for (int64_t &dim : shape)
    if (dim == 0)
      dim = input[next++];
  return shape;
}
TPU_MLIR_TOP_METHODS(UnsqueezeOp, 0)
} // namespace tpu_mlir::top
