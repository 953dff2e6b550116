// Choices that pay only because of how the cycle model prices a form of move, all in one place. The vendor's model,
// which is all that we have, charges tensor moves for runs below 256 bytes and for the channels of DDR that they leave
// idle. It does not charge
// - C<->W transposes for either,
// - matrix moves for idle channels; and their rate is 58 (44) bytes per cycle instead of 54 (41).
// Silicon has one DDR for all of them. Code generation uses these forms wherever they do the same as a tensor move.
// With AssemblerOptions::avoidPriceQuirks the functions below write every such move with tensor moves, the same bytes
// to the same places, so that a figure can be given that owes nothing to the difference. Where they have local memory
// of their own, a contiguous block moves as one long run and TIU transposes it; else every element is a run. What stays
// are moves that need the form: transposes within global memory and transposed matrices. Plans are searched with the
// prices of the forms that they normally use.
#pragma once
#include "tpu_mlir/Target/BM1684X/Assembler.h"

namespace tpu_mlir::bm1684x::price_quirks {

/// to[n, w, h, c] = from[n, c, h, w] as a tensor move; false when neither side is local, or h is not 1 or the block is
/// large: then it is no choice of form, but a permutation that has no other way.
bool transposePlainly(Assembler &assembler, const MemoryTensor &to, const MemoryTensor &from);
void loadMatrixPlainly(Assembler &assembler, const FoldedMatrix &to, const GlobalMatrix &from);
void storeMatrixPlainly(Assembler &assembler, const GlobalMatrix &to, const FoldedMatrix &from);

} // namespace tpu_mlir::bm1684x::price_quirks
