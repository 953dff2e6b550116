// Top ops: attention, feed-forward and state-space blocks. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_ATTENTION
#define TPU_MLIR_TOP_ATTENTION
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
