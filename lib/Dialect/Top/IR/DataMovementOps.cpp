// Shape rules, verifiers and operation counts of ops that move data: Permute, Transpose, Concat, Pad, Tile,
// Depth2Space.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static FailureOr<Shape> resultShape(PermuteOp op) {
  Shape input = shapeVector(op.getInput()), order = i64Values(op.getOrder()), shape;
  SmallVector<bool> seen(input.size(), false);
  bool valid = order.size() == input.size();
  for (int64_t axis : order) {
    valid = valid && axis >= 0 && axis < static_cast<int64_t>(input.size()) && !seen[axis];
    if (!valid)
      break;
    seen[axis] = true;
    shape.push_back(input[axis]);
  }
  if (!valid)
    return op.emitOpError() << "order is not a permutation of the input's " << input.size() << " axes";
  return shape;
}
TPU_MLIR_TOP_METHODS(PermuteOp, 0)

static FailureOr<Shape> resultShape(TransposeOp op) {
  Shape shape = shapeVector(op.getInput());
  int64_t first = normalizeAxis(op.getDim0(), shape.size()), second = normalizeAxis(op.getDim1(), shape.size());
  if (first < 0 || second < 0)
    return op.emitOpError() << "swaps axes " << op.getDim0() << " and " << op.getDim1() << " of an input of rank "
                            << shape.size();
  std::swap(shape[first], shape[second]);
  return shape;
}
TPU_MLIR_TOP_METHODS(TransposeOp, 0)

static FailureOr<Shape> resultShape(ConcatOp op) {
  Shape shape = shapeVector(op.getInputs().front());
  int64_t axis = normalizeAxis(op.getAxis(), shape.size());
  if (axis < 0)
    return op.emitOpError() << "has axis " << op.getAxis() << " for inputs of rank " << shape.size();
  for (Value input : op.getInputs().drop_front()) {
    Shape other = shapeVector(input);
    bool fits = other.size() == shape.size();
    for (size_t i = 0; fits && i < shape.size(); ++i)
      fits = static_cast<int64_t>(i) == axis || other[i] == shape[i];
    if (!fits)
      return op.emitOpError() << "cannot join " << text(shapeOf(op.getInputs().front())) << " and " << text(other)
                              << " along axis " << axis;
    shape[axis] += other[axis];
  }
  return shape;
}
LogicalResult ConcatOp::inferShapes() {
  if (failed(inferByRule(*this)))
    return failure();
  Type type = IntegerType::get(getContext(), 32, IntegerType::Signed);
  setAxisAttr(IntegerAttr::get(type, normalizeAxis(getAxis(), shapeOf(getOutput()).size())));
  return success();
}
LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs at least one input");
  return verifyByRule(*this);
}
int64_t ConcatOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(PadOp op) {
  Shape shape = shapeVector(op.getInput()), paddings = i64Values(op.getPaddings());
  size_t rank = shape.size();
  if (paddings.size() != 2 * rank)
    return op.emitOpError() << "needs " << 2 * rank << " paddings (all begins, then all ends), got " << paddings.size();
  for (size_t i = 0; i < rank; ++i) {
    int64_t begin = paddings[i], end = paddings[rank + i], most = std::max(begin, end);
    if (begin < 0 || end < 0)
      return op.emitOpError() << "has a negative padding on axis " << i << "; use Slice";
    if ((op.getMode() == "reflect" && most > 0 && most >= shape[i]) || (op.getMode() == "symmetric" && most > shape[i]))
      return op.emitOpError() << "cannot " << op.getMode() << " " << most << " elements of axis " << i << " of extent "
                              << shape[i];
    if (op.getMode() == "edge" && most > 0 && shape[i] == 0)
      return op.emitOpError() << "has no edge on the empty axis " << i;
  }
  for (size_t i = 0; i < rank; ++i)
    shape[i] += paddings[i] + paddings[rank + i];
  return shape;
}
LogicalResult PadOp::inferShapes() {
  if (getPaddingsT() && !isNone(getPaddingsT())) {
    FailureOr<Shape> paddings = constantIntegers(getPaddingsT());
    if (failed(paddings))
      return emitOpError("needs a paddings operand that is constant");
    setPaddingsAttr(Builder(getContext()).getI64ArrayAttr(*paddings));
    getPaddingsTMutable().clear();
  }
  return inferByRule(*this);
}
LogicalResult PadOp::verify() { return getPaddingsT() && !isNone(getPaddingsT()) ? success() : verifyByRule(*this); }
int64_t PadOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(TileOp op) {
  Shape shape = shapeVector(op.getInput());
  if (!op.getTile())
    return op.emitOpError("has neither a tile attribute nor a constant tile operand");
  Shape tile = i64Values(*op.getTile());
  // As in numpy, the shorter of shape and repeats is extended with ones at its front.
  while (shape.size() < tile.size())
    shape.insert(shape.begin(), 1);
  while (tile.size() < shape.size())
    tile.insert(tile.begin(), 1);
  for (size_t i = 0; i < shape.size(); ++i) {
    if (tile[i] < 1)
      return op.emitOpError() << "repeats axis " << i << " " << tile[i] << " times; at least 1 is needed";
    shape[i] *= tile[i];
  }
  return shape;
}
LogicalResult TileOp::inferShapes() {
  if (getTileT()) {
    FailureOr<Shape> tile = constantIntegers(getTileT());
    if (failed(tile))
      return emitOpError("needs a tile operand that is constant");
    setTileAttr(Builder(getContext()).getI64ArrayAttr(*tile));
    getTileTMutable().clear();
  }
  return inferByRule(*this);
}
LogicalResult TileOp::verify() { return getTileT() ? success() : verifyByRule(*this); }
int64_t TileOp::getFLOPs() { return 0; }

static FailureOr<Shape> resultShape(Depth2SpaceOp op) {
  Shape shape = shapeVector(op.getInput());
  int64_t blockH = op.getBlockH(), blockW = op.getBlockW(), block = blockH * blockW;
  if (shape.size() != 4 || blockH < 1 || blockW < 1)
    return op.emitOpError("needs an input of rank 4 and blocks of at least 1");
  size_t c = op.getInIs_NCHW() ? 1 : 3, h = op.getInIs_NCHW() ? 2 : 1, w = h + 1;
  int64_t channels = shape[c], height = shape[h], width = shape[w];
  if (op.getIsInversed() ? height % blockH || width % blockW : channels % block)
    return op.emitOpError() << "cannot divide " << text(shape) << " into blocks of " << blockH << " x " << blockW;
  channels = op.getIsInversed() ? channels * block : channels / block;
  height = op.getIsInversed() ? height / blockH : height * blockH;
  width = op.getIsInversed() ? width / blockW : width * blockW;
  if (op.getOutIs_NCHW())
    return Shape({shape[0], channels, height, width});
  return Shape({shape[0], height, width, channels});
}
TPU_MLIR_TOP_METHODS(Depth2SpaceOp, 0)
} // namespace tpu_mlir::top
