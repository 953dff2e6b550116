#include "tpu_mlir/InitAll.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Transforms/Passes.h"
#include "tpu_mlir/Codegen/Passes.h"
#include "tpu_mlir/Codegen/Register.h"
#include "tpu_mlir/Conversion/Passes.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"
#include "tpu_mlir/Evaluation/InferenceModels.h"

void tpu_mlir::registerAllDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::func::FuncDialect, mlir::quant::QuantDialect, top::TopDialect, tpu::TpuDialect>();
  registerInferenceModels(registry);
  registerCodegenModels(registry);
}

void tpu_mlir::registerAllPasses() {
  static const bool once = [] {
    mlir::registerTransformsPasses();
    top::registerTopPasses();
    tpu::registerTpuPasses();
    registerConversionPasses();
    registerCodegenPasses();
    return true;
  }();
  (void)once;
}
