// All ops of the Top dialect, by family.
#ifndef TPU_MLIR_Top_OPS
#define TPU_MLIR_Top_OPS
include "tpu_mlir/Dialect/Top/IR/TopCoreOps.td"
include "tpu_mlir/Dialect/Top/IR/TopMath.td"
include "tpu_mlir/Dialect/Top/IR/TopIndexing.td"
include "tpu_mlir/Dialect/Top/IR/TopTensor.td"
include "tpu_mlir/Dialect/Top/IR/TopControl.td"
include "tpu_mlir/Dialect/Top/IR/TopRecurrent.td"
include "tpu_mlir/Dialect/Top/IR/TopNorm.td"
include "tpu_mlir/Dialect/Top/IR/TopSampling.td"
include "tpu_mlir/Dialect/Top/IR/TopTraining.td"
include "tpu_mlir/Dialect/Top/IR/TopAttention.td"
include "tpu_mlir/Dialect/Top/IR/TopQuant.td"
include "tpu_mlir/Dialect/Top/IR/TopImage.td"
include "tpu_mlir/Dialect/Top/IR/TopDetection.td"
#endif
