// Prices of the two engines.
#pragma once
#include "tpu_mlir/Target/BM1684X/CycleModel.h"

namespace tpu_mlir::bm1684x {

uint64_t tiuCycles(const Instruction &instruction);
Cost gdmaCost(const Instruction &instruction);

/// Bytes of an element by precision code, as the prices count them (4-bit types as 1).
constexpr int64_t precisionBytes(uint64_t code) {
  constexpr int64_t bytes[] = {1, 2, 4, 2, 4, 2, 1, 1};
  return bytes[code & 7];
}

} // namespace tpu_mlir::bm1684x
