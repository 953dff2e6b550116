// subnet-divide: main keeps the inputs and calls subfunc_0, which holds everything else; both live in a module of the
// device.
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_SUBNETDIVIDE
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct SubnetDividePass : tpu::impl::SubnetDivideBase<SubnetDividePass> {
  using SubnetDivideBase::SubnetDivideBase;

  /// Main's body moves to a new function that takes the inputs; main calls it.
  void divide(func::FuncOp main) {
    OpBuilder builder(&getContext());
    Block &body = main.getBody().front();
    SmallVector<Value> inputs;
    SmallVector<Location> locations;
    for (auto input : body.getOps<top::InputOp>()) {
      inputs.push_back(input.getOutput());
      locations.push_back(input.getLoc());
    }
    Operation *terminator = body.getTerminator();
    SmallVector<Type> inputTypes = llvm::to_vector(TypeRange(inputs)), resultTypes(terminator->getOperandTypes());
    builder.setInsertionPointAfter(main);
    auto function =
        func::FuncOp::create(builder, main.getLoc(), "subfunc_0", builder.getFunctionType(inputTypes, resultTypes));
    function->setAttr("id", builder.getI64IntegerAttr(0));
    function->setAttr("mode", tpu::RunModeAttr::get(&getContext(), tpu::RunMode::TPU_STATIC));
    function->setAttr("next_index", builder.getDenseI32ArrayAttr({-1}));
    Block *block = builder.createBlock(&function.getBody(), {}, inputTypes, locations);
    for (Operation &op : llvm::make_early_inc_range(body))
      if (!isa<top::InputOp>(op))
        op.moveBefore(block, block->end());
    for (auto [input, argument] : llvm::zip(inputs, block->getArguments()))
      input.replaceUsesWithIf(argument, [&](OpOperand &use) { return use.getOwner()->getParentOp() != main; });
    builder.setInsertionPointToEnd(&body);
    auto call = func::CallOp::create(builder, main.getLoc(), function, inputs);
    func::ReturnOp::create(builder, main.getLoc(), call.getResults());
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (dynamic) {
      emitError(module.getLoc(), "subnet-divide: dynamic shapes are not supported; leave out dynamic=true");
      return signalPassFailure();
    }
    auto main = tpu::functionModule(module).lookupSymbol<func::FuncOp>("main");
    if (failed(tpu::requireState(module, "subnet-divide", {"TPU_REORDERED"})) || !main || main.getBody().empty()) {
      if (!main)
        emitError(module.getLoc(), "subnet-divide: the module has no function main");
      return signalPassFailure();
    }
    Builder builder(&getContext());
    SmallVector<Attribute> inputs, outputs;
    for (auto input : main.getBody().front().getOps<top::InputOp>())
      inputs.push_back(builder.getStringAttr(top::nameOf(input.getOutput())));
    for (Value value : main.getBody().front().getTerminator()->getOperands())
      outputs.push_back(builder.getStringAttr(top::nameOf(value)));
    module->setAttr("module.inputs", builder.getArrayAttr(inputs));
    module->setAttr("module.outputs", builder.getArrayAttr(outputs));
    divide(main);
    if (tpu::functionModule(module) == module)
      wrap(module);
    tpu::setState(module, "TPU_DIVIDED");
  }

  /// Puts the functions into an inner module of the only device.
  void wrap(ModuleOp module) {
    OpBuilder builder(module.getBodyRegion());
    auto inner = ModuleOp::create(builder, module.getLoc(), module.getName());
    inner->setAttr("module.device_id", builder.getI64IntegerAttr(0));
    inner->setAttr("module.step", builder.getI64IntegerAttr(0));
    for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
      if (&op != inner)
        op.moveBefore(inner.getBody(), inner.getBody()->end());
  }
};
} // namespace
