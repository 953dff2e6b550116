// deinit: see Passes.td.
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

using namespace mlir;

namespace tpu_mlir::top {
#define GEN_PASS_DEF_DEINIT
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h.inc"

namespace {
struct Deinit : public impl::DeinitBase<Deinit> {
  using DeinitBase::DeinitBase;
  void runOnOperation() override {
    if (!noSaveWeight && failed(weightStore(&getContext()).finish(getOperation())))
      signalPassFailure();
  }
};
} // namespace
} // namespace tpu_mlir::top
