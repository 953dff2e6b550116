// Comparisons of shapes with extents that attributes state, for verifiers: whatever the attributes say, nothing
// overflows.
#pragma once
#include "ShapeRules.h"

namespace tpu_mlir::top {

/// An attribute's value as an extent; others are an error that names the attribute.
struct NamedExtent {
  llvm::StringRef name;
  int64_t value;
};
inline llvm::LogicalResult checkExtents(mlir::Operation *op, llvm::ArrayRef<NamedExtent> extents) {
  for (const NamedExtent &extent : extents)
    if (extent.value < 1 || extent.value > (int64_t{1} << 31))
      return op->emitOpError() << "has " << extent.name << " = " << extent.value << ", which is no extent";
  return mlir::success();
}

/// Whether `count` is the product of the factors (at least 1).
inline bool isProduct(int64_t count, llvm::ArrayRef<int64_t> factors) {
  for (int64_t factor : factors) {
    if (factor < 1 || count % factor != 0)
      return false;
    count /= factor;
  }
  return count == 1;
}

/// An operand has the shape, or is none.
inline llvm::LogicalResult checkShape(mlir::Operation *op, mlir::Value operand, llvm::StringRef name,
                                      llvm::ArrayRef<int64_t> wanted) {
  if (isNone(operand) || shapeOf(operand) == wanted)
    return mlir::success();
  return op->emitOpError() << "needs " << name << " of shape " << text(wanted) << ", got " << text(shapeOf(operand));
}

/// An operand has as many values as the factors say, in whatever rank, or is none.
inline llvm::LogicalResult checkElements(mlir::Operation *op, mlir::Value operand, llvm::StringRef name,
                                         llvm::ArrayRef<int64_t> factors) {
  if (isNone(operand) || isProduct(elementsOf(operand), factors))
    return mlir::success();
  return op->emitOpError() << "needs " << name << " of " << text(factors) << " values, got shape "
                           << text(shapeOf(operand));
}

/// An operand broadcasts to the shape, or is none.
inline llvm::LogicalResult checkBroadcast(mlir::Operation *op, mlir::Value operand, llvm::StringRef name,
                                          const Shape &shape) {
  if (isNone(operand))
    return mlir::success();
  std::optional<Shape> joined = broadcastShapes({shapeVector(operand), shape});
  if (joined && *joined == shape)
    return mlir::success();
  return op->emitOpError() << "needs a " << name << " that broadcasts to " << text(shape) << ", got "
                           << text(shapeOf(operand));
}

} // namespace tpu_mlir::top
