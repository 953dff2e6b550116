// Ops whose operands say which elements they take, or how often, become ops with attributes once these are known: View,
// SliceAxis, StridedSlice, Expand, Repeat. What depends on shapes alone becomes a weight, arithmetic with one value
// everywhere arithmetic with a constant. Reversals and rotations that undo or follow each other.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/Ranges.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

static NamedAttribute shapeAttribute(PatternRewriter &rewriter, ArrayRef<int64_t> shape) {
  return named(rewriter, "shape", rewriter.getI64ArrayAttr(shape));
}

namespace {
struct ViewToReshape : TopPattern<ViewOp, ViewToReshape> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ViewOp op, PatternRewriter &rewriter) const override {
    replaceBy<ReshapeOp>(rewriter, op, {op.getInput()}, {shapeAttribute(rewriter, shapeOf(op.getOutput()))});
    return success();
  }
};
} // namespace

/// The op by a Slice, and a Reshape where axes appear or disappear.
static LogicalResult replaceBySlice(PatternRewriter &rewriter, Operation *op, const ResolvedSlice &slice) {
  Value input = op->getOperand(0), none = noneFor(op);
  if (ArrayRef(slice.shape) != shapeOf(op->getResult(0)))
    return failure();
  SliceEntries entries = sliceEntries(slice.ranges, shapeOf(input));
  SmallVector<NamedAttribute> attributes{named(rewriter, "offset", rewriter.getI64ArrayAttr(entries.offset)),
                                         named(rewriter, "steps", rewriter.getI64ArrayAttr(entries.steps)),
                                         named(rewriter, "ends", rewriter.getI64ArrayAttr(entries.ends)),
                                         named(rewriter, "axes", rewriter.getI64ArrayAttr({}))};
  Shape kept;
  for (const StridedRange &range : slice.ranges)
    kept.push_back(range.count);
  if (kept == slice.shape) {
    replaceBy<SliceOp>(rewriter, op, {input, none, none, none}, attributes);
    return success();
  }
  Location loc = nameLoc(op->getContext(), (nameOf(op->getResult(0)) + "_slice").str());
  auto sliced = make<SliceOp>(rewriter, loc, cast<RankedTensorType>(input.getType()).clone(kept),
                              {input, none, none, none}, attributes);
  replaceBy<ReshapeOp>(rewriter, op, {sliced.getOutput()}, {shapeAttribute(rewriter, slice.shape)});
  return success();
}

namespace {
struct SliceAxisToSlice : TopPattern<SliceAxisOp, SliceAxisToSlice> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SliceAxisOp op, PatternRewriter &rewriter) const override {
    FailureOr<Shape> axis = constantIntegers(op.getAxis()), start = constantIntegers(op.getStart()),
                     end = constantIntegers(op.getEnd());
    FailureOr<Shape> step = isNone(op.getStep()) ? FailureOr<Shape>(Shape{1}) : constantIntegers(op.getStep());
    if (failed(axis) || failed(start) || failed(end) || failed(step))
      return failure();
    FailureOr<ResolvedSlice> slice = resolveSlice(op, axis->front(), start->front(), step->front(), end->front());
    return failed(slice) ? failure() : replaceBySlice(rewriter, op, *slice);
  }
};

struct StridedSliceToSlice : TopPattern<StridedSliceOp, StridedSliceToSlice> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(StridedSliceOp op, PatternRewriter &rewriter) const override {
    FailureOr<Shape> starts = constantIntegers(op.getStarts()), ends = constantIntegers(op.getEnds()),
                     strides = constantIntegers(op.getStrides());
    if (failed(starts) || failed(ends) || failed(strides))
      return failure();
    FailureOr<ResolvedSlice> slice = resolveSlice(op, *starts, *ends, *strides);
    return failed(slice) ? failure() : replaceBySlice(rewriter, op, *slice);
  }
};
} // namespace

/// The op by a Tile, after a Reshape where its result has more axes.
static void replaceByTile(PatternRewriter &rewriter, Operation *op) {
  Value input = op->getOperand(0);
  ArrayRef<int64_t> wanted = shapeOf(op->getResult(0));
  Shape shape = llvm::to_vector(shapeOf(input)), repeats;
  shape.insert(shape.begin(), wanted.size() - shape.size(), 1);
  for (auto [from, to] : llvm::zip(shape, wanted))
    repeats.push_back(from == 0 ? 1 : to / from);
  if (ArrayRef(shape) == wanted) {
    replaceBy<ReshapeOp>(rewriter, op, {input}, {shapeAttribute(rewriter, wanted)});
    return;
  }
  if (shape.size() != shapeOf(input).size()) {
    Location loc = nameLoc(op->getContext(), (nameOf(op->getResult(0)) + "_reshape").str());
    input = make<ReshapeOp>(rewriter, loc, cast<RankedTensorType>(input.getType()).clone(shape), {input},
                            {shapeAttribute(rewriter, shape)})
                .getOutput();
  }
  replaceBy<TileOp>(rewriter, op, {input}, {named(rewriter, "tile", rewriter.getI64ArrayAttr(repeats))});
}

namespace {
struct ExpandToTile : TopPattern<ExpandOp, ExpandToTile> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ExpandOp op, PatternRewriter &rewriter) const override {
    replaceByTile(rewriter, op);
    return success();
  }
};

struct RepeatToTile : TopPattern<RepeatOp, RepeatToTile> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(RepeatOp op, PatternRewriter &rewriter) const override {
    if (failed(constantIntegers(op.getRepeats())))
      return failure();
    replaceByTile(rewriter, op);
    return success();
  }
};

/// What only asks for the shape of its operand.
template <typename OpTy> struct ShapeToWeight : TopPattern<OpTy, ShapeToWeight<OpTy>> {
  using TopPattern<OpTy, ShapeToWeight<OpTy>>::TopPattern;
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    Value result = op.getOutput();
    if (isNetworkOutput(result))
      return failure();
    FailureOr<std::vector<double>> numbers = constantNumbers(result);
    if (failed(numbers))
      return failure();
    rewriter.replaceOp(op, newWeight(rewriter, nameOf(result), shapeOf(result), *numbers));
    return success();
  }
};

/// Random data that came with the network.
struct RandnLikeToData : TopPattern<RandnLikeOp, RandnLikeToData> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(RandnLikeOp op, PatternRewriter &rewriter) const override {
    return replaceByOperand(rewriter, op, op.getRandnData());
  }
};

/// Whether another operand of the op has the shape of its result, so that one element of a constant is enough.
bool othersSuffice(OpOperand &operand) {
  Operation *op = operand.getOwner();
  return llvm::any_of(op->getOpOperands(), [&](OpOperand &other) {
    return other.getOperandNumber() != operand.getOperandNumber() && shapeOf(other.get()) == shapeOf(op->getResult(0));
  });
}

/// Whether the op can do with less than the whole of a ConstantFill.
bool needsOneElement(OpOperand &operand) {
  Operation *op = operand.getOwner();
  if (!isa<AddOp, SubOp, MulOp, DivOp, MaxOp, MinOp>(op) || elementsOf(operand.get()) == 1)
    return false;
  return othersSuffice(operand) ||
         (isa<MulOp>(op) && op->getNumOperands() == 2 && shapeOf(operand.get()) == shapeOf(op->getResult(0)) &&
          op->getOperand(0) != op->getOperand(1) && elementsOf(op->getResult(0)) > 0);
}

/// x op fill.
template <typename OpTy> struct ShrinkConstantFill : TopPattern<OpTy, ShrinkConstantFill<OpTy>> {
  using TopPattern<OpTy, ShrinkConstantFill<OpTy>>::TopPattern;
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    for (OpOperand &operand : op->getOpOperands()) {
      auto fill = operand.get().template getDefiningOp<ConstantFillOp>();
      if (!fill || !needsOneElement(operand) || !othersSuffice(operand))
        continue;
      Shape single(shapeOf(fill.getOutput()).size(), 1);
      Value weight = newWeight(rewriter, nameOf(fill.getOutput()), single, {fill.getValue().convertToDouble()});
      rewriter.modifyOpInPlace(op, [&] { operand.set(weight); });
      return success();
    }
    return failure();
  }
};

/// x * fill, which makes x larger: how PyTorch's expand is written.
struct MulConstantFillToExpand : TopPattern<MulOp, MulConstantFillToExpand> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    for (OpOperand &operand : op->getOpOperands()) {
      auto fill = operand.get().getDefiningOp<ConstantFillOp>();
      if (!fill || !needsOneElement(operand) || othersSuffice(operand))
        continue;
      Value other = op.getInputs()[1 - operand.getOperandNumber()];
      auto type = cast<RankedTensorType>(op.getOutput().getType());
      Location loc = nameLoc(op.getContext(), (nameOf(op.getOutput()) + "_expand").str());
      auto expand = make<ExpandOp>(rewriter, loc, type, {other}, {shapeAttribute(rewriter, type.getShape())});
      auto attributes = reluOf(op);
      attributes.push_back(named(rewriter, "const_val", fill.getValueAttr()));
      replaceBy<MulConstOp>(rewriter, op, {expand.getOutput()}, attributes);
      return success();
    }
    return failure();
  }
};

/// What is left of it becomes a weight, up to a size that files can bear.
struct ConstantFillToWeight : TopPattern<ConstantFillOp, ConstantFillToWeight> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ConstantFillOp op, PatternRewriter &rewriter) const override {
    Value result = op.getOutput();
    if (isNetworkOutput(result) || elementsOf(result) > (1 << 20) || failed(constantIntegers(op.getInput())) ||
        llvm::any_of(result.getUses(), needsOneElement))
      return failure();
    std::vector<double> values(elementsOf(result), op.getValue().convertToDouble());
    rewriter.replaceOp(op, newWeight(rewriter, nameOf(result), shapeOf(result), values));
    return success();
  }
};

/// Two reversals of one axis, and one of an axis of extent 1.
struct RemoveReverse : TopPattern<ReverseOp, RemoveReverse> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReverseOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = shapeOf(op.getInput());
    int64_t axis = normalizeAxis(op.getAxis(), shape.size());
    if (shape[axis] == 1)
      return replaceByOperand(rewriter, op, op.getInput());
    auto before = op.getInput().getDefiningOp<ReverseOp>();
    if (!before || normalizeAxis(before.getAxis(), shape.size()) != axis || before.getInput().getType() != op.getType())
      return failure();
    return replaceByOperand(rewriter, op, before.getInput());
  }
};

/// One group, or one channel per group.
struct RemoveShuffleChannel : TopPattern<ShuffleChannelOp, RemoveShuffleChannel> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ShuffleChannelOp op, PatternRewriter &rewriter) const override {
    int64_t channels = shapeOf(op.getInput())[1], group = op.getGroup();
    if (group == 1 || group == channels)
      return replaceByOperand(rewriter, op, op.getInput());
    auto before = op.getInput().getDefiningOp<ShuffleChannelOp>();
    if (!before || static_cast<int64_t>(before.getGroup()) != channels / group ||
        before.getInput().getType() != op.getType())
      return failure();
    return replaceByOperand(rewriter, op, before.getInput());
  }
};

/// Rotations that follow each other are one, none at all if they add up to whole turns.
struct MergeSwapDimInner : TopPattern<SwapDimInnerOp, MergeSwapDimInner> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SwapDimInnerOp op, PatternRewriter &rewriter) const override {
    Shape offset = i64Values(op.getOffset());
    if (llvm::all_of(offset, [](int64_t o) { return o == 0; }))
      return replaceByOperand(rewriter, op, op.getInput());
    auto before = op.getInput().getDefiningOp<SwapDimInnerOp>();
    if (!before)
      return failure();
    for (auto [sum, first, extent] : llvm::zip(offset, i64Values(before.getOffset()), shapeOf(op.getInput())))
      sum = (sum + first) % extent;
    rewriter.modifyOpInPlace(op, [&] {
      op.setOffsetAttr(rewriter.getI64ArrayAttr(offset));
      op.getInputMutable().assign(before.getInput());
    });
    return success();
  }
};
} // namespace

void top::populateViewPatterns(RewritePatternSet &patterns) {
  patterns
      .add<ViewToReshape, SliceAxisToSlice, StridedSliceToSlice, ExpandToTile, RepeatToTile, ShapeToWeight<ShapeOp>,
           ShapeToWeight<SizeOp>, RandnLikeToData, ShrinkConstantFill<AddOp>, ShrinkConstantFill<SubOp>,
           ShrinkConstantFill<MulOp>, ShrinkConstantFill<DivOp>, ShrinkConstantFill<MaxOp>, ShrinkConstantFill<MinOp>,
           MulConstantFillToExpand, ConstantFillToWeight, RemoveReverse, RemoveShuffleChannel, MergeSwapDimInner>(
          patterns.getContext());
}
