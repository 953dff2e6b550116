// All ops of the Top dialect, by family.
#ifndef TPU_MLIR_Top_OPS
#define TPU_MLIR_Top_OPS
include "tpu_mlir/Dialect/Top/IR/TopBase.td"
include "tpu_mlir/Dialect/Top/IR/TopStructure.td"
include "tpu_mlir/Dialect/Top/IR/TopNN.td"
include "tpu_mlir/Dialect/Top/IR/TopActivation.td"
include "tpu_mlir/Dialect/Top/IR/TopElementwise.td"
include "tpu_mlir/Dialect/Top/IR/TopShape.td"
#endif
