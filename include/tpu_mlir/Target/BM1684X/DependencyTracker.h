// Which command last wrote and read every byte of local memory, per engine, and what a new command has to wait for.
// TIU never touches L2 or global memory, so commands that meet there share the GDMA queue, whose order is enough.
#pragma once
#include "tpu_mlir/Target/BM1684X/Instruction.h"
#include "tpu_mlir/Target/BM1684X/Tensors.h"
#include <map>

namespace tpu_mlir::bm1684x {

/// The highest command id of each byte of each lane. Ids only grow, so the newest entry of a byte range is the highest
/// and older ones matter only in lanes that no newer one covers.
class LastAccess {
public:
  void record(const LocalRegion &region, uint32_t id);
  /// 0 when no recorded command touched the region.
  uint32_t highest(const LocalRegion &region) const;

private:
  struct Entry {
    uint64_t lanes;
    uint32_t id;
  };
  /// Entries of the bytes from the key up to the next key, newest first.
  using Entries = llvm::SmallVector<Entry, 2>;
  /// Makes `at` the start of an interval.
  std::map<uint32_t, Entries>::iterator split(uint32_t at);

  std::map<uint32_t, Entries> intervals{{0, {}}};
};

class DependencyTracker {
public:
  /// The command of the other engine that a command with these accesses has to wait for; 0 = none. Never less than what
  /// an earlier command of the same engine waited for.
  uint32_t record(Engine engine, uint32_t id, llvm::ArrayRef<LocalRegion> reads, llvm::ArrayRef<LocalRegion> writes);

private:
  struct History {
    LastAccess reads, writes;
    uint32_t waited = 0;
  };
  History histories[2];
};

} // namespace tpu_mlir::bm1684x
