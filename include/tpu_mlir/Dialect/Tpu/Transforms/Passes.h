// Passes of this room: constructors and registration, generated from Passes.td.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DECL
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
#define GEN_PASS_REGISTRATION
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu
