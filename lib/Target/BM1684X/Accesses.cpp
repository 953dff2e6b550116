// Which instructions have to keep their order. Local memory is a map of byte ranges with the last writer and the
// readers since then; global memory, where tiles of one tensor interleave, is compared pair by pair.
#include "tpu_mlir/Target/BM1684X/Accesses.h"
#include <algorithm>
#include <map>

using namespace llvm;

namespace tpu_mlir::bm1684x {

void AccessLog::append(const Accesses &accesses) {
  Entry entry;
  append_range(local, accesses.reads);
  entry.reads = local.size();
  append_range(local, accesses.writes);
  entry.local = local.size();
  append_range(global, accesses.globalReads);
  entry.globalReads = global.size();
  append_range(global, accesses.globalWrites);
  entry.global = global.size();
  append_range(uses, accesses.readUses);
  entry.readUses = uses.size();
  append_range(uses, accesses.writeUses);
  entry.uses = uses.size();
  append_range(fields, accesses.addressFields);
  entry.fields = fields.size();
  entries.push_back(entry);
}

void AccessLog::append(const AccessLog &other, size_t i) {
  Accesses accesses;
  append_range(accesses.reads, other.reads(i));
  append_range(accesses.writes, other.writes(i));
  append_range(accesses.globalReads, other.globalReads(i));
  append_range(accesses.globalWrites, other.globalWrites(i));
  append_range(accesses.readUses, other.readUses(i));
  append_range(accesses.writeUses, other.writeUses(i));
  append_range(accesses.addressFields, other.addressFields(i));
  append(accesses);
}

void AccessLog::shift(size_t i, size_t u, int64_t bytes) {
  size_t region = begin(i).local;
  for (size_t before = 0; before < u; ++before)
    region += uses[begin(i).uses + before].regions;
  LocalUse &use = uses[begin(i).uses + u];
  use.address = static_cast<uint32_t>(use.address + bytes);
  for (size_t last = region + use.regions; region < last; ++region) {
    local[region].begin = static_cast<uint32_t>(local[region].begin + bytes);
    local[region].end = static_cast<uint32_t>(local[region].end + bytes);
  }
}

namespace {

constexpr uint32_t none = ~uint32_t{0};

/// Collects the pairs, each once.
class Pairs {
public:
  explicit Pairs(size_t count) : lastTarget(count, none), starts{0} {}
  void add(uint32_t from, uint32_t to) {
    if (from == none || from == to || lastTarget[from] == to)
      return;
    lastTarget[from] = to;
    sources.push_back(from);
  }
  /// The pairs that end at the next instruction are complete.
  void next() { starts.push_back(static_cast<uint32_t>(sources.size())); }

  std::vector<uint32_t> lastTarget, sources, starts;
};

/// Who touched local memory.
class LocalHistory {
public:
  explicit LocalHistory(Pairs &pairs) : pairs(pairs) {}

  void read(const LocalRegion &region, uint32_t reader) {
    visit(region, [&](Owner &owner) {
      pairs.add(owner.writer, reader);
      if (owner.readers.empty() || owner.readers.back() != reader)
        owner.readers.push_back(reader);
    });
  }

  void write(const LocalRegion &region, uint32_t writer) {
    auto [first, last] = visit(region, [&](Owner &owner) {
      for (uint32_t reader : owner.readers)
        pairs.add(reader, writer);
      // Readers come behind the writer before, so that they stand for it.
      if (owner.readers.empty() || owner.readers.front() == writer)
        pairs.add(owner.writer, writer);
      owner.writer = writer;
      owner.readers.clear();
    });
    if (first == last || region.lanes != ~uint64_t{0})
      return;
    first->second.assign(1, {region.lanes, writer, {}});
    pieces.erase(std::next(first), last);
  }

private:
  struct Owner {
    uint64_t lanes = ~uint64_t{0};
    uint32_t writer = none;
    SmallVector<uint32_t, 4> readers;
  };
  /// The bytes from the key up to the next key, by sets of lanes.
  using Map = std::map<uint32_t, SmallVector<Owner, 1>>;

  Map::iterator split(uint32_t at) {
    auto next = pieces.lower_bound(at);
    if (next != pieces.end() && next->first == at)
      return next;
    return pieces.emplace_hint(next, at, std::prev(next)->second);
  }

  template <typename Change> std::pair<Map::iterator, Map::iterator> visit(const LocalRegion &region, Change change) {
    if (region.begin >= region.end || region.lanes == 0)
      return {pieces.end(), pieces.end()};
    auto first = split(region.begin), last = split(region.end);
    for (auto at = first; at != last; ++at) {
      SmallVector<Owner, 1> &owners = at->second;
      for (size_t i = 0, count = owners.size(); i < count; ++i) {
        uint64_t shared = owners[i].lanes & region.lanes;
        if (shared == 0)
          continue;
        if (shared != owners[i].lanes) {
          Owner rest = owners[i];
          rest.lanes &= ~shared;
          owners[i].lanes = shared;
          owners.push_back(std::move(rest));
        }
        change(owners[i]);
      }
    }
    return {first, last};
  }

  Pairs &pairs;
  Map pieces{{0, {Owner()}}};
};

/// Accesses to global memory, those that a later write covers left out.
class GlobalHistory {
public:
  explicit GlobalHistory(Pairs &pairs) : pairs(pairs) {}

  void add(const GlobalRegion &region, bool writes, uint32_t by) {
    for (size_t i = entries.size(); i-- > first;) {
      Entry &entry = entries[i];
      if (by - entry.by > OrderGraph::window) { // all older ones are further away
        first = i + 1;
        break;
      }
      if (entry.isCovered || (!writes && !entry.writes) || !region.overlaps(entry.region))
        continue;
      pairs.add(entry.by, by);
      entry.isCovered = writes && entry.by != by && region.covers(entry.region);
    }
    entries.push_back({region, by, writes, false});
  }

private:
  struct Entry {
    GlobalRegion region;
    uint32_t by;
    bool writes, isCovered;
  };
  Pairs &pairs;
  std::vector<Entry> entries;
  size_t first = 0;
};

/// The parts of global memory that are written: what lies outside needs no order.
class Written {
public:
  explicit Written(const AccessLog &log) {
    std::vector<GlobalRegion> all;
    for (size_t i = 0; i < log.size(); ++i)
      append_range(all, log.globalWrites(i));
    llvm::sort(all, [](const GlobalRegion &a, const GlobalRegion &b) { return a.begin < b.begin; });
    for (const GlobalRegion &region : all) {
      if (merged.empty() || merged.back().end < region.begin)
        merged.push_back({region.begin, region.end});
      merged.back().end = std::max(merged.back().end, region.end);
    }
  }
  bool touches(const GlobalRegion &region) const {
    auto at = llvm::partition_point(merged, [&](const GlobalRegion &part) { return part.end <= region.begin; });
    return at != merged.end() && at->begin < region.end;
  }

private:
  std::vector<GlobalRegion> merged;
};

} // namespace

OrderGraph::OrderGraph(const AccessLog &log) {
  Pairs pairs(log.size());
  LocalHistory local(pairs);
  GlobalHistory global(pairs);
  Written written(log);
  for (uint32_t i = 0; i < log.size(); ++i) {
    for (const LocalRegion &region : log.reads(i))
      local.read(region, i);
    for (const LocalRegion &region : log.writes(i))
      local.write(region, i);
    for (const GlobalRegion &region : log.globalReads(i))
      if (written.touches(region))
        global.add(region, false, i);
    for (const GlobalRegion &region : log.globalWrites(i))
      global.add(region, true, i);
    pairs.next();
  }
  before.starts = std::move(pairs.starts);
  before.targets = std::move(pairs.sources);
  behind.starts.assign(log.size() + 1, 0);
  for (uint32_t source : before.targets)
    ++behind.starts[source + 1];
  for (size_t i = 0; i < log.size(); ++i)
    behind.starts[i + 1] += behind.starts[i];
  behind.targets.resize(before.targets.size());
  std::vector<uint32_t> next(behind.starts.begin(), behind.starts.end() - 1);
  for (uint32_t i = 0; i < log.size(); ++i)
    for (uint32_t source : predecessors(i))
      behind.targets[next[source]++] = i;
}

} // namespace tpu_mlir::bm1684x
