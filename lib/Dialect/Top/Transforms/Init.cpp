// init: see Passes.td.
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

using namespace mlir;

namespace tpu_mlir::top {
#define GEN_PASS_DEF_INIT
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h.inc"

namespace {
struct Init : public impl::InitBase<Init> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    WeightStore &store = weightStore(&getContext());
    store.begin(module);
    WalkResult walk = module.walk(
        [&](WeightOp op) { return failed(store.read(op)) ? WalkResult::interrupt() : WalkResult::advance(); });
    if (walk.wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
} // namespace tpu_mlir::top
