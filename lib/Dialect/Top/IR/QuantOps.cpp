// Shape rules, verifiers and operation counts of integer arithmetic and of the exchange between devices.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/TopQuant.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// A list has one value or one per position of the axis.
static LogicalResult checkPerPosition(Operation *op, size_t values, StringRef name, int64_t axis) {
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  int64_t position = normalizeAxis(axis, shape.size());
  if (values == 1)
    return success();
  if (position >= 0 && static_cast<int64_t>(values) == shape[position])
    return success();
  return op->emitOpError() << "needs one " << name << ", or one per position of axis " << axis << ", got " << values
                           << " for shape " << text(shape);
}

/// Multipliers have 32 bits, shifts stay within what 64 bits hold.
static LogicalResult checkMultipliers(Operation *op, ArrayAttr multipliers, ArrayAttr shifts) {
  for (int64_t value : i64Values(multipliers))
    if (value < std::numeric_limits<int32_t>::min() || value > std::numeric_limits<int32_t>::max())
      return op->emitOpError() << "has the multiplier " << value << ", which has more than 32 bits";
  for (int64_t value : i64Values(shifts))
    if (value < -31 || value > 63)
      return op->emitOpError() << "has the shift " << value << ", which is not within -31 to 63";
  return success();
}

static FailureOr<Shape> resultShape(RequantIntOp op) {
  if (failed(checkPerPosition(op, op.getMultiplier().size(), "multiplier", op.getRqAxis())) ||
      failed(checkPerPosition(op, op.getRshift().size(), "rshift", op.getRqAxis())))
    return failure();
  return shapeVector(op.getInput());
}
LogicalResult RequantIntOp::inferShapes() { return inferByRule(*this); }
LogicalResult RequantIntOp::verify() {
  if (getQuantMode() == "OnlyScale")
    return emitOpError("has the quant_mode OnlyScale, which needs floats; RequantFp has them");
  return failed(checkMultipliers(*this, getMultiplier(), getRshift())) ? failure() : verifyByRule(*this);
}
int64_t RequantIntOp::getFLOPs() { return flopsPerElement(*this, 2); }

static FailureOr<Shape> resultShape(RequantFpOp op) {
  if (failed(checkPerPosition(op, op.getScale().size(), "scale", 1)) ||
      failed(checkPerPosition(op, op.getOffset().size(), "offset", 1)))
    return failure();
  return shapeVector(op.getInput());
}
LogicalResult RequantFpOp::inferShapes() { return inferByRule(*this); }
LogicalResult RequantFpOp::verify() {
  for (ArrayAttr list : {getScale(), getOffset()})
    for (Attribute value : list)
      if (!std::isfinite(cast<FloatAttr>(value).getValueAsDouble()))
        return emitOpError("scale and offset must be finite");
  return verifyByRule(*this);
}
int64_t RequantFpOp::getFLOPs() { return flopsPerElement(*this, 3); }

static FailureOr<Shape> resultShape(DequantIntOp op) {
  if (failed(checkPerPosition(op, op.getMultiplier().size(), "multiplier", 1)) ||
      failed(checkPerPosition(op, op.getShift().size(), "shift", 1)))
    return failure();
  return shapeVector(op.getInput());
}
LogicalResult DequantIntOp::inferShapes() { return inferByRule(*this); }
LogicalResult DequantIntOp::verify() {
  if (static_cast<int64_t>(getLshift()) < 0 || static_cast<int64_t>(getLshift()) > 31)
    return emitOpError() << "has the lshift " << static_cast<int64_t>(getLshift()) << ", which is not within 0 to 31";
  return failed(checkMultipliers(*this, getMultiplier(), getShift())) ? failure() : verifyByRule(*this);
}
int64_t DequantIntOp::getFLOPs() { return flopsPerElement(*this, 2); }

static FailureOr<Shape> resultShape(WeightReorderOp op) { return shapeVector(op.getInput()); }
TPU_MLIR_TOP_METHODS(WeightReorderOp, 0)

/// A device's place among the others.
template <typename OpTy> static LogicalResult checkRanks(OpTy op) {
  auto ranks = static_cast<int64_t>(op.getNranks()), rank = static_cast<int64_t>(op.getRank());
  if (ranks < 1 || rank < 0 || rank >= ranks)
    return op.emitOpError() << "has rank " << rank << " of " << ranks;
  if (static_cast<int64_t>(op.getChipMap().size()) != ranks)
    return op.emitOpError() << "has a chip_map of " << op.getChipMap().size() << " devices for " << ranks << " ranks";
  return success();
}

static FailureOr<Shape> resultShape(C2CAllReduceOp op) {
  if (shapeOf(op.getRecv()) != shapeOf(op.getSend()))
    return op.emitOpError() << "sends " << text(shapeOf(op.getSend())) << " but receives "
                            << text(shapeOf(op.getRecv()));
  return shapeVector(op.getSend());
}
LogicalResult C2CAllReduceOp::inferShapes() { return inferByRule(*this); }
LogicalResult C2CAllReduceOp::verify() { return failed(checkRanks(*this)) ? failure() : verifyByRule(*this); }
int64_t C2CAllReduceOp::getFLOPs() { return flopsPerElement(*this, static_cast<int64_t>(getNranks()) - 1); }

static FailureOr<Shape> resultShape(C2CBroadcastOp op) { return shapeVector(op.getInput()); }
LogicalResult C2CBroadcastOp::inferShapes() { return inferByRule(*this); }
LogicalResult C2CBroadcastOp::verify() {
  if (failed(checkRanks(*this)))
    return failure();
  if (static_cast<int64_t>(getRoot()) < 0 || getRoot() >= getNranks())
    return emitOpError() << "has root " << static_cast<int64_t>(getRoot()) << " of " << getNranks() << " ranks";
  return verifyByRule(*this);
}
int64_t C2CBroadcastOp::getFLOPs() { return 0; }
} // namespace tpu_mlir::top
