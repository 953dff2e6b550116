// op-reorder: weights and views stand directly before their first user, which keeps lifetimes short and files readable.
#include "ModuleState.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"
#include "tpu_mlir/Interfaces/PlacementInterface.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_OPREORDER
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct OpReorderPass : tpu::impl::OpReorderBase<OpReorderPass> {
  using OpReorderBase::OpReorderBase;

  /// Moves an op before its first user of the same block.
  static void sink(Operation *op) {
    Operation *first = nullptr;
    for (Operation *user : op->getUsers()) {
      Operation *at = op->getBlock()->findAncestorOpInBlock(*user);
      if (at && (!first || at->isBeforeInBlock(first)))
        first = at;
    }
    if (first && op->getNextNode() != first)
      op->moveBefore(first);
  }

  void runOnOperation() override {
    for (func::FuncOp function : tpu::computeFunctions(getOperation())) {
      SmallVector<Operation *> ops;
      function.walk([&](Operation *op) {
        auto placed = dyn_cast<PlacementInterface>(op);
        if (isa<top::WeightOp>(op) || (placed && placed.placement().kind == Placement::View))
          ops.push_back(op);
      });
      // From the back, so that chains of views move together.
      for (Operation *op : llvm::reverse(ops))
        sink(op);
    }
  }
};
} // namespace
