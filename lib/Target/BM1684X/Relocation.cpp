// A value is what one or more instructions write and others read: tensors that share bytes between writing and reading
// move together. So do tensors of one instruction with one address. What an instruction holds without a field that is
// known to hold its address stays where it is.
#include "tpu_mlir/Target/BM1684X/Relocation.h"
#include "llvm/ADT/IntEqClasses.h"
#include <algorithm>
#include <deque>
#include <map>

using namespace llvm;

namespace tpu_mlir::bm1684x {
namespace {

constexpr int64_t lines = laneBytes / lineBytes;
/// Bounds values times attempts to place them.
constexpr size_t workOfPlacing = 20000;

/// A tensor of an instruction.
struct Use {
  uint32_t instruction, index; ///< index: as AccessLog::shift counts
  uint32_t address;
  uint32_t begin = laneBytes, end = 0; ///< bytes in the lane that it touches
};

struct Value {
  uint32_t begin = laneBytes, end = 0;
  size_t first = ~size_t{0}, last = 0; ///< instructions
  uint64_t diesAt = 0;                 ///< cycle
  bool isFixed = false;
  bool stays = false;          ///< this time
  int64_t shift = 0;           ///< in bytes
  SmallVector<uint32_t> apart; ///< values that are better (or have to be) in other banks
  bool isPlaced = false;

  int64_t firstLine() const { return begin / lineBytes; }
  int64_t lineCount() const { return ceilDiv(end, lineBytes) - firstLine(); }
};

bool dependsOnBanks(const Instruction &instruction) {
  StringRef name = instruction.name();
  return name.contains("SG") || name.contains("RQ") || name.contains("TRANS");
}
/// Whether it is wrong for the operands to meet in a bank if they do not now.
bool forbidsBanks(const Instruction &instruction) { return instruction.name().contains("SG"); }

/// Finds the values.
class Values {
public:
  Values(ArrayRef<Instruction> instructions, const AccessLog &log, ArrayRef<Interval> intervals) {
    for (uint32_t i = 0; i < instructions.size(); ++i) {
      firstUse.push_back(static_cast<uint32_t>(uses.size()));
      size_t index = 0;
      addUses(i, log.readUses(i), log.reads(i), index);
      addUses(i, log.writeUses(i), log.writes(i), index);
    }
    firstUse.push_back(static_cast<uint32_t>(uses.size()));
    classes.grow(static_cast<unsigned>(uses.size()));
    for (uint32_t i = 0; i < instructions.size(); ++i)
      connect(i, instructions[i], log);
    classes.compress();
    values.resize(classes.getNumClasses());
    for (uint32_t u = 0; u < uses.size(); ++u) {
      Value &value = of(u);
      const Use &use = uses[u];
      value.begin = std::min(value.begin, use.begin);
      value.end = std::max(value.end, use.end);
      value.first = std::min<size_t>(value.first, use.instruction);
      value.last = std::max<size_t>(value.last, use.instruction);
      value.diesAt = std::max(value.diesAt, intervals[use.instruction].end);
    }
    for (uint32_t i = 0; i < instructions.size(); ++i)
      fixUnknown(instructions[i], log.addressFields(i), i);
  }

  ArrayRef<Use> usesOf(size_t i) const { return ArrayRef<Use>(uses).slice(firstUse[i], firstUse[i + 1] - firstUse[i]); }
  Value &of(size_t u) { return values[classes[static_cast<unsigned>(u)]]; }
  uint32_t numberOf(size_t i, size_t index) const { return classes[static_cast<unsigned>(firstUse[i] + index)]; }
  void fix(size_t i) {
    for (size_t u = firstUse[i]; u < firstUse[i + 1]; ++u)
      of(u).isFixed = true;
  }

  std::vector<Value> values;

private:
  void addUses(uint32_t i, ArrayRef<LocalUse> list, ArrayRef<LocalRegion> regions, size_t &index) {
    for (const LocalUse &one : list) {
      Use use{i, static_cast<uint32_t>(index++), one.address};
      for (const LocalRegion &region : regions.take_front(one.regions)) {
        use.begin = std::min(use.begin, region.begin);
        use.end = std::max(use.end, region.end);
      }
      regions = regions.drop_front(one.regions);
      uses.push_back(use);
    }
  }

  /// Whether bytes between those that an instruction writes may keep what they held: gaps of less than a line count as
  /// touched.
  static bool mayLeaveGaps(const Instruction &instruction) {
    if (instruction.engine() == Engine::TIU)
      return instruction.has(Field::res0_str) &&
             instruction[Field::res0_str] == static_cast<uint64_t>(StrideMode::Free);
    return instruction.format() == Format::DMA_tensor;
  }

  void connect(uint32_t i, const Instruction &instruction, const AccessLog &log) {
    uint32_t u = firstUse[i];
    bool leavesGaps = mayLeaveGaps(instruction);
    ArrayRef<LocalRegion> regions = log.reads(i);
    for (const LocalUse &use : log.readUses(i)) {
      for (const LocalRegion &region : regions.take_front(use.regions))
        visit(region, [&](Owner &owner) {
          if (owner.use != none)
            classes.join(u, owner.use);
        });
      regions = regions.drop_front(use.regions);
      ++u;
    }
    regions = log.writes(i);
    for (const LocalUse &use : log.writeUses(i)) {
      for (const LocalRegion &region : regions.take_front(use.regions))
        visit(region, [&](Owner &owner) {
          if (leavesGaps && owner.use != none)
            classes.join(u, owner.use);
          owner.use = u;
        });
      regions = regions.drop_front(use.regions);
      ++u;
    }
    for (uint32_t a = firstUse[i]; a < firstUse[i + 1]; ++a)
      for (uint32_t b = a + 1; b < firstUse[i + 1]; ++b)
        if (uses[a].address == uses[b].address)
          classes.join(a, b);
  }

  static bool knowsField(const Instruction &instruction, ArrayRef<Field> fields, const Use &use) {
    if (instruction.engine() == Engine::TIU)
      return any_of(fields, [&](Field field) { return instruction[field] == use.address; });
    uint64_t seen = localBase + use.address;
    return instruction.sourceAddress() == seen || instruction.destinationAddress() == seen ||
           instruction.indexAddress() == seen;
  }

  void fixUnknown(const Instruction &instruction, ArrayRef<Field> fields, size_t i) {
    SmallVector<const Use *> unknown;
    for (const Use &use : usesOf(i))
      if (!knowsField(instruction, fields, use))
        unknown.push_back(&use);
    if (unknown.empty())
      return;
    // Of copies of a table the instruction holds the address of the first; what else it works on may move.
    bool hasCopies =
        instruction.engine() == Engine::TIU && forbidsBanks(instruction) && instruction.is(SgOp::FourBankGather);
    if (!hasCopies)
      return fix(i);
    for (const Use &use : usesOf(i))
      if (any_of(unknown, [&](const Use *copy) {
            return copy->address >= use.address && (copy->address - use.address) % tableCopyStep == 0;
          }))
        of(firstUse[i] + use.index).isFixed = true;
  }

  static constexpr uint32_t none = ~uint32_t{0};
  /// The tensor that last wrote some bytes of some lanes.
  struct Owner {
    uint64_t lanes = ~uint64_t{0};
    uint32_t use = none;
  };
  using Map = std::map<uint32_t, SmallVector<Owner, 1>>;

  Map::iterator split(uint32_t at) {
    auto next = owners.lower_bound(at);
    if (next != owners.end() && next->first == at)
      return next;
    return owners.emplace_hint(next, at, std::prev(next)->second);
  }
  template <typename Visit> void visit(const LocalRegion &region, Visit visit) {
    if (region.begin >= region.end || region.lanes == 0)
      return;
    auto first = split(region.begin), last = split(region.end);
    for (auto at = first; at != last; ++at)
      for (size_t o = 0, count = at->second.size(); o < count; ++o) {
        uint64_t shared = at->second[o].lanes & region.lanes;
        if (shared == 0)
          continue;
        if (shared != at->second[o].lanes) {
          at->second.push_back({at->second[o].lanes & ~shared, at->second[o].use});
          at->second[o].lanes = shared;
        }
        visit(at->second[o]);
      }
  }

  std::vector<Use> uses;
  std::vector<uint32_t> firstUse;
  IntEqClasses classes;
  Map owners{{0, {Owner()}}};
};

/// Gives values places in the order in which they come to be.
class Placer {
public:
  Placer(std::vector<Value> &values, int64_t limit) : values(values), limit(limit / lineBytes) {}

  /// Fails when there is no room for a value; next time that one stays where it is. Places as given never meet, so that
  /// this comes to an end.
  bool run() {
    std::vector<uint32_t> order;
    for (uint32_t v = 0; v < values.size(); ++v) {
      values[v].stays |= values[v].isFixed;
      values[v].isPlaced = values[v].stays;
      values[v].shift = 0;
      if (values[v].stays)
        fixed.push_back(v);
      order.push_back(v);
    }
    stable_sort(order, [&](uint32_t a, uint32_t b) { return values[a].first < values[b].first; });
    return all_of(order, [&](uint32_t v) { return place(values[v]); });
  }

private:
  static constexpr uint64_t never = ~uint64_t{0};

  bool place(Value &value) {
    if (!value.stays) {
      std::optional<int64_t> line = longestFree(value);
      if (!line)
        return value.stays = true, false;
      value.shift = (*line - value.firstLine()) * lineBytes;
      value.isPlaced = true;
    }
    int64_t first = value.firstLine() + value.shift / lineBytes;
    for (int64_t line = first; line < first + value.lineCount(); ++line) {
      lastUser[line] = std::max(lastUser[line], value.last + 1);
      freeAt[line] = std::max(freeAt[line], value.diesAt);
    }
    return true;
  }

  /// The first line of the place whose last owner died first; in banks of their own if there are such places.
  std::optional<int64_t> longestFree(const Value &value) {
    const int64_t count = value.lineCount();
    std::vector<uint64_t> cost(static_cast<size_t>(limit));
    for (int64_t line = 0; line < limit; ++line)
      cost[line] = lastUser[line] > value.first ? never : freeAt[line];
    for (uint32_t other : fixed)
      if (values[other].first <= value.last && value.first <= values[other].last)
        std::fill_n(cost.begin() + values[other].firstLine(),
                    std::min(values[other].lineCount(), limit - values[other].firstLine()), never);
    std::deque<int64_t> window; // lines, costs descending
    uint64_t best[2] = {never, never};
    int64_t found[2] = {-1, -1};
    for (int64_t line = 0; line < limit; ++line) {
      while (!window.empty() && cost[window.back()] <= cost[line])
        window.pop_back();
      window.push_back(line);
      int64_t first = line - count + 1;
      if (window.front() < first)
        window.pop_front();
      if (first < 0)
        continue;
      uint64_t now = cost[window.front()];
      bool meets = now < best[0] && meetsInBank(value, first);
      if (now < best[meets]) {
        best[meets] = now;
        found[meets] = first;
      }
    }
    for (int64_t first : found)
      if (first >= 0)
        return first;
    return std::nullopt;
  }

  bool meetsInBank(const Value &value, int64_t first) const {
    constexpr int64_t bankLines = bankBytes / lineBytes;
    return any_of(value.apart, [&](uint32_t number) {
      const Value &other = values[number];
      if (!other.isPlaced)
        return false;
      int64_t otherFirst = other.firstLine() + other.shift / lineBytes;
      return first / bankLines <= (otherFirst + other.lineCount() - 1) / bankLines &&
             otherFirst / bankLines <= (first + value.lineCount() - 1) / bankLines;
    });
  }

  std::vector<Value> &values;
  int64_t limit;
  std::vector<uint32_t> fixed;
  std::vector<size_t> lastUser = std::vector<size_t>(lines, 0);
  std::vector<uint64_t> freeAt = std::vector<uint64_t>(lines, 0);
};

void findNeighbours(Values &all, ArrayRef<Instruction> instructions) {
  for (size_t i = 0; i < instructions.size(); ++i) {
    if (!dependsOnBanks(instructions[i]))
      continue;
    size_t count = all.usesOf(i).size();
    for (size_t a = 0; a < count; ++a)
      for (size_t b = 0; b < count; ++b)
        if (uint32_t one = all.numberOf(i, a), other = all.numberOf(i, b);
            one != other && !is_contained(all.values[one].apart, other))
          all.values[one].apart.push_back(other);
  }
}

bool meetInBank(const Use &a, int64_t shiftA, const Use &b, int64_t shiftB) {
  return (a.begin + shiftA) / bankBytes <= (b.end + shiftB - 1) / bankBytes &&
         (b.begin + shiftB) / bankBytes <= (a.end + shiftA - 1) / bankBytes;
}

/// Fixes the operands of instructions that the places would make wrong; whether there are none.
bool checkBanks(Values &all, ArrayRef<Instruction> instructions) {
  bool isRight = true;
  for (size_t i = 0; i < instructions.size(); ++i) {
    if (!forbidsBanks(instructions[i]))
      continue;
    ArrayRef<Use> uses = all.usesOf(i);
    for (size_t a = 0; a < uses.size(); ++a)
      for (size_t b = a + 1; b < uses.size(); ++b)
        if (meetInBank(uses[a], all.values[all.numberOf(i, a)].shift, uses[b], all.values[all.numberOf(i, b)].shift) &&
            !meetInBank(uses[a], 0, uses[b], 0)) {
          all.fix(i);
          isRight = false;
        }
  }
  return isRight;
}

void setAddress(Instruction &instruction, Field low, Field high, uint64_t address) {
  instruction.set(low, address & 0xFFFF'FFFF).set(high, address >> 32);
}

/// Writes a tensor's new address over the old one; `old`: the instruction before.
void move(Instruction &instruction, const Instruction &old, ArrayRef<Field> fields, uint32_t address, int64_t shift) {
  if (old.engine() == Engine::TIU) {
    for (Field field : fields)
      if (old[field] == address)
        instruction.set(field, static_cast<uint64_t>(address + shift));
    return;
  }
  uint64_t seen = localBase + address, to = static_cast<uint64_t>(static_cast<int64_t>(seen) + shift);
  if (old.sourceAddress() == seen)
    setAddress(instruction, Field::src_start_addr_l32, Field::src_start_addr_h8, to);
  if (old.destinationAddress() == seen)
    setAddress(instruction, Field::dst_start_addr_l32, Field::dst_start_addr_h8, to);
  if (old.indexAddress() == seen)
    setAddress(instruction, Field::index_start_addr_l32, Field::index_start_addr_h8, to);
}

} // namespace

std::optional<Placed> relocated(ArrayRef<Instruction> instructions, const AccessLog &log, ArrayRef<Interval> intervals,
                                int64_t limit) {
  Values all(instructions, log, intervals);
  findNeighbours(all, instructions);
  const size_t attempts = std::clamp<size_t>(workOfPlacing / std::max<size_t>(1, all.values.size()), 4, 40);
  bool isPlaced = false;
  for (size_t attempt = 0; attempt < attempts && !isPlaced; ++attempt)
    isPlaced = Placer(all.values, limit).run() && checkBanks(all, instructions);
  if (!isPlaced)
    return std::nullopt;
  Placed result{{instructions.begin(), instructions.end()}, log};
  for (size_t i = 0; i < instructions.size(); ++i)
    for (const Use &use : all.usesOf(i))
      if (int64_t shift = all.values[all.numberOf(i, use.index)].shift) {
        move(result.instructions[i], instructions[i], log.addressFields(i), use.address, shift);
        result.log.shift(i, use.index, shift);
      }
  return result;
}

} // namespace tpu_mlir::bm1684x
