// Top ops: shapes, splitting, joining and filling. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_TENSOR
#define TPU_MLIR_TOP_TENSOR
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
