// Top ops: preprocessing of pictures. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_IMAGE
#define TPU_MLIR_TOP_IMAGE
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
