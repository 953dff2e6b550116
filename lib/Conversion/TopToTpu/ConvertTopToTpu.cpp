// convert-top-to-tpu: walks the functions in order and lowers each Top op by the table of its family.
#include "../ModuleAttributes.h"
#include "Integer.h"
#include "MergeConvolutions.h"
#include "QuantizeTable.h"
#include "StoredWeights.h"
#include "WeightOnly.h"
#include "tpu_mlir/Conversion/Passes.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include <map>

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
  bool bringsScales = false;
  llvm::StringMap<TableMode> table;
  LoweringTable lowerings;
  /// Those of ops that the quantize table names, without integer weights.
  LoweringTable plain;
  /// Those of ops that the quantize table names with integer weights, by bits and number type.
  std::map<std::pair<int64_t, ElementType>, LoweringTable> named;
  IntegerTable integers;

  LogicalResult checkOptions(ModuleOp module) {
    auto refuse = [&](const Twine &text) { return emitError(module.getLoc(), "convert-top-to-tpu: ") << text; };
    if (quantMode != "OnlyScale" && quantMode != "MultiplierShift")
      return refuse("quant_mode '" + quantMode + "' is not supported; use OnlyScale or MultiplierShift");
    if (doWinograd)
      return refuse("Winograd convolution is not supported; leave out doWinograd=true");
    if (!weightOnly && (qGroupSize != 0 || qSymmetric))
      return refuse("q_group_size and q_symmetric belong to the modes W8F16, W8BF16, W4F16 and W4BF16; leave them out");
    if (qGroupSize < 0)
      return refuse("q_group_size=" + Twine(qGroupSize) +
                    " is no group size; use 0 for one group or a positive number");
    if (geluMode != "normal")
      return refuse("gelu_mode '" + geluMode + "' is not supported; use gelu_mode=normal");
    return success();
  }

  LogicalResult checkOp(Operation *op) {
    StringRef name = op->getNumResults() ? top::nameOf(op->getResult(0)) : StringRef();
    if (op->getNumRegions())
      return op->emitOpError() << "'" << name
                               << "' is control flow, which bm1684x has no commands for; make its condition or number "
                                  "of iterations constant, or cut the model there";
    if (!lowerings.contains(op->getName().getStringRef()))
      return op->emitOpError() << "'" << name
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
      return op->emitOpError() << "'" << name
                               << "' has an empty tensor, which the chip cannot work on; remove it from the network";
    return success();
  }

  /// Whether the network brought scales for all that an op in integers needs. (One without scales of its own has
  /// calibrated ranges, and it is an error where they are missing.)
  bool hasScales(Operation *op) {
    auto isKnown = [](Value value) {
      return !isa<RankedTensorType>(value.getType()) || top::weightOf(value) || top::isQuantized(value) ||
             top::calibratedRangeOf(value.getType());
    };
    return !bringsScales || (llvm::all_of(op->getOperands(), isKnown) && llvm::all_of(op->getResults(), isKnown));
  }

  /// In integers where that is asked for, by the mode or by a value that is quantized already, and possible.
  LogicalResult lowerOp(Operation *op, ElementType mode, LoweringCache &cache) {
    auto chosen = table.find(top::nameOf(op->getResult(0)));
    bool inTable = chosen != table.end();
    ElementType type = inTable ? chosen->second.type : mode;
    int64_t weightBits = inTable ? chosen->second.weightBits : 0;
    // fuse-preprocess marks what has to be exact.
    if (op->removeAttr("preprocess"))
      type = ElementType::F32, inTable = true, weightBits = 0;
    auto integer = integers.find(op->getName().getStringRef());
    if (type == ElementType::I8 || (!inTable && top::isQuantized(op->getResult(0)))) {
      if (integer != integers.end() && hasScales(op)) {
        Lowering lowering(op, ElementType::F32, cache);
        FailureOr<bool> lowered = integer->second(lowering);
        if (failed(lowered) || *lowered)
          return success(succeeded(lowered));
      }
      if (type == ElementType::I8)
        type = fallbackType(op);
    }
    Lowering lowering(op, type, cache);
    const LoweringTable &used = weightBits ? named.at({weightBits, type}) : inTable ? plain : lowerings;
    return used.find(op->getName().getStringRef())->second(lowering);
  }

  LogicalResult lowerFunction(func::FuncOp function, ElementType mode) {
    LoweringCache cache;
    cache.asymmetric = asymmetric;
    cache.quantMode = *tpu::symbolizeRequantMode(quantMode);
    // In floats there is nothing to gain but the transfer, and the intermediate result can be compared.
    auto isNamed = [&](Operation *op) { return table.contains(top::nameOf(op->getResult(0))); };
    if (mode == ElementType::I8 && failed(mergeConvolutions(function, isNamed)))
      return failure();
    cache.realResults = {cache.quantMode == tpu::RequantMode::OnlyScale, !quantOutput, [this](Operation *op) {
                           auto chosen = table.find(top::nameOf(op->getResult(0)));
                           return chosen != table.end() && chosen->second.type != ElementType::I8;
                         }};
    SmallVector<Operation *> ops;
    function.walk([&](Operation *op) {
      for (Value result : op->getResults())
        cache.names.insert(top::nameOf(result));
      if (isa<top::TopDialect>(op->getDialect()) && !isa<top::NoneOp, top::WeightOp, top::InputOp>(op))
        ops.push_back(op);
    });
    // Control flow is named before what stands in it or in front of it.
    auto flow = llvm::find_if(ops, [](Operation *op) { return op->getNumRegions() != 0; });
    if (flow != ops.end())
      return checkOp(*flow);
    for (Operation *op : ops)
      if (failed(checkOp(op)) || failed(lowerOp(op, mode, cache)))
        return failure();
    return castResults(function, cache);
  }

  /// The network's results are f32, without a range in the type unless strip-io-quant may want it.
  LogicalResult castResults(func::FuncOp function, LoweringCache &cache) {
    for (Block &block : function.getBody()) {
      Operation *terminator = block.getTerminator();
      OpBuilder builder(terminator);
      DenseMap<Value, Value> casts;
      for (OpOperand &operand : terminator->getOpOperands()) {
        Value value = operand.get();
        auto type = dyn_cast<RankedTensorType>(value.getType());
        ElementType element = type ? top::elementTypeOf(type.getElementType()) : ElementType::None;
        if (element == ElementType::F32 && !quantOutput && !value.getDefiningOp<top::InputOp>())
          value.setType(type.clone(builder.getF32Type()));
        bool half = element == ElementType::F16 || element == ElementType::BF16;
        if (!half && !top::isQuantized(value))
          continue;
        Value &cast = casts[value];
        if (!cast)
          cast = castValue(builder, value, builder.getF32Type(), cache);
        operand.set(cast);
      }
      function.setType(
          FunctionType::get(function.getContext(), function.getArgumentTypes(), terminator->getOperandTypes()));
    }
    return success();
  }

  /// The names of the ops, which a quantize table may use.
  static llvm::StringSet<> namesOf(ModuleOp module) {
    llvm::StringSet<> names;
    module.walk([&](Operation *op) {
      if (isa<top::TopDialect>(op->getDialect()) && !isa<top::NoneOp, top::WeightOp>(op))
        for (Value result : op->getResults())
          names.insert(top::nameOf(result));
    });
    return names;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto mode = module->getAttrOfType<StringAttr>(attr::Mode);
    weightOnly = mode ? weightOnlyMode(mode.getValue()) : std::nullopt;
    ElementType type = weightOnly ? weightOnly->activation : mode ? typeOfMode(mode.getValue()) : ElementType::None;
    if (type == ElementType::None) {
      emitError(module.getLoc(), "convert-top-to-tpu: the module has no mode; run processor-assign");
      return signalPassFailure();
    }
    if (failed(checkOptions(module)))
      return signalPassFailure();
    auto state = module->getAttrOfType<StringAttr>(attr::State);
    bringsScales = state && state.getValue() == "TOP_QUANTIZED";
    table.clear();
    if (!qtable.empty()) {
      auto read = readQuantizeTable(qtable, namesOf(module));
      if (!read) {
        emitError(module.getLoc(), "convert-top-to-tpu: ") << llvm::toString(read.takeError());
        return signalPassFailure();
      }
      table = std::move(*read);
    }
    addNNLowerings(lowerings);
    addStoredWeightLowerings(lowerings);
    addActivationLowerings(lowerings);
    addElementwiseLowerings(lowerings);
    addShapeLowerings(lowerings);
    addQuantizeLinearLowerings(lowerings);
    addIntegerWindows(integers);
    addIntegerMatMul(integers);
    addIntegerForms(integers, lowerings);
    plain = lowerings;
    if (weightOnly) {
      weightOnly->groupSize = qGroupSize;
      weightOnly->symmetric = qSymmetric;
      addWeightOnlyLowerings(lowerings, *weightOnly);
    }
    for (const auto &entry : table)
      if (int64_t bits = entry.second.weightBits; bits && !named.contains({bits, entry.second.type})) {
        LoweringTable &made = named[{bits, entry.second.type}] = plain;
        addWeightOnlyLowerings(made, {entry.second.type, bits, qGroupSize, qSymmetric});
      }
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(lowerFunction(function, type)))
        return signalPassFailure();
    finish(module);
  }

  void finish(ModuleOp module) {
    Builder b(module.getContext());
    module->setAttr(attr::State, b.getStringAttr("TPU_LOWERED"));
    module->setAttr(attr::Asymmetric, b.getBoolAttr(asymmetric));
    module->setAttr(attr::QGroupSize, b.getI64IntegerAttr(qGroupSize));
    module->setAttr(attr::QSymmetric, b.getBoolAttr(qSymmetric));
    if (!weightFileName.empty())
      top::weightStore(&getContext()).rename(module, weightFileName);
  }
};
} // namespace
