// strip-io-quant: floating point networks keep f32 inputs and results; everything else is refused.
#include "ModuleState.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_STRIPIOQUANT
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct StripIOQuantPass : tpu::impl::StripIOQuantBase<StripIOQuantPass> {
  using StripIOQuantBase::StripIOQuantBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    bool asked = quantInput || quantOutput || quantOutputBf16 || quantInputInt8 || quantOutputInt8 ||
                 !quantInputList.empty() || !quantOutputList.empty();
    if (asked) {
      emitError(module.getLoc(), "strip-io-quant: quantized inputs and results are not supported; leave out the "
                                 "quant_input and quant_output options");
      return signalPassFailure();
    }
    if (failed(tpu::requireState(module, "strip-io-quant", {"TPU_LOWERED"})))
      signalPassFailure();
  }
};
} // namespace
