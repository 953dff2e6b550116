// convert-top-to-tpu: walks the functions in order and lowers each Top op by the table of its family.
#include "../ModuleAttributes.h"
#include "Lowering.h"
#include "QuantizeTable.h"
#include "WeightOnly.h"
#include "tpu_mlir/Conversion/Passes.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

namespace tpu_mlir {
#define GEN_PASS_DEF_CONVERTTOPTOTPU
#include "tpu_mlir/Conversion/Passes.h.inc"
} // namespace tpu_mlir

using namespace mlir;
using namespace tpu_mlir;

namespace {
struct ConvertTopToTpuPass : tpu_mlir::impl::ConvertTopToTpuBase<ConvertTopToTpuPass> {
  using ConvertTopToTpuBase::ConvertTopToTpuBase;
  std::optional<WeightOnly> weightOnly;

  LogicalResult checkOptions(ModuleOp module) {
    auto refuse = [&](const Twine &text) { return emitError(module.getLoc(), "convert-top-to-tpu: ") << text; };
    if (asymmetric)
      return refuse("asymmetric quantization is not supported; leave out asymmetric=true");
    if (doWinograd)
      return refuse("Winograd convolution is not supported; leave out doWinograd=true");
    if (matmulPerchannel)
      return refuse("matmul_perchannel is not supported; leave it out");
    if (!weightOnly && (qGroupSize != 0 || qSymmetric))
      return refuse("q_group_size and q_symmetric belong to the modes W8F16, W8BF16, W4F16 and W4BF16; leave them out");
    if (qGroupSize < 0)
      return refuse("q_group_size=" + Twine(qGroupSize) +
                    " is no group size; use 0 for one group or a positive number");
    if (geluMode != "normal")
      return refuse("gelu_mode '" + geluMode + "' is not supported; use gelu_mode=normal");
    return success();
  }

  LogicalResult lowerFunction(func::FuncOp function, ElementType mode, const llvm::StringMap<ElementType> &table,
                              const LoweringTable &lowerings) {
    LoweringCache cache;
    SmallVector<Operation *> ops;
    function.walk([&](Operation *op) {
      if (isa<top::TopDialect>(op->getDialect()) && !isa<top::NoneOp, top::WeightOp, top::InputOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      auto found = lowerings.find(op->getName().getStringRef());
      if (found == lowerings.end())
        return op->emitOpError() << "'" << top::nameOf(op->getResult(0))
                                 << "' cannot be lowered to bm1684x; canonicalize the model or express it by other ops";
      for (Value result : op->getResults())
        if (!top::hasStaticShape(result))
          return op->emitOpError() << "'" << top::nameOf(result)
                                   << "' has no fixed shape; run shape-infer or give --input_shapes";
      auto isEmpty = [](Type type) {
        auto ranked = dyn_cast<RankedTensorType>(type);
        return ranked && llvm::is_contained(ranked.getShape(), 0);
      };
      if (llvm::any_of(op->getOperandTypes(), isEmpty) || llvm::any_of(op->getResultTypes(), isEmpty))
        return op->emitOpError() << "'" << top::nameOf(op->getResult(0))
                                 << "' has an empty tensor, which the chip cannot work on; remove it from the network";
      auto chosen = table.find(top::nameOf(op->getResult(0)));
      Lowering lowering(op, chosen == table.end() ? mode : chosen->second, cache);
      if (failed(found->second(lowering)))
        return failure();
    }
    return castResults(function);
  }

  /// The network's results are f32.
  LogicalResult castResults(func::FuncOp function) {
    for (Block &block : function.getBody()) {
      Operation *terminator = block.getTerminator();
      OpBuilder builder(terminator);
      DenseMap<Value, Value> casts;
      for (OpOperand &operand : terminator->getOpOperands()) {
        auto type = dyn_cast<RankedTensorType>(operand.get().getType());
        ElementType element = type ? top::elementTypeOf(type.getElementType()) : ElementType::None;
        if (element != ElementType::F16 && element != ElementType::BF16)
          continue;
        Value &cast = casts[operand.get()];
        if (!cast)
          cast = castValue(builder, operand.get(), ElementType::F32);
        operand.set(cast);
      }
      function.setType(
          FunctionType::get(function.getContext(), function.getArgumentTypes(), terminator->getOperandTypes()));
    }
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto mode = module->getAttrOfType<StringAttr>(attr::Mode);
    weightOnly = mode ? weightOnlyMode(mode.getValue()) : std::nullopt;
    ElementType type = weightOnly ? weightOnly->activation : mode ? typeOfMode(mode.getValue()) : ElementType::None;
    if (type == ElementType::None) {
      emitError(module.getLoc(), "convert-top-to-tpu: the module has no mode F32, F16 or BF16; run processor-assign");
      return signalPassFailure();
    }
    if (failed(checkOptions(module)))
      return signalPassFailure();
    llvm::StringMap<ElementType> table;
    if (!qtable.empty()) {
      auto read = readQuantizeTable(qtable);
      if (!read) {
        emitError(module.getLoc(), "convert-top-to-tpu: ") << llvm::toString(read.takeError());
        return signalPassFailure();
      }
      table = std::move(*read);
    }
    LoweringTable lowerings;
    addNNLowerings(lowerings);
    addActivationLowerings(lowerings);
    addElementwiseLowerings(lowerings);
    addShapeLowerings(lowerings);
    if (weightOnly) {
      weightOnly->groupSize = qGroupSize;
      weightOnly->symmetric = qSymmetric;
      addWeightOnlyLowerings(lowerings, *weightOnly);
    }
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(lowerFunction(function, type, table, lowerings)))
        return signalPassFailure();
    finish(module);
  }

  void finish(ModuleOp module) {
    Builder b(module.getContext());
    module->setAttr(attr::State, b.getStringAttr("TPU_LOWERED"));
    module->setAttr(attr::Asymmetric, b.getBoolAttr(false));
    module->setAttr(attr::QGroupSize, b.getI64IntegerAttr(qGroupSize));
    module->setAttr(attr::QSymmetric, b.getBoolAttr(qSymmetric));
    if (!weightFileName.empty())
      top::weightStore(&getContext()).rename(module, weightFileName);
  }
};
} // namespace
