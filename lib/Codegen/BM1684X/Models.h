// The external models of code generation for BM1684X, by family.
#pragma once
namespace mlir {
class MLIRContext;
}
namespace tpu_mlir::codegen {
void attachElementwiseModels(mlir::MLIRContext &context);
void attachMovementModels(mlir::MLIRContext &context);
void attachReductionModels(mlir::MLIRContext &context);
void attachResizeModels(mlir::MLIRContext &context);
} // namespace tpu_mlir::codegen
