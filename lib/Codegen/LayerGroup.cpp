// layer-group: searches which ops are computed together in local memory and writes the groups into IR.
#include "tpu_mlir/Codegen/GroupIR.h"
#include "tpu_mlir/Codegen/Passes.h"
#include "tpu_mlir/Codegen/PlanSource.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"

#include "llvm/Support/FileSystem.h"

namespace tpu_mlir {
#define GEN_PASS_DEF_LAYERGROUP
#include "tpu_mlir/Codegen/Passes.h.inc"
} // namespace tpu_mlir

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct LayerGroupPass : tpu_mlir::impl::LayerGroupBase<LayerGroupPass> {
  using LayerGroupBase::LayerGroupBase;

  InFlightDiagnostic refuse(const Twine &text) { return emitError(getOperation().getLoc()) << "layer-group: " << text; }

  static bool isBoolean(StringRef text) { return text.equals_insensitive("true") || text.equals_insensitive("false"); }
  static bool isTrue(StringRef text) { return text.equals_insensitive("true"); }

  LogicalResult checkOptions() {
    if (opt < 0 || opt > 3)
      return refuse("opt has to be 0, 1, 2 or 3");
    if (compressMode != "none")
      return refuse("bm1684x has no compression; use compress_mode=none");
    if (groupByCores != "auto" && groupByCores != "false")
      return refuse("bm1684x has one core; use group_by_cores=auto");
    if (!isBoolean(lgcache) || !isBoolean(enableLghash))
      return refuse("lgcache and enable_lghash have to be true or false");
    if (isTrue(enableLghash) != !lghashDir.empty())
      return refuse("enable_lghash=true and lghash_dir=FOLDER need one another");
    if (debugger < 0 || debugger > 1)
      return refuse("debugger has to be 0, or 1 to write the groups to debugger_filename");
    if (debugger == 1 && debuggerFilename.empty())
      return refuse("debugger=1 needs debugger_filename=FILE");
    if (budget < 1024 || budget > bm1684x::laneBytes)
      return refuse("budget has to be between 1024 and " + Twine(bm1684x::laneBytes) + " bytes per lane");
    return success();
  }

  codegen::PlanOptions planOptions() const {
    codegen::PlanOptions options;
    options.level = static_cast<int>(opt);
    options.budget = budget;
    options.overlapGroups = !disableGroupOverlap;
    return options;
  }

  codegen::PlanSources sources() const {
    codegen::PlanSources sources;
    sources.configFile = configFilename;
    if (isTrue(lgcache))
      sources.cacheFile = lgcacheFilename;
    sources.hashDirectory = lghashDir;
    return sources;
  }

  LogicalResult writeDump(const codegen::Network &network, const codegen::NetworkPlan &plan,
                          ArrayRef<codegen::GroupPlacement> placements) {
    if (debugger == 0)
      return success();
    llvm::Error error = llvm::writeToOutput(debuggerFilename, [&](llvm::raw_ostream &stream) {
      codegen::dumpPlan(network, plan, placements, stream);
      return llvm::Error::success();
    });
    return error ? LogicalResult(refuse("cannot write '" + debuggerFilename + "': " + llvm::toString(std::move(error))))
                 : success();
  }

  LogicalResult runOnFunction(func::FuncOp function) {
    if (WalkResult grouped = function.walk([](tpu::GroupOp) { return WalkResult::interrupt(); });
        grouped.wasInterrupted())
      return refuse("the function has groups already");
    FailureOr<codegen::Network> network = codegen::buildNetwork(function);
    if (failed(network))
      return failure();
    codegen::PlanOptions options = planOptions();
    llvm::Expected<codegen::NetworkPlan> plan = codegen::choosePlan(*network, options, sources());
    if (!plan)
      return refuse(llvm::toString(plan.takeError()));
    llvm::Expected<std::vector<codegen::GroupPlacement>> placements = codegen::placePlan(*network, *plan, options);
    if (!placements)
      return refuse(llvm::toString(placements.takeError()));
    if (failed(writeDump(*network, *plan, *placements)))
      return failure();
    codegen::writePlan(function, *network, *plan, options, *placements);
    return success();
  }

  void runOnOperation() override {
    if (failed(checkOptions()) || failed(tpu::requireState(getOperation(), "layer-group", {"TPU_DIVIDED"})))
      return signalPassFailure();
    for (func::FuncOp function : tpu::computeFunctions(getOperation()))
      if (failed(runOnFunction(function)))
        return signalPassFailure();
  }
};
} // namespace
