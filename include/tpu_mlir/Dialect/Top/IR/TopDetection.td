// Top ops: detection heads and regions of interest. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_DETECTION
#define TPU_MLIR_TOP_DETECTION
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
