// tpuc-opt: parses, transforms and prints .mlir files of the Top and Tpu dialects. `tpuc-opt IN.mlir --pass … -o
// OUT.mlir` writes OUT.mlir and the weight file that belongs to it. MLIR's own driver takes over for the options that
// only its tests use (--verify-diagnostics, --split-input-file …).
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Support/ToolUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "tpu_mlir/InitAll.h"
#include "tpu_mlir/Tools/Pipeline.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

/// MLIR's driver does the job when one of its special modes is asked for.
static bool needsMlirDriver(const MlirOptMainConfig &config) {
  return config.shouldVerifyDiagnostics() || config.shouldVerifyRoundtrip() || config.shouldEmitBytecode() ||
         config.shouldShowDialects() || config.shouldListPasses() || config.shouldRunReproducer() ||
         config.shouldUseExplicitModule() || !config.inputSplitMarker().empty() ||
         config.shouldElideResourceDataFromBytecode();
}

static LogicalResult transform(const std::string &input, const std::string &output, DialectRegistry &registry,
                               const MlirOptMainConfig &config) {
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.allowUnregisteredDialects(config.shouldAllowUnregisteredDialects());
  context.printOpOnDiagnostic(false);
  ScopedDiagnosticHandler handler(&context, [](Diagnostic &diagnostic) {
    llvm::errs() << tpu_mlir::diagnosticLine(diagnostic) << "\n";
    for (Diagnostic &note : diagnostic.getNotes())
      llvm::errs() << "  " << tpu_mlir::diagnosticLine(note) << "\n";
    return success();
  });
  OwningOpRef<ModuleOp> module = tpu_mlir::loadModule(context, input);
  if (!module)
    return failure();
  auto build = [&](PassManager &manager) { return config.setupPassPipeline(manager); };
  if (failed(tpu_mlir::runPasses(*module, output, build)))
    return failure();
  return tpu_mlir::saveModule(*module, output);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  tpu_mlir::registerAllPasses();
  DialectRegistry registry;
  tpu_mlir::registerAllDialects(registry);
  auto [input, output] = registerAndParseCLIOptions(argc, argv, "tpu-mlir optimizer\n", registry);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (needsMlirDriver(config))
    return failed(MlirOptMain(argc, argv, input, output, registry));
  return failed(transform(input, output, registry, config));
}
