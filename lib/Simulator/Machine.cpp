// Execution of single instructions and of streams.
#include "Operation.h"
#include "tpu_mlir/Simulator/Simulator.h"

#include <cstring>
#include <random>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::Engine;

namespace {

/// Whether two regions name the same elements in the same order.
bool sameElements(const Region &a, const Region &b) {
  if (a.local != b.local || a.address != b.address || a.lane != b.lane || a.elementBytes != b.elementBytes ||
      a.shape != b.shape)
    return false;
  for (int i = 0; i < 4; ++i)
    if (a.shape[i] > 1 && a.stride[i] != b.stride[i])
      return false;
  return true;
}

bool overlaps(const Region &a, const Region &b) {
  if (a.local != b.local)
    return false;
  ByteRange x = a.extent(), y = b.extent();
  return x.begin < y.end && y.begin < x.end;
}

/// A private copy of the bytes that a region spans, laid out so that planeOffset applies.
class Snapshot {
public:
  Snapshot(const Region &region, const uint8_t *base) {
    ByteRange range = region.extent();
    size_t length = range.end - range.begin;
    if (!region.local) {
      bytes.assign(base + range.begin, base + range.end);
      bytes.resize(length + 256);
      origin = bytes.data() - range.begin;
      return;
    }
    bytes.resize(localBytes + 256);
    for (int64_t lane = 0; lane < laneCount; ++lane)
      std::memcpy(&bytes[lane * laneBytes + range.begin], base + lane * laneBytes + range.begin, length);
    origin = bytes.data();
  }
  const uint8_t *base() const { return origin; }

private:
  std::vector<uint8_t> bytes;
  const uint8_t *origin;
};

} // namespace

std::string sim::describe(const Instruction &instruction, size_t index) {
  return (Twine(bm1684x::name(instruction.engine())) + " instruction " + Twine(index) + " (" + instruction.name() +
          " " + instruction.subOpName() + ")")
      .str();
}

Error Machine::execute(const Instruction &instruction) {
  Expected<Operation> op = prepare(instruction);
  if (!op)
    return op.takeError();
  if (!op->run)
    return Error::success();
  for (const Region &region : op->reads)
    if (Error error = state.check(region, false))
      return error;
  for (const Region &region : op->writes)
    if (Error error = state.check(region, true))
      return error;
  Context context;
  std::vector<std::unique_ptr<Snapshot>> snapshots;
  for (const Region &read : op->reads) {
    const uint8_t *base = state.base(read);
    // An operand that the result overwrites elsewhere than in place is read before anything is written.
    bool clobbered = !op->overlapSafe && llvm::any_of(op->writes, [&](const Region &write) {
      return overlaps(read, write) && !sameElements(read, write);
    });
    if (clobbered) {
      snapshots.push_back(std::make_unique<Snapshot>(read, base));
      base = snapshots.back()->base();
    }
    context.reads.push_back(base);
  }
  for (const Region &write : op->writes)
    context.writes.push_back(state.base(write));
  return op->run(context);
}

Error sim::forEachInOrder(ArrayRef<Instruction> tiu, ArrayRef<Instruction> gdma, Schedule schedule,
                          function_ref<Error(Engine, size_t)> step) {
  std::minstd_rand random(schedule.seed);
  ArrayRef<Instruction> streams[2] = {tiu, gdma};
  size_t next[2] = {0, 0};
  uint32_t completed[2] = {0, 0};
  auto ready = [&](int engine) {
    if (next[engine] == streams[engine].size())
      return false;
    const Instruction &insn = streams[engine][next[engine]];
    return !(insn[Field::cmd_id_en] & 1) || insn.dependency() <= completed[1 - engine];
  };
  while (next[0] < tiu.size() || next[1] < gdma.size()) {
    bool can[2] = {ready(0), ready(1)};
    if (!can[0] && !can[1]) {
      int stuck = next[0] < tiu.size() ? 0 : 1;
      const Instruction &insn = streams[stuck][next[stuck]];
      return createStringError(describe(insn, next[stuck]) + " waits for " +
                               bm1684x::name(stuck ? Engine::TIU : Engine::GDMA) + " command " +
                               Twine(insn.dependency()) + ", which never completes");
    }
    int engine = can[0] && can[1] ? schedule.policy == Schedule::TiuFirst    ? 0
                                    : schedule.policy == Schedule::GdmaFirst ? 1
                                                                             : static_cast<int>(random() >> 8 & 1)
                                  : (can[0] ? 0 : 1);
    const Instruction &insn = streams[engine][next[engine]];
    if (insn.id() != completed[engine] + 1)
      return createStringError(describe(insn, next[engine]) + " has id " + Twine(insn.id()) + " where " +
                               Twine(completed[engine] + 1) + " is due");
    if (Error error = step(engine ? Engine::GDMA : Engine::TIU, next[engine]))
      return error;
    completed[engine] = insn.id();
    ++next[engine];
  }
  return Error::success();
}

Error Machine::run(ArrayRef<Instruction> tiu, ArrayRef<Instruction> gdma, Schedule schedule) {
  return forEachInOrder(tiu, gdma, schedule, [&](Engine engine, size_t index) -> Error {
    const Instruction &insn = (engine == Engine::TIU ? tiu : gdma)[index];
    if (Error error = execute(insn))
      return createStringError(describe(insn, index) + ": " + toString(std::move(error)));
    return Error::success();
  });
}

Error Machine::writeGlobal(uint64_t address, ArrayRef<uint8_t> bytes) {
  uint8_t *at = address >= globalBase ? state.find(address, bytes.size()) : nullptr;
  if (!at)
    return createStringError("there is no global memory at 0x" + Twine::utohexstr(address) + " for " +
                             Twine(bytes.size()) + " bytes");
  std::memcpy(at, bytes.data(), bytes.size());
  return Error::success();
}

Expected<ArrayRef<uint8_t>> Machine::readGlobal(uint64_t address, uint64_t bytes) {
  uint8_t *at = address >= globalBase ? state.find(address, bytes) : nullptr;
  if (!at)
    return createStringError("there is no global memory at 0x" + Twine::utohexstr(address) + " for " + Twine(bytes) +
                             " bytes");
  return ArrayRef<uint8_t>(at, bytes);
}
