// Shape rules, verifiers and operation counts of arithmetic on one tensor and a constant or on several tensors.
#include "ShapeRules.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// Ops with one tensor operand keep its shape.
template <typename OpTy> static FailureOr<Shape> resultShape(OpTy op) { return shapeVector(op->getOperand(0)); }

static FailureOr<Shape> resultShape(AddOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(SubOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(MulOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(DivOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(MaxOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(MinOp op) { return broadcastRule(op); }

static LogicalResult checkCoefficients(Operation *op, std::optional<ArrayAttr> coefficients) {
  if (coefficients && coefficients->size() != op->getNumOperands())
    return op->emitOpError() << "has " << coefficients->size() << " coefficients for " << op->getNumOperands()
                             << " operands";
  return success();
}

LogicalResult AddOp::inferShapes() { return inferByRule(*this); }
LogicalResult AddOp::verify() {
  if (failed(checkOperandCount(*this, 2, UINT_MAX)) || failed(checkCoefficients(*this, getCoeff())))
    return failure();
  return verifyByRule(*this);
}
int64_t AddOp::getFLOPs() { return flopsPerElement(*this, getInputs().size() - 1 + getDoRelu()); }

LogicalResult SubOp::inferShapes() { return inferByRule(*this); }
LogicalResult SubOp::verify() {
  if (failed(checkOperandCount(*this, 2, 2)) || failed(checkCoefficients(*this, getCoeff())))
    return failure();
  return verifyByRule(*this);
}
int64_t SubOp::getFLOPs() { return flopsPerElement(*this, 1 + getDoRelu()); }

#define TPU_MLIR_ARITHMETIC(OP, MOST, FLOPS)                                                                           \
  LogicalResult OP::inferShapes() { return inferByRule(*this); }                                                       \
  LogicalResult OP::verify() { return failed(checkOperandCount(*this, 2, MOST)) ? failure() : verifyByRule(*this); }   \
  int64_t OP::getFLOPs() { return flopsPerElement(*this, FLOPS); }

TPU_MLIR_ARITHMETIC(MulOp, UINT_MAX, getInputs().size() - 1 + getDoRelu())
TPU_MLIR_ARITHMETIC(DivOp, 2, 1 + getDoRelu())
TPU_MLIR_ARITHMETIC(MaxOp, UINT_MAX, getInputs().size() - 1)
TPU_MLIR_ARITHMETIC(MinOp, UINT_MAX, getInputs().size() - 1)

TPU_MLIR_TOP_METHODS(AddConstOp, 1 + getDoRelu())
TPU_MLIR_TOP_METHODS(SubConstOp, 1 + getDoRelu())
TPU_MLIR_TOP_METHODS(MulConstOp, 1 + getDoRelu())
TPU_MLIR_TOP_METHODS(MaxConstOp, 1)
TPU_MLIR_TOP_METHODS(MinConstOp, 1)
} // namespace tpu_mlir::top
