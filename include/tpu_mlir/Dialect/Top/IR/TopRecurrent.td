// Top ops: recurrent layers. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_RECURRENT
#define TPU_MLIR_TOP_RECURRENT
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
