// What the files of this folder share to write an op's shape rule once and get inferShapes and verify from it. A rule
// is `FailureOr<Shape> resultShape(SomeOp)`; it emits the diagnostic itself.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

namespace tpu_mlir::top {

inline Shape shapeVector(mlir::Value value) { return llvm::to_vector(shapeOf(value)); }

/// "1x3x16x16", for messages.
std::string text(llvm::ArrayRef<int64_t> shape);

/// Gives the op's result the shape; a known different shape is an error.
llvm::LogicalResult setResultShape(mlir::Operation *op, llvm::ArrayRef<int64_t> shape);
/// Whether all operands are static (then a rule can run).
bool operandsAreStatic(mlir::Operation *op);
/// For verifiers: the result, where it is known, has this shape.
llvm::LogicalResult checkResultShape(mlir::Operation *op, llvm::ArrayRef<int64_t> shape);

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

/// Number of result elements times `perElement`; 0 while the shape is unknown.
int64_t flopsPerElement(mlir::Operation *op, int64_t perElement);

} // namespace tpu_mlir::top

/// Defines inferShapes, verify and getFLOPs of an op from its rule and its cost per result element.
#define TPU_MLIR_TOP_METHODS(OP, FLOPS_PER_ELEMENT)                                                                    \
  ::llvm::LogicalResult OP::inferShapes() { return inferByRule(*this); }                                               \
  ::llvm::LogicalResult OP::verify() { return verifyByRule(*this); }                                                   \
  int64_t OP::getFLOPs() { return flopsPerElement(*this, FLOPS_PER_ELEMENT); }
