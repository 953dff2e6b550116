// Runs compiled models: memory laid out as the compiler placed it, weights loaded once, command groups in order. Models
// of the vendor's compiler run too; there is no relocation, the addresses in the file are the addresses used.
#pragma once
#include "tpu_mlir/BModel/BModel.h"
#include "tpu_mlir/Simulator/Simulator.h"
#include "tpu_mlir/Support/Tensor.h"

namespace tpu_mlir::sim {

/// The decoded streams of one command group.
struct Program {
  std::vector<bm1684x::Instruction> tiu, gdma;
};

class ModelRunner {
public:
  /// Prepares one stage of one network: empty name = the only (or first) network. Fails with one sentence when the
  /// model needs what the simulator does not have: another chip, dynamic networks, sub-networks on the host, several
  /// cores.
  static llvm::Expected<std::unique_ptr<ModelRunner>> create(bmodel::Model model, llvm::StringRef net = "",
                                                             size_t stage = 0);

  /// The tensors of the stage, in order.
  llvm::ArrayRef<bmodel::Tensor> inputs() const { return stage().inputs; }
  llvm::ArrayRef<bmodel::Tensor> outputs() const { return stage().outputs; }
  const std::vector<Program> &programs() const { return groups; }

  /// Copies the inputs (element type and element count as declared; no quantization), runs all groups and returns the
  /// outputs in their stored types. Can be called again and again.
  llvm::Expected<std::vector<Tensor>> run(llvm::ArrayRef<Tensor> values, Schedule schedule = {});

  /// The contents of a tensor in global memory, also after a failed run.
  llvm::Expected<Tensor> read(uint64_t address, ElementType type, std::vector<int64_t> shape);

  Machine &machine() { return chip; }

private:
  const bmodel::Stage &stage() const { return model.nets[netIndex].stages[stageIndex]; }
  llvm::Error load();

  bmodel::Model model;
  size_t netIndex = 0, stageIndex = 0;
  std::vector<Program> groups;
  Machine chip;
};

/// The host type of a stored type; None when there is none (4-bit types).
ElementType elementTypeOf(bmodel::DataType type);

/// Totals over command groups that run one after the other (cycles of the cycle model, 1 GHz).
struct CycleReport {
  uint64_t totalCycles = 0, tiuCycles = 0, gdmaCycles = 0;
  /// The parts of the total that the critical path spends in each engine.
  uint64_t tiuCriticalCycles = 0, gdmaCriticalCycles = 0;
  uint64_t bytesRead = 0, bytesWritten = 0;
  uint64_t tiuInstructions = 0, gdmaInstructions = 0;
};
llvm::Expected<CycleReport> reportCycles(llvm::ArrayRef<Program> programs);

} // namespace tpu_mlir::sim
