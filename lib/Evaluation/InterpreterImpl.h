// The interpreter's state while it runs, for the files that implement it: which values are alive, what a partial run
// does.
#pragma once
#include "Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopControl.h"
#include "tpu_mlir/Evaluation/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tpu_mlir::evaluation {

/// "[1, 3]", for messages.
std::string listed(mlir::ArrayRef<int64_t> shape);

/// What a partial run of the main function does: which ops run, which values are taken as they are, which are returned.
struct Plan {
  llvm::DenseSet<mlir::Operation *> run;
  llvm::DenseMap<mlir::Value, Tensor> given;
  llvm::SmallVector<mlir::Value> wanted;

  /// An op in a group runs with the group.
  bool isRun(mlir::Operation *op) const {
    while (op && !run.contains(op))
      op = op->getParentOp();
    return op;
  }
};

/// The values that are alive, each with the number of uses still to come. Those of a region that may run any number of
/// times see the values around it, whose uses in the region end with the op that has it.
class Values {
public:
  explicit Values(const Plan *plan = nullptr, const Values *outer = nullptr) : plan(plan), outer(outer) {}
  void define(mlir::Value value, Tensor tensor) {
    const auto uses =
        plan ? llvm::count_if(value.getUses(), [&](mlir::OpOperand &use) { return plan->isRun(use.getOwner()); })
             : std::distance(value.use_begin(), value.use_end());
    if (uses > 0)
      alive[value] = {std::move(tensor), uses};
  }
  const Tensor *find(mlir::Value value) const {
    auto found = alive.find(value);
    return found != alive.end() ? &found->second.tensor : outer ? outer->find(value) : nullptr;
  }
  void use(mlir::Value value) {
    auto found = alive.find(value);
    if (found != alive.end() && --found->second.usesLeft == 0)
      alive.erase(found);
  }

private:
  struct Entry {
    Tensor tensor;
    int64_t usesLeft;
  };
  llvm::DenseMap<mlir::Value, Entry> alive;
  const Plan *plan;
  const Values *outer;
};

/// The uses, inside of an op's regions, of what was defined around it are over.
void useCaptured(mlir::Operation &op, Values &values);

/// What a user's function gave must be what the op states; float types are converted.
llvm::LogicalResult checkCustom(top::CustomOp op, llvm::SmallVectorImpl<Tensor> &results);

} // namespace tpu_mlir::evaluation

namespace tpu_mlir {

struct ModuleInterpreter::Impl {
  // Handles to IR, whose methods are not const.
  mutable mlir::ModuleOp module; // the one with the main function
  mutable mlir::func::FuncOp main;
  llvm::DenseMap<mlir::Value, Tensor> weights;
  std::vector<NetworkPort> inputs, outputs;
  llvm::StringMap<mlir::Value> named; // values of the main function, weights too

  llvm::LogicalResult findMain(mlir::ModuleOp outer);
  llvm::LogicalResult prepare(mlir::func::FuncOp function);
  llvm::LogicalResult prepareOp(mlir::Operation *op);
  llvm::LogicalResult collectPorts();

  llvm::FailureOr<mlir::Value> find(llvm::StringRef name) const;
  llvm::FailureOr<evaluation::Plan> plan(const InvokeOptions &options) const;
  llvm::FailureOr<std::vector<NamedTensor>> runPartially(const llvm::StringMap<Tensor> &inputs,
                                                         const InvokeOptions &options) const;
  llvm::FailureOr<llvm::SmallVector<Tensor>> runFunction(mlir::func::FuncOp function, llvm::ArrayRef<Tensor> arguments,
                                                         const llvm::StringMap<Tensor> *inputs,
                                                         const InvokeOptions &options) const;
  llvm::FailureOr<llvm::SmallVector<Tensor>> runBlock(mlir::Block &block, evaluation::Values &values,
                                                      const llvm::StringMap<Tensor> *inputs,
                                                      const InvokeOptions &options) const;
  llvm::LogicalResult runOp(mlir::Operation &op, evaluation::Values &values, const llvm::StringMap<Tensor> *inputs,
                            const InvokeOptions &options, llvm::SmallVectorImpl<Tensor> &results) const;
  llvm::FailureOr<llvm::SmallVector<Tensor>> runIf(top::IfOp op, const evaluation::Values &values,
                                                   const Tensor &condition, const InvokeOptions &options) const;
  llvm::FailureOr<llvm::SmallVector<Tensor>> runLoop(top::LoopOp op, const evaluation::Values &values,
                                                     llvm::ArrayRef<Tensor> operands,
                                                     const InvokeOptions &options) const;
  llvm::FailureOr<Tensor> takeInput(top::InputOp op, const llvm::StringMap<Tensor> &given) const;
  llvm::FailureOr<Tensor> fitting(mlir::Value value, const Tensor &tensor) const;
  const Tensor &operand(mlir::Value value, const evaluation::Values &values) const {
    if (const Tensor *alive = values.find(value)) // a weight that was given, too
      return *alive;
    return weights.find(value)->second;
  }
};

} // namespace tpu_mlir
