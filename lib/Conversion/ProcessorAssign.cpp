// processor-assign: writes the deployment's choices on the module.
#include "ModuleAttributes.h"
#include "tpu_mlir/Conversion/Passes.h"

#include "llvm/ADT/StringExtras.h"

namespace tpu_mlir {
#define GEN_PASS_DEF_PROCESSORASSIGN
#include "tpu_mlir/Conversion/Passes.h.inc"
} // namespace tpu_mlir

using namespace mlir;
using namespace tpu_mlir;

namespace {
constexpr StringRef kModes[] = {"F32", "F16", "BF16", "INT8", "W8F16", "W8BF16", "W4F16", "W4BF16"};

struct ProcessorAssignPass : tpu_mlir::impl::ProcessorAssignBase<ProcessorAssignPass> {
  using ProcessorAssignBase::ProcessorAssignBase;

  LogicalResult check(ModuleOp module) {
    auto refuse = [&](const Twine &text) { return emitError(module.getLoc(), "processor-assign: ") << text; };
    auto state = module->getAttrOfType<StringAttr>(attr::State);
    if (!state || (state.getValue() != "TOP_F32" && state.getValue() != "TOP_CALIBRATED"))
      return refuse("the module is not in state TOP_F32; give the file that model_transform wrote");
    if (StringRef(chip).lower() != "bm1684x")
      return refuse("chip '" + chip + "' is not supported; use chip=bm1684x");
    std::string upper = StringRef(mode).upper();
    if (!llvm::is_contained(kModes, upper))
      return refuse("mode '" + mode + "' is not supported; use one of " + llvm::join(ArrayRef(kModes), ", "));
    if (numDevice != 1 || numCore != 1)
      return refuse("bm1684x has one core and only one device is supported; use num_device=1 num_core=1");
    if (addrMode != "auto" && addrMode != "basic")
      return refuse("address mode '" + addrMode + "' is not supported; use addr_mode=auto or basic");
    if (highPrecision)
      return refuse("high_precision is not supported; name the ops to keep in F32 in a quantize table");
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(check(module)))
      return signalPassFailure();
    Builder b(module.getContext());
    module->setAttr(attr::Chip, b.getStringAttr("bm1684x"));
    module->setAttr(attr::Mode, b.getStringAttr(StringRef(mode).upper()));
    module->setAttr(attr::Devices, b.getI64IntegerAttr(numDevice));
    module->setAttr(attr::Cores, b.getI64IntegerAttr(numCore));
    module->setAttr(attr::AddrMode, b.getStringAttr("basic"));
    module->setAttr(attr::HighPrecision, b.getBoolAttr(false));
  }
};
} // namespace
