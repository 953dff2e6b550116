// Places buffers in local memory so that no two that live at the same step overlap, then issues loads as early as
// memory allows, in the order in which they are needed.
#include "Timeline.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

constexpr int64_t bank = bm1684x::bankBytes;

class Packer {
public:
  Packer(Timeline &timeline, const PlanOptions &options)
      : timeline(timeline), options(options), live(timeline.steps.size() + 2), apart(timeline.buffers.size()),
        seen(timeline.buffers.size(), 0) {}

  llvm::Error run(int *failedGroup) {
    findNeighbours();
    std::vector<std::vector<int>> byGroup(timeline.groupBegin.size());
    std::vector<int> kept;
    for (auto [index, buffer] : llvm::enumerate(timeline.buffers))
      if (buffer.last >= 0)
        (buffer.isKept ? kept : byGroup[static_cast<size_t>(buffer.group)]).push_back(static_cast<int>(index));
    llvm::stable_sort(kept, [&](int a, int b) { return at(a).bytes > at(b).bytes; });
    for (int index : kept)
      if (!place(index, /*fromTop=*/true))
        return failed(index, failedGroup);
    for (std::vector<int> &group : byGroup)
      if (int stuck = placeGroup(group); stuck >= 0)
        return failed(stuck, failedGroup);
    issueEarly();
    for (TimedStep &step : timeline.steps)
      if (step.op && lacksCopies(step))
        priceWithoutCopies(step);
    return llvm::Error::success();
  }

private:
  TimedBuffer &at(int index) { return timeline.buffers[static_cast<size_t>(index)]; }

  llvm::Error failed(int index, int *group) {
    if (group)
      *group = at(index).group;
    return llvm::createStringError("a tile does not fit local memory");
  }

  /// Buffers that an op wants in different banks: scratch and result, and for some ops all operands.
  void findNeighbours() {
    for (const TimedStep &step : timeline.steps) {
      if (!step.op)
        continue;
      llvm::SmallVector<int, 8> together;
      if (step.scratch >= 0)
        together.push_back(step.scratch);
      if (step.scratch >= 0 || step.op->keepsBanksApart())
        together.push_back(step.result.buffer);
      if (step.op->keepsBanksApart())
        for (const BufferRef &operand : step.operands)
          together.push_back(operand.buffer);
      for (int a : together)
        for (int b : together)
          if (a != b && !llvm::is_contained(apart[static_cast<size_t>(a)], b))
            apart[static_cast<size_t>(a)].push_back(b);
    }
  }

  int placeGroup(std::vector<int> &group) {
    auto bySize = [&](int a, int b) { return at(a).bytes > at(b).bytes; };
    auto byLife = [&](int a, int b) { return at(a).last - at(a).first > at(b).last - at(b).first; };
    int stuck = -1;
    bool hasTables = llvm::any_of(group, [&](int index) { return at(index).copies > 1; });
    // Banks kept apart leave gaps; where nothing fits otherwise, without them and at last without copies.
    for (int attempt : {0, 1, 2, 3, 4, 5, 6, 7, 8}) {
      keepsApart = attempt < 3;
      if (attempt >= 6 && !hasTables)
        break;
      llvm::sort(group);
      if (attempt >= 6)
        dropCopies(group);
      if (attempt % 3 != 2)
        llvm::stable_sort(group, bySize);
      if (attempt % 3 == 1)
        llvm::stable_sort(group, byLife);
      if (attempt % 3 == 2)
        llvm::stable_sort(group, [&](int a, int b) { return at(a).first < at(b).first; });
      // Copies first, at the top, where they cut the least from what is free in one piece.
      if (hasTables)
        std::stable_partition(group.begin(), group.end(), [&](int index) { return at(index).copies > 1; });
      stuck = -1;
      for (int index : group)
        if (!place(index, /*fromTop=*/at(index).copies > 1)) {
          stuck = index;
          break;
        }
      keepsApart = true;
      if (stuck < 0)
        return -1;
      for (int index : group)
        if (at(index).offset >= 0)
          leave(index);
    }
    return stuck;
  }

  bool lacksCopies(const TimedStep &step) {
    for (auto [i, operand] : llvm::enumerate(step.operands))
      if (at(operand.buffer).copies < step.op->copies(static_cast<unsigned>(i)))
        return true;
    return false;
  }

  /// Copies are for speed only.
  void dropCopies(const std::vector<int> &group) {
    for (int index : group)
      at(index).copies = 1;
  }

  void enter(int index) {
    for (int step = at(index).first; step <= at(index).last; ++step)
      live[static_cast<size_t>(step)].push_back(index);
  }
  void leave(int index) {
    for (int step = at(index).first; step <= at(index).last; ++step)
      llvm::erase(live[static_cast<size_t>(step)], index);
    at(index).offset = -1;
  }

  bool place(int index, bool fromTop) {
    beginSearch(index);
    for (int step = at(index).first; step <= at(index).last; ++step)
      occupy(step);
    int64_t offset = findGap(index, fromTop);
    if (offset < 0)
      return false;
    at(index).offset = offset;
    enter(index);
    return true;
  }

  void beginSearch(int index) {
    ++stamp;
    taken.clear();
    copies = at(index).copies;
  }
  void occupy(int step) {
    for (int other : live[static_cast<size_t>(step)])
      if (seen[static_cast<size_t>(other)] != stamp) {
        seen[static_cast<size_t>(other)] = stamp;
        // What is in the way of any copy.
        for (int64_t theirs = 0; theirs < at(other).copies; ++theirs)
          for (int64_t ours = 0; ours < copies; ++ours)
            take(at(other).offset + (theirs - ours) * bm1684x::tableCopyStep, at(other).bytes);
      }
  }
  void take(int64_t offset, int64_t bytes) {
    std::pair<int64_t, int64_t> range{std::max<int64_t>(0, offset), offset + bytes};
    if (range.second > 0)
      taken.insert(llvm::upper_bound(taken, range), range);
  }

  /// For copies: the highest place whose banks are not those of the neighbours, else the highest.
  int64_t findTop(int index) {
    int64_t bytes = at(index).bytes, limit = options.budget - (at(index).copies - 1) * bm1684x::tableCopyStep;
    int64_t highest = -1;
    auto isFree = [&](int64_t offset) {
      return llvm::none_of(taken, [&](auto range) { return offset < range.second && range.first < offset + bytes; });
    };
    llvm::SmallVector<int64_t> candidates;
    for (int64_t end = limit; end >= bytes; end = (end - 1) / bank * bank)
      candidates.push_back((end - bytes) / 64 * 64);
    for (auto [begin, after] : taken)
      if (begin >= bytes && begin <= limit)
        candidates.push_back((begin - bytes) / 64 * 64);
    llvm::sort(candidates, std::greater<int64_t>());
    for (int64_t offset : candidates)
      if (isFree(offset)) {
        if (isApart(index, offset))
          return offset;
        highest = std::max(highest, offset);
      }
    return highest;
  }

  /// The lowest (highest) place free in what was occupied; one in another bank than the neighbours if there is one.
  int64_t findGap(int index, bool fromTop) {
    if (at(index).copies > 1)
      return findTop(index);
    int64_t bytes = at(index).bytes, end = 0, fallback = -1, best = -1;
    auto consider = [&](int64_t begin, int64_t limit) {
      for (int64_t offset = begin; offset + bytes <= limit; offset = (offset / bank + 1) * bank) {
        if (fallback < 0 || fromTop)
          fallback = fromTop ? limit - bytes : offset;
        if (fromTop)
          return;
        if (best < 0 && isApart(index, offset))
          best = offset;
        if (best >= 0)
          return;
      }
    };
    for (auto [begin, after] : taken) {
      if (begin > end)
        consider(end, begin);
      if (best >= 0)
        return best;
      end = std::max(end, after);
    }
    consider(end, options.budget);
    if (fromTop && fallback >= 0)
      return fallback / 64 * 64;
    return best >= 0 ? best : fallback;
  }

  bool isApart(int index, int64_t offset) {
    return !keepsApart || llvm::none_of(apart[static_cast<size_t>(index)], [&](int other) {
      if (at(other).offset < 0)
        return false;
      if (at(index).copies == 1 && at(other).copies == 1)
        return at(other).offset / bank == offset / bank;
      return meetInBank(at(index), offset, at(other));
    });
  }
  /// Copies of a table share no bank with what else the instruction works on.
  static bool meetInBank(const TimedBuffer &buffer, int64_t offset, const TimedBuffer &other) {
    for (int64_t ours = 0; ours < buffer.copies; ++ours)
      for (int64_t theirs = 0; theirs < other.copies; ++theirs) {
        int64_t a = offset + ours * bm1684x::tableCopyStep, b = other.offset + theirs * bm1684x::tableCopyStep;
        if (a / bank <= (b + other.bytes - 1) / bank && b / bank <= (a + buffer.bytes - 1) / bank)
          return true;
      }
    return false;
  }

  /// Moves loads forward. The step before which a value is in global memory bounds them, and their order stays.
  void issueEarly() {
    std::map<int, int> written;
    for (const TimedStore &store : timeline.stores)
      written[store.value] = std::max(written[store.value], store.step);
    for (auto [index, step] : llvm::enumerate(timeline.steps))
      if (!step.op)
        written[step.value] = static_cast<int>(index);
    int before = 0;
    for (TimedLoad &load : timeline.loads) {
      int earliest = before;
      if (auto it = written.find(load.value); it != written.end())
        earliest = std::max(earliest, it->second + 1);
      if (!options.overlapGroups)
        earliest = std::max(earliest, timeline.groupBegin[static_cast<size_t>(at(load.to.buffer).group)]);
      earliest = std::max(earliest, load.step - maxAhead);
      issue(load, std::min(earliest, load.step));
      before = std::max(before, load.issue);
    }
  }

  void issue(TimedLoad &load, int earliest) {
    TimedBuffer &buffer = at(load.to.buffer);
    if (buffer.first < load.step || buffer.isKept) { // others are in it already
      load.issue = std::clamp(buffer.first, earliest, load.step);
      return;
    }
    int64_t old = buffer.offset;
    leave(load.to.buffer);
    beginSearch(load.to.buffer);
    for (int step = buffer.first; step <= buffer.last; ++step)
      occupy(step);
    int64_t offset = old;
    int first = load.step;
    while (first > earliest) {
      occupy(first - 1);
      int64_t found = findGap(load.to.buffer, /*fromTop=*/false);
      if (found < 0 || (copies > 1 && isApart(load.to.buffer, old) && !isApart(load.to.buffer, found)))
        break;
      offset = found;
      --first;
    }
    load.waits = first > earliest;
    load.issue = buffer.first = first;
    buffer.offset = offset;
    enter(load.to.buffer);
  }

  static constexpr int maxAhead = 96;
  Timeline &timeline;
  const PlanOptions &options;
  std::vector<std::vector<int>> live;
  std::vector<std::vector<int>> apart;
  bool keepsApart = true;
  std::vector<int> seen;
  int stamp = 0;
  int64_t copies = 1; ///< of the buffer that looks for a place
  std::vector<std::pair<int64_t, int64_t>> taken;
};

} // namespace

llvm::Error codegen::packTimeline(Timeline &timeline, const PlanOptions &options, int *failed) {
  return Packer(timeline, options).run(failed);
}

void codegen::priceWithoutCopies(TimedStep &step) {
  int64_t with = step.op->computeCycles(step.tile), without = step.op->cyclesWithoutCopies(step.tile);
  if (with > 0 && without != with)
    step.cycles = step.cycles * without / with; // of several tiles alike
}

int64_t codegen::playTimeline(const Timeline &timeline) {
  int64_t tiu = 0, gdma = 0;
  std::vector<int64_t> ready(timeline.steps.size() + 1, 0);
  std::vector<const TimedLoad *> loads;
  for (const TimedLoad &load : timeline.loads)
    loads.push_back(&load);
  llvm::stable_sort(loads, [](const TimedLoad *a, const TimedLoad *b) { return a->issue < b->issue; });
  size_t nextLoad = 0, nextStore = 0;
  int64_t before = 0; // end of the step before
  for (int step = 0; step <= static_cast<int>(timeline.steps.size()); ++step) {
    for (; nextLoad < loads.size() && loads[nextLoad]->issue <= step; ++nextLoad) {
      const TimedLoad &load = *loads[nextLoad];
      gdma = std::max(gdma, load.waits ? before : 0) + load.cycles;
      ready[static_cast<size_t>(load.step)] = std::max(ready[static_cast<size_t>(load.step)], gdma);
    }
    for (; nextStore < timeline.stores.size() && timeline.stores[nextStore].step < step; ++nextStore)
      gdma = std::max(gdma, before) + timeline.stores[nextStore].cycles;
    if (step == static_cast<int>(timeline.steps.size()))
      break;
    const TimedStep &now = timeline.steps[static_cast<size_t>(step)];
    if (!now.op) {
      gdma += now.cycles;
      continue;
    }
    tiu = std::max(tiu, ready[static_cast<size_t>(step)]) + now.cycles;
    before = tiu;
  }
  return std::max(tiu, gdma);
}

Busy codegen::busyOf(const Timeline &timeline) {
  Busy busy;
  int last = static_cast<int>(timeline.steps.size()) - 1;
  for (const TimedStep &step : timeline.steps)
    (step.op ? busy.tiu : busy.gdma) += step.cycles;
  for (const TimedLoad &load : timeline.loads) {
    busy.gdma += load.cycles;
    busy.ends += load.step == 0 ? load.cycles : 0;
  }
  for (const TimedStore &store : timeline.stores) {
    busy.gdma += store.cycles;
    busy.ends += store.step == last ? store.cycles : 0;
  }
  return busy;
}

int64_t codegen::peakBytes(const Timeline &timeline) {
  std::vector<int64_t> change(timeline.steps.size() + 3, 0);
  for (const TimedBuffer &buffer : timeline.buffers)
    if (buffer.last >= 0) {
      change[static_cast<size_t>(buffer.first)] += buffer.bytes;
      change[static_cast<size_t>(buffer.last) + 1] -= buffer.bytes;
    }
  int64_t now = 0, most = 0;
  for (int64_t bytes : change)
    most = std::max(most, now += bytes);
  return most;
}
