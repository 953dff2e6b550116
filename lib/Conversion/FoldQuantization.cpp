// Turns the QuantizeLinear and DequantizeLinear ops of a network into types, so that the lowering needs no calibration
// table: a value that is quantized where it is made has the type of its integers, consumers take it as it is. What is
// left stands where real values meet integers (network inputs and results) and becomes a cast.
#include "FoldQuantization.h"

#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tpu_mlir;

namespace {
/// One scale and zero point for the whole tensor, the same in both ops.
bool areInverse(top::QuantizeLinearOp q, top::DequantizeLinearOp dq) {
  return q.getYScale().size() == 1 && q.getYScale() == dq.getXScale() && q.getYZeroPoint() == dq.getXZeroPoint();
}

/// Consumers take the integers instead of the values made of them; results of the network stay real.
void bypass(top::DequantizeLinearOp dq) {
  auto q = dq.getInput().getDefiningOp<top::QuantizeLinearOp>();
  if (!q || !areInverse(q, dq))
    return;
  dq.getOutput().replaceUsesWithIf(q.getOutput(), [](OpOperand &use) { return !isa<func::ReturnOp>(use.getOwner()); });
  if (dq.getOutput().use_empty())
    dq.erase();
}

Type withElementOf(Value value, Value model) {
  return cast<RankedTensorType>(value.getType()).clone(cast<ShapedType>(model.getType()).getElementType());
}

bool isReal(Value value) { return isa<RankedTensorType>(value.getType()) && !top::isQuantized(value); }

/// Whether the value is made by an op that can give integers instead and only `user` takes it.
bool canBeQuantized(Value value, Operation *user) {
  Operation *made = value.getDefiningOp();
  return made && value.hasOneUse() && isReal(value) && made->getNumResults() == 1 && *value.user_begin() == user &&
         top::elementTypeOf(value.getType()) == ElementType::F32 &&
         !isa<top::InputOp, top::WeightOp, top::QuantizeLinearOp, top::DequantizeLinearOp>(made);
}

/// A value that is only used to be quantized is quantized where it is made, and called by its quantized form's name:
/// saturation makes it another value.
void absorb(top::QuantizeLinearOp q) {
  Value input = q.getInput();
  if (!top::isQuantized(q.getOutput()) || !canBeQuantized(input, q))
    return;
  input.setType(withElementOf(input, q.getOutput()));
  input.getDefiningOp()->setLoc(q.getLoc());
  q.getOutput().replaceAllUsesWith(input);
  q.erase();
}

/// Ops whose result holds values of their first operand only (or 0, which every quantization has).
bool movesValues(Operation *op) {
  if (auto pad = dyn_cast<top::PadOp>(op))
    return pad.getVal().convertToDouble() == 0;
  if (auto interp = dyn_cast<top::InterpOp>(op))
    return interp.getMode() == "nearest";
  return isa<top::ReshapeOp, top::PermuteOp, top::SliceOp, top::MaxPoolOp, top::TileOp, top::UpsampleOp, top::SqueezeOp,
             top::UnsqueezeOp, top::FlattenOp, top::Depth2SpaceOp>(op);
}

/// Whether the op puts values of one quantization side by side.
bool joinsAlike(Operation *op) {
  return isa<top::ConcatOp>(op) && llvm::all_of(op->getOperands(), [&](Value value) {
           return top::isQuantized(value) && top::quantizationOf(value) == top::quantizationOf(op->getOperand(0));
         });
}

/// Types that a value has pass on to what it is moved to, and back to a value that is only made to be moved.
void passOn(func::FuncOp function) {
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) {
    if ((movesValues(op) || isa<top::ConcatOp>(op)) && op->getNumResults() == 1)
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    Value source = op->getOperand(0), result = op->getResult(0);
    if ((movesValues(op) || joinsAlike(op)) && top::isQuantized(source) && isReal(result) &&
        !top::isNetworkOutput(result))
      result.setType(withElementOf(result, source));
  }
  for (Operation *op : llvm::reverse(ops)) {
    Value source = op->getOperand(0), result = op->getResult(0);
    if (movesValues(op) && top::isQuantized(result) && canBeQuantized(source, op))
      source.setType(withElementOf(source, result));
  }
}
} // namespace

bool tpu_mlir::foldQuantization(ModuleOp module) {
  SmallVector<top::QuantizeLinearOp> quantize;
  SmallVector<top::DequantizeLinearOp> dequantize;
  module.walk([&](top::QuantizeLinearOp op) { quantize.push_back(op); });
  module.walk([&](top::DequantizeLinearOp op) { dequantize.push_back(op); });
  llvm::for_each(dequantize, bypass);
  llvm::for_each(quantize, absorb);
  for (auto function : module.getOps<func::FuncOp>())
    passOn(function);
  return !quantize.empty() || !dequantize.empty();
}
