// Which op every instruction of a compiled network comes from, as JSON: kept in the model file for profilers and, op by
// op, in the list of tensors beside it. The format is described in docs/profile.md.
#pragma once
#include "tpu_mlir/Target/BM1684X/Assembler.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>

namespace tpu_mlir::codegen {

/// The map of the one command group that a function became. Contexts of the program are names of ops; an instruction
/// whose context names none belongs to op -1.
std::string instructionMap(mlir::func::FuncOp function, const bm1684x::Program &program);

/// Adds to the entries of tensorLocations() the ids of the op's instructions: "tiu_ids" and "gdma_ids", lists of
/// [first, last]. Both texts are ours; returns `locations` unchanged when one of them cannot be read.
std::string addInstructionIds(const std::string &locations, llvm::StringRef map);

} // namespace tpu_mlir::codegen
