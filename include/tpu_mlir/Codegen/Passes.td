// Passes of this room; each lives in one file named after it and has one lit test named after it.
#ifndef TPU_MLIR_CODEGEN_PASSES
#define TPU_MLIR_CODEGEN_PASSES
include "mlir/Pass/PassBase.td"
#endif
