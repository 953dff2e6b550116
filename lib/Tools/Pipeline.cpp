#include "tpu_mlir/Tools/Pipeline.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassRegistry.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Dialect/Top/Transforms/Passes.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace tpu_mlir;

/// The folder of a file, "" for a bare name.
static std::string folderOf(StringRef path) { return llvm::sys::path::parent_path(path).str(); }

bool tpu_mlir::isFileOutput(StringRef path) {
  if (path.empty() || path == "-")
    return false;
  llvm::sys::fs::file_status status;
  return llvm::sys::fs::status(path, status) || !llvm::sys::fs::exists(status) ||
         llvm::sys::fs::is_regular_file(status);
}

OwningOpRef<ModuleOp> tpu_mlir::loadModule(MLIRContext &context, StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(path, /*IsText=*/true);
  if (!buffer) {
    emitError(UnknownLoc::get(&context)) << "cannot read '" << path << "': " << buffer.getError().message();
    return nullptr;
  }
  top::weightStore(&context).setBaseDirectory(path == "-" ? "" : folderOf(path));
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
  return parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
}

/// Errors of a stream come to light when it is flushed; unasked, they end the process.
static llvm::Error finishStream(llvm::raw_ostream &stream) {
  stream.flush();
  auto *file = dynamic_cast<llvm::raw_fd_ostream *>(&stream);
  if (!file || !file->has_error())
    return llvm::Error::success();
  std::error_code code = file->error();
  file->clear_error();
  return llvm::errorCodeToError(code);
}

LogicalResult tpu_mlir::saveModule(ModuleOp module, StringRef path) {
  OpPrintingFlags flags;
  flags.enableDebugInfo();
  auto print = [&](llvm::raw_ostream &stream) {
    module.print(stream, flags);
    stream << "\n";
    return finishStream(stream);
  };
  llvm::Error error = llvm::Error::success();
  if (isFileOutput(path)) {
    error = joinErrors(std::move(error), llvm::writeToOutput(path, print));
  } else {
    std::error_code code;
    llvm::raw_fd_ostream stream(path, code);
    error = joinErrors(std::move(error), code ? llvm::errorCodeToError(code) : print(stream));
  }
  if (error)
    return emitError(UnknownLoc::get(module.getContext()))
           << "cannot write '" << path << "': " << llvm::toString(std::move(error));
  return success();
}

static bool hasPass(PassManager &manager, StringRef argument) {
  return llvm::any_of(manager, [&](Pass &pass) { return pass.getArgument() == argument; });
}

LogicalResult tpu_mlir::runPasses(ModuleOp module, StringRef output,
                                  llvm::function_ref<LogicalResult(PassManager &)> build) {
  MLIRContext *context = module.getContext();
  // Built twice: passes cannot be put in front of a finished pipeline.
  PassManager asked(context, ModuleOp::getOperationName());
  if (failed(build(asked)))
    return failure();
  if (asked.empty())
    return success();
  PassManager manager(context, ModuleOp::getOperationName());
  if (failed(applyPassManagerCLOptions(manager)))
    return failure();
  if (!hasPass(asked, "init"))
    manager.addPass(top::createInit());
  if (failed(build(manager)))
    return failure();
  if (!hasPass(asked, "deinit"))
    manager.addPass(top::createDeinit());
  top::WeightStore &store = top::weightStore(context);
  store.setOutputDirectory(isFileOutput(output) ? std::optional(folderOf(output)) : std::nullopt);
  LogicalResult result = manager.run(module);
  store.setOutputDirectory(std::nullopt);
  return result;
}

LogicalResult tpu_mlir::runPipeline(ModuleOp module, StringRef pipeline, StringRef output) {
  std::string message;
  llvm::raw_string_ostream stream(message);
  LogicalResult result = runPasses(module, output, [&](PassManager &manager) {
    return pipeline.empty() ? success() : parsePassPipeline(pipeline, manager, stream);
  });
  if (!message.empty())
    emitError(UnknownLoc::get(module.getContext())) << StringRef(message).trim();
  if (failed(result))
    return failure();
  return output.empty() ? success() : saveModule(module, output);
}

LogicalResult tpu_mlir::runPipeline(MLIRContext &context, StringRef input, StringRef pipeline, StringRef output) {
  OwningOpRef<ModuleOp> module = loadModule(context, input);
  return module ? runPipeline(*module, pipeline, output) : failure();
}

std::string tpu_mlir::diagnosticLine(Diagnostic &diagnostic) {
  std::string line;
  llvm::raw_string_ostream stream(line);
  Location location = diagnostic.getLocation();
  if (auto file = location->findInstanceOf<FileLineColLoc>())
    stream << file.getFilename().getValue() << ":" << file.getLine() << ":" << file.getColumn() << ": ";
  else if (StringRef name = top::nameOf(location); !name.empty())
    stream << name << ": ";
  switch (diagnostic.getSeverity()) {
  case DiagnosticSeverity::Error:
    stream << "error: ";
    break;
  case DiagnosticSeverity::Warning:
    stream << "warning: ";
    break;
  case DiagnosticSeverity::Remark:
    stream << "remark: ";
    break;
  case DiagnosticSeverity::Note:
    stream << "note: ";
    break;
  }
  stream << diagnostic.str();
  return line;
}
