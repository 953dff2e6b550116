// Global moves that go through local memory because their contiguous runs are too short for direct ones.
#pragma once
#include "GlobalMove.h"

namespace tpu_mlir::codegen {

/// Emits a normalized move (axes from the largest to the smallest result stride, neighbours merged) by way of local
/// memory, if that is faster than moving its runs directly. False when nothing was emitted.
bool emitThroughLocal(bm1684x::Assembler &assembler, const GlobalMove &move);

} // namespace tpu_mlir::codegen
