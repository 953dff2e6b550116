// The families of code generation models for BM1684X; each attaches the interfaces to its ops.
#pragma once
#include "tpu_mlir/Codegen/CodegenInterface.h"

namespace tpu_mlir::codegen {

void attachConvolutionModels(mlir::MLIRContext &context);
void attachPoolModels(mlir::MLIRContext &context);
void attachMatMulModels(mlir::MLIRContext &context);
void attachScaleModels(mlir::MLIRContext &context);
void attachElementwiseModels(mlir::MLIRContext &context);
void attachReductionModels(mlir::MLIRContext &context);
void attachMovementModels(mlir::MLIRContext &context);
void attachResizeModels(mlir::MLIRContext &context);
void attachLutModels(mlir::MLIRContext &context);
void attachIntegerMatMulModels(mlir::MLIRContext &context);

} // namespace tpu_mlir::codegen
