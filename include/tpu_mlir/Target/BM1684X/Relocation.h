// Other places in local memory for what instructions keep there. Who emits them knows lifetimes in the order of
// emission; once the scheduler has moved instructions, a value whose place was used again too soon holds up others.
// Relocation finds the values in the finished instructions and gives each the place that has been free for the longest
// time.
#pragma once
#include "tpu_mlir/Target/BM1684X/Accesses.h"
#include "tpu_mlir/Target/BM1684X/CycleModel.h"

namespace tpu_mlir::bm1684x {

/// Instructions in an order in which they can run one by one, and what they touch.
struct Placed {
  std::vector<Instruction> instructions;
  AccessLog log;
};

/// The same instructions with values in other places of [0, limit) of the lanes; they do the same in the given order.
/// `intervals`: when they run. Nothing where the values do not fit so.
std::optional<Placed> relocated(llvm::ArrayRef<Instruction> instructions, const AccessLog &log,
                                llvm::ArrayRef<Interval> intervals, int64_t limit = laneBytes);

} // namespace tpu_mlir::bm1684x
