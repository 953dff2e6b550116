// Rules of the ops that bring tensors into a function, Input and Weight, and of those that mark quantized values.
#include "ShapeRules.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static FailureOr<Shape> resultShape(InputOp op) { return shapeVector(op.getInput()); }
LogicalResult InputOp::inferShapes() { return inferByRule(*this); }
int64_t InputOp::getFLOPs() { return 0; }
LogicalResult InputOp::verify() {
  if (getResizeDims() && !getResizeDims()->empty() && getResizeDims()->size() != 2)
    return emitOpError("resize_dims needs two values, height and width");
  if (getScale() && getMean() && getScale()->size() != getMean()->size())
    return emitOpError() << "has " << getMean()->size() << " means but " << getScale()->size() << " scales";
  return verifyByRule(*this);
}

LogicalResult WeightOp::verify() {
  if (!getOutput().getType().hasStaticShape())
    return emitOpError("must have a static shape");
  return success();
}

/// One scale and zero point, or one per position of the axis.
static LogicalResult verifyScales(Operation *op, ArrayAttr scales, ArrayAttr zeroPoints, int64_t axis) {
  if (scales.size() != zeroPoints.size() || scales.empty())
    return op->emitOpError() << "has " << scales.size() << " scales but " << zeroPoints.size() << " zero points";
  for (Attribute scale : scales)
    if (double value = cast<FloatAttr>(scale).getValueAsDouble(); !(value > 0) || !std::isfinite(value))
      return op->emitOpError() << "has a scale of " << value << "; scales must be positive and finite";
  Shape shape = shapeVector(op->getOperand(0));
  int64_t position = normalizeAxis(axis, shape.size());
  if (scales.size() > 1 && operandsAreStatic(op) &&
      (position < 0 || shape[position] != static_cast<int64_t>(scales.size())))
    return op->emitOpError() << "has " << scales.size() << " scales, which do not fit axis " << axis << " of "
                             << text(shape);
  return success();
}

static FailureOr<Shape> resultShape(QuantizeLinearOp op) { return shapeVector(op.getInput()); }
static FailureOr<Shape> resultShape(DequantizeLinearOp op) { return shapeVector(op.getInput()); }
LogicalResult QuantizeLinearOp::inferShapes() { return inferByRule(*this); }
LogicalResult DequantizeLinearOp::inferShapes() { return inferByRule(*this); }
int64_t QuantizeLinearOp::getFLOPs() { return 0; }
int64_t DequantizeLinearOp::getFLOPs() { return 0; }
LogicalResult QuantizeLinearOp::verify() {
  return failed(verifyScales(*this, getYScale(), getYZeroPoint(), getAxis())) ? failure() : verifyByRule(*this);
}
LogicalResult DequantizeLinearOp::verify() {
  return failed(verifyScales(*this, getXScale(), getXZeroPoint(), getAxis())) ? failure() : verifyByRule(*this);
}
} // namespace tpu_mlir::top
