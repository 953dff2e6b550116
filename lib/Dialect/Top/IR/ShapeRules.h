// What the files of this folder share to write an op's shape rule once and get inferShapes and verify from it. A rule
// is `FailureOr<Shape> resultShape(SomeOp)`; it emits the diagnostic itself.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

namespace tpu_mlir::top {

inline Shape shapeVector(mlir::Value value) { return llvm::to_vector(shapeOf(value)); }

/// "1x3x16x16", for messages.
std::string text(llvm::ArrayRef<int64_t> shape);

/// Gives a result of the op the shape; a known different shape is an error.
llvm::LogicalResult setResultShape(mlir::Operation *op, llvm::ArrayRef<int64_t> shape, unsigned result = 0);
/// Whether all operands are static (then a rule can run).
bool operandsAreStatic(mlir::Operation *op);
/// For verifiers: the result, where it is known, has this shape.
llvm::LogicalResult checkResultShape(mlir::Operation *op, llvm::ArrayRef<int64_t> shape, unsigned result = 0);
/// The same for ops with several results: one shape per result; a result of type `none` is left out.
llvm::LogicalResult setResultShapes(mlir::Operation *op, llvm::ArrayRef<Shape> shapes);
llvm::LogicalResult checkResultShapes(mlir::Operation *op, llvm::ArrayRef<Shape> shapes);

template <typename OpTy> llvm::LogicalResult inferByRule(OpTy op) {
  llvm::FailureOr<Shape> shape = resultShape(op);
  return mlir::failed(shape) ? mlir::failure() : setResultShape(op, *shape);
}
template <typename OpTy> llvm::LogicalResult verifyByRule(OpTy op) {
  if (!operandsAreStatic(op))
    return mlir::success();
  llvm::FailureOr<Shape> shape = resultShape(op);
  return mlir::failed(shape) ? mlir::failure() : checkResultShape(op, *shape);
}

/// An op with several results has a rule `FailureOr<SmallVector<Shape>> resultShapes(SomeOp)`.
template <typename OpTy> llvm::LogicalResult inferByRules(OpTy op) {
  llvm::FailureOr<llvm::SmallVector<Shape>> shapes = resultShapes(op);
  return mlir::failed(shapes) ? mlir::failure() : setResultShapes(op, *shapes);
}
template <typename OpTy> llvm::LogicalResult verifyByRules(OpTy op) {
  if (!operandsAreStatic(op))
    return mlir::success();
  llvm::FailureOr<llvm::SmallVector<Shape>> shapes = resultShapes(op);
  return mlir::failed(shapes) ? mlir::failure() : checkResultShapes(op, *shapes);
}

/// The rule of ops whose operands broadcast to each other (operands of type none left out).
llvm::FailureOr<Shape> broadcastRule(mlir::Operation *op);
/// For ops with a variadic operand: there are `least` to `most` of them.
llvm::LogicalResult checkOperandCount(mlir::Operation *op, unsigned least, unsigned most);
/// The number of elements, or nothing if it is above what tensors may have.
std::optional<int64_t> elementCount(llvm::ArrayRef<int64_t> shape);

/// For ops whose attributes alone can make a result of any size: not more than 2^31 elements.
llvm::LogicalResult checkElements(mlir::Operation *op, llvm::ArrayRef<int64_t> shape);

/// Number of elements of the first result times `perElement`; 0 while the shape is unknown.
int64_t flopsPerElement(mlir::Operation *op, int64_t perElement);

} // namespace tpu_mlir::top

/// Defines inferShapes, verify and getFLOPs of an op from its rule and its cost per result element.
#define TPU_MLIR_TOP_METHODS(OP, FLOPS_PER_ELEMENT)                                                                    \
  ::llvm::LogicalResult OP::inferShapes() { return inferByRule(*this); }                                               \
  ::llvm::LogicalResult OP::verify() { return verifyByRule(*this); }                                                   \
  int64_t OP::getFLOPs() { return flopsPerElement(*this, FLOPS_PER_ELEMENT); }

/// The same for an op with several results.
#define TPU_MLIR_TOP_METHODS_N(OP, FLOPS_PER_ELEMENT)                                                                  \
  ::llvm::LogicalResult OP::inferShapes() { return inferByRules(*this); }                                              \
  ::llvm::LogicalResult OP::verify() { return verifyByRules(*this); }                                                  \
  int64_t OP::getFLOPs() { return flopsPerElement(*this, FLOPS_PER_ELEMENT); }
