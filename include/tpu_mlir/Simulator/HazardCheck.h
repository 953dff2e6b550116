// Finds races in decoded streams: pairs of a TIU and a GDMA instruction that touch the same bytes, at least one
// writing, while neither has to wait for the other. Independent of the assembler that derived the ids.
#pragma once
#include "tpu_mlir/Simulator/Memory.h"
#include "tpu_mlir/Target/BM1684X/Instruction.h"

namespace tpu_mlir::sim {

struct Hazard {
  size_t tiuIndex, gdmaIndex; // positions in the streams
  /// Both instructions, what they do to the bytes, and where the bytes are: one sentence.
  std::string message;
};

/// At most `limit` races of one command group, one per pair of instructions. Fails when an instruction is not supported
/// or the engines wait for each other for ever. Time grows as (instructions × pieces) · log(pieces).
llvm::Expected<std::vector<Hazard>> findHazards(llvm::ArrayRef<bm1684x::Instruction> tiu,
                                                llvm::ArrayRef<bm1684x::Instruction> gdma, size_t limit = 16);

} // namespace tpu_mlir::sim
