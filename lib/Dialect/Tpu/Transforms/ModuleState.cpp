// Module state and structure.
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace tpu_mlir;

LogicalResult tpu::requireState(ModuleOp module, StringRef pass, ArrayRef<StringRef> states) {
  auto state = module->getAttrOfType<StringAttr>("module.state");
  if (state && llvm::is_contained(states, state.getValue()))
    return success();
  return emitError(module.getLoc()) << pass << ": the module is in state '" << (state ? state.getValue() : "none")
                                    << "', expected " << llvm::join(states, " or ");
}

void tpu::setState(ModuleOp module, StringRef state) {
  module->setAttr("module.state", StringAttr::get(module.getContext(), state));
}

ModuleOp tpu::functionModule(ModuleOp module) {
  for (auto inner : module.getOps<ModuleOp>())
    return inner;
  return module;
}

SmallVector<func::FuncOp> tpu::computeFunctions(ModuleOp module) {
  SmallVector<func::FuncOp> all, divided;
  for (auto function : functionModule(module).getOps<func::FuncOp>()) {
    all.push_back(function);
    if (function->hasAttr("id"))
      divided.push_back(function);
  }
  return divided.empty() ? all : divided;
}
