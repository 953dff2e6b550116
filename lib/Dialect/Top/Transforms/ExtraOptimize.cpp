// extra-optimize: see Passes.td.
#include "Duplicates.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

namespace tpu_mlir::top {
#define GEN_PASS_DEF_EXTRAOPTIMIZE
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h.inc"

namespace {
struct ExtraOptimize : public impl::ExtraOptimizeBase<ExtraOptimize> {
  void runOnOperation() override {
    mlir::ModuleOp module = getOperation();
    for (auto function : module.getOps<mlir::func::FuncOp>()) {
      if (function.isExternal())
        continue;
      mlir::Block &block = function.getBody().front();
      removeDeadOps(block);
      if (mlir::failed(mergeEqualWeights(block)))
        return signalPassFailure();
      mergeEqualOps(block);
    }
    int64_t flops = 0;
    module.walk([&](FlopsInterface op) { flops += op.getFLOPs(); });
    module->setAttr("module.FLOPs", mlir::Builder(&getContext()).getI64IntegerAttr(flops));
  }
};
} // namespace
} // namespace tpu_mlir::top
