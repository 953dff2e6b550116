// Ops that only change the shape become Reshape; chains of them one Reshape; those that change nothing disappear.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

static NamedAttribute shapeAttribute(PatternRewriter &rewriter, Value result) {
  return named(rewriter, "shape", rewriter.getI64ArrayAttr(shapeOf(result)));
}

namespace {
struct FlattenToReshape : TopPattern<FlattenOp, FlattenToReshape> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(FlattenOp op, PatternRewriter &rewriter) const override {
    int64_t rank = shapeOf(op.getInput()).size();
    SmallVector<NamedAttribute> attributes{shapeAttribute(rewriter, op.getOutput())};
    // The attribute means "from this axis to the end", so it says nothing about a Flatten of inner axes.
    if (int64_t(op.getEndDim()) == -1 || int64_t(op.getEndDim()) == rank - 1)
      attributes.push_back(named(rewriter, "flatten_start_dim", op.getStartDimAttr()));
    replaceBy<ReshapeOp>(rewriter, op, {op.getInput()}, attributes);
    return success();
  }
};

struct SqueezeToReshape : TopPattern<SqueezeOp, SqueezeToReshape> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SqueezeOp op, PatternRewriter &rewriter) const override {
    replaceBy<ReshapeOp>(rewriter, op, {op.getInput()}, {shapeAttribute(rewriter, op.getOutput())});
    return success();
  }
};

struct UnsqueezeToReshape : TopPattern<UnsqueezeOp, UnsqueezeToReshape> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(UnsqueezeOp op, PatternRewriter &rewriter) const override {
    replaceBy<ReshapeOp>(rewriter, op, {op.getInput()}, {shapeAttribute(rewriter, op.getOutput())});
    return success();
  }
};

struct MergeReshapes : TopPattern<ReshapeOp, MergeReshapes> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto before = op.getInput().getDefiningOp<ReshapeOp>();
    if (!before || before.getShapeT() || op.getShapeT())
      return failure();
    replaceBy<ReshapeOp>(rewriter, op, {before.getInput()}, {shapeAttribute(rewriter, op.getOutput())});
    return success();
  }
};

struct RemoveIdentityReshape : TopPattern<ReshapeOp, RemoveIdentityReshape> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    if (op.getInput().getType() != op.getOutput().getType())
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};
} // namespace

void top::populateReshapePatterns(RewritePatternSet &patterns) {
  patterns.add<FlattenToReshape, SqueezeToReshape, UnsqueezeToReshape, MergeReshapes, RemoveIdentityReshape>(
      patterns.getContext());
}
