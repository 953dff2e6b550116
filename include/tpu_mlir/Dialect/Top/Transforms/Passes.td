// Passes of this room; each lives in one file named after it and has one lit test named after it.
#ifndef TPU_MLIR_TOP_PASSES
#define TPU_MLIR_TOP_PASSES
include "mlir/Pass/PassBase.td"
#endif
