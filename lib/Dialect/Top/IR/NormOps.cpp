// Shape rules, verifiers and operation counts of normalizations, per-channel scaling and softmax.
#include "ShapeRules.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static FailureOr<int64_t> channelsOf(Operation *op) {
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  if (shape.size() < 2)
    return op->emitOpError() << "needs an input with a channel axis, got shape " << text(shape);
  return shape[1];
}

/// Parameters hold one value for each channel, in whatever rank.
static LogicalResult checkPerChannel(Operation *op, ValueRange parameters) {
  FailureOr<int64_t> channels = channelsOf(op);
  if (failed(channels))
    return failure();
  for (Value parameter : parameters)
    if (!isNone(parameter) && elementsOf(parameter) != *channels)
      return op->emitOpError() << "needs parameters of " << *channels << " values (one per channel), got shape "
                               << text(shapeOf(parameter));
  return success();
}

static FailureOr<Shape> resultShape(BatchNormOp op) {
  if (failed(checkPerChannel(op, op->getOperands().drop_front())))
    return failure();
  return shapeVector(op.getInput());
}
LogicalResult BatchNormOp::inferShapes() { return inferByRule(*this); }
LogicalResult BatchNormOp::verify() {
  if (!(getEpsilon().convertToDouble() >= 0))
    return emitOpError("epsilon must not be negative");
  return verifyByRule(*this);
}
int64_t BatchNormOp::getFLOPs() { return flopsPerElement(*this, 2 + getDoRelu()); }

static FailureOr<Shape> resultShape(ScaleOp op) {
  if (failed(checkPerChannel(op, op->getOperands().drop_front())))
    return failure();
  return shapeVector(op.getInput());
}
TPU_MLIR_TOP_METHODS(ScaleOp, 2 + getDoRelu())

static FailureOr<Shape> resultShape(LayerNormOp op) {
  Shape shape = shapeVector(op.getInput());
  int64_t axis = normalizeAxis(op.getAxis(), shape.size());
  if (axis < 0)
    return op.emitOpError() << "has axis " << op.getAxis() << " for an input of rank " << shape.size();
  Shape normalized = i64Values(op.getNormalizedShape());
  if (ArrayRef(shape).drop_front(axis) != ArrayRef(normalized))
    return op.emitOpError() << "normalized_shape " << text(normalized) << " is not the end of the input's shape "
                            << text(shape) << " from axis " << axis;
  for (Value parameter : {op.getWeight(), op.getBias()})
    if (!isNone(parameter) && elementsOf(parameter) != product(normalized))
      return op.emitOpError() << "needs parameters of " << product(normalized) << " values, got shape "
                              << text(shapeOf(parameter));
  return shape;
}
LogicalResult LayerNormOp::inferShapes() { return inferByRule(*this); }
LogicalResult LayerNormOp::verify() {
  if (!(getEps().convertToDouble() >= 0))
    return emitOpError("eps must not be negative");
  return verifyByRule(*this);
}
int64_t LayerNormOp::getFLOPs() { return flopsPerElement(*this, 10 + !isNone(getWeight()) + !isNone(getBias())); }

static FailureOr<Shape> resultShape(SoftmaxOp op) {
  Shape shape = shapeVector(op.getInput());
  if (normalizeAxis(op.getAxis(), shape.size()) < 0)
    return op.emitOpError() << "has axis " << op.getAxis() << " for an input of rank " << shape.size();
  return shape;
}
/// Axes are counted from the front from here on.
LogicalResult SoftmaxOp::inferShapes() {
  if (failed(inferByRule(*this)))
    return failure();
  int64_t axis = normalizeAxis(getAxis(), shapeOf(getInput()).size());
  Type type = IntegerType::get(getContext(), 32, IntegerType::Signed);
  setAxisAttr(IntegerAttr::get(type, axis));
  return success();
}
LogicalResult SoftmaxOp::verify() { return verifyByRule(*this); }
int64_t SoftmaxOp::getFLOPs() { return flopsPerElement(*this, 5); }
} // namespace tpu_mlir::top
