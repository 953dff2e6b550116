// What tpuc-opt and the Python commands do with a module file: read it, run passes, write it and its weights. One place
// for the rules about folders, temporary files and the implied passes init and deinit.
#pragma once
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"

#include "llvm/ADT/StringRef.h"

#include <functional>
#include <string>

namespace tpu_mlir {

/// Parses a .mlir file ("-" is standard input) and looks up its weights in the file's folder from now on. Errors are
/// diagnostics of the context.
mlir::OwningOpRef<mlir::ModuleOp> loadModule(mlir::MLIRContext &context, llvm::StringRef path);

/// Writes the module with locations to a temporary name and renames it; "-" is standard output.
llvm::LogicalResult saveModule(mlir::ModuleOp module, llvm::StringRef path);

/// Runs the passes that `build` adds, between init and deinit unless it adds these itself. Weights are written into the
/// folder of `output`, if that is the path of a regular file. No pass at all is allowed and does nothing.
llvm::LogicalResult runPasses(mlir::ModuleOp module, llvm::StringRef output,
                              llvm::function_ref<llvm::LogicalResult(mlir::PassManager &)> build);

/// The whole job: load, run the textual pipeline ("shape-infer,canonicalize"), save. An empty `output` saves nothing.
llvm::LogicalResult runPipeline(mlir::MLIRContext &context, llvm::StringRef input, llvm::StringRef pipeline,
                                llvm::StringRef output);

/// The same on a module in memory; its weights are those of the context's store.
llvm::LogicalResult runPipeline(mlir::ModuleOp module, llvm::StringRef pipeline, llvm::StringRef output);

/// Whether an output path names a file that weights can lie beside (not empty, "-" or a device).
bool isFileOutput(llvm::StringRef path);

/// A diagnostic as one line: "file:line:column: error: text", or the value's name in front where it has one.
std::string diagnosticLine(mlir::Diagnostic &diagnostic);

} // namespace tpu_mlir
