// Top ops: control flow and user-defined ops. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_CONTROL
#define TPU_MLIR_TOP_CONTROL
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
