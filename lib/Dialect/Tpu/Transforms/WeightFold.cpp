// weight-fold: constant expressions of Tpu ops, evaluated on the host.
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"

#include "llvm/ADT/SetVector.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_WEIGHTFOLD
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct WeightFoldPass : tpu::impl::WeightFoldBase<WeightFoldPass> {
  using WeightFoldBase::WeightFoldBase;

  /// The op's result as a weight, if all of its operands are weights and it can be evaluated.
  LogicalResult fold(Operation *op) {
    auto evaluator = dyn_cast<InferenceInterface>(op);
    if (!evaluator || op->getNumResults() != 1 || op->getNumOperands() == 0)
      return success();
    bool constant = llvm::any_of(op->getOperands(), [](Value v) { return static_cast<bool>(top::weightOf(v)); }) &&
                    llvm::all_of(op->getOperands(), [](Value v) { return top::weightOf(v) || top::isNone(v); });
    if (!constant)
      return success();
    std::vector<Tensor> operands;
    for (Value value : op->getOperands()) {
      if (top::isNone(value)) {
        operands.emplace_back();
        continue;
      }
      FailureOr<Tensor> tensor = top::readWeight(top::weightOf(value));
      if (failed(tensor))
        return failure();
      operands.push_back(*tensor);
    }
    SmallVector<Tensor> results;
    if (failed(evaluator.evaluate(operands, results)))
      return failure();
    OpBuilder builder(op);
    std::string name = top::nameOf(op->getResult(0)).str();
    auto weight = top::createWeight(builder, name, results[0], cast<RankedTensorType>(op->getResult(0).getType()));
    op->getResult(0).replaceAllUsesWith(weight.getOutput());
    llvm::SetVector<Value> inputs(op->operand_begin(), op->operand_end());
    op->erase();
    for (Value input : inputs)
      if (Operation *unused = input.getDefiningOp(); unused && unused->use_empty())
        unused->erase();
    return success();
  }

  void runOnOperation() override {
    if (failed(tpu::requireState(getOperation(), "weight-fold", {"TPU_LOWERED"})))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<tpu::TpuDialect>(op->getDialect()))
        ops.push_back(op);
    });
    for (Operation *op : ops)
      if (failed(fold(op)))
        return signalPassFailure();
  }
};
} // namespace
