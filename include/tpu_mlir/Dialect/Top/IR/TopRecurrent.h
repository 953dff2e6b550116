// Top ops: recurrent layers.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#define GET_OP_CLASSES
#include "tpu_mlir/Dialect/Top/IR/TopRecurrent.h.inc"

namespace tpu_mlir::top {
/// Whether the op's module comes from PyTorch (`module.platform`): there the result Y of recurrent layers has
/// directions next to the hidden values.
bool hasTorchLayout(mlir::Operation *op);
} // namespace tpu_mlir::top
