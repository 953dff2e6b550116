// Top ops: selection, search, gathering and scattering. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_INDEXING
#define TPU_MLIR_TOP_INDEXING
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
