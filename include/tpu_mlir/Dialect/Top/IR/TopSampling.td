// Top ops: pooling, sampling and correlation beyond the core. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_SAMPLING
#define TPU_MLIR_TOP_SAMPLING
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
