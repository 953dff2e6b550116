// One walk over the instructions in an order that the ids permit. For every byte range the last reader and writer of
// each engine are kept: ids of an engine only grow, so when the last one is ordered before the current instruction, all
// are. An instruction X of one engine is ordered behind Y of the other exactly when X, or an earlier instruction of X's
// queue, waits for Y or for a later one of Y's queue.
#include "tpu_mlir/Simulator/HazardCheck.h"
#include "Operation.h"
#include "tpu_mlir/Simulator/Simulator.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <map>
#include <set>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::Engine;

namespace {

/// One plus the index of the last reader and writer of each engine; 0 = none.
struct Stamps {
  uint32_t reader[2] = {0, 0}, writer[2] = {0, 0};
  friend bool operator==(const Stamps &, const Stamps &) = default;
};

/// Stamps of byte ranges. Local memory is seen as one lane's bytes, each piece with the sets of lanes that share
/// stamps.
class AccessMap {
public:
  struct Owner {
    uint64_t lanes;
    Stamps stamps;
  };
  struct Piece {
    uint64_t end;
    SmallVector<Owner, 1> owners;
  };

  /// Calls visit(stamps) for all stamps of the given lanes and bytes, and lets it change them.
  template <typename Visit> void visit(uint64_t lanes, ByteRange range, Visit visit) {
    split(range.begin);
    split(range.end);
    auto at = pieces.lower_bound(range.begin);
    for (uint64_t cursor = range.begin; cursor < range.end;) {
      if (at == pieces.end() || at->first > cursor) { // untouched so far
        uint64_t end = at == pieces.end() ? range.end : std::min(at->first, range.end);
        at = pieces.emplace_hint(at, cursor, Piece{end, {Owner{~uint64_t{0}, {}}}});
      }
      change(at->second, lanes, visit);
      cursor = at->second.end;
      ++at;
    }
  }

private:
  void split(uint64_t position) {
    auto at = pieces.upper_bound(position);
    if (at == pieces.begin())
      return;
    --at;
    if (at->first >= position || at->second.end <= position)
      return;
    Piece right = at->second;
    at->second.end = position;
    pieces.emplace(position, std::move(right));
  }

  template <typename Visit> static void change(Piece &piece, uint64_t lanes, Visit visit) {
    SmallVector<Owner, 1> changed;
    auto add = [&](uint64_t mask, const Stamps &stamps) {
      for (Owner &owner : changed)
        if (owner.stamps == stamps) {
          owner.lanes |= mask;
          return;
        }
      changed.push_back({mask, stamps});
    };
    for (const Owner &owner : piece.owners) {
      if (uint64_t rest = owner.lanes & ~lanes)
        add(rest, owner.stamps);
      if (uint64_t mine = owner.lanes & lanes) {
        Stamps stamps = owner.stamps;
        visit(stamps);
        add(mine, stamps);
      }
    }
    piece.owners = std::move(changed);
  }

  std::map<uint64_t, Piece> pieces;
};

std::string hex(uint64_t value) { return "0x" + utohexstr(value, /*LowerCase=*/true); }

class Checker {
public:
  Checker(ArrayRef<Instruction> tiu, ArrayRef<Instruction> gdma, size_t limit) : streams{tiu, gdma}, limit(limit) {}

  Error step(Engine engine, size_t index) {
    current = static_cast<int>(engine);
    currentIndex = index;
    const Instruction &insn = streams[current][index];
    if (insn[Field::cmd_id_en] & 1)
      known[current] = std::max(known[current], insn.dependency());
    Expected<Operation> op = prepare(insn);
    if (!op)
      return createStringError(describe(insn, index) + ": " + toString(op.takeError()));
    for (const Region &region : op->reads)
      if (Error error = visit(region, false))
        return error;
    for (const Region &region : op->writes)
      if (Error error = visit(region, true))
        return error;
    return Error::success();
  }

  std::vector<Hazard> hazards;

private:
  Error visit(const Region &region, bool writes) {
    auto refuse = [&](const Twine &why) {
      return createStringError(describe(streams[current][currentIndex], currentIndex) + ": " + why);
    };
    if (!region.isMeasurable())
      return refuse("a size is 0 or a tensor is larger than any memory");
    ByteRange extent = region.extent();
    if (region.local && (region.lane >= laneCount || extent.end > static_cast<uint64_t>(laneBytes)))
      return refuse("the access to " + region.describe() + " leaves local memory");
    // Static memory is never written.
    bool constant = !region.local && extent.begin >= staticBase && extent.end <= staticBase + staticBytes;
    if (constant)
      return Error::success();
    region.forEachRun([&](uint64_t lanes, ByteRange range) {
      AccessMap &map = region.local ? local : flat;
      map.visit(region.local ? lanes : ~uint64_t{0}, range, [&](Stamps &stamps) {
        int other = 1 - current;
        conflict(stamps.writer[other], true, writes, region, range);
        if (writes)
          conflict(stamps.reader[other], false, true, region, range);
        (writes ? stamps.writer : stamps.reader)[current] = static_cast<uint32_t>(currentIndex) + 1;
      });
    });
    return Error::success();
  }

  /// `stamp`: one plus the index of an earlier instruction of the other engine; its id is index + 1 too.
  void conflict(uint32_t stamp, bool otherWrites, bool writes, const Region &region, ByteRange range) {
    if (stamp == 0 || hazards.size() >= limit)
      return;
    int other = 1 - current;
    size_t index = stamp - 1;
    if (streams[other][index].id() <= known[current])
      return;
    size_t tiuIndex = current == 0 ? currentIndex : index, gdmaIndex = current == 0 ? index : currentIndex;
    if (!reported.insert({tiuIndex, gdmaIndex}).second)
      return;
    auto verb = [](bool w) { return w ? " writes " : " reads "; };
    std::string where = (region.local ? "local bytes " : "global bytes ") + hex(range.begin) + " to " + hex(range.end);
    hazards.push_back({tiuIndex, gdmaIndex,
                       describe(streams[current][currentIndex], currentIndex) + verb(writes) + where + " that " +
                           describe(streams[other][index], index) + verb(otherWrites) + "without waiting"});
  }

  ArrayRef<Instruction> streams[2];
  size_t limit;
  AccessMap local, flat;
  uint32_t known[2] = {0, 0}; // highest id of the other engine that the engine has waited for
  int current = 0;
  size_t currentIndex = 0;
  std::set<std::pair<size_t, size_t>> reported;
};

} // namespace

Expected<std::vector<Hazard>> sim::findHazards(ArrayRef<Instruction> tiu, ArrayRef<Instruction> gdma, size_t limit) {
  Checker checker(tiu, gdma, limit);
  if (Error error =
          forEachInOrder(tiu, gdma, {}, [&](Engine engine, size_t index) { return checker.step(engine, index); }))
    return error;
  return std::move(checker.hazards);
}
