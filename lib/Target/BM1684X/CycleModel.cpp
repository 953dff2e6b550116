// Two in-order queues, and the sums over a command group. Prices: TiuCycles.cpp, GdmaCycles.cpp.
#include "tpu_mlir/Target/BM1684X/CycleModel.h"
#include "Cycles.h"
#include "llvm/ADT/SmallVectorExtras.h"

using namespace llvm;

namespace tpu_mlir::bm1684x {

static constexpr uint32_t none = ~uint32_t{0};

Cost costOf(const Instruction &instruction) {
  return instruction.engine() == Engine::TIU ? Cost{tiuCycles(instruction), 0, 0} : gdmaCost(instruction);
}

Expected<Schedule> schedule(ArrayRef<Instruction> instructions) {
  auto pointers = llvm::map_to_vector(instructions, [](const Instruction &instruction) { return &instruction; });
  return schedule(pointers);
}

Expected<Schedule> schedule(ArrayRef<const Instruction *> instructions) {
  /// One engine: its commands as positions in the list, how many have run, and when each id ended.
  struct Queue {
    std::vector<size_t> commands;
    size_t next = 0;
    uint64_t freeAt = 0;
    std::vector<uint64_t> endOf{0};

    /// The position of the command with an id that has run.
    uint32_t positionOf(uint32_t id) const { return id == 0 ? none : static_cast<uint32_t>(commands[id - 1]); }
  };
  Queue queues[2];
  for (auto [position, instruction] : enumerate(instructions))
    queues[static_cast<size_t>(instruction->engine())].commands.push_back(position);

  Schedule result;
  result.intervals.resize(instructions.size());
  std::vector<uint32_t> startsBehind(instructions.size(), none); // what holds up the start, for the critical path
  for (bool moved = true; moved;) {
    moved = false;
    for (size_t engine = 0; engine < 2; ++engine) {
      Queue &own = queues[engine];
      const Queue &other = queues[1 - engine];
      for (; own.next < own.commands.size(); ++own.next) {
        size_t position = own.commands[own.next];
        const Instruction &instruction = *instructions[position];
        if (instruction.dependency() >= other.endOf.size())
          break;
        Cost cost = costOf(instruction);
        uint64_t released = other.endOf[instruction.dependency()], start = std::max(own.freeAt, released);
        startsBehind[position] = released > own.freeAt ? other.positionOf(instruction.dependency())
                                                       : own.positionOf(static_cast<uint32_t>(own.next));
        // An end instruction costs nothing and waits for nothing.
        own.freeAt = instruction.isEnd() ? own.freeAt : start + cost.cycles;
        own.endOf.push_back(own.freeAt);
        result.intervals[position] = {own.freeAt - cost.cycles, own.freeAt};
        result.busyCycles[engine] += cost.cycles;
        result.bytesRead += cost.bytesRead;
        result.bytesWritten += cost.bytesWritten;
        moved = true;
      }
    }
  }
  for (const Queue &queue : queues)
    if (queue.next < queue.commands.size()) {
      const Instruction &stuck = *instructions[queue.commands[queue.next]];
      return createStringError(name(stuck.engine()) + " command " + Twine(stuck.id()) + " waits for command " +
                               Twine(stuck.dependency()) + " of the other engine, which never runs");
    }
  result.totalCycles = std::max(queues[0].freeAt, queues[1].freeAt);
  const Queue &last = queues[queues[1].freeAt > queues[0].freeAt ? 1 : 0];
  for (uint32_t at = last.positionOf(static_cast<uint32_t>(last.next)); at != none; at = startsBehind[at])
    result.criticalPath.push_back(at);
  std::reverse(result.criticalPath.begin(), result.criticalPath.end());
  return result;
}

} // namespace tpu_mlir::bm1684x
