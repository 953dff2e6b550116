// Everything that a tool or the Python module registers.
#pragma once
namespace mlir {
class DialectRegistry;
}
namespace tpu_mlir {
/// Both dialects, func and quant, and the external models of evaluation and code generation.
void registerAllDialects(mlir::DialectRegistry &registry);
/// All passes of the project and MLIR's general ones (canonicalize, cse …).
void registerAllPasses();
} // namespace tpu_mlir
