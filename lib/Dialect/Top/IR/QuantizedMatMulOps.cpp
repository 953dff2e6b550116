// Shape rules, verifiers and operation counts of products with integer or 8-bit float weights and of the feed-forward
// block.
#include "Extents.h"
#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// The number of groups of `length` values.
static FailureOr<int64_t> groupsOf(Operation *op, int64_t length, int64_t bits, int64_t group) {
  if (bits != 8 && bits != 4)
    return op->emitOpError() << "has weights of " << bits << " bits; 4 and 8 are possible";
  if (bits == 4 && length % 2 != 0)
    return op->emitOpError() << "has rows of " << length << " values, which 4-bit weights need in pairs";
  if (group < 0 || (group > 0 && length % group != 0))
    return op->emitOpError() << "has groups of " << group << " values, which do not divide " << length;
  return group == 0 ? 1 : length / group;
}

// ------------------------------------------------------------------------------------------ A16MatMul

static FailureOr<Shape> resultShape(A16MatMulOp op) {
  Shape shape = shapeVector(op.getInput());
  ArrayRef<int64_t> weight = shapeOf(op.getWeight());
  if (shape.empty() || weight.size() != 2)
    return op.emitOpError() << "needs a matrix of weights, got shape " << text(weight);
  int64_t inner = shape.back(), bits = op.getWeightBits();
  FailureOr<int64_t> groups = groupsOf(op, inner, bits, op.getQGroupSize());
  if (failed(groups))
    return failure();
  int64_t columns = weight[op.getRightTranspose() ? 0 : 1], stored = weight[op.getRightTranspose() ? 1 : 0];
  if (stored != (bits == 4 ? inner / 2 : inner))
    return op.emitOpError() << "multiplies rows of " << inner << " values by weights of shape " << text(weight);
  if (failed(checkElements(op, op.getScale(), "scale", {columns, *groups})) ||
      failed(checkElements(op, op.getZp(), "zp", {columns, *groups})) ||
      failed(checkElements(op, op.getBias(), "bias", {columns})))
    return failure();
  shape.back() = columns;
  return shape;
}
LogicalResult A16MatMulOp::inferShapes() { return inferByRule(*this); }
LogicalResult A16MatMulOp::verify() { return verifyByRule(*this); }
int64_t A16MatMulOp::getFLOPs() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  return input.empty() ? 0 : flopsPerElement(*this, 2 * input.back() + !isNone(getBias()));
}

// ------------------------------------------------------------------------------------------ A16Gather

static FailureOr<Shape> resultShape(A16GatherOp op) {
  ArrayRef<int64_t> weight = shapeOf(op.getWeight());
  if (op.getAxis() != 0)
    return op.emitOpError("gathers along axis 0 only");
  if (weight.size() != 2)
    return op.emitOpError() << "needs a matrix of weights, got shape " << text(weight);
  int64_t length = weight[1] * (op.getWeightBits() == 4 ? 2 : 1);
  FailureOr<int64_t> groups = groupsOf(op, length, op.getWeightBits(), op.getQGroupSize());
  if (failed(groups) || failed(checkElements(op, op.getScale(), "scale", {weight[0], *groups})) ||
      failed(checkElements(op, op.getZp(), "zp", {weight[0], *groups})))
    return failure();
  Shape shape = shapeVector(op.getIndices());
  if (op.getKeepdims())
    shape.push_back(1);
  shape.push_back(length);
  return shape;
}
TPU_MLIR_TOP_METHODS(A16GatherOp, 2)

// ------------------------------------------------------------------------------------------ Fp8MatMul

static FailureOr<Shape> resultShape(Fp8MatMulOp op) {
  Shape shape = shapeVector(op.getInput());
  ArrayRef<int64_t> weight = shapeOf(op.getWeight());
  if (failed(checkExtents(op, {{"block_size", int64_t(op.getBlockSize())}})))
    return failure();
  if (shape.empty() || weight.size() != 2)
    return op.emitOpError() << "needs a matrix of weights, got shape " << text(weight);
  bool transposed = op.getWeightTranspose();
  if (weight[transposed ? 1 : 0] != shape.back())
    return op.emitOpError() << "multiplies rows of " << shape.back() << " values by weights of shape " << text(weight);
  int64_t block = op.getBlockSize(), columns = weight[transposed ? 0 : 1];
  auto blocks = [&](int64_t extent) { return static_cast<int64_t>(llvm::divideCeil(extent, block)); };
  if (failed(checkElements(op, op.getWeightScale(), "weight_scale", {blocks(weight[0]), blocks(weight[1])})) ||
      failed(checkElements(op, op.getBias(), "bias", {columns})))
    return failure();
  shape.back() = columns;
  return shape;
}
LogicalResult Fp8MatMulOp::inferShapes() { return inferByRule(*this); }
LogicalResult Fp8MatMulOp::verify() { return verifyByRule(*this); }
int64_t Fp8MatMulOp::getFLOPs() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  return input.empty() ? 0 : flopsPerElement(*this, 2 * input.back() + !isNone(getBias()));
}

// ------------------------------------------------------------------------------------------ Mlp

namespace {
/// One of the three products of a feed-forward block.
struct MlpPart {
  StringRef name;
  Value weight, bias, scale, zeroPoint;
  bool transposed;
};
} // namespace

/// The columns of a product with rows of `inner` values.
static FailureOr<int64_t> columnsOf(MlpOp op, const MlpPart &part, int64_t inner) {
  Shape weight = shapeVector(part.weight);
  Shape leading;
  if (op.getIsExpert())
    leading.push_back(int64_t(op.getNumExpert()));
  if (weight.size() != leading.size() + 2 || (op.getIsExpert() && weight[0] != int64_t(op.getNumExpert())))
    return op.emitOpError() << "needs a weight_" << part.name << " of "
                            << (op.getIsExpert() ? "one matrix per expert" : "one matrix") << ", got shape "
                            << text(weight);
  int64_t rows = weight[weight.size() - 2], last = weight.back();
  int64_t stored = part.transposed ? last : rows, columns = part.transposed ? rows : last, groups = 1;
  if (op.getQuantized()) {
    FailureOr<int64_t> count = groupsOf(op, inner, op.getWeightBits(), op.getQGroupSize());
    if (failed(count))
      return failure();
    groups = *count;
  }
  if (stored != (op.getQuantized() && op.getWeightBits() == 4 ? inner / 2 : inner))
    return op.emitOpError() << "multiplies rows of " << inner << " values by a weight_" << part.name << " of shape "
                            << text(weight);
  if (isNone(part.scale) == op.getQuantized() || isNone(part.zeroPoint) == op.getQuantized())
    return op.emitOpError() << "needs scale and zp of " << part.name << " if it is quantized, and none otherwise";
  Shape biases = leading, scales = leading;
  biases.push_back(columns);
  scales.append({columns, groups});
  if (failed(checkElements(op, part.bias, ("bias_" + part.name).str(), biases)) ||
      failed(checkElements(op, part.scale, ("scale_" + part.name).str(), scales)) ||
      failed(checkElements(op, part.zeroPoint, ("zp_" + part.name).str(), scales)))
    return failure();
  return columns;
}

static FailureOr<Shape> resultShape(MlpOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.empty())
    return op.emitOpError("needs an input of rank 1 or more");
  if (op.getIsExpert() && failed(checkExtents(op, {{"num_expert", int64_t(op.getNumExpert())},
                                                   {"num_expert_per_tok", int64_t(op.getNumExpertPerTok())}})))
    return failure();
  int64_t inner = shape.pop_back_val();
  FailureOr<int64_t> gate = columnsOf(
      op, {"gate", op.getWeightGate(), op.getBiasGate(), op.getScaleGate(), op.getZpGate(), op.getRightTransposeGate()},
      inner);
  FailureOr<int64_t> up =
      failed(gate)
          ? gate
          : columnsOf(op,
                      {"up", op.getWeightUp(), op.getBiasUp(), op.getScaleUp(), op.getZpUp(), op.getRightTransposeUp()},
                      inner);
  if (failed(up))
    return failure();
  if (*gate != *up)
    return op.emitOpError() << "has " << *gate << " columns of gate and " << *up << " of up";
  FailureOr<int64_t> down = columnsOf(
      op, {"down", op.getWeightDown(), op.getBiasDown(), op.getScaleDown(), op.getZpDown(), op.getRightTransposeDown()},
      *gate);
  if (failed(down))
    return failure();
  if (!op.getIsExpert()) {
    if (!isNone(op.getExpertId()))
      return op.emitOpError("has an expert_id without is_expert");
    shape.push_back(*down);
    return shape;
  }
  if (isNone(op.getExpertId()))
    return op.emitOpError("needs an expert_id with is_expert");
  int64_t rows = product(shape);
  if (failed(checkElements(op, op.getExpertId(), "expert_id", {rows, int64_t(op.getNumExpertPerTok())})))
    return failure();
  return Shape{rows, int64_t(op.getNumExpertPerTok()), *down};
}
LogicalResult MlpOp::inferShapes() { return inferByRule(*this); }
LogicalResult MlpOp::verify() { return verifyByRule(*this); }
int64_t MlpOp::getFLOPs() {
  if (!operandsAreStatic(*this) || !hasStaticShape(getOutput()))
    return 0;
  ArrayRef<int64_t> gate = shapeOf(getWeightGate());
  int64_t inner = shapeOf(getInput()).back(), result = shapeOf(getOutput()).back();
  int64_t hidden = gate[gate.size() - (getRightTransposeGate() ? 2 : 1)];
  return product(shapeOf(getOutput()).drop_back()) * hidden * (4 * inner + 2 * result + 6);
}
} // namespace tpu_mlir::top
