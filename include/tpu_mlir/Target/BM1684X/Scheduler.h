// The order of the instructions of a command group. Engines are queues: what waits at the head holds up what could run.
// The scheduler moves instructions ahead of others where no byte that both touch says otherwise, so that results stay
// the same bit for bit, and keeps an order only when it takes fewer cycles.
#pragma once
#include "tpu_mlir/Target/BM1684X/Accesses.h"
#include "tpu_mlir/Target/BM1684X/CycleModel.h"

namespace tpu_mlir::bm1684x {

struct Order {
  std::vector<uint32_t> positions; ///< empty: as given
  uint64_t cycles = 0;
};

/// The given instructions, by their positions, in an order that takes fewer cycles, or as given when none was found.
/// Depends on nothing but the arguments. `log` has the accesses of the instructions; ids are not looked at.
Order fasterOrder(llvm::ArrayRef<Instruction> instructions, const AccessLog &log);

} // namespace tpu_mlir::bm1684x
