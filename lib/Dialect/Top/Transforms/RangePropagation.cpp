// Ranges that follow from other values' ranges.
#include "RangePropagation.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

static bool hasFusedRelu(Operation *op) {
  auto attr = op->getAttrOfType<BoolAttr>("do_relu");
  return attr && attr.getValue();
}

bool top::keepsQuantization(Operation *op) {
  if (hasFusedRelu(op))
    return false;
  if (auto interp = dyn_cast<InterpOp>(op))
    return interp.getMode() == "nearest";
  return isa<ReshapeOp, FlattenOp, SqueezeOp, UnsqueezeOp, PermuteOp, TransposeOp, SliceOp, PadOp, UpsampleOp, TileOp,
             Depth2SpaceOp, MaxPoolOp>(op);
}

std::optional<Range> top::fixedRange(Operation *op) {
  if (auto softmax = dyn_cast<SoftmaxOp>(op); softmax && !softmax.getLog())
    return Range{0, 1};
  if (auto sigmoid = dyn_cast<SigmoidOp>(op); sigmoid && !sigmoid.getLog())
    return Range{0, 1};
  if (isa<HardSigmoidOp>(op))
    return Range{0, 1};
  return std::nullopt;
}

Range top::limitRange(Operation *op, Range range) {
  double low = -INFINITY, high = INFINITY;
  if (isa<ReluOp>(op) || hasFusedRelu(op)) {
    low = 0;
    auto limit = op->getAttrOfType<FloatAttr>("relu_limit");
    if (limit && limit.getValueAsDouble() > 0)
      high = limit.getValueAsDouble();
  }
  if (auto clip = dyn_cast<ClipOp>(op)) {
    low = std::min(clip.getMin().convertToDouble(), 0.0);
    high = std::max(clip.getMax().convertToDouble(), 0.0);
  }
  return {std::clamp(range.min, low, high), std::clamp(range.max, low, high)};
}

void top::setRange(Value value, Range range) {
  range = {range.min + 0.0, range.max + 0.0}; // no negative zeros
  auto type = cast<RankedTensorType>(value.getType());
  value.setType(type.clone(calibratedType(Float32Type::get(type.getContext()), range)));
}

static bool isCalibrated(Value value) { return calibratedRangeOf(value.getType()).has_value(); }

/// A maximum pool drops the lowest values: what only it uses needs no larger range than its result.
static void narrow(MaxPoolOp pool) {
  Value source = pool.getInput();
  std::optional<Range> own = calibratedRangeOf(source.getType()),
                       wanted = calibratedRangeOf(pool.getOutput().getType());
  Operation *op = source.getDefiningOp();
  if (!own || !wanted || !op || !source.hasOneUse() || hasFusedRelu(pool) || keepsQuantization(op))
    return;
  if (wanted->min >= own->min && wanted->max <= own->max && (!hasFusedRelu(op) || wanted->min >= 0))
    setRange(source, {std::min(wanted->min, 0.0), wanted->max});
}

static void forward(Operation *op) {
  if (!keepsQuantization(op) || !isa<RankedTensorType>(op->getResult(0).getType()) || isQuantized(op->getResult(0)))
    return;
  if (std::optional<Range> range = calibratedRangeOf(op->getOperand(0).getType()))
    setRange(op->getResult(0), *range);
}

/// Whether the value may have the range of the Concat that it goes to.
static bool takesRange(Value value, Range wanted) {
  Operation *op = value.getDefiningOp();
  std::optional<Range> own = calibratedRangeOf(value.getType());
  if (!op || !own || isQuantized(value))
    return false;
  // A fused rectifier needs a range that begins at 0: saturation does its work.
  if (hasFusedRelu(op) && wanted.min < 0)
    return false;
  auto extent = [](Range range) { return std::max(range.max, 0.0) - std::min(range.min, 0.0); };
  double ratio = extent(wanted) / extent(*own);
  bool alike = (own->min < 0) == (wanted.min < 0) && ratio > 0.9 && ratio < 1.125;
  return value.hasOneUse() || alike;
}

static void backward(Value value, Range wanted) {
  if (!takesRange(value, wanted))
    return;
  Operation *op = value.getDefiningOp();
  if (keepsQuantization(op)) {
    Value source = op->getOperand(0);
    if (!takesRange(source, wanted))
      return;
    backward(source, wanted);
  }
  setRange(value, wanted);
}

void top::propagateRanges(ArrayRef<Operation *> ops) {
  for (Operation *op : ops)
    if (auto pool = dyn_cast<MaxPoolOp>(op))
      narrow(pool);
  for (Operation *op : ops)
    forward(op);
  for (Operation *op : llvm::reverse(ops))
    if (auto concat = dyn_cast<ConcatOp>(op); concat && isCalibrated(concat.getOutput()) && !hasFusedRelu(op))
      for (Value input : concat.getInputs())
        backward(input, *calibratedRangeOf(concat.getOutput().getType()));
  for (Operation *op : ops)
    forward(op);
}
