// Ids, dependencies and streams.
#include "tpu_mlir/Target/BM1684X/Assembler.h"

using namespace llvm;

namespace tpu_mlir::bm1684x {

Assembler::Assembler() : tiu(*this), gdma(*this) { program.contexts.emplace_back(); }

void Assembler::setContext(std::string name) {
  if (program.contexts.back() != name)
    program.contexts.push_back(std::move(name));
}

void Assembler::fail(const Twine &what) {
  if (failed())
    return;
  const std::string &context = program.contexts.back();
  failure = (context.empty() ? what : Twine(context) + ": " + what).str();
}

void Assembler::append(Instruction instruction, const Accesses &accesses) {
  if (failed())
    return;
  Engine engine = instruction.engine();
  uint32_t id = ++lastId[static_cast<size_t>(engine)];
  if (id >= maxCommandId)
    return fail("too many " + Twine(name(engine)) + " commands in one group");
  instruction.set(Field::cmd_id, id);
  instruction.set(Field::cmd_id_dep, dependencies.record(engine, id, accesses.reads, accesses.writes));
  program.instructions.push_back(instruction);
  program.contextOf.push_back(static_cast<uint32_t>(program.contexts.size() - 1));
}

Expected<Program> Assembler::finish() {
  if (failed())
    return createStringError(failure);
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
  program.contexts.emplace_back();
  dependencies = {};
  lastId[0] = lastId[1] = 0;
  return done;
}

} // namespace tpu_mlir::bm1684x
