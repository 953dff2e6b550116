// Arithmetic with constants: chains of it, and constants that change nothing.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
template <typename ConstOp, typename Combine>
LogicalResult mergeConstants(ConstOp op, PatternRewriter &rewriter, Combine combine) {
  auto before = absorbableOp<ConstOp>(op.getInput());
  if (!before || hasRelu(before))
    return failure();
  double value = combine(before.getConstVal().convertToDouble(), op.getConstVal().convertToDouble());
  if (!std::isfinite(value))
    return failure();
  rewriter.modifyOpInPlace(op, [&] {
    op.setConstValAttr(rewriter.getF64FloatAttr(value));
    op.getInputMutable().assign(before.getInput());
  });
  return success();
}

struct MergeMulConst : TopPattern<MulConstOp, MergeMulConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulConstOp op, PatternRewriter &rewriter) const override {
    return mergeConstants(op, rewriter, [](double a, double b) { return a * b; });
  }
};

struct MergeAddConst : TopPattern<AddConstOp, MergeAddConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AddConstOp op, PatternRewriter &rewriter) const override {
    return mergeConstants(op, rewriter, [](double a, double b) { return a + b; });
  }
};

/// x * 1 is x.
struct RemoveMulByOne : TopPattern<MulConstOp, RemoveMulByOne> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulConstOp op, PatternRewriter &rewriter) const override {
    if (op.getConstVal().convertToDouble() != 1.0 || op.getDoRelu())
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};

/// x + 0 is x.
struct RemoveAddOfZero : TopPattern<AddConstOp, RemoveAddOfZero> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AddConstOp op, PatternRewriter &rewriter) const override {
    if (op.getConstVal().convertToDouble() != 0.0 || op.getDoRelu())
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};

/// x - c is x + (-c), exactly.
struct SubConstToAddConst : TopPattern<SubConstOp, SubConstToAddConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SubConstOp op, PatternRewriter &rewriter) const override {
    if (op.getIsReverse())
      return failure();
    auto attributes = reluOf(op);
    attributes.push_back(named(rewriter, "const_val", rewriter.getF64FloatAttr(-op.getConstVal().convertToDouble())));
    attributes.push_back(named(rewriter, "is_scalar", op.getIsScalarAttr()));
    replaceBy<AddConstOp>(rewriter, op, {op.getInput()}, attributes);
    return success();
  }
};

/// min(max(x, low), high) is a clip.
struct MinMaxConstToClip : TopPattern<MinConstOp, MinMaxConstToClip> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MinConstOp op, PatternRewriter &rewriter) const override {
    auto before = absorbableOp<MaxConstOp>(op.getInput());
    if (!before || before.getConstVal().convertToDouble() > op.getConstVal().convertToDouble())
      return failure();
    replaceBy<ClipOp>(rewriter, op, {before.getInput()},
                      {named(rewriter, "min", before.getConstValAttr()), named(rewriter, "max", op.getConstValAttr())});
    return success();
  }
};
} // namespace

void top::populateConstantPatterns(RewritePatternSet &patterns) {
  patterns.add<MergeMulConst, MergeAddConst, RemoveMulByOne, RemoveAddOfZero, SubConstToAddConst, MinMaxConstToClip>(
      patterns.getContext());
}
