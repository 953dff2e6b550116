// Interp by whole factors becomes Upsample; resizing to the same size and repeating once disappear.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
struct RemoveIdentityInterp : TopPattern<InterpOp, RemoveIdentityInterp> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(InterpOp op, PatternRewriter &rewriter) const override {
    // With a scale that is not exactly 1 the coordinates differ although the size does not.
    if (op.getInput().getType() != op.getOutput().getType() || op.getScaleH().convertToDouble() != 1.0 ||
        op.getScaleW().convertToDouble() != 1.0)
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};

/// Each pixel is repeated: nearest interpolation by whole factors, unless corners are aligned.
struct InterpToUpsample : TopPattern<InterpOp, InterpToUpsample> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(InterpOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> in = shapeOf(op.getInput()), out = shapeOf(op.getOutput());
    if (op.getMode() != "nearest" || op.getCoordMode() == "align_corners" || in.size() != 4)
      return failure();
    int64_t h = out[2] / in[2], w = out[3] / in[3];
    if (h * in[2] != out[2] || w * in[3] != out[3] || (h == 1 && w == 1) ||
        !near(op.getScaleH().convertToDouble(), h) || !near(op.getScaleW().convertToDouble(), w))
      return failure();
    replaceBy<UpsampleOp>(rewriter, op, {op.getInput()},
                          {named(rewriter, "scale_h", rewriter.getI64IntegerAttr(h)),
                           named(rewriter, "scale_w", rewriter.getI64IntegerAttr(w))});
    return success();
  }
};

struct RemoveIdentityUpsample : TopPattern<UpsampleOp, RemoveIdentityUpsample> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(UpsampleOp op, PatternRewriter &rewriter) const override {
    if (op.getScaleH() != 1 || op.getScaleW() != 1 || op.getDoRelu())
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};

struct RemoveIdentityTile : TopPattern<TileOp, RemoveIdentityTile> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(TileOp op, PatternRewriter &rewriter) const override {
    if (op.getTileT() || op.getInput().getType() != op.getOutput().getType())
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};
} // namespace

void top::populateResizePatterns(RewritePatternSet &patterns) {
  patterns.add<RemoveIdentityInterp, InterpToUpsample, RemoveIdentityUpsample, RemoveIdentityTile>(
      patterns.getContext());
}
