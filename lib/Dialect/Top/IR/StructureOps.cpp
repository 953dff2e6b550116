// Rules of the ops that bring tensors into a function: Input and Weight.
#include "ShapeRules.h"

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
} // namespace tpu_mlir::top
