// The assembler: one method per instruction form, on tensors, scalars and small parameter structs. It chooses the form
// and fills the fields, checks every constraint of the hardware, records which bytes an instruction reads and writes,
// derives from that what it has to wait for, and gives the two encoded streams at the end.
//
//   Assembler assembler;
//   assembler.setContext("conv1");
//   assembler.gdma.copy(local, global);
//   assembler.tiu.add(sum, local, Constant::f32(1));
//   llvm::Expected<Program> program = assembler.finish();
//
// A broken constraint is a mistake of the caller, not of the user: the first one is kept, later calls do nothing, and
// `finish` returns it with the context and the instruction.
#pragma once
#include "tpu_mlir/Target/BM1684X/Accesses.h"
#include "tpu_mlir/Target/BM1684X/DependencyTracker.h"
#include "tpu_mlir/Target/BM1684X/Gdma.h"
#include "tpu_mlir/Target/BM1684X/Tiu.h"
#include "llvm/ADT/StringMap.h"
#include <optional>
#include <string>

namespace tpu_mlir::bm1684x {

/// One command group: the instructions of both engines, and the two streams.
struct Program {
  std::vector<Instruction> instructions; ///< without the two end instructions, in an order that they may run in
  /// For each instruction the index into `contexts`, which has every name once.
  std::vector<uint32_t> contextOf;
  std::vector<std::string> contexts;
  /// Encoded streams with end instruction, padded to 128 bytes.
  llvm::SmallVector<uint8_t, 0> tiu, gdma;
  /// Number of instructions in a stream, the end instruction included.
  uint32_t tiuCount = 0, gdmaCount = 0;
};

struct AssemblerOptions {
  /// Whether instructions may change places when that takes fewer cycles (Scheduler.h).
  bool reorder = true;
  /// Whether values may take other places in local memory, so that instructions can change places (Relocation.h).
  bool relocate = true;
  /// Whether moves take the plain form where another one only pays because of how the cycle model prices it
  /// (PriceQuirks.h).
  bool avoidPriceQuirks = false;
};

class Assembler {
public:
  explicit Assembler(AssemblerOptions options = {});
  Assembler(const Assembler &) = delete;
  Assembler &operator=(const Assembler &) = delete;

  Tiu tiu;
  Gdma gdma;

  /// The op that the following instructions come from; part of messages and of profiles. Kept with each instruction, so
  /// that the instructions of several ops may alternate.
  void setContext(llvm::StringRef name);

  /// Whether a constraint was broken.
  bool failed() const { return !failure.empty(); }
  /// Records the first broken constraint; `what` says which instruction and which rule.
  void fail(const llvm::Twine &what);

  /// Gives an instruction its id and dependency and appends it. Used by Tiu and Gdma.
  void append(Instruction instruction, const Accesses &accesses);

  /// Instructions appended so far.
  llvm::ArrayRef<Instruction> instructions() const { return program.instructions; }

  /// Ends both streams. The assembler is empty afterwards.
  llvm::Expected<Program> finish();

  const AssemblerOptions options;

  /// Bytes in every lane that hold nothing now, by what the caller knows: moves within global memory may go through
  /// them.
  struct LocalWindow {
    int64_t begin = 0, end = laneBytes;
  } freeLocal;
  /// The same for moves in place of forms priced low, from and to local memory; they need it for a moment only.
  LocalWindow scratch{0, 0};

  /// Bytes in every lane of `scratch`, in turn from all of it; nothing when they are too many.
  std::optional<uint32_t> takeScratch(int64_t bytes);

private:
  /// Gives the instruction at the position its id and dependency.
  void link(size_t position);
  /// Puts the instructions into a faster order, if there is one.
  void reorder();
  /// Does the same once values are in other places, as long as that saves cycles.
  void relocate();
  /// Takes the instructions at the given positions, or all in their order, in place of those appended.
  void replace(llvm::ArrayRef<Instruction> instructions, const AccessLog &log, llvm::ArrayRef<uint32_t> positions);

  Program program;
  AccessLog accesses;
  llvm::StringMap<uint32_t> contextIndices;
  uint32_t context = 0;
  DependencyTracker dependencies;
  uint32_t lastId[2] = {0, 0};
  int64_t scratchNext = 0;
  std::string failure;
};

} // namespace tpu_mlir::bm1684x
