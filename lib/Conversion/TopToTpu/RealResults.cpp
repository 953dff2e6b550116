// Which results of integer products stay f32 instead of being quantized: those that only a float op, or an op that
// computes its 8-bit form in f32 anyway, takes next. The op and its reader share local memory, so that nothing is
// gained by eight bits between them, and one rounding is lost.
#include "RealResults.h"

#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tpu_mlir;

/// Whether the value reaches the network's results without arithmetic and without moving in memory.
static bool endsInResult(Operation *reader) {
  if (isa<func::ReturnOp>(reader))
    return true;
  return isa<top::ReshapeOp, top::FlattenOp, top::SqueezeOp, top::UnsqueezeOp>(reader) &&
         reader->getResult(0).hasOneUse() && endsInResult(*reader->getResult(0).user_begin());
}

/// Whether the reader follows the op in its layer group: every other operand is there before.
static bool followsLast(Operation *reader, Operation *op) {
  return llvm::all_of(reader->getOperands(), [&](Value operand) {
    Operation *maker = operand.getDefiningOp();
    return !maker || maker == op || top::weightOf(operand) || top::isNone(operand) || maker->isBeforeInBlock(op);
  });
}

static bool isOneToOne(Operation *op) {
  return isa<top::AddOp, top::SubOp, top::MulOp, top::MaxOp, top::MinOp, top::AddConstOp, top::SubConstOp,
             top::MulConstOp, top::MaxConstOp, top::MinConstOp, top::ReluOp, top::LeakyReluOp, top::ClipOp, top::AbsOp,
             top::PReluOp, top::ScaleOp, top::BatchNormOp>(op);
}

/// Functions of single values that are tables in 8 bits: in float they take what the product gives.
static bool isFunction(Operation *op) {
  return isa<top::SiLUOp, top::SigmoidOp, top::TanhOp, top::GELUOp, top::HardSwishOp, top::HardSigmoidOp, top::MishOp,
             top::EluOp, top::SoftplusOp>(op);
}

/// Convolutions that open a layer group, whose results then never leave local memory as f32.
static bool opensGroup(Operation *op) {
  auto channels = [](Value value) { return top::shapeOf(value).size() > 1 ? top::shapeOf(value)[1] : 1; };
  if (auto conv = dyn_cast<top::ConvOp>(op))
    return conv.getGroup() == 1 || (static_cast<int64_t>(conv.getGroup()) == channels(conv.getInput()) &&
                                    channels(conv.getInput()) == channels(conv.getOutput()));
  return false;
}

bool tpu_mlir::staysReal(Operation *op, const RealResultRules &rules) {
  Value result = op->getResult(0);
  if (!rules.enabled || !result.hasOneUse() || top::isQuantized(result))
    return false;
  Operation *reader = *result.user_begin();
  if (endsInResult(reader))
    return rules.realOutputs;
  if (!opensGroup(op) || !followsLast(reader, op))
    return false;
  ArrayRef<int64_t> shape = top::shapeOf(result);
  bool follows = isOneToOne(reader) || (isFunction(reader) && rules.isFloat && rules.isFloat(reader));
  return follows && top::shapeOf(reader->getResult(0)) == shape;
}
