// Top ops: explicit requantization. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_QUANT
#define TPU_MLIR_TOP_QUANT
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
