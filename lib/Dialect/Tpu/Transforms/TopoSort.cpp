// topo-sort: an order of the ops in which results die early.
#include "Lifetimes.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"

#include "llvm/ADT/SetVector.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_TOPOSORT
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct TopoSortPass : tpu::impl::TopoSortBase<TopoSortPass> {
  using TopoSortBase::TopoSortBase;

  /// Depth first from the results: an op's operands are computed right before it. Kept only where lifetimes do not get
  /// longer.
  static void sortBlock(Block &block) {
    llvm::SetVector<Operation *> order;
    std::function<void(Operation *)> visit = [&](Operation *op) {
      if (order.contains(op))
        return;
      SmallVector<Operation *> operands;
      op->walk([&](Operation *nested) {
        for (Value value : nested->getOperands())
          if (Operation *def = value.getDefiningOp(); def && def->getBlock() == &block && !order.contains(def))
            operands.push_back(def);
      });
      // Keep the order in which operands stood, so that equal choices give equal output.
      llvm::stable_sort(operands, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
      for (Operation *def : operands)
        visit(def);
      order.insert(op);
    };
    // Ops that are not needed by the terminator keep their place after the ones before them.
    for (Operation &op : block)
      if (&op != block.getTerminator() && isa<top::InputOp, top::NoneOp>(op))
        visit(&op);
    for (Value value : block.getTerminator()->getOperands())
      if (Operation *def = value.getDefiningOp(); def && def->getBlock() == &block)
        visit(def);
    for (Operation &op : block)
      if (&op != block.getTerminator())
        visit(&op);
    SmallVector<Operation *> computed;
    llvm::copy_if(order, std::back_inserter(computed),
                  [](Operation *op) { return !isa<top::WeightOp, top::NoneOp>(op); });
    if (tpu::costOf(computed, block).lifetimes > tpu::costOf(tpu::computedOps(block), block).lifetimes)
      return;
    for (Operation *op : order)
      op->moveBefore(block.getTerminator());
  }

  void runOnOperation() override {
    if (StringRef(depthFirst).lower() != "true") {
      emitError(getOperation().getLoc(), "topo-sort: only depth_first=true is supported");
      return signalPassFailure();
    }
    for (func::FuncOp function : tpu::computeFunctions(getOperation()))
      for (Block &block : function.getBody())
        sortBlock(block);
  }
};
} // namespace
