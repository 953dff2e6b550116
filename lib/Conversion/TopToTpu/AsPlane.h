// 1-dimensional windows as 2-dimensional ones.
#pragma once
#include "Lowering.h"

namespace tpu_mlir {

/// 1-dimensional windows are computed as 2-dimensional ones of width 1: the op is lowered on a reshaped input (and
/// filter), and its result is reshaped back under the op's name.
class AsPlane {
public:
  AsPlane(Lowering &l, int64_t kernelRank) : l(l), active(kernelRank == 1) {}

  mlir::Value input(mlir::Value value);
  llvm::FailureOr<mlir::Value> filter(mlir::Value value);
  /// Window attributes [h] become [h, w], [begin, end] [top, left, bottom, right].
  void attributes(mlir::NamedAttrList &attrs);
  llvm::LogicalResult replace(llvm::StringRef name, mlir::ValueRange operands, mlir::NamedAttrList attrs);
  /// The shape of a tensor as the plane sees it.
  std::vector<int64_t> shapeOf(mlir::Value value) const;

private:
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape, mlir::Location location);

  Lowering &l;
  bool active;
};

} // namespace tpu_mlir
