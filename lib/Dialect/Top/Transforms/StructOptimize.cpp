// struct-optimize: see Passes.td.
#include "Duplicates.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

namespace tpu_mlir::top {
#define GEN_PASS_DEF_STRUCTOPTIMIZE
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h.inc"

namespace {
struct StructOptimize : public impl::StructOptimizeBase<StructOptimize> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<mlir::func::FuncOp>()) {
      if (function.isExternal())
        continue;
      mlir::Block &block = function.getBody().front();
      removeDeadOps(block);
      if (mlir::failed(mergeEqualWeights(block)))
        return signalPassFailure();
      mergeEqualOps(block);
    }
  }
};
} // namespace
} // namespace tpu_mlir::top
