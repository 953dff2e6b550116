// What instructions cost: the cycle counts that the vendor's compiler prints, found by experiment. Both engines run at
// 1 GHz, so cycles are nanoseconds. A command starts when its queue is free and the command of the other engine that it
// waits for has ended; there is no other latency.
#pragma once
#include "tpu_mlir/Target/BM1684X/Instruction.h"
#include <algorithm>

namespace tpu_mlir::bm1684x {

struct Cost {
  uint64_t cycles = 0;
  /// Bytes that GDMA reads from and writes to global memory or L2, as the vendor counts them (constant fills are free).
  uint64_t bytesRead = 0, bytesWritten = 0;
};

/// Price of one instruction.
Cost costOf(const Instruction &instruction);

struct Interval {
  uint64_t start = 0, end = 0; ///< cycles
};

/// A command group played through the two queues.
struct Schedule {
  uint64_t totalCycles = 0;
  uint64_t busyCycles[2] = {0, 0}; ///< by Engine
  uint64_t bytesRead = 0, bytesWritten = 0;
  /// When each instruction runs, in the order given.
  std::vector<Interval> intervals;
  /// Instructions, as positions in the list, of which each starts when the one before it ends, from the first cycle to
  /// the last: to be faster, one of these has to be.
  std::vector<uint32_t> criticalPath;

  /// What no order of these instructions can be faster than.
  uint64_t lowerBound() const { return std::max(busyCycles[0], busyCycles[1]); }
};

/// Plays the instructions of one command group; those of each engine in their order, the engines mixed in any way.
/// Fails when commands wait for each other or for commands that do not exist.
llvm::Expected<Schedule> schedule(llvm::ArrayRef<Instruction> instructions);
llvm::Expected<Schedule> schedule(llvm::ArrayRef<const Instruction *> instructions);

} // namespace tpu_mlir::bm1684x
