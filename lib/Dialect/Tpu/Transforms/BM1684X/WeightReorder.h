// Weight layouts of BM1684X for all ops of a function.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tpu_mlir::bm1684x {
llvm::LogicalResult reorderWeights(mlir::func::FuncOp function);
} // namespace tpu_mlir::bm1684x
