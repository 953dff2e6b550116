// processor-top-optimize: rewrites of Top ops that only the chosen chip asks for; its patterns live in a folder of the
// chip's name.
#include "FoldQuantization.h"
#include "ModuleAttributes.h"
#include "TopToTpu/BM1684X/AttentionPatterns.h"
#include "TopToTpu/BM1684X/NormPatterns.h"
#include "TopToTpu/BM1684X/RecurrentPatterns.h"
#include "TopToTpu/BM1684X/TopPatterns.h"
#include "tpu_mlir/Conversion/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace tpu_mlir {
#define GEN_PASS_DEF_PROCESSORTOPOPTIMIZE
#include "tpu_mlir/Conversion/Passes.h.inc"
} // namespace tpu_mlir

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct ProcessorTopOptimizePass : tpu_mlir::impl::ProcessorTopOptimizeBase<ProcessorTopOptimizePass> {
  using ProcessorTopOptimizeBase::ProcessorTopOptimizeBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto chip = module->getAttrOfType<StringAttr>(attr::Chip);
    if (!chip || chip.getValue() != "bm1684x") {
      emitError(module.getLoc(), "processor-top-optimize: the module has no chip; run processor-assign first");
      return signalPassFailure();
    }
    RewritePatternSet patterns(&getContext());
    bm1684x::populateTopPatterns(patterns);
    bm1684x::populateNormPatterns(patterns);
    bm1684x::populateRecurrentPatterns(patterns);
    bm1684x::populateAttentionPatterns(patterns);
    bm1684x::populateCorePatterns(patterns);
    bm1684x::populateMaskPatterns(patterns);
    if (failed(applyPatternsGreedily(module, std::move(patterns))))
      return signalPassFailure();
    auto mode = module->getAttrOfType<StringAttr>(attr::Mode);
    if (mode && mode.getValue() == "INT8" && foldQuantization(module))
      module->setAttr(attr::State, StringAttr::get(&getContext(), "TOP_QUANTIZED"));
  }
};
} // namespace
