// Weight layouts of BM1684X for all ops of a function.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tpu_mlir::bm1684x {
struct ReorderOptions {
  /// Convolutions take other forms only where that pays at the price of slow moves between lanes (ConvFolding.h).
  bool avoidPriceQuirks = false;
};
llvm::LogicalResult reorderWeights(mlir::func::FuncOp function, const ReorderOptions &options = {});
} // namespace tpu_mlir::bm1684x
