// Joining of convolutions that follow each other without a function in between.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace tpu_mlir {

/// A convolution whose result only a 1x1 convolution takes becomes one with it where the chip needs no more steps for
/// that, or the first has no range: one tensor less is rounded to 8 bits, written and read. Ops for which `keeps` holds
/// stay as they are. Fails with a diagnostic when a weight cannot be read.
llvm::LogicalResult mergeConvolutions(mlir::func::FuncOp function, llvm::function_ref<bool(mlir::Operation *)> keeps);

} // namespace tpu_mlir
