// strip-io-quant: see Passes.td.
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"

#include <set>

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_STRIPIOQUANT
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

static Type elementOf(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }

static Type withElement(Value value, Type element) { return cast<RankedTensorType>(value.getType()).clone(element); }

/// A cast of `value`, named after it with a suffix for the type.
static Value castTo(OpBuilder &builder, Value value, Type element, StringRef name) {
  MLIRContext *context = builder.getContext();
  NamedAttrList attrs;
  attrs.set("round_mode", tpu::RoundModeAttr::get(context, tpu::RoundMode::HalfAwayFromZero));
  attrs.set("with_scale", builder.getBoolAttr(true));
  std::string suffix = top::quantizationOf(element) ? "si8" : std::string(tpu_mlir::name(top::elementTypeOf(element)));
  OperationState state(top::nameLoc(context, (name + "_" + suffix).str()), tpu::CastOp::getOperationName(),
                       ValueRange{value}, TypeRange{withElement(value, element)}, attrs);
  return builder.create(state)->getResult(0);
}

namespace {
/// The 1-based positions of a list option, or all of `count` if the flag alone is set.
FailureOr<std::set<size_t>> positions(ModuleOp module, StringRef option, bool all, StringRef list, size_t count) {
  std::set<size_t> chosen;
  SmallVector<StringRef> words;
  llvm::SplitString(list, words, ", ");
  for (StringRef word : words) {
    size_t position;
    if (word.getAsInteger(10, position) || position < 1 || position > count)
      return emitError(module.getLoc(), "strip-io-quant: ")
             << option << " has '" << word << "'; the network has the positions 1 to " << count;
    chosen.insert(position - 1);
  }
  if (words.empty() && all)
    for (size_t i = 0; i < count; ++i)
      chosen.insert(i);
  return chosen;
}

struct StripIOQuantPass : tpu::impl::StripIOQuantBase<StripIOQuantPass> {
  using StripIOQuantBase::StripIOQuantBase;

  LogicalResult refuse(Value value, const Twine &text) {
    return emitError(getOperation().getLoc(), "strip-io-quant: '") << top::nameOf(value) << "' " << text;
  }

  /// The 8-bit type that a value's range gives it.
  FailureOr<Type> byteType(Value value, StringRef option) {
    std::optional<top::Range> range = top::calibratedRangeOf(value.getType());
    if (!range)
      return refuse(value, "has no calibrated range, so that " + option +
                               " cannot give it a scale; deploy with a calibration table");
    auto asymmetric = getOperation()->getAttrOfType<BoolAttr>("module.asymmetric");
    bool shifted = (asymmetric && asymmetric.getValue()) || -range->min != range->max;
    return top::uniformType(top::quantizationFor(*range, shifted), Float32Type::get(&getContext()));
  }

  /// The input takes `element`: casts to that type fall away, other casts start from it, other users get f32 back.
  void retypeInput(top::InputOp input, Type element) {
    Value result = input.getOutput();
    SmallVector<OpOperand *> others;
    for (OpOperand &use : llvm::make_early_inc_range(result.getUses())) {
      auto castOp = dyn_cast<tpu::CastOp>(use.getOwner());
      if (!castOp)
        others.push_back(&use);
      else if (elementOf(castOp.getOutput()) == element) {
        castOp.getOutput().replaceAllUsesWith(result);
        castOp.erase();
      }
    }
    result.setType(withElement(result, element));
    input.getInput().setType(cast<RankedTensorType>(result.getType()));
    if (others.empty())
      return;
    OpBuilder builder(input->getContext());
    builder.setInsertionPointAfter(input);
    Value back = castTo(builder, result, builder.getF32Type(), top::nameOf(result));
    for (OpOperand *use : others)
      use->set(back);
  }

  /// The type to which the input is cast, 8 bits before half precision; none if it is used as f32 alone.
  static Type typeOfUse(top::InputOp input) {
    Type found;
    for (Operation *user : input.getOutput().getUsers())
      if (auto castOp = dyn_cast<tpu::CastOp>(user))
        if (!found || top::isQuantized(castOp.getOutput()))
          found = elementOf(castOp.getOutput());
    return found;
  }

  LogicalResult stripInputs(ModuleOp module, func::FuncOp function) {
    SmallVector<top::InputOp> inputs(function.getOps<top::InputOp>());
    auto chosen = positions(module, "quant_input_list", quantInput, quantInputList, inputs.size());
    if (failed(chosen))
      return failure();
    for (auto [i, input] : llvm::enumerate(inputs)) {
      if (!isF32(input.getOutput()))
        continue;
      Type element = chosen->contains(i) || quantInputInt8 ? typeOfUse(input) : Type();
      if (quantInputInt8 && (!element || !top::quantizationOf(element))) {
        FailureOr<Type> bytes = byteType(input.getOutput(), "quant_input_int8");
        if (failed(bytes))
          return failure();
        element = *bytes;
      }
      if (element)
        retypeInput(input, element);
    }
    return success();
  }

  /// What the network gives in the place of `value`, which is f32.
  FailureOr<Value> stripped(Value value, bool chosen, OpBuilder &builder) {
    auto castOp = value.getDefiningOp<tpu::CastOp>();
    Value source = castOp ? castOp.getInput() : value;
    StringRef name = top::nameOf(source);
    if (quantOutputBf16) {
      if (top::elementTypeOf(source.getType()) == ElementType::BF16)
        return source;
      return castTo(builder, value, builder.getBF16Type(), name);
    }
    if (quantOutputInt8 && !top::isQuantized(source)) {
      FailureOr<Type> bytes = byteType(source, "quant_output_int8");
      return failed(bytes) ? FailureOr<Value>(failure()) : castTo(builder, source, *bytes, name);
    }
    Value result = chosen || quantOutputInt8 ? source : value;
    if (isF32(result) && !result.getDefiningOp<top::InputOp>())
      result.setType(withElement(result, builder.getF32Type()));
    return result;
  }

  LogicalResult stripOutputs(ModuleOp module, func::FuncOp function) {
    Operation *terminator = function.getBody().back().getTerminator();
    auto chosen = positions(module, "quant_output_list", quantOutput, quantOutputList, terminator->getNumOperands());
    if (failed(chosen))
      return failure();
    OpBuilder builder(terminator);
    for (OpOperand &operand : terminator->getOpOperands()) {
      Value before = operand.get();
      if (!isF32(before))
        continue;
      FailureOr<Value> after = stripped(before, chosen->contains(operand.getOperandNumber()), builder);
      if (failed(after))
        return failure();
      operand.set(*after);
      if (auto castOp = before.getDefiningOp<tpu::CastOp>(); castOp && before.use_empty())
        castOp.erase();
    }
    return success();
  }

  static bool isF32(Value value) {
    return isa<RankedTensorType>(value.getType()) && top::elementTypeOf(value.getType()) == ElementType::F32;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(tpu::requireState(module, "strip-io-quant", {"TPU_LOWERED"})))
      return signalPassFailure();
    if (quantOutputBf16 && quantOutputInt8) {
      emitError(module.getLoc(), "strip-io-quant: quant_output_bf16 and quant_output_int8 exclude each other");
      return signalPassFailure();
    }
    for (auto function : module.getOps<func::FuncOp>()) {
      if (failed(stripInputs(module, function)) || failed(stripOutputs(module, function)))
        return signalPassFailure();
      Block &body = function.getBody().front();
      function.setType(FunctionType::get(&getContext(), body.getArgumentTypes(),
                                         function.getBody().back().getTerminator()->getOperandTypes()));
    }
  }
};
} // namespace
