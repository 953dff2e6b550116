// Reductions over the spatial axes are poolings; reductions of axes of extent 1 are reshapes.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

template <typename PoolOp> static void replaceByPool(ReduceOp op, PatternRewriter &rewriter) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  auto attributes = {named(rewriter, "kernel_shape", rewriter.getI64ArrayAttr({shape[2], shape[3]})),
                     named(rewriter, "strides", rewriter.getI64ArrayAttr({1, 1})),
                     named(rewriter, "pads", rewriter.getI64ArrayAttr({0, 0, 0, 0})),
                     named(rewriter, "count_include_pad", rewriter.getBoolAttr(true))};
  if (op.getKeepdims()) {
    replaceBy<PoolOp>(rewriter, op, {op.getInput()}, attributes);
    return;
  }
  Type element = cast<TensorType>(op.getOutput().getType()).getElementType();
  auto pool = make<PoolOp>(rewriter, nameLoc(op.getContext(), nameOf(op.getOutput()).str() + "_pool"),
                           RankedTensorType::get({shape[0], shape[1], 1, 1}, element), {op.getInput()}, attributes);
  replaceBy<ReshapeOp>(rewriter, op, {pool.getOutput()},
                       {named(rewriter, "shape", rewriter.getI64ArrayAttr(shapeOf(op.getOutput())))});
}

namespace {
/// The mean or maximum of an image.
struct ReduceToPool : TopPattern<ReduceOp, ReduceToPool> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = shapeOf(op.getInput());
    if (shape.size() != 4 || i64Values(op.getAxes()) != Shape{2, 3})
      return failure();
    if (op.getMode() == "ReduceMean")
      replaceByPool<AvgPoolOp>(op, rewriter);
    else if (op.getMode() == "ReduceMax")
      replaceByPool<MaxPoolOp>(op, rewriter);
    else
      return failure();
    return success();
  }
};

/// Nothing to combine: sums, means, products and extrema of one element.
struct ReduceToReshape : TopPattern<ReduceOp, ReduceToReshape> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReduceOp op, PatternRewriter &rewriter) const override {
    if (elementsOf(op.getInput()) != elementsOf(op.getOutput()) || op.getMode() == "ReduceL1" ||
        op.getMode() == "ReduceL2")
      return failure();
    replaceBy<ReshapeOp>(rewriter, op, {op.getInput()},
                         {named(rewriter, "shape", rewriter.getI64ArrayAttr(shapeOf(op.getOutput())))});
    return success();
  }
};
} // namespace

void top::populateReducePatterns(RewritePatternSet &patterns) {
  patterns.add<ReduceToPool>(patterns.getContext(), 1);
  patterns.add<ReduceToReshape>(patterns.getContext(), 2);
}
