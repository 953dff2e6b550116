// Shape rules, verifiers and operation counts of normalizations beyond the core.
#include "ChannelParameters.h"
#include "tpu_mlir/Dialect/Top/IR/TopNorm.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

LogicalResult checkPerChannel(Operation *op, Value input, ValueRange parameters) {
  ArrayRef<int64_t> shape = shapeOf(input);
  if (shape.size() < 2)
    return op->emitOpError() << "needs an input with a channel axis, got shape " << text(shape);
  for (Value parameter : parameters)
    if (!isNone(parameter) && elementsOf(parameter) != shape[1])
      return op->emitOpError() << "needs parameters of " << shape[1] << " values (one per channel), got shape "
                               << text(shapeOf(parameter));
  return success();
}

LogicalResult checkGroups(Operation *op, int64_t groups, int64_t channels) {
  if (groups < 1 || channels % groups)
    return op->emitOpError() << "cannot split " << channels << " channels into " << groups << " groups";
  return success();
}

LogicalResult checkEpsilon(Operation *op, const APFloat &epsilon) {
  if (!(epsilon.convertToDouble() >= 0))
    return op->emitOpError("eps must not be negative");
  return success();
}

static FailureOr<Shape> resultShape(GroupNormOp op) {
  if (failed(checkEpsilon(op, op.getEps())) ||
      failed(checkPerChannel(op, op.getInput(), {op.getWeight(), op.getBias()})) ||
      failed(checkGroups(op, op.getNumGroups(), shapeOf(op.getInput())[1])))
    return failure();
  return shapeVector(op.getInput());
}
TPU_MLIR_TOP_METHODS(GroupNormOp, 8 + !isNone(getWeight()) + !isNone(getBias()))

static FailureOr<Shape> resultShape(InstanceNormOp op) {
  if (failed(checkEpsilon(op, op.getEps())) ||
      failed(checkPerChannel(op, op.getInput(), {op.getWeight(), op.getBias()})))
    return failure();
  return shapeVector(op.getInput());
}
TPU_MLIR_TOP_METHODS(InstanceNormOp, 8 + !isNone(getWeight()) + !isNone(getBias()))

static FailureOr<Shape> resultShape(PixelNormOp op) {
  if (failed(checkEpsilon(op, op.getEps())) ||
      failed(checkPerChannel(op, op.getInput(), {op.getWeight(), op.getBias()})))
    return failure();
  return shapeVector(op.getInput());
}
TPU_MLIR_TOP_METHODS(PixelNormOp, 8 + !isNone(getWeight()) + !isNone(getBias()))

static FailureOr<Shape> resultShape(RMSNormOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.empty())
    return op.emitOpError("needs an input of rank 1 or more");
  if (failed(checkEpsilon(op, op.getEps())))
    return failure();
  if (!isNone(op.getGamma()) && elementsOf(op.getGamma()) != shape.back())
    return op.emitOpError() << "needs a gamma of " << shape.back() << " values, got shape "
                            << text(shapeOf(op.getGamma()));
  return shape;
}
TPU_MLIR_TOP_METHODS(RMSNormOp, 3 + !isNone(getGamma()))

static FailureOr<Shape> resultShape(LRNOp op) {
  if (static_cast<int64_t>(op.getSize()) < 1)
    return op.emitOpError() << "has a size of " << static_cast<int64_t>(op.getSize()) << "; it must be at least 1";
  if (failed(checkPerChannel(op, op.getInput(), {})))
    return failure();
  return shapeVector(op.getInput());
}
LogicalResult LRNOp::inferShapes() { return inferByRule(*this); }
LogicalResult LRNOp::verify() { return verifyByRule(*this); }
int64_t LRNOp::getFLOPs() {
  if (!hasStaticShape(getInput()) || shapeOf(getInput()).size() < 2)
    return 0;
  return flopsPerElement(*this, 2 * std::min<int64_t>(getSize(), shapeOf(getInput())[1]) + 4);
}

static FailureOr<Shape> resultShape(NormalizeOp op) {
  if (failed(checkPerChannel(op, op.getInput(), {})))
    return failure();
  const int64_t wanted = op.getChannelShared() ? 1 : shapeOf(op.getInput())[1];
  if (elementsOf(op.getScale()) != wanted)
    return op.emitOpError() << "needs a scale of " << wanted << " values, got shape " << text(shapeOf(op.getScale()));
  return shapeVector(op.getInput());
}
TPU_MLIR_TOP_METHODS(NormalizeOp, 4)

static FailureOr<Shape> resultShape(VarianceOp op) {
  if (!op.getCorrection().isFinite())
    return op.emitOpError("correction must be finite");
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  Shape axes = i64Values(op.getReduceList()), shape;
  SmallVector<bool> reduced(input.size(), axes.empty());
  for (int64_t axis : axes) {
    int64_t position = normalizeAxis(axis, input.size());
    if (position < 0)
      return op.emitOpError() << "has axis " << axis << " for an input of rank " << input.size();
    if (reduced[position])
      return op.emitOpError() << "has axis " << axis << " twice";
    reduced[position] = true;
  }
  for (size_t i = 0; i < input.size(); ++i)
    if (!reduced[i])
      shape.push_back(input[i]);
    else if (op.getKeepDims())
      shape.push_back(1);
  if (shape.empty())
    shape.push_back(1);
  return shape;
}
LogicalResult VarianceOp::inferShapes() { return inferByRule(*this); }
LogicalResult VarianceOp::verify() { return verifyByRule(*this); }
int64_t VarianceOp::getFLOPs() { return hasStaticShape(getInput()) ? 4 * elementsOf(getInput()) : 0; }

} // namespace tpu_mlir::top
