// Ids, dependencies and streams.
#include "tpu_mlir/Target/BM1684X/Assembler.h"
#include "tpu_mlir/Target/BM1684X/Relocation.h"
#include "tpu_mlir/Target/BM1684X/Scheduler.h"
#include <utility>

using namespace llvm;

namespace tpu_mlir::bm1684x {

Assembler::Assembler(AssemblerOptions options) : tiu(*this), gdma(*this), options(options) { setContext(""); }

void Assembler::setContext(StringRef name) {
  auto [entry, isNew] = contextIndices.try_emplace(name, static_cast<uint32_t>(program.contexts.size()));
  if (isNew)
    program.contexts.push_back(name.str());
  context = entry->second;
}

void Assembler::fail(const Twine &what) {
  if (failed())
    return;
  const std::string &name = program.contexts[context];
  failure = (name.empty() ? what : Twine(name) + ": " + what).str();
}

void Assembler::append(Instruction instruction, const Accesses &touched) {
  if (failed())
    return;
  if (lastId[static_cast<size_t>(instruction.engine())] + 1 >= maxCommandId)
    return fail("too many " + Twine(name(instruction.engine())) + " commands in one group");
  program.instructions.push_back(instruction);
  program.contextOf.push_back(context);
  accesses.append(touched);
  link(program.instructions.size() - 1);
}

std::optional<uint32_t> Assembler::takeScratch(int64_t bytes) {
  const int64_t size = alignUp(bytes, lineBytes);
  const int64_t begin = alignUp(scratch.begin, lineBytes);
  if (begin + size > scratch.end)
    return std::nullopt;
  if (scratchNext < begin || scratchNext + size > scratch.end)
    scratchNext = begin;
  scratchNext += size;
  return static_cast<uint32_t>(scratchNext - size);
}

void Assembler::link(size_t position) {
  Instruction &instruction = program.instructions[position];
  Engine engine = instruction.engine();
  uint32_t id = ++lastId[static_cast<size_t>(engine)];
  instruction.set(Field::cmd_id, id);
  instruction.set(Field::cmd_id_dep,
                  dependencies.record(engine, id, accesses.reads(position), accesses.writes(position)));
}

void Assembler::replace(ArrayRef<Instruction> instructions, const AccessLog &log, ArrayRef<uint32_t> positions) {
  Program old = std::exchange(program, {});
  program.contexts = std::move(old.contexts);
  accesses.clear();
  dependencies = {};
  lastId[0] = lastId[1] = 0;
  for (uint32_t i = 0; i < instructions.size(); ++i) {
    uint32_t from = positions.empty() ? i : positions[i];
    program.instructions.push_back(instructions[from]);
    program.contextOf.push_back(old.contextOf[from]);
    accesses.append(log, from);
    link(program.instructions.size() - 1);
  }
}

void Assembler::reorder() {
  Order order = fasterOrder(program.instructions, accesses);
  if (order.positions.empty())
    return;
  std::vector<Instruction> given = std::move(program.instructions);
  AccessLog log = std::exchange(accesses, {});
  replace(given, log, order.positions);
}

void Assembler::relocate() {
  constexpr int rounds = 4;
  for (int round = 0; round < rounds; ++round) {
    Expected<Schedule> now = schedule(program.instructions);
    if (!now)
      return consumeError(now.takeError());
    if (now->totalCycles == now->lowerBound())
      return;
    std::optional<Placed> placed = relocated(program.instructions, accesses, now->intervals);
    if (!placed)
      return;
    Order order = fasterOrder(placed->instructions, placed->log);
    if (order.cycles >= now->totalCycles)
      return;
    replace(placed->instructions, placed->log, order.positions);
  }
}

Expected<Program> Assembler::finish() {
  if (failed())
    return createStringError(failure);
  if (options.reorder)
    reorder();
  if (options.reorder && options.relocate)
    relocate();
  constexpr size_t streamAlignment = 128;
  for (const Instruction &instruction : program.instructions)
    encode(instruction, instruction.engine() == Engine::TIU ? program.tiu : program.gdma);
  program.tiuCount = lastId[static_cast<size_t>(Engine::TIU)] + 1;
  program.gdmaCount = lastId[static_cast<size_t>(Engine::GDMA)] + 1;
  Instruction tiuEnd(Format::SYSID, SysOp::End), gdmaEnd(Format::sDMA_sys, DmaSysOp::End);
  encode(tiuEnd.set(Field::cmd_id, program.tiuCount), program.tiu);
  encode(gdmaEnd.set(Field::cmd_id, program.gdmaCount), program.gdma);
  for (auto *stream : {&program.tiu, &program.gdma})
    stream->resize(alignUp(stream->size(), streamAlignment), 0);
  Program done = std::move(program);
  program = {};
  contextIndices.clear();
  setContext("");
  accesses.clear();
  dependencies = {};
  lastId[0] = lastId[1] = 0;
  return done;
}

} // namespace tpu_mlir::bm1684x
