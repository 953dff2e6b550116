// Shape rules, verifiers and operation counts of ops that carry a state along a sequence.
#include "Extents.h"
#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static FailureOr<Shape> resultShape(SelectiveScanOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getCs());
  if (shape.size() != 4)
    return op.emitOpError() << "needs Cs of rank 4, got shape " << text(shape);
  Shape result{shape[0], shape[1], shape[3]};
  if (failed(checkShape(op, op.getDeltaA(), "deltaA", shape)) ||
      failed(checkShape(op, op.getDeltaBU(), "deltaB_u", shape)) || failed(checkShape(op, op.getUs(), "us", result)) ||
      failed(checkElements(op, op.getDs(), "Ds", {shape[1]})))
    return failure();
  return result;
}
LogicalResult SelectiveScanOp::inferShapes() { return inferByRule(*this); }
LogicalResult SelectiveScanOp::verify() { return verifyByRule(*this); }
int64_t SelectiveScanOp::getFLOPs() {
  ArrayRef<int64_t> shape = shapeOf(getCs());
  return shape.size() != 4 ? 0 : flopsPerElement(*this, 4 * shape[2] + (isNone(getDs()) ? 0 : 2));
}

/// The rule of both forms of the delta rule; `positions` of -1 takes any number.
template <typename OpTy> static FailureOr<Shape> deltaRuleShape(OpTy op, int64_t positions) {
  if (failed(checkExtents(op, {{"num_k_heads", int64_t(op.getNumKHeads())},
                               {"num_v_heads", int64_t(op.getNumVHeads())},
                               {"d", int64_t(op.getD())}})))
    return failure();
  int64_t keyHeads = int64_t(op.getNumKHeads()), heads = int64_t(op.getNumVHeads()), d = int64_t(op.getD());
  if (heads % keyHeads != 0)
    return op.emitOpError() << "has " << heads << " heads of values for " << keyHeads
                            << " heads of keys, which do not divide them";
  ArrayRef<int64_t> value = shapeOf(op.getValue());
  if (value.size() != 4 || (positions >= 0 && value[1] != positions))
    return op.emitOpError() << "needs a value of shape [batch, " << (positions < 0 ? "positions" : "1")
                            << ", num_v_heads, d], got " << text(value);
  Shape result{value[0], value[1], heads, d}, narrow{value[0], value[1], keyHeads, d};
  Shape gate{value[0], value[1], heads};
  if (failed(checkShape(op, op.getValue(), "value", result)) ||
      failed(checkShape(op, op.getQuery(), "query", narrow)) || failed(checkShape(op, op.getKey(), "key", narrow)) ||
      failed(checkShape(op, op.getG(), "g", gate)) || failed(checkShape(op, op.getBeta(), "beta", gate)) ||
      failed(checkShape(op, op.getRecurrentState(), "recurrent_state", {value[0], heads, d, d})))
    return failure();
  return result;
}

static FailureOr<Shape> resultShape(RecurrentGatedDeltaRuleOp op) { return deltaRuleShape(op, 1); }
static FailureOr<Shape> resultShape(ChunkGatedDeltaRuleOp op) {
  if (failed(checkExtents(op, {{"chunk_size", int64_t(op.getChunkSize())}})))
    return failure();
  Shape square{int64_t(op.getChunkSize()), int64_t(op.getChunkSize())};
  if (failed(checkShape(op, op.getTriuMask(), "triu_mask", square)) ||
      failed(checkShape(op, op.getStrictTriuMask(), "strict_triu_mask", square)) ||
      failed(checkShape(op, op.getTrilMask(), "tril_mask", square)) ||
      failed(checkShape(op, op.getEye(), "eye", square)))
    return failure();
  return deltaRuleShape(op, -1);
}

template <typename OpTy> static LogicalResult verifyDeltaRule(OpTy op) {
  return std::isfinite(op.getScale().convertToDouble()) ? verifyByRule(op) : op.emitOpError("scale must be finite");
}
LogicalResult RecurrentGatedDeltaRuleOp::inferShapes() { return inferByRule(*this); }
LogicalResult RecurrentGatedDeltaRuleOp::verify() { return verifyDeltaRule(*this); }
int64_t RecurrentGatedDeltaRuleOp::getFLOPs() { return flopsPerElement(*this, 7 * getD()); }
LogicalResult ChunkGatedDeltaRuleOp::inferShapes() { return inferByRule(*this); }
LogicalResult ChunkGatedDeltaRuleOp::verify() { return verifyDeltaRule(*this); }
int64_t ChunkGatedDeltaRuleOp::getFLOPs() { return flopsPerElement(*this, 7 * getD()); }
} // namespace tpu_mlir::top
