// From an addressed module to a bmodel.
#pragma once
#include "tpu_mlir/BModel/BModel.h"
#include "tpu_mlir/Target/BM1684X/Assembler.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace tpu_mlir::codegen {

/// The compiled model; error diagnostics name the op. The module is not changed.
llvm::FailureOr<bmodel::Model> compileModel(mlir::ModuleOp module, const bm1684x::AssemblerOptions &instructions = {});

/// JSON text: every op of the network with the addresses, shapes and types of its operands and results.
std::string tensorLocations(mlir::ModuleOp module);

} // namespace tpu_mlir::codegen
