// Concat and Slice: those that do nothing, and nested ones.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
struct RemoveSingleConcat : TopPattern<ConcatOp, RemoveSingleConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 1 || op.getDoRelu())
      return failure();
    return replaceByOperand(rewriter, op, op.getInputs().front());
  }
};

/// concat(a, concat(b, c)) along one axis.
struct FlattenConcat : TopPattern<ConcatOp, FlattenConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> inputs;
    bool changed = false;
    for (Value input : op.getInputs()) {
      auto inner = absorbableOp<ConcatOp>(input);
      bool joins = inner && !inner.getDoRelu() && inner.getAxis() == op.getAxis();
      changed |= joins;
      if (joins)
        llvm::append_range(inputs, inner.getInputs());
      else
        inputs.push_back(input);
    }
    if (!changed)
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op->setOperands(inputs); });
    return success();
  }
};
} // namespace

static bool isStatic(SliceOp op) {
  return isNone(op.getOffsetT()) && isNone(op.getEndsT()) && isNone(op.getStepsT()) && op.getAxes().empty();
}

namespace {
struct RemoveIdentitySlice : TopPattern<SliceOp, RemoveIdentitySlice> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    bool forward = llvm::all_of(i64Values(op.getSteps()), [](int64_t step) { return step > 0; });
    if (!isStatic(op) || !forward || op.getInput().getType() != op.getOutput().getType())
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};

/// A slice of a slice, both forward.
struct MergeSlices : TopPattern<SliceOp, MergeSlices> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SliceOp op, PatternRewriter &rewriter) const override {
    auto before = op.getInput().getDefiningOp<SliceOp>();
    if (!before || !isStatic(op) || !isStatic(before))
      return failure();
    Shape firstOffset = i64Values(before.getOffset()), firstStep = i64Values(before.getSteps());
    Shape offset = i64Values(op.getOffset()), steps = i64Values(op.getSteps()), ends;
    ArrayRef<int64_t> shape = shapeOf(op.getOutput());
    if (firstOffset.size() != shape.size() || offset.size() != shape.size())
      return failure();
    for (size_t i = 0; i < shape.size(); ++i) {
      if (firstStep[i] < 1 || steps[i] < 1 || firstOffset[i] < 0 || offset[i] < 0)
        return failure();
      offset[i] = firstOffset[i] + offset[i] * firstStep[i];
      steps[i] *= firstStep[i];
      ends.push_back(offset[i] + (shape[i] - 1) * steps[i] + 1);
    }
    rewriter.modifyOpInPlace(op, [&] {
      op.setOffsetAttr(rewriter.getI64ArrayAttr(offset));
      op.setStepsAttr(rewriter.getI64ArrayAttr(steps));
      op.setEndsAttr(rewriter.getI64ArrayAttr(ends));
      op.getInputMutable().assign(before.getInput());
    });
    return success();
  }
};
} // namespace

void top::populateConcatSlicePatterns(RewritePatternSet &patterns) {
  patterns.add<RemoveSingleConcat, FlattenConcat, RemoveIdentitySlice, MergeSlices>(patterns.getContext());
}
