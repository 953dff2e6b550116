// Permutations of axes: chains, those that change nothing, those that only move axes of extent 1, and the
// reshape-permute-reshape form of Depth2Space.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
struct TransposeToPermute : TopPattern<TransposeOp, TransposeToPermute> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    int64_t rank = shapeOf(op.getInput()).size();
    Shape order = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::swap(order[normalizeAxis(op.getDim0(), rank)], order[normalizeAxis(op.getDim1(), rank)]);
    replaceBy<PermuteOp>(rewriter, op, {op.getInput()}, {named(rewriter, "order", rewriter.getI64ArrayAttr(order))});
    return success();
  }
};

struct MergePermutes : TopPattern<PermuteOp, MergePermutes> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(PermuteOp op, PatternRewriter &rewriter) const override {
    auto before = op.getInput().getDefiningOp<PermuteOp>();
    if (!before)
      return failure();
    Shape first = i64Values(before.getOrder()), second = i64Values(op.getOrder()), order;
    for (int64_t axis : second)
      order.push_back(first[axis]);
    rewriter.modifyOpInPlace(op, [&] {
      op.setOrderAttr(rewriter.getI64ArrayAttr(order));
      op.getInputMutable().assign(before.getInput());
    });
    return success();
  }
};

/// Only axes of extent 1 move, so the element order stays; nothing at all may move.
struct PermuteToReshape : TopPattern<PermuteOp, PermuteToReshape> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(PermuteOp op, PatternRewriter &rewriter) const override {
    Shape order = i64Values(op.getOrder());
    if (llvm::is_sorted(order) && succeeded(replaceByOperand(rewriter, op, op.getInput())))
      return success();
    ArrayRef<int64_t> shape = shapeOf(op.getInput());
    llvm::erase_if(order, [&](int64_t axis) { return shape[axis] == 1; });
    if (!llvm::is_sorted(order))
      return failure();
    replaceBy<ReshapeOp>(rewriter, op, {op.getInput()},
                         {named(rewriter, "shape", rewriter.getI64ArrayAttr(shapeOf(op.getOutput())))});
    return success();
  }
};

/// One of the four permutations of a 6-d tensor that rearrange blocks of pixels and channels.
struct BlockForm {
  ArrayRef<int64_t> order;
  bool inverse, channelsFirst;
};
} // namespace

/// [N, r, s, C, H, W] or [N, C, r, s, H, W] to [N, C, H, r, W, s], and the inverses.
static constexpr int64_t depthColumnRow[] = {0, 3, 4, 1, 5, 2}, columnRowDepth[] = {0, 1, 4, 2, 5, 3},
                         inverseDcr[] = {0, 3, 5, 1, 2, 4}, inverseCrd[] = {0, 1, 3, 5, 2, 4};

namespace {
struct ReshapePermuteToDepth2Space : TopPattern<ReshapeOp, ReshapePermuteToDepth2Space> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto permute = absorbableOp<PermuteOp>(op.getInput());
    auto reshape = permute ? absorbableOp<ReshapeOp>(permute.getInput()) : ReshapeOp();
    if (!reshape)
      return failure();
    ArrayRef<int64_t> in = shapeOf(reshape.getInput()), six = shapeOf(reshape.getOutput()),
                      out = shapeOf(op.getOutput());
    if (in.size() != 4 || six.size() != 6 || out.size() != 4)
      return failure();
    const BlockForm forms[] = {{depthColumnRow, false, false},
                               {columnRowDepth, false, true},
                               {inverseDcr, true, false},
                               {inverseCrd, true, true}};
    Shape order = i64Values(permute.getOrder());
    for (const BlockForm &form : forms) {
      if (ArrayRef(order) != form.order)
        continue;
      int64_t h, w;
      Shape wantedIn, wantedOut;
      if (form.inverse) {
        h = six[3], w = six[5];
        wantedIn = {six[0], six[1], six[2] * h, six[4] * w};
        wantedOut = {six[0], six[1] * h * w, six[2], six[4]};
      } else {
        h = six[form.channelsFirst ? 2 : 1], w = six[form.channelsFirst ? 3 : 2];
        int64_t channels = six[form.channelsFirst ? 1 : 3];
        wantedIn = {six[0], channels * h * w, six[4], six[5]};
        wantedOut = {six[0], channels, six[4] * h, six[5] * w};
      }
      if (in != ArrayRef(wantedIn) || out != ArrayRef(wantedOut))
        return failure();
      replaceBy<Depth2SpaceOp>(rewriter, op, {reshape.getInput()},
                               {named(rewriter, "block_h", rewriter.getI64IntegerAttr(h)),
                                named(rewriter, "block_w", rewriter.getI64IntegerAttr(w)),
                                named(rewriter, "is_CRD", rewriter.getBoolAttr(form.channelsFirst)),
                                named(rewriter, "is_inversed", rewriter.getBoolAttr(form.inverse))});
      return success();
    }
    return failure();
  }
};
} // namespace

void top::populatePermutePatterns(RewritePatternSet &patterns) {
  patterns.add<TransposeToPermute, MergePermutes, PermuteToReshape>(patterns.getContext());
  patterns.add<ReshapePermuteToDepth2Space>(patterns.getContext(), 2);
}
