// Shape rules, verifiers and operation counts of the comparisons, selections and functions beyond the core.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/TopMath.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// The default rule: the result has the operand's shape.
template <typename OpTy> static FailureOr<Shape> resultShape(OpTy op) { return shapeVector(op->getOperand(0)); }

static FailureOr<Shape> resultShape(CompareOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(LogicalAndOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(MaskedFillOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(Pow3Op op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(ModOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(RemainderOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(BinaryShiftOp op) { return broadcastRule(op); }
static FailureOr<Shape> resultShape(WhereOp op) { return broadcastRule(op); }

TPU_MLIR_TOP_METHODS(CompareOp, 1)
TPU_MLIR_TOP_METHODS(CompareConstOp, 1)
TPU_MLIR_TOP_METHODS(MaskedFillOp, 1)
TPU_MLIR_TOP_METHODS(PowOp, 4)
TPU_MLIR_TOP_METHODS(Pow2Op, 4)
TPU_MLIR_TOP_METHODS(DivConstOp, 1 + getDoRelu())
TPU_MLIR_TOP_METHODS(TanOp, 4)
TPU_MLIR_TOP_METHODS(SinhOp, 4)
TPU_MLIR_TOP_METHODS(CoshOp, 4)
TPU_MLIR_TOP_METHODS(ArccosOp, 4)
TPU_MLIR_TOP_METHODS(ArctanhOp, 4)
TPU_MLIR_TOP_METHODS(SwishOp, 5)

#define TPU_MLIR_PAIR(OP, FLOPS)                                                                                       \
  LogicalResult OP::inferShapes() { return inferByRule(*this); }                                                       \
  LogicalResult OP::verify() { return failed(checkOperandCount(*this, 2, 2)) ? failure() : verifyByRule(*this); }      \
  int64_t OP::getFLOPs() { return flopsPerElement(*this, FLOPS); }

TPU_MLIR_PAIR(LogicalAndOp, 1)
TPU_MLIR_PAIR(Pow3Op, 4)
TPU_MLIR_PAIR(ModOp, 1)
TPU_MLIR_PAIR(RemainderOp, 1)

LogicalResult WhereOp::inferShapes() { return inferByRule(*this); }
int64_t WhereOp::getFLOPs() { return flopsPerElement(*this, 1); }
LogicalResult WhereOp::verify() {
  if ((isNone(getTbrn()) && !getXIsConst()) || (isNone(getFbrn()) && !getYIsConst()))
    return emitOpError("has a branch without an operand and without a constant");
  return verifyByRule(*this);
}

static FailureOr<Shape> resultShape(CumSumOp op) {
  Shape input = shapeVector(op.getInput());
  if (normalizeAxis(op.getAxis(), input.size()) < 0)
    return op.emitOpError() << "has axis " << static_cast<int64_t>(op.getAxis()) << " for an input of rank "
                            << input.size();
  if (!isNone(op.getDim()) && elementCount(shapeOf(op.getDim())) != 1)
    return op.emitOpError() << "has a dim of shape " << text(shapeOf(op.getDim())) << ", which must be one number";
  return input;
}
LogicalResult CumSumOp::inferShapes() {
  if (!isNone(getDim())) {
    FailureOr<Shape> axis = constantIntegers(getDim());
    if (failed(axis) || axis->size() != 1)
      return emitOpError("needs a dim that is one constant number");
    setAxisAttr(Builder(getContext()).getI64IntegerAttr(axis->front()));
    getDimMutable().assign(noneFor(*this));
  }
  if (failed(inferByRule(*this)))
    return failure();
  setAxisAttr(Builder(getContext()).getI64IntegerAttr(normalizeAxis(getAxis(), shapeOf(getInput()).size())));
  return success();
}
LogicalResult CumSumOp::verify() { return verifyByRule(*this); }
int64_t CumSumOp::getFLOPs() { return flopsPerElement(*this, 1); }

static FailureOr<Shape> resultShape(TriluOp op) {
  Shape input = shapeVector(op.getInput());
  if (input.size() < 2)
    return op.emitOpError() << "needs an input of at least rank 2, got " << text(input);
  return input;
}
LogicalResult TriluOp::inferShapes() { return inferByRule(*this); }
int64_t TriluOp::getFLOPs() { return 0; }
LogicalResult TriluOp::verify() {
  if (getUpper() != 0 && getUpper() != 1)
    return emitOpError() << "has upper " << getUpper() << ", which must be 0 or 1";
  return verifyByRule(*this);
}

LogicalResult CastOp::inferShapes() { return inferByRule(*this); }
int64_t CastOp::getFLOPs() { return flopsPerElement(*this, 1); }
LogicalResult CastOp::verify() {
  if (!llvm::is_contained(
          {"", "F32", "F16", "BF16", "INT64", "INT32", "INT16", "INT8", "UINT64", "UINT32", "UINT16", "UINT8", "BOOL"},
          getTo()))
    return emitOpError() << "casts to '" << getTo()
                         << "', which is none of F32, F16, BF16, INT64, INT32, INT16, INT8, UINT64, UINT32, UINT16, "
                            "UINT8 and BOOL";
  return verifyByRule(*this);
}

LogicalResult DtypeCastOp::inferShapes() { return inferByRule(*this); }
int64_t DtypeCastOp::getFLOPs() { return flopsPerElement(*this, 1); }
LogicalResult DtypeCastOp::verify() {
  Type element = cast<ShapedType>(getOutput().getType()).getElementType();
  if (!element.isF32() && !element.isF16() && !element.isBF16())
    return emitOpError() << "has a result of type " << element << ", which is none of f32, f16 and bf16";
  return verifyByRule(*this);
}

LogicalResult LogBOp::inferShapes() { return inferByRule(*this); }
int64_t LogBOp::getFLOPs() { return flopsPerElement(*this, 4); }
LogicalResult LogBOp::verify() {
  if (static_cast<int64_t>(getBase()) < 2)
    return emitOpError() << "has base " << static_cast<int64_t>(getBase()) << ", which must be at least 2";
  return verifyByRule(*this);
}

template <typename OpTy> static LogicalResult verifyShift(OpTy op) {
  if (op.getShift() < -63 || op.getShift() > 31)
    return op.emitOpError() << "has shift " << op.getShift() << ", which must be between -63 and 31";
  return verifyByRule(op);
}
LogicalResult BinaryShiftOp::inferShapes() { return inferByRule(*this); }
LogicalResult BinaryShiftOp::verify() { return verifyShift(*this); }
int64_t BinaryShiftOp::getFLOPs() { return flopsPerElement(*this, 2); }
LogicalResult BinaryConstShiftOp::inferShapes() { return inferByRule(*this); }
LogicalResult BinaryConstShiftOp::verify() { return verifyShift(*this); }
int64_t BinaryConstShiftOp::getFLOPs() { return flopsPerElement(*this, 2); }

static FailureOr<Shape> resultShape(LutOp op) {
  if (elementCount(shapeOf(op.getTable())) != 256)
    return op.emitOpError() << "needs a table of 256 values, got " << text(shapeOf(op.getTable()));
  return shapeVector(op.getInput());
}
TPU_MLIR_TOP_METHODS(LutOp, 1)
} // namespace tpu_mlir::top
