// layer-group: joins elementwise ops with the producer of their operand, so that the tensor between them stays in local
// memory.
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"
#include "tpu_mlir/Interfaces/PlacementInterface.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_LAYERGROUP
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
/// More members than this make tiles small without saving much.
constexpr size_t maxMembers = 6;

struct LayerGroupPass : tpu::impl::LayerGroupBase<LayerGroupPass> {
  using LayerGroupBase::LayerGroupBase;

  LogicalResult checkOptions(ModuleOp module) {
    auto refuse = [&](StringRef text) { return emitError(module.getLoc()) << "layer-group: " << text; };
    if (opt < 0 || opt > 2)
      return refuse("opt has to be 0, 1 or 2");
    if (compressMode != "none")
      return refuse("bm1684x has no compression; use compress_mode=none");
    if (groupByCores != "auto" && groupByCores != "false")
      return refuse("bm1684x has one core; use group_by_cores=auto");
    if (StringRef(enableLghash).lower() != "false" || !lghashDir.empty())
      return refuse("hashed plans are not supported; leave out enable_lghash and lghash_dir");
    if (debugger != 0 || !debuggerFilename.empty() || !configFilename.empty())
      return refuse("debugger and config files are not supported; leave them out");
    return success();
  }

  /// The op that may follow `op` in a group: the only user of its result, elementwise in it, of equal shape.
  static Operation *followerOf(Operation *op) {
    Value result = op->getResult(0);
    if (!result.hasOneUse())
      return nullptr;
    OpOperand &use = *result.getUses().begin();
    auto user = dyn_cast<PlacementInterface>(use.getOwner());
    if (!user || user->getBlock() != op->getBlock() || !user.followsOperand(use.getOperandNumber()))
      return nullptr;
    auto shape = [](Value value) { return cast<RankedTensorType>(value.getType()).getShape(); };
    return user->getNumResults() == 1 && shape(user->getResult(0)) == shape(result) ? user.getOperation() : nullptr;
  }

  /// Moves the chain into the body of a tpu.Group that takes what comes from outside.
  static void makeGroup(ArrayRef<Operation *> chain) {
    llvm::SmallPtrSet<Operation *, 8> members(chain.begin(), chain.end());
    llvm::SetVector<Value> inputs;
    for (Operation *op : chain)
      for (Value value : op->getOperands())
        if (!members.contains(value.getDefiningOp()) && isa<RankedTensorType>(value.getType()))
          inputs.insert(value);
    Operation *last = chain.back();
    OpBuilder builder(last);
    NamedAttrList attrs;
    for (StringRef name : {"nsecs", "hsecs", "dsecs", "wsecs", "csecs", "swpipl_stage_num"})
      attrs.set(name, builder.getI64IntegerAttr(name == "swpipl_stage_num" ? 3 : 1));
    attrs.set("group_type", builder.getI64IntegerAttr(0));
    OperationState state(last->getLoc(), tpu::GroupOp::getOperationName(), inputs.getArrayRef(), last->getResultTypes(),
                         attrs);
    Block *body = new Block;
    state.addRegion()->push_back(body);
    Operation *group = builder.create(state);
    last->getResult(0).replaceAllUsesWith(group->getResult(0));
    for (Operation *op : chain)
      op->moveBefore(body, body->end());
    builder.setInsertionPointToEnd(body);
    OperationState yield(last->getLoc(), tpu::YieldOp::getOperationName(), last->getResults(), {}, {});
    builder.create(yield);
  }

  void runOnFunction(func::FuncOp function) {
    Block &block = function.getBody().front();
    llvm::SmallPtrSet<Operation *, 32> taken;
    SmallVector<SmallVector<Operation *>> chains;
    for (Operation &op : block) {
      auto head = dyn_cast<PlacementInterface>(op);
      if (!head || taken.contains(&op) || op.getNumResults() != 1 || !head.startsGroup())
        continue;
      SmallVector<Operation *> chain{&op};
      while (chain.size() < maxMembers) {
        Operation *next = followerOf(chain.back());
        if (!next || taken.contains(next))
          break;
        chain.push_back(next);
      }
      if (chain.size() < 2)
        continue;
      taken.insert(chain.begin(), chain.end());
      chains.push_back(std::move(chain));
    }
    for (ArrayRef<Operation *> chain : chains)
      makeGroup(chain);
  }

  void runOnOperation() override {
    if (failed(checkOptions(getOperation())) ||
        failed(tpu::requireState(getOperation(), "layer-group", {"TPU_DIVIDED"})))
      return signalPassFailure();
    if (opt > 0)
      for (func::FuncOp function : tpu::computeFunctions(getOperation()))
        runOnFunction(function);
  }
};
} // namespace
