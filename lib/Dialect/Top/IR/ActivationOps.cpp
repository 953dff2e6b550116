// Shape rules, verifiers and operation counts of the elementwise functions of one operand.
#include "ShapeRules.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// The default rule: the result has the operand's shape.
template <typename OpTy> static FailureOr<Shape> resultShape(OpTy op) { return shapeVector(op->getOperand(0)); }

/// Operations per element: as upstream counts them, for equal module.FLOPs.
TPU_MLIR_TOP_METHODS(LeakyReluOp, 1)
TPU_MLIR_TOP_METHODS(SigmoidOp, 4)
TPU_MLIR_TOP_METHODS(SiLUOp, 5)
TPU_MLIR_TOP_METHODS(TanhOp, 4)
TPU_MLIR_TOP_METHODS(ExpOp, 4)
TPU_MLIR_TOP_METHODS(LogOp, 4)
TPU_MLIR_TOP_METHODS(SqrtOp, 1)
TPU_MLIR_TOP_METHODS(RsqrtOp, 2)
TPU_MLIR_TOP_METHODS(AbsOp, 1)
TPU_MLIR_TOP_METHODS(CeilOp, 1)
TPU_MLIR_TOP_METHODS(FloorOp, 1)
TPU_MLIR_TOP_METHODS(RoundOp, 1)
TPU_MLIR_TOP_METHODS(SignOp, 3)
TPU_MLIR_TOP_METHODS(SinOp, 4)
TPU_MLIR_TOP_METHODS(CosOp, 4)
TPU_MLIR_TOP_METHODS(ErfOp, 1)
TPU_MLIR_TOP_METHODS(GELUOp, 5)
TPU_MLIR_TOP_METHODS(EluOp, 1)
TPU_MLIR_TOP_METHODS(HardSigmoidOp, 4)
TPU_MLIR_TOP_METHODS(HardSwishOp, 5)
TPU_MLIR_TOP_METHODS(MishOp, 4)
TPU_MLIR_TOP_METHODS(SoftplusOp, 3)
TPU_MLIR_TOP_METHODS(SoftsignOp, 3)
TPU_MLIR_TOP_METHODS(ReciprocalOp, getDoRelu() ? 2 : 1)

LogicalResult ReluOp::inferShapes() { return inferByRule(*this); }
int64_t ReluOp::getFLOPs() { return flopsPerElement(*this, 1); }
LogicalResult ReluOp::verify() {
  double limit = getReluLimit().convertToDouble();
  if (limit == 0.0 || limit != limit)
    return emitOpError("relu_limit must be positive, or negative for no limit");
  return verifyByRule(*this);
}

LogicalResult ClipOp::inferShapes() { return inferByRule(*this); }
int64_t ClipOp::getFLOPs() { return flopsPerElement(*this, 2); }
LogicalResult ClipOp::verify() {
  double low = getMin().convertToDouble(), high = getMax().convertToDouble();
  if (low != low || high != high || low > high)
    return emitOpError() << "min (" << low << ") must not be greater than max (" << high << ")";
  return verifyByRule(*this);
}

static FailureOr<Shape> resultShape(PReluOp op) {
  Shape input = shapeVector(op.getInput()), slope = shapeVector(op.getSlope());
  std::optional<Shape> both = broadcastShapes({input, slope});
  if (!both || *both != input)
    return op.emitOpError() << "slope of shape " << text(slope) << " does not broadcast to the input's " << text(input);
  return input;
}
TPU_MLIR_TOP_METHODS(PReluOp, 1)
} // namespace tpu_mlir::top
