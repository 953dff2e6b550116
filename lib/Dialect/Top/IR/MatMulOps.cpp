// Shape rule, verifier and operation count of MatMul.
#include "ShapeRules.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// The right operand as [batch..., K, N].
static Shape rightShape(MatMulOp op) {
  Shape right = shapeVector(op.getRight());
  if (op.getRightTranspose() && right.size() >= 2)
    std::swap(right[right.size() - 1], right[right.size() - 2]);
  return right;
}

/// hdim_is_batch: left [B, M, H, K], right [B, K, H, N] (transposed [B, N, H, K]), result [B, M, H, N].
static FailureOr<Shape> headBatchShape(MatMulOp op) {
  Shape left = shapeVector(op.getInput()), right = shapeVector(op.getRight());
  if (left.size() != 4 || right.size() != 4)
    return op.emitOpError("hdim_is_batch needs operands of rank 4");
  if (op.getLeftTranspose())
    std::swap(left[1], left[3]);
  if (op.getRightTranspose())
    std::swap(right[1], right[3]);
  if (left[0] != right[0] || left[2] != right[2] || left[3] != right[1])
    return op.emitOpError() << "cannot multiply " << text(shapeOf(op.getInput())) << " and "
                            << text(shapeOf(op.getRight())) << " with hdim_is_batch";
  return Shape{left[0], left[1], left[2], right[3]};
}

static FailureOr<Shape> resultShape(MatMulOp op) {
  if (op.getHdimIsBatch())
    return headBatchShape(op);
  Shape left = shapeVector(op.getInput()), right = rightShape(op);
  if (left.empty() || right.empty())
    return op.emitOpError("needs operands of rank 1 or more");
  if (op.getLeftTranspose() && left.size() >= 2)
    std::swap(left[left.size() - 1], left[left.size() - 2]);
  bool leftVector = left.size() == 1, rightVector = right.size() == 1;
  if (leftVector)
    left.insert(left.begin(), 1);
  if (rightVector)
    right.push_back(1);
  int64_t k = right[right.size() - 2], n = right.back();
  if (left.back() != k)
    return op.emitOpError() << "cannot multiply " << text(shapeOf(op.getInput())) << " and "
                            << text(shapeOf(op.getRight())) << ": inner dimensions " << left.back() << " and " << k;
  std::optional<Shape> batch =
      broadcastShapes({Shape(left.begin(), left.end() - 2), Shape(right.begin(), right.end() - 2)});
  if (!batch)
    return op.emitOpError() << "has batch dimensions that do not broadcast: " << text(shapeOf(op.getInput())) << " and "
                            << text(shapeOf(op.getRight()));
  Shape result = *batch;
  if (!leftVector)
    result.push_back(left[left.size() - 2]);
  if (!rightVector)
    result.push_back(n);
  if (op.getOutputTranspose() && result.size() >= 2)
    std::swap(result[result.size() - 1], result[result.size() - 2]);
  if (!op.getKeepDims() && result.size() > 2)
    result = {product(ArrayRef(result).drop_back()), result.back()};
  if (result.empty())
    result = {1};
  if (!isNone(op.getBias()) && elementsOf(op.getBias()) != n && elementsOf(op.getBias()) != 1)
    return op.emitOpError() << "needs a bias of " << n << " values, got shape " << text(shapeOf(op.getBias()));
  return result;
}

LogicalResult MatMulOp::inferShapes() { return inferByRule(*this); }
LogicalResult MatMulOp::verify() { return verifyByRule(*this); }

int64_t MatMulOp::getFLOPs() {
  if (!hasStaticShape(getInput()))
    return 0;
  ArrayRef<int64_t> left = shapeOf(getInput());
  int64_t k = getLeftTranspose() && left.size() >= 2 ? left[getHdimIsBatch() ? 1 : left.size() - 2] : left.back();
  return flopsPerElement(*this, 2 * k + !isNone(getBias()) + getDoRelu());
}
} // namespace tpu_mlir::top
