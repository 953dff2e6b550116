// Moves of boxes of any rank within global memory: permutations, slices, repetitions and paddings all come down to
// them.
#pragma once
#include "tpu_mlir/Target/BM1684X/Assembler.h"

#include "llvm/ADT/SmallVector.h"

namespace tpu_mlir::codegen {

/// One axis of a move: positions and the strides of both sides, in elements. A source stride of 0 repeats.
struct MoveAxis {
  int64_t extent, to, from;
};

/// Copies the box of `axes`, given in any order, between two start addresses. The sides do not overlap.
struct GlobalMove {
  ElementType type;
  uint64_t to = 0, from = 0;
  llvm::SmallVector<MoveAxis, 6> axes;
};

/// Emits a move as few and as cheap instructions as its strides allow: one linear copy, C<->W transposes, or strided
/// tensor copies. A move onto itself is left out.
void emitMove(bm1684x::Assembler &assembler, GlobalMove move);

/// Sets a box to a constant; the axes' `from` is not used.
void emitFill(bm1684x::Assembler &assembler, GlobalMove box, bm1684x::Constant value);

} // namespace tpu_mlir::codegen
