#include "ShapeRules.h"

using namespace mlir;
using namespace tpu_mlir;

std::string top::text(ArrayRef<int64_t> shape) {
  std::string result;
  for (int64_t dim : shape)
    result += (result.empty() ? "" : "x") + std::to_string(dim);
  return shape.empty() ? "scalar" : result;
}

LogicalResult top::setResultShape(Operation *op, ArrayRef<int64_t> shape, unsigned index) {
  for (int64_t dim : shape)
    if (dim < 0 || dim > (int64_t{1} << 31))
      return op->emitOpError() << "would have the result shape " << text(shape);
  Value result = op->getResult(index);
  if (failed(checkResultShape(op, shape, index)))
    return failure();
  auto type = cast<TensorType>(result.getType());
  Attribute encoding;
  if (auto ranked = dyn_cast<RankedTensorType>(type))
    encoding = ranked.getEncoding();
  result.setType(RankedTensorType::get(shape, type.getElementType(), encoding));
  return success();
}

bool top::operandsAreStatic(Operation *op) {
  return llvm::all_of(op->getOperands(), [](Value v) { return isa<NoneType>(v.getType()) || hasStaticShape(v); });
}

LogicalResult top::checkResultShape(Operation *op, ArrayRef<int64_t> shape, unsigned index) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(index).getType());
  if (!type)
    return success();
  bool fits = type.getRank() == static_cast<int64_t>(shape.size());
  for (size_t i = 0; fits && i < shape.size(); ++i)
    fits = type.isDynamicDim(i) || type.getDimSize(i) == shape[i];
  if (fits)
    return success();
  return op->emitOpError() << "has a result of shape " << text(type.getShape())
                           << ", but its operands and attributes give " << text(shape);
}

static LogicalResult forEachResult(Operation *op, ArrayRef<top::Shape> shapes,
                                   LogicalResult (*apply)(Operation *, ArrayRef<int64_t>, unsigned)) {
  if (shapes.size() != op->getNumResults())
    return op->emitOpError() << "has " << op->getNumResults() << " results, but its operands and attributes give "
                             << shapes.size();
  for (auto [index, shape] : llvm::enumerate(shapes))
    if (!isa<NoneType>(op->getResult(index).getType()) && failed(apply(op, shape, index)))
      return failure();
  return success();
}

LogicalResult top::setResultShapes(Operation *op, ArrayRef<Shape> shapes) {
  return forEachResult(op, shapes, setResultShape);
}

LogicalResult top::checkResultShapes(Operation *op, ArrayRef<Shape> shapes) {
  return forEachResult(op, shapes, checkResultShape);
}

LogicalResult top::checkElements(Operation *op, ArrayRef<int64_t> shape) {
  constexpr int64_t most = int64_t{1} << 31;
  int64_t elements = 1;
  for (int64_t dim : shape) {
    if (dim < 0 || dim > most || (elements *= dim) > most)
      return op->emitOpError() << "would have the result shape " << text(shape)
                               << "; every extent must be known and the elements not more than 2^31";
  }
  return success();
}

int64_t top::flopsPerElement(Operation *op, int64_t perElement) {
  Value result = op->getResult(0);
  return hasStaticShape(result) ? elementsOf(result) * perElement : 0;
}

FailureOr<top::Shape> top::broadcastRule(Operation *op) {
  SmallVector<Shape> shapes;
  for (Value operand : op->getOperands())
    if (!isNone(operand))
      shapes.push_back(shapeVector(operand));
  if (std::optional<Shape> shape = broadcastShapes(shapes))
    return *shape;
  auto diagnostic = op->emitOpError() << "has operands whose shapes do not broadcast: ";
  llvm::interleaveComma(shapes, diagnostic, [&](const Shape &shape) { diagnostic << text(shape); });
  return failure();
}

LogicalResult top::checkOperandCount(Operation *op, unsigned least, unsigned most) {
  unsigned count = op->getNumOperands();
  if (count < least || count > most) {
    auto diagnostic = op->emitOpError() << "needs ";
    if (most == least)
      diagnostic << least;
    else if (most == UINT_MAX)
      diagnostic << "at least " << least;
    else
      diagnostic << least << " to " << most;
    return diagnostic << " operands, got " << count;
  }
  return success();
}

std::optional<int64_t> top::elementCount(ArrayRef<int64_t> shape) {
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t count = 1;
  for (int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(count, extent, &count) || count > (int64_t{1} << 31))
      return std::nullopt;
  return count;
}
