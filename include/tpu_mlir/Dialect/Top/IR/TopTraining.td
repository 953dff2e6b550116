// Top ops: training forms and gradients. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_TRAINING
#define TPU_MLIR_TOP_TRAINING
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
