// codegen: checks the options, compiles the module and writes the files.
#include "tpu_mlir/BModel/Writer.h"
#include "tpu_mlir/Codegen/Compile.h"
#include "tpu_mlir/Codegen/InstructionMap.h"
#include "tpu_mlir/Codegen/Passes.h"

#include "llvm/ADT/StringExtras.h"

namespace tpu_mlir {
#define GEN_PASS_DEF_CODEGEN
#include "tpu_mlir/Codegen/Passes.h.inc"
} // namespace tpu_mlir

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct CodegenPass : tpu_mlir::impl::CodegenBase<CodegenPass> {
  using CodegenBase::CodegenBase;

  LogicalResult check(ModuleOp module) {
    auto refuse = [&](const Twine &text) { return emitError(module.getLoc(), "codegen: ") << text; };
    auto state = module->getAttrOfType<StringAttr>("module.state");
    if (!state || state.getValue() != "TPU_ADDRESSED")
      return refuse("the module is not in state TPU_ADDRESSED; run address-assign first");
    auto chip = module->getAttrOfType<StringAttr>("module.chip");
    if (!chip || chip.getValue() != "bm1684x")
      return refuse("the module's chip is not bm1684x");
    if (modelFile.empty())
      return refuse("no file was named; use model_file=NAME.bmodel");
    if (modelVersion != "lastest" && modelVersion != "latest")
      return refuse("model_version '" + modelVersion + "' is not supported; use latest");
    if (rvti)
      return refuse("bm1684x has no RISC-V tensor instructions; leave out rvti");
    return success();
  }

  LogicalResult write(ModuleOp module) {
    FailureOr<bmodel::Model> model =
        codegen::compileModel(module, {.reorder = reorder, .avoidPriceQuirks = avoidPriceQuirks});
    if (failed(model))
      return failure();
    bmodel::Stage &stage = model->nets.front().stages.front();
    std::string locations = codegen::tensorLocations(module);
    if (stage.profile)
      locations = codegen::addInstructionIds(locations, llvm::toStringRef(stage.profile->bytes()));
    if (embedDebugInfo)
      stage.tensorLocations = bmodel::Blob::of(locations);
    if (llvm::Error error = bmodel::writeModel(*model, modelFile))
      return emitError(module.getLoc(), "codegen: ") << llvm::toString(std::move(error));
    if (bmodelOnly)
      return success();
    llvm::ArrayRef<uint8_t> bytes(reinterpret_cast<const uint8_t *>(locations.data()), locations.size());
    if (llvm::Error error = bmodel::writeBytes(bytes, modelFile + ".json"))
      return emitError(module.getLoc(), "codegen: ") << llvm::toString(std::move(error));
    return success();
  }

  void runOnOperation() override {
    if (failed(check(getOperation())) || failed(write(getOperation())))
      signalPassFailure();
  }
};
} // namespace
