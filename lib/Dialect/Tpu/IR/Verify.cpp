#include "Verify.h"

using namespace mlir;
using namespace tpu_mlir;

tpu::Shape tpu::integers(ArrayAttr values) {
  Shape result;
  for (Attribute value : values)
    result.push_back(cast<IntegerAttr>(value).getInt());
  return result;
}

int64_t tpu::product(ArrayRef<int64_t> shape) {
  int64_t result = 1;
  for (int64_t dim : shape)
    result *= dim;
  return result;
}

std::string tpu::text(ArrayRef<int64_t> shape) {
  std::string result;
  for (int64_t dim : shape)
    result += (result.empty() ? "" : "x") + std::to_string(dim);
  return shape.empty() ? "scalar" : result;
}

LogicalResult tpu::expectShape(Operation *op, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> result = shapeOf(op->getResult(0));
  if (result == shape)
    return success();
  return op->emitOpError() << "has a result of shape " << text(result) << ", but its operands and attributes give "
                           << text(shape);
}

LogicalResult tpu::expectRank(Operation *op, int64_t rank) {
  int64_t have = shapeOf(op->getOperand(0)).size();
  if (have == rank)
    return success();
  return op->emitOpError() << "needs an input of rank " << rank << ", got " << have;
}

LogicalResult tpu::expectAxis(Operation *op, int64_t axis) {
  int64_t rank = shapeOf(op->getOperand(0)).size();
  if (axis >= -rank && axis < rank)
    return success();
  return op->emitOpError() << "has axis " << axis << " for an input of rank " << rank;
}

LogicalResult tpu::expectSameElements(Operation *op) {
  ArrayRef<int64_t> input = shapeOf(op->getOperand(0)), result = shapeOf(op->getResult(0));
  if (product(input) == product(result))
    return success();
  return op->emitOpError() << "cannot give " << text(input) << " the shape " << text(result);
}

LogicalResult tpu::expectValues(Operation *op, StringRef name, ArrayAttr values, size_t count, int64_t least) {
  if (values.size() != count)
    return op->emitOpError() << name << " needs " << count << " values, got " << values.size();
  for (int64_t value : integers(values))
    if (value < least)
      return op->emitOpError() << name << " contains " << value << "; each value must be at least " << least;
  return success();
}
