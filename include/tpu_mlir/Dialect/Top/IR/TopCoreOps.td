// The ops that most networks are made of, by family; TopOps.td adds the others.
#ifndef TPU_MLIR_TOP_CORE_OPS
#define TPU_MLIR_TOP_CORE_OPS
include "tpu_mlir/Dialect/Top/IR/TopBase.td"
include "tpu_mlir/Dialect/Top/IR/TopStructure.td"
include "tpu_mlir/Dialect/Top/IR/TopNN.td"
include "tpu_mlir/Dialect/Top/IR/TopActivation.td"
include "tpu_mlir/Dialect/Top/IR/TopElementwise.td"
include "tpu_mlir/Dialect/Top/IR/TopShape.td"
#endif
