// processor-tpu-optimize: rewrites of Tpu ops: of casts, and of attention.
#include "OutputCasts.h"
#include "TokenAttention.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/ModuleState.h"
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h"

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace tpu_mlir::tpu {
#define GEN_PASS_DEF_PROCESSORTPUOPTIMIZE
#include "tpu_mlir/Dialect/Tpu/Transforms/Passes.h.inc"
} // namespace tpu_mlir::tpu

using namespace mlir;
using namespace tpu_mlir;

namespace {
/// cast(cast(x: half -> f32) -> the same half) is x: widening loses nothing.
struct DropCastPair : OpRewritePattern<tpu::CastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tpu::CastOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<tpu::CastOp>();
    if (!inner || inner.getInput().getType() != op.getOutput().getType() || top::isNetworkOutput(op.getOutput()))
      return failure();
    if (!cast<RankedTensorType>(inner.getOutput().getType()).getElementType().isF32())
      return failure();
    rewriter.replaceOp(op, inner.getInput());
    return success();
  }
};

/// A second cast of one value to one type is the first.
struct ShareCast : OpRewritePattern<tpu::CastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tpu::CastOp op, PatternRewriter &rewriter) const override {
    if (top::isNetworkOutput(op.getOutput()))
      return failure();
    for (Operation *user : op.getInput().getUsers()) {
      auto other = dyn_cast<tpu::CastOp>(user);
      if (!other || other == op || other.getOutput().getType() != op.getOutput().getType() ||
          other->getBlock() != op->getBlock() || !other->isBeforeInBlock(op))
        continue;
      rewriter.replaceOp(op, other.getOutput());
      return success();
    }
    return failure();
  }
};

struct ProcessorTpuOptimizePass : tpu::impl::ProcessorTpuOptimizeBase<ProcessorTpuOptimizePass> {
  using ProcessorTpuOptimizeBase::ProcessorTpuOptimizeBase;

  void runOnOperation() override {
    if (failed(tpu::requireState(getOperation(), "processor-tpu-optimize", {"TPU_LOWERED"})))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    patterns.add<DropCastPair, ShareCast>(&getContext());
    tpu::populateTokenAttentionPatterns(patterns);
    tpu::populateOutputCastPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
