// A BM1684X that executes instruction streams: the two engines, their memories and the ids by which they wait for each
// other. Results follow the chip's arithmetic bit for bit (docs/simulator.md lists what has been compared).
#pragma once
#include "tpu_mlir/Simulator/Memory.h"
#include "tpu_mlir/Target/BM1684X/Instruction.h"

namespace tpu_mlir::sim {

/// Which engine goes first when both could: any order that the ids permit gives the same result in a program without
/// races.
struct Schedule {
  enum Policy { TiuFirst, GdmaFirst, Random } policy = GdmaFirst;
  uint32_t seed = 0; // of Random
};

class Machine {
public:
  Memory &memory() { return state; }

  /// Executes one instruction whatever its ids say. Fails with one sentence when the instruction is not supported, an
  /// access leaves its memory, or an index in the data is out of range; memory may then be partly changed.
  llvm::Error execute(const bm1684x::Instruction &instruction);

  /// Executes both streams (one command group) honouring cmd_id and cmd_id_dep. Errors name the engine, the position in
  /// the stream and the instruction.
  llvm::Error run(llvm::ArrayRef<bm1684x::Instruction> tiu, llvm::ArrayRef<bm1684x::Instruction> gdma,
                  Schedule schedule = {});

  /// Global memory by address; fails when the bytes do not lie in one segment.
  llvm::Error writeGlobal(uint64_t address, llvm::ArrayRef<uint8_t> bytes);
  llvm::Expected<llvm::ArrayRef<uint8_t>> readGlobal(uint64_t address, uint64_t bytes);

private:
  Memory state;
};

/// The order in which the instructions of two streams may be executed: calls step(engine, index) for each; fails when
/// the engines wait for each other for ever or an id is not followed by the next one.
llvm::Error forEachInOrder(llvm::ArrayRef<bm1684x::Instruction> tiu, llvm::ArrayRef<bm1684x::Instruction> gdma,
                           Schedule schedule, llvm::function_ref<llvm::Error(bm1684x::Engine, size_t)> step);

/// "TIU instruction 12 (sCONV conv.normal)".
std::string describe(const bm1684x::Instruction &instruction, size_t index);

} // namespace tpu_mlir::sim
