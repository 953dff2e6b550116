// weight-reorder: brings the weights of every op into the chip's layouts.
#include "BM1684X/WeightReorder.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_WEIGHTREORDER
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct WeightReorderPass : tpu::impl::WeightReorderBase<WeightReorderPass> {
  using WeightReorderBase::WeightReorderBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(tpu::requireState(module, "weight-reorder", {"TPU_LOWERED"})))
      return signalPassFailure();
    auto chip = module->getAttrOfType<StringAttr>("module.chip");
    if (!chip || chip.getValue() != "bm1684x") {
      emitError(module.getLoc(), "weight-reorder: the module's chip is not bm1684x; run processor-assign first");
      return signalPassFailure();
    }
    for (func::FuncOp function : tpu::computeFunctions(module))
      if (failed(bm1684x::reorderWeights(function, {avoidPriceQuirks})))
        return signalPassFailure();
    tpu::setState(module, "TPU_REORDERED");
  }
};
} // namespace
