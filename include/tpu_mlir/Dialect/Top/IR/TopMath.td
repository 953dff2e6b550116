// Top ops: elementwise arithmetic, comparisons and functions beyond the core. Shape rules, verifiers and FLOPs: lib/Dialect/Top/IR.
#ifndef TPU_MLIR_TOP_MATH
#define TPU_MLIR_TOP_MATH
include "tpu_mlir/Dialect/Top/IR/TopBase.td"

#endif
