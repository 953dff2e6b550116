// All ops of the Tpu dialect, by family.
#ifndef TPU_MLIR_Tpu_OPS
#define TPU_MLIR_Tpu_OPS
include "tpu_mlir/Dialect/Tpu/IR/TpuBase.td"
include "tpu_mlir/Dialect/Tpu/IR/TpuStructure.td"
include "tpu_mlir/Dialect/Tpu/IR/TpuNN.td"
include "tpu_mlir/Dialect/Tpu/IR/TpuActivation.td"
include "tpu_mlir/Dialect/Tpu/IR/TpuElementwise.td"
include "tpu_mlir/Dialect/Tpu/IR/TpuShape.td"
#endif
