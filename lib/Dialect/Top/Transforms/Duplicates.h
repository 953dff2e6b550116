// Merging of equal ops, shared by struct-optimize and extra-optimize.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

namespace tpu_mlir::top {

/// Weights of one type with equal arrays become one op. Fails (with a diagnostic) if a value cannot be read.
llvm::LogicalResult mergeEqualWeights(mlir::Block &block);
/// Ops of one kind with equal operands and attributes become one; a network output keeps its name.
void mergeEqualOps(mlir::Block &block);
/// Removes ops whose results nobody uses.
void removeDeadOps(mlir::Block &block);

} // namespace tpu_mlir::top
