// Questions and sentences that the verifiers of this folder share.
#pragma once
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include <string>

namespace tpu_mlir::tpu {

using Shape = llvm::SmallVector<int64_t>;

inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType()).getShape();
}
inline bool isNone(mlir::Value value) { return !value || llvm::isa<mlir::NoneType>(value.getType()); }
Shape integers(mlir::ArrayAttr values);
int64_t product(llvm::ArrayRef<int64_t> shape);
/// "1x3x16x16".
std::string text(llvm::ArrayRef<int64_t> shape);

/// The result must have this shape.
llvm::LogicalResult expectShape(mlir::Operation *op, llvm::ArrayRef<int64_t> shape);
llvm::LogicalResult expectRank(mlir::Operation *op, int64_t rank);
llvm::LogicalResult expectAxis(mlir::Operation *op, int64_t axis);
/// The result holds as many elements as the first operand.
llvm::LogicalResult expectSameElements(mlir::Operation *op);
/// `count` values of at least `least`.
llvm::LogicalResult expectValues(mlir::Operation *op, llvm::StringRef name, mlir::ArrayAttr values, size_t count,
                                 int64_t least);

} // namespace tpu_mlir::tpu
