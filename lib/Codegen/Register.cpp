// Registration of the code generation models; one line per family.
#include "tpu_mlir/Codegen/Register.h"

#include "BM1684X/Models.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace tpu_mlir;

void tpu_mlir::registerCodegenModels(mlir::DialectRegistry &registry) {
  registry.addExtension(+[](mlir::MLIRContext *context, tpu::TpuDialect *) {
    codegen::attachConvolutionModels(*context);
    codegen::attachPoolModels(*context);
    codegen::attachMatMulModels(*context);
    codegen::attachScaleModels(*context);
    codegen::attachElementwiseModels(*context);
    codegen::attachReductionModels(*context);
    codegen::attachMovementModels(*context);
    codegen::attachResizeModels(*context);
    codegen::attachLutModels(*context);
    codegen::attachIntegerMatMulModels(*context);
  });
}
