// Rectifiers: forms of Relu, and Relu as an attribute of the op before it.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// The smaller of two limits, where a negative one means none.
static double lowerLimit(double a, double b) {
  if (a < 0)
    return b;
  return b < 0 ? a : std::min(a, b);
}

namespace {
/// Sets do_relu on an op that can apply it.
struct FuseRelu : TopPattern<ReluOp, FuseRelu> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReluOp op, PatternRewriter &rewriter) const override {
    Operation *before = op.getInput().getDefiningOp();
    if (!before || !before->hasTrait<SupportFuseRelu>() || !absorbable(op.getInput()))
      return failure();
    double limit = op.getReluLimit().convertToDouble();
    if (hasRelu(before))
      limit = lowerLimit(limit, before->getAttrOfType<FloatAttr>("relu_limit").getValueAsDouble());
    rewriter.modifyOpInPlace(before, [&] {
      before->setAttr("do_relu", rewriter.getBoolAttr(true));
      before->setAttr("relu_limit", rewriter.getF64FloatAttr(limit));
      before->setLoc(op.getLoc());
      before->getResult(0).setType(op.getOutput().getType());
    });
    rewriter.replaceOp(op, before);
    return success();
  }
};

/// Relu of Relu.
struct MergeRelu : TopPattern<ReluOp, MergeRelu> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReluOp op, PatternRewriter &rewriter) const override {
    auto before = absorbableOp<ReluOp>(op.getInput());
    if (!before)
      return failure();
    double limit = lowerLimit(op.getReluLimit().convertToDouble(), before.getReluLimit().convertToDouble());
    rewriter.modifyOpInPlace(op, [&] {
      op.setReluLimitAttr(rewriter.getF64FloatAttr(limit));
      op.getInputMutable().assign(before.getInput());
    });
    return success();
  }
};

/// clip(x, 0, limit), where a limit that f32 cannot exceed is none.
struct ClipToRelu : TopPattern<ClipOp, ClipToRelu> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ClipOp op, PatternRewriter &rewriter) const override {
    double limit = op.getMax().convertToDouble();
    if (op.getMin().convertToDouble() != 0.0 || limit <= 0.0)
      return failure();
    if (limit >= 3.4028234663852886e+38)
      limit = -1.0;
    replaceBy<ReluOp>(rewriter, op, {op.getInputs()}, {named(rewriter, "relu_limit", rewriter.getF64FloatAttr(limit))});
    return success();
  }
};

/// max(x, 0).
struct MaxConstToRelu : TopPattern<MaxConstOp, MaxConstToRelu> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MaxConstOp op, PatternRewriter &rewriter) const override {
    if (op.getConstVal().convertToDouble() != 0.0)
      return failure();
    replaceBy<ReluOp>(rewriter, op, {op.getInput()}, {named(rewriter, "relu_limit", rewriter.getF64FloatAttr(-1.0))});
    return success();
  }
};

/// min(relu(x), limit).
struct MinConstIntoRelu : TopPattern<MinConstOp, MinConstIntoRelu> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MinConstOp op, PatternRewriter &rewriter) const override {
    auto before = absorbableOp<ReluOp>(op.getInput());
    double limit = op.getConstVal().convertToDouble();
    if (!before || limit <= 0.0)
      return failure();
    limit = lowerLimit(limit, before.getReluLimit().convertToDouble());
    replaceBy<ReluOp>(rewriter, op, {before.getInput()},
                      {named(rewriter, "relu_limit", rewriter.getF64FloatAttr(limit))});
    return success();
  }
};

/// A PRelu of one slope.
struct PReluToLeakyRelu : TopPattern<PReluOp, PReluToLeakyRelu> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(PReluOp op, PatternRewriter &rewriter) const override {
    std::optional<double> slope = scalarWeight(op.getSlope());
    if (!slope)
      return failure();
    replaceBy<LeakyReluOp>(rewriter, op, {op.getInput()}, {named(rewriter, "alpha", rewriter.getF64FloatAttr(*slope))});
    return success();
  }
};
} // namespace

void top::populateReluPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseRelu, MergeRelu, ClipToRelu, MaxConstToRelu, MinConstIntoRelu, PReluToLeakyRelu>(
      patterns.getContext());
}
