// op-reorder: an order of the ops in which results die early; weights and views stand directly before their first user,
// which keeps lifetimes short and files readable.
#include "Lifetimes.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
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

  /// Takes another order where it shortens lifetimes and brings readers to what they read. Inputs of a network stay as
  /// they are: their order counts.
  static void shorten(Block &block) {
    if (!block.getOps<top::InputOp>().empty())
      return;
    std::vector<Operation *> order = tpu::greedyOrder(block);
    tpu::OrderCost now = tpu::costOf(tpu::computedOps(block), block), then = tpu::costOf(order, block);
    if (then.laterReads < now.laterReads && then.lifetimes <= now.lifetimes)
      tpu::applyOrder(order, block);
  }

  void runOnOperation() override {
    for (func::FuncOp function : tpu::computeFunctions(getOperation())) {
      shorten(function.getBody().front());
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
