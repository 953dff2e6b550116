// Products of some columns of a constant right matrix.
#pragma once
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include "mlir/IR/PatternMatch.h"

namespace tpu_mlir::tpu {

/// Whether the right matrix and what goes with its columns are constants that can be cut.
bool hasConstantColumns(MatMulOp op);

/// A product that gives `count` columns of the result of `op` from `first` on, under another name. Null when a weight
/// cannot be read.
mlir::Value columnsOfProduct(mlir::PatternRewriter &rewriter, MatMulOp op, int64_t first, int64_t count,
                             llvm::StringRef name);

} // namespace tpu_mlir::tpu
