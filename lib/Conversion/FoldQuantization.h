// Networks that were quantized before: their scales become types.
#pragma once
#include "mlir/IR/BuiltinOps.h"

namespace tpu_mlir {

/// Folds pairs of QuantizeLinear and DequantizeLinear into `!quant.uniform` types of the values they stand at, and
/// passes these types on through ops that only move values. Returns whether there was any QuantizeLinear or
/// DequantizeLinear.
bool foldQuantization(mlir::ModuleOp module);

} // namespace tpu_mlir
