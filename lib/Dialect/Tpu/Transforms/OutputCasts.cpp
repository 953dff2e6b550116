// Moving casts before permutations. Only values change places, so the results are the same numbers.
#include "OutputCasts.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;

namespace {

Type elementOf(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }

/// A copy of an op of one tensor with another operand, whose result has the op's shape and another element type.
Operation *copyWith(PatternRewriter &rewriter, Operation *op, Value operand, ArrayRef<int64_t> shape, Type element,
                    Location location) {
  Operation *copy = rewriter.clone(*op);
  copy->setOperand(0, operand);
  copy->getResult(0).setType(RankedTensorType::get(shape, element));
  copy->setLoc(location);
  return copy;
}

struct CastBeforePermute : OpRewritePattern<tpu::CastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tpu::CastOp op, PatternRewriter &rewriter) const override {
    auto permute = op.getInput().getDefiningOp<tpu::PermuteOp>();
    if (!permute || !elementOf(op.getOutput()).isF32() || !permute->hasOneUse())
      return failure();
    SmallVector<Operation *> moved{permute}; // from the cast to the convolution
    Value source = permute.getInput();
    while (auto reshape = source.getDefiningOp<tpu::ReshapeOp>()) {
      if (!reshape->hasOneUse())
        return failure();
      moved.push_back(reshape);
      source = reshape.getInput();
    }
    if (!source.getDefiningOp<tpu::Conv2DOp>() || !source.hasOneUse() || elementOf(source) != elementOf(op.getInput()))
      return failure();
    rewriter.setInsertionPoint(op);
    Type f32 = elementOf(op.getOutput());
    auto shapeOf = [](Value value) { return cast<RankedTensorType>(value.getType()).getShape(); };
    auto named = [&](Value value) { return top::nameLoc(rewriter.getContext(), top::nameOf(value).str() + "_f32"); };
    Value value = copyWith(rewriter, op, source, shapeOf(source), f32, named(source))->getResult(0);
    for (Operation *step : llvm::reverse(moved)) {
      Location location = step == permute ? op.getLoc() : named(step->getResult(0));
      value = copyWith(rewriter, step, value, shapeOf(step->getResult(0)), f32, location)->getResult(0);
    }
    rewriter.replaceOp(op, value);
    for (Operation *step : moved)
      rewriter.eraseOp(step);
    return success();
  }
};

} // namespace

void tpu::populateOutputCastPatterns(RewritePatternSet &patterns) {
  patterns.add<CastBeforePermute>(patterns.getContext());
}
