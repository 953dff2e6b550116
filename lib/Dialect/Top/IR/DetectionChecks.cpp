// See the header.
#include "DetectionChecks.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

LogicalResult checkCount(Operation *op, StringRef name, int64_t value, int64_t smallest) {
  if (value >= smallest && value <= largestCount)
    return success();
  return op->emitOpError() << "has " << name << " " << value << ", which must be from " << smallest << " to "
                           << largestCount;
}

LogicalResult checkNumber(Operation *op, StringRef name, const APFloat &value, bool positive) {
  if (value.isFinite() && (!positive || value.convertToDouble() > 0))
    return success();
  return op->emitOpError() << "has " << name << " " << value.convertToDouble() << ", which must be "
                           << (positive ? "positive and finite" : "finite");
}

LogicalResult checkNumbers(Operation *op, StringRef name, ArrayAttr values, bool positive) {
  for (auto value : values.getAsRange<FloatAttr>())
    if (failed(checkNumber(op, name, value.getValue(), positive)))
      return failure();
  return success();
}

std::vector<double> doublesOf(ArrayAttr values) {
  std::vector<double> doubles;
  for (auto value : values.getAsRange<FloatAttr>())
    doubles.push_back(value.getValueAsDouble());
  return doubles;
}

LogicalResult checkOperands(Operation *op) {
  for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
    int64_t elements = 1;
    ArrayRef<int64_t> shape = shapeOf(operand);
    if (shape.empty())
      return op->emitOpError() << "has operand " << index << " without dimensions";
    for (int64_t extent : shape)
      if (extent < 1 || extent > largestElements / elements)
        return op->emitOpError() << "has operand " << index << " of shape " << text(shape)
                                 << ", which is empty or too large";
      else
        elements *= extent;
  }
  return success();
}

FailureOr<Shape> bounded(Operation *op, Shape shape) {
  int64_t elements = 1;
  for (int64_t extent : shape)
    if (extent < 1 || extent > largestElements / elements)
      return op->emitOpError() << "would have a result of shape " << text(shape) << ", which is empty or too large";
    else
      elements *= extent;
  return shape;
}

LogicalResult checkOneOf(Operation *op, ArrayRef<int64_t> first, ArrayRef<int64_t> second) {
  if (!hasStaticShape(op->getResult(0)) || shapeOf(op->getResult(0)) == second)
    return success();
  return checkResultShape(op, first);
}
} // namespace tpu_mlir::top
