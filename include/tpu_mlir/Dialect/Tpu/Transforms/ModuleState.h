// What the passes of this room ask of and note on the module: state, chip, and the functions of the network.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace tpu_mlir::tpu {

/// Fails with a diagnostic unless the outer module is in one of the states.
llvm::LogicalResult requireState(mlir::ModuleOp module, llvm::StringRef pass, llvm::ArrayRef<llvm::StringRef> states);
void setState(mlir::ModuleOp module, llvm::StringRef state);
/// The module in which functions are: the inner one after subnet-divide, else the module itself.
mlir::ModuleOp functionModule(mlir::ModuleOp module);
/// The functions that are compiled: those with an `id` after subnet-divide, else all.
llvm::SmallVector<mlir::func::FuncOp> computeFunctions(mlir::ModuleOp module);

} // namespace tpu_mlir::tpu
