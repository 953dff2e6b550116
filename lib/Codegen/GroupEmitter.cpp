// Plans groups (tiles, local memory, time steps) and plays the steps into the assembler so that loads, computation and
// stores overlap. Dependencies follow from memory in the assembler; here only the order is decided.
#include "tpu_mlir/Codegen/GroupEmitter.h"

#include "KeptTensors.h"
#include "TileSearch.h"

#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::laneBytes;

namespace {

struct LoadAction {
  unsigned member, operand, buffer; ///< buffer: 0 or 1 of the double buffer
  Slice slice;
};

struct Step {
  Tile tile;
  std::vector<LoadAction> loads;
  /// For each member and operand which buffer the step reads, and its slice.
  std::vector<std::vector<std::pair<unsigned, Slice>>> reads;
  unsigned resultBuffer = 0;
};

/// The local memory of a group: byte offsets relative to its start.
struct MemoryPlan {
  std::vector<std::vector<std::array<uint32_t, 2>>> operands; ///< [member][operand][buffer]
  std::vector<std::array<uint32_t, 2>> results;               ///< [member][buffer]
  std::vector<uint32_t> residents;                            ///< [member]
  uint32_t scratch = 0;
  int64_t bytes = 0;
};

/// Operands that are in local memory when the group begins, [member][operand].
using Present = std::vector<std::vector<std::optional<LocalTensor>>>;

struct Plan {
  std::vector<GroupMember> members;
  std::vector<Step> steps;
  MemoryPlan memory;
  uint32_t base = 0;
  Present present;
  /// Where the result is left for later groups.
  std::optional<LocalTensor> kept;
  bool usesZone = false; ///< of kept tensors
  bool isStored = true;  ///< the result

  uint32_t begin() const { return base; }
  uint32_t end() const { return base + static_cast<uint32_t>(memory.bytes); }
};

std::vector<ChainMember> chainOf(const std::vector<GroupMember> &group) {
  std::vector<ChainMember> chain;
  for (const GroupMember &member : group)
    chain.push_back({member.op.get(), member.chainedOperand});
  return chain;
}

std::vector<Step> makeSteps(const std::vector<GroupMember> &group, const Tiling &tiling, const Present &present) {
  auto axes = axesOf(chainOf(group));
  std::array<int64_t, numAxes> tiles, index{};
  for (unsigned a = 0; a < numAxes; ++a)
    tiles[a] = tilesOf(axes[a], tiling.size[a]);
  struct State {
    bool valid = false;
    Slice slice;
    std::array<int64_t, 4> shape{}; ///< of the buffer, which may hold padding around the slice
    unsigned buffer = 0;
  };
  std::vector<std::vector<State>> state;
  for (const GroupMember &member : group)
    state.emplace_back(member.op->operands.size());
  std::vector<Step> steps;
  unsigned box = 0;
  while (true) {
    Step step;
    step.tile = tileAt(axes, tiling, index);
    for (unsigned m = 0; m < group.size(); ++m) {
      auto &reads = step.reads.emplace_back();
      for (unsigned i = 0; i < group[m].op->operands.size(); ++i) {
        State &s = state[m][i];
        bool used = static_cast<int>(i) != group[m].chainedOperand && (m == 0 || step.tile.lastK);
        if (used) {
          Slice slice = group[m].op->operandSlice(i, step.tile);
          auto shape = group[m].op->operandBuffer(i, slice, step.tile, 0).shape;
          if (!s.valid || !(s.slice == slice) || s.shape != shape) {
            s = {true, slice, shape, s.valid ? 1 - s.buffer : 0};
            if (!present[m][i])
              step.loads.push_back({m, i, s.buffer, slice});
          }
        }
        reads.emplace_back(s.buffer, s.slice);
      }
    }
    step.resultBuffer = box & 1;
    box += step.tile.lastK;
    steps.push_back(std::move(step));
    int position = numAxes - 1;
    for (; position >= 0; --position) {
      unsigned a = static_cast<unsigned>(tiling.order[position]);
      if (++index[a] < tiles[a])
        break;
      index[a] = 0;
    }
    if (position < 0)
      return steps;
  }
}

bool keepsBanksApart(const std::vector<GroupMember> &group) {
  return llvm::any_of(group, [](const GroupMember &member) { return member.op->keepsBanksApart(); });
}

/// The bytes that a group's buffers need: two buffers only where steps use two.
struct BufferSizes {
  std::vector<std::vector<std::array<int64_t, 2>>> operands; ///< [member][operand][buffer]
  std::vector<std::array<int64_t, 2>> results;               ///< [member][buffer]
  int64_t scratch = 0;

  BufferSizes(const std::vector<GroupMember> &group, const std::vector<Step> &steps) : results(group.size(), {0, 0}) {
    for (const GroupMember &member : group)
      operands.emplace_back(member.op->operands.size(), std::array<int64_t, 2>{0, 0});
    for (const Step &step : steps) {
      for (const LoadAction &load : step.loads) {
        int64_t bytes = group[load.member].op->operandBuffer(load.operand, load.slice, step.tile, 0).bytesPerLane();
        int64_t &slot = operands[load.member][load.operand][load.buffer];
        slot = std::max(slot, bytes);
      }
      for (unsigned m = 0; m < group.size(); ++m) {
        unsigned buffer = m + 1 == group.size() ? step.resultBuffer : 0;
        results[m][buffer] = std::max(results[m][buffer], group[m].op->resultBytes(0, step.tile));
        scratch = std::max(scratch, group[m].op->scratchBytes(step.tile));
      }
    }
  }
  int64_t resultBytes() const {
    int64_t sum = 0;
    for (const auto &bytes : results)
      sum += alignTo(bytes[0], 64) + alignTo(bytes[1], 64);
    return sum;
  }
};

/// Lays buffers one behind the other.
class Layout {
public:
  using Buffers = std::array<uint32_t, 2>;
  int64_t end = 0;

  uint32_t take(int64_t bytes) {
    uint32_t at = static_cast<uint32_t>(end);
    end += alignTo(bytes, 64);
    return at;
  }
  /// Two buffers, none of which starts in the bank where one of `others` starts.
  Buffers take(const std::array<int64_t, 2> &bytes, llvm::ArrayRef<Buffers> others) {
    Buffers at;
    for (int i : {0, 1}) {
      auto meets = [&](const Buffers &other) {
        return bankOf(other[0]) == bankOf(end) || bankOf(other[1]) == bankOf(end);
      };
      while (bytes[i] && llvm::any_of(others, meets))
        end = alignTo(end + 1, bm1684x::bankBytes);
      at[i] = i && !bytes[1] ? at[0] : take(bytes[i]);
    }
    return at;
  }

private:
  static int64_t bankOf(int64_t offset) { return offset / bm1684x::bankBytes; }
};

/// Scratch comes first, results at least a bank behind it where the budget allows, and with `apart` operands too:
/// requantizing and dequantizing take twice as long within a bank. `apart` also keeps the buffers of an op that asks
/// for it in different banks, if the group starts at a bank.
MemoryPlan planMemory(const std::vector<GroupMember> &group, const BufferSizes &sizes, int64_t budget, bool apart) {
  MemoryPlan plan;
  Layout layout;
  plan.scratch = layout.take(sizes.scratch);
  if (apart && sizes.scratch > 0)
    layout.end = std::max<int64_t>(layout.end, bm1684x::bankBytes);
  std::vector<llvm::SmallVector<Layout::Buffers>> together(group.size() + 1); // of a member, to be kept apart
  for (unsigned m = 0; m < group.size(); ++m) {
    auto &offsets = plan.operands.emplace_back();
    for (auto [i, bytes] : llvm::enumerate(sizes.operands[m])) {
      offsets.push_back(layout.take(bytes, together[m]));
      if (apart && group[m].op->keepsBanksApart() && static_cast<int>(i) != group[m].chainedOperand)
        together[m].push_back(offsets.back());
    }
    plan.residents.push_back(layout.take(group[m].op->residentBytes()));
  }
  if (sizes.scratch > 0 && layout.end < bm1684x::bankBytes && bm1684x::bankBytes + sizes.resultBytes() <= budget)
    layout.end = bm1684x::bankBytes;
  for (unsigned m = 0; m < group.size(); ++m) {
    // A result is an operand of the next member.
    llvm::SmallVector<Layout::Buffers> others(together[m]);
    others.append(together[m + 1]);
    plan.results.push_back(layout.take(sizes.results[m], others));
    if (apart && m + 1 < group.size() && group[m + 1].op->keepsBanksApart())
      together[m + 1].push_back(plan.results.back());
  }
  plan.bytes = layout.end;
  return plan;
}

bool sameTensor(const LocalTensor &a, const LocalTensor &b) {
  return a.offset == b.offset && a.lane == b.lane && a.layout == b.layout && a.type == b.type && a.shape == b.shape &&
         a.strides == b.strides;
}

/// Whether the buffers of every step are the parts of the tensors that are present.
bool readsPresent(const std::vector<GroupMember> &group, const std::vector<Step> &steps, const Present &present) {
  for (const Step &step : steps)
    for (unsigned m = 0; m < group.size() && (m == 0 || step.tile.lastK); ++m)
      for (unsigned i = 0; i < present[m].size(); ++i) {
        if (!present[m][i])
          continue;
        const Slice &slice = step.reads[m][i].second;
        auto part = keptPart(*present[m][i], slice);
        if (!part || !sameTensor(*part, group[m].op->operandBuffer(i, slice, step.tile, part->offset)))
          return false;
      }
  return true;
}

/// Whether the tiles of the result can be made where the whole result is kept.
bool canKeep(const TiledOp &op, const std::vector<Step> &steps) {
  const GlobalTensor &result = op.results[0];
  LocalTensor whole = LocalTensor::aligned(0, result.shape, result.type);
  return op.storesPlainly() && llvm::all_of(steps, [&](const Step &step) {
           auto part = keptPart(whole, step.tile.out);
           return part && op.resultBytes(0, step.tile) <= part->bytesPerLane() &&
                  sameTensor(*part, op.resultBuffer(0, step.tile, part->offset));
         });
}

struct Limits {
  int64_t budget = laneBytes;
  bool wholePlanes = false;
};

std::optional<Plan> planGroup(const std::vector<GroupMember> &group, Limits limits, const Present &present,
                              int64_t &cycles) {
  SearchOptions options{{}, limits.wholePlanes};
  for (unsigned m = 0; m < group.size(); ++m)
    for (unsigned i = 0; i < present[m].size(); ++i)
      if (present[m][i])
        options.present.push_back({m, i});
  for (const Tiling &tiling : searchTilings(chainOf(group), limits.budget, 16, options)) {
    Plan plan;
    plan.steps = makeSteps(group, tiling, present);
    if (!readsPresent(group, plan.steps, present))
      continue;
    BufferSizes sizes(group, plan.steps);
    plan.memory = planMemory(group, sizes, limits.budget, /*apart=*/true);
    if (plan.memory.bytes > limits.budget)
      plan.memory = planMemory(group, sizes, limits.budget, /*apart=*/false);
    if (plan.memory.bytes <= limits.budget) {
      cycles = tiling.cycles;
      plan.present = present;
      return plan;
    }
  }
  return std::nullopt;
}

/// Whole local memory allows the best tiles; half of it lets the next group load while this one computes. The half wins
/// unless it costs more than an eighth.
std::optional<Plan> planGroup(const std::vector<GroupMember> &group, bool wholePlanes, const Present &present,
                              int64_t &cycles) {
  int64_t halfCycles = 0, fullCycles = 0;
  int64_t whole = wholePlanes ? KeptTensors::zoneBegin : laneBytes;
  std::optional<Plan> half = planGroup(group, {std::min(whole, laneBytes / 2), wholePlanes}, present, halfCycles);
  std::optional<Plan> full = planGroup(group, {whole, wholePlanes}, present, fullCycles);
  if (half && full && halfCycles <= fullCycles + fullCycles / 8) {
    cycles = halfCycles;
    return half;
  }
  cycles = fullCycles;
  return full;
}

Present nothingPresent(const std::vector<GroupMember> &group) {
  Present present;
  for (const GroupMember &member : group)
    present.emplace_back(member.op->operands.size());
  return present;
}

} // namespace

struct GroupEmitter::Impl {
  Impl(Assembler &assembler, std::vector<bool> known) : assembler(assembler), known(std::move(known)) {}

  LocalTensor operandOf(const Plan &plan, const Step &step, unsigned m, unsigned i) const {
    const GroupMember &member = plan.members[m];
    if (static_cast<int>(i) == member.chainedOperand)
      return resultOf(plan, step, m - 1);
    auto [buffer, slice] = step.reads[m][i];
    if (plan.present[m][i])
      return *keptPart(*plan.present[m][i], slice);
    return member.op->operandBuffer(i, slice, step.tile, plan.base + plan.memory.operands[m][i][buffer]);
  }

  LocalTensor resultOf(const Plan &plan, const Step &step, unsigned m) const {
    if (m + 1 == plan.members.size() && plan.kept)
      return plan.members[m].op->resultBuffer(0, step.tile, keptPart(*plan.kept, step.tile.out)->offset);
    unsigned buffer = m + 1 == plan.members.size() ? step.resultBuffer : 0;
    return plan.members[m].op->resultBuffer(0, step.tile, plan.base + plan.memory.results[m][buffer]);
  }

  void load(const Plan &plan, const Step &step, const LoadAction &action) {
    const TiledOp &op = *plan.members[action.member].op;
    uint32_t offset = plan.base + plan.memory.operands[action.member][action.operand][action.buffer];
    LocalTensor buffer = op.operandBuffer(action.operand, action.slice, step.tile, offset);
    assembler.setContext(op.name);
    op.load(assembler, action.operand, action.slice, step.tile, buffer);
  }

  void compute(const Plan &plan, const Step &step) {
    for (unsigned m = 0; m < plan.members.size(); ++m) {
      if (m && !step.tile.lastK)
        break;
      const TiledOp &op = *plan.members[m].op;
      llvm::SmallVector<LocalTensor, 4> operands, results{resultOf(plan, step, m)};
      for (unsigned i = 0; i < op.operands.size(); ++i)
        operands.push_back(operandOf(plan, step, m, i));
      assembler.setContext(op.name);
      op.emit(assembler, step.tile, {operands, results, plan.base + plan.memory.scratch});
    }
  }

  void store(const Plan &plan, const Step &step) {
    if (!step.tile.lastK || !plan.isStored)
      return;
    const TiledOp &op = *plan.members.back().op;
    assembler.setContext(op.name);
    op.store(assembler, 0, step.tile, resultOf(plan, step, plan.members.size() - 1));
  }

  /// Whether a first load may run before the stores of the group that is finishing. Parameters are asked too: the
  /// network may compute them.
  bool independent(const Plan &next, const LoadAction &action) const {
    const TiledOperand &operand = next.members[action.member].op->operands[action.operand];
    auto reads = operand.global.region(), writes = last->members.back().op->results[0].region();
    return reads.end <= writes.begin || writes.end <= reads.begin;
  }

  /// Puts the last step of the finishing group between the early and the other first loads of the next one.
  void finishLast(const Plan *next) {
    std::vector<const LoadAction *> late;
    bool disjoint = last && next && (next->end() <= last->begin() || last->end() <= next->begin()) &&
                    !(last->usesZone && next->end() > KeptTensors::zoneBegin);
    if (next)
      for (const LoadAction &action : next->steps.front().loads) {
        if (disjoint && independent(*next, action))
          load(*next, next->steps.front(), action);
        else
          late.push_back(&action);
      }
    if (last) {
      size_t t = last->steps.size() - 1;
      if (t > 0)
        store(*last, last->steps[t - 1]);
      compute(*last, last->steps[t]);
      store(*last, last->steps[t]);
    }
    for (const LoadAction *action : late)
      load(*next, next->steps.front(), *action);
  }

  void place(Plan &plan) const {
    int64_t bytes = plan.memory.bytes;
    int64_t grain = keepsBanksApart(plan.members) ? bm1684x::bankBytes : 64;
    int64_t behind = last ? alignTo(last->end(), grain) : laneBytes;
    int64_t limit =
        plan.usesZone || (!kept.empty() && bytes <= KeptTensors::zoneBegin) ? KeptTensors::zoneBegin : laneBytes;
    if (behind + bytes <= limit)
      plan.base = static_cast<uint32_t>(behind);
    else if (last && last->end() + bytes <= limit)
      plan.base = last->end();
    else
      plan.base = 0;
    for (unsigned m = 0; m < plan.members.size(); ++m)
      plan.members[m].op->resident = plan.base + plan.memory.residents[m];
  }

  void play(std::unique_ptr<Plan> plan) {
    place(*plan);
    if (!plan->usesZone && plan->end() > KeptTensors::zoneBegin)
      kept.clear();
    finishLast(plan.get());
    last = std::move(plan);
    for (unsigned m = 0; m < last->members.size(); ++m)
      if (const TiledOp &op = *last->members[m].op; op.residentBytes()) {
        assembler.setContext(op.name);
        op.emitOnce(assembler, op.resident);
      }
    for (size_t t = 0; t + 1 < last->steps.size(); ++t) {
      for (const LoadAction &action : last->steps[t + 1].loads)
        load(*last, last->steps[t + 1], action);
      if (t > 0)
        store(*last, last->steps[t - 1]);
      compute(*last, last->steps[t]);
    }
  }

  /// Plans the group on what is in local memory already and with its result left there, if that is not worse.
  std::optional<Plan> choose(const std::vector<GroupMember> &group) {
    int64_t cycles = 0, keptCycles = 0;
    std::optional<Plan> plan = planGroup(group, /*wholePlanes=*/false, nothingPresent(group), cycles);
    Present present = nothingPresent(group);
    llvm::SmallVector<LocalTensor> needed;
    for (unsigned m = 0; m < group.size(); ++m)
      for (unsigned i = 0; i < present[m].size(); ++i)
        if (static_cast<int>(i) != group[m].chainedOperand && (present[m][i] = kept.find(*group[m].op, i)))
          needed.push_back(*present[m][i]);
    std::optional<Plan> resident = planGroup(group, /*wholePlanes=*/true, present, keptCycles);
    if (!resident && !needed.empty()) {
      needed.clear();
      resident = planGroup(group, /*wholePlanes=*/true, nothingPresent(group), keptCycles);
    }
    const TiledOp &op = *group.back().op;
    const GlobalTensor &result = op.results[0];
    bool keeps = resident && canKeep(op, resident->steps);
    int64_t worth = keeps ? tensorMoveCycles(result, result.shape, /*toLocal=*/true) : 0;
    if (resident && (keeps || !needed.empty()) && (!plan || keptCycles - worth <= cycles)) {
      resident->kept = keeps ? kept.reserve(result, needed) : std::nullopt;
      resident->usesZone = resident->kept || !needed.empty();
      if (resident->usesZone)
        plan = std::move(resident);
    }
    kept.forget(result);
    if (plan && plan->kept)
      kept.add(result, *plan->kept);
    if (plan)
      note(group, *plan);
    return plan;
  }

  /// Notes what the group reads from and writes to global memory.
  void note(const std::vector<GroupMember> &group, Plan &plan) {
    for (const Step &step : plan.steps)
      for (const LoadAction &load : step.loads) {
        const GlobalTensor &operand = group[load.member].op->operands[load.operand].global;
        if (operand.isContiguous())
          reads.read(operand.region());
        else // the op knows which parts
          reads.readAll();
      }
    size_t index = reads.result().size();
    plan.isStored = !plan.kept || index >= known.size() || known[index];
    reads.written(group.back().op->results[0], plan.kept.has_value());
  }

  Assembler &assembler;
  KeptTensors kept;
  ResultReads reads;
  std::vector<bool> known; ///< from a trial
  /// The group whose last step (computation and stores) is still to be emitted.
  std::unique_ptr<Plan> last;
};

GroupEmitter::GroupEmitter(Assembler &assembler, std::vector<bool> reads)
    : impl(std::make_unique<Impl>(assembler, std::move(reads))) {}
GroupEmitter::~GroupEmitter() = default;

bool GroupEmitter::fits(const std::vector<GroupMember> &group) {
  int64_t cycles = 0;
  return planGroup(group, /*wholePlanes=*/false, nothingPresent(group), cycles).has_value();
}

llvm::Error GroupEmitter::add(std::vector<GroupMember> group) {
  std::optional<Plan> plan = impl->choose(group);
  if (!plan)
    return llvm::createStringError(
        llvm::formatv("'{0}': no tile of it fits the 256 KiB of local memory per lane", group.front().op->name));
  plan->members = std::move(group);
  impl->play(std::make_unique<Plan>(std::move(*plan)));
  return llvm::Error::success();
}

void GroupEmitter::flush() {
  finish({});
  impl->reads.readAll();
}

void GroupEmitter::finish(llvm::ArrayRef<GlobalTensor> results) {
  impl->finishLast(nullptr);
  impl->last.reset();
  impl->kept.clear(); // what follows may write anywhere
  for (const GlobalTensor &result : results)
    impl->reads.read(result.region());
}

std::vector<bool> GroupEmitter::resultReads() const { return impl->reads.result(); }
