// Interval maps over local memory and the dependencies that follow from them.
#include "tpu_mlir/Target/BM1684X/DependencyTracker.h"
#include <algorithm>

using namespace llvm;

namespace tpu_mlir::bm1684x {

std::map<uint32_t, LastAccess::Entries>::iterator LastAccess::split(uint32_t at) {
  auto next = intervals.lower_bound(at);
  if (next != intervals.end() && next->first == at)
    return next;
  return intervals.emplace_hint(next, at, std::prev(next)->second);
}

void LastAccess::record(const LocalRegion &region, uint32_t id) {
  if (region.begin >= region.end)
    return;
  auto first = split(region.begin), last = split(region.end);
  if (region.lanes == ~uint64_t{0}) {
    // One newest entry for all lanes: the parts become one interval.
    first->second.assign(1, {region.lanes, id});
    intervals.erase(std::next(first), last);
    return;
  }
  for (auto it = first; it != last; ++it) {
    Entries kept = {{region.lanes, id}};
    uint64_t covered = region.lanes;
    for (Entry entry : it->second) {
      if ((entry.lanes & ~covered) == 0)
        continue;
      covered |= entry.lanes;
      kept.push_back(entry);
    }
    it->second = std::move(kept);
  }
}

uint32_t LastAccess::highest(const LocalRegion &region) const {
  uint32_t result = 0;
  if (region.begin >= region.end)
    return result;
  for (auto it = std::prev(intervals.upper_bound(region.begin)); it != intervals.end() && it->first < region.end; ++it)
    for (Entry entry : it->second)
      if (entry.lanes & region.lanes) {
        result = std::max(result, entry.id);
        break; // older ones are lower
      }
  return result;
}

uint32_t DependencyTracker::record(Engine engine, uint32_t id, ArrayRef<LocalRegion> reads,
                                   ArrayRef<LocalRegion> writes) {
  History &own = histories[static_cast<size_t>(engine)];
  const History &other = histories[1 - static_cast<size_t>(engine)];
  uint32_t dependency = own.waited;
  for (const LocalRegion &region : reads) {
    dependency = std::max(dependency, other.writes.highest(region));
    own.reads.record(region, id);
  }
  for (const LocalRegion &region : writes) {
    dependency = std::max({dependency, other.writes.highest(region), other.reads.highest(region)});
    own.writes.record(region, id);
  }
  return own.waited = dependency;
}

} // namespace tpu_mlir::bm1684x
