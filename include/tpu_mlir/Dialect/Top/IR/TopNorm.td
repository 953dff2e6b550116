// Top ops: normalizations beyond the core. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_NORM
#define TPU_MLIR_TOP_NORM
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
