// A Pad of the spatial axes disappears into the convolution or pooling that reads it.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// The pads of a window op after it absorbed the Pad; nullopt if the Pad touches other axes, is not constant, or a pad
/// would be as large as the kernel (a window would then see no input).
template <typename WindowOp> static std::optional<Shape> mergedPads(WindowOp op, PadOp pad) {
  if (pad.getMode() != "constant" || (pad.getPaddingsT() && !isNone(pad.getPaddingsT())))
    return std::nullopt;
  Shape paddings = i64Values(pad.getPaddings()), kernel = i64Values(op.getKernelShape());
  size_t axes = kernel.size(), rank = axes + 2;
  if (axes == 0 || paddings.size() != 2 * rank || paddings[0] || paddings[1] || paddings[rank] || paddings[rank + 1])
    return std::nullopt;
  Shape pads = i64ValuesOr(op.getPads(), 2 * axes, 0);
  for (size_t i = 0; i < axes; ++i) {
    pads[i] += paddings[2 + i];
    pads[axes + i] += paddings[rank + 2 + i];
    if (pads[i] >= kernel[i] || pads[axes + i] >= kernel[i])
      return std::nullopt;
  }
  return pads;
}

template <typename WindowOp>
static void absorb(WindowOp op, PadOp pad, ArrayRef<int64_t> pads, PatternRewriter &rewriter) {
  rewriter.modifyOpInPlace(op, [&] {
    op.setPadsAttr(rewriter.getI64ArrayAttr(pads));
    op->setOperand(0, pad.getInput());
  });
}

namespace {
/// The convolution's own pads are zeros too.
struct PadIntoConv : TopPattern<ConvOp, PadIntoConv> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ConvOp op, PatternRewriter &rewriter) const override {
    auto pad = absorbableOp<PadOp>(op.getInput());
    if (!pad || pad.getVal().convertToDouble() != 0.0 || op.getAutoPad().value_or("NOTSET") != "NOTSET" ||
        llvm::any_of(i64ValuesOr(op.getInserts(), 0, 0), [](int64_t insert) { return insert != 0; }))
      return failure();
    std::optional<Shape> pads = mergedPads(op, pad);
    if (!pads)
      return failure();
    absorb(op, pad, *pads, rewriter);
    return success();
  }
};

/// A maximum ignores what is -inf, and zeros if all values are zero or more.
struct PadIntoMaxPool : TopPattern<MaxPoolOp, PadIntoMaxPool> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MaxPoolOp op, PatternRewriter &rewriter) const override {
    auto pad = absorbableOp<PadOp>(op.getInput());
    if (!pad || op.getAutoPad() || op.getCeilMode())
      return failure();
    double value = pad.getVal().convertToDouble();
    bool neverWins = value <= -3.4028234663852886e+38;
    if (Operation *before = pad.getInput().getDefiningOp())
      neverWins |= value == 0.0 && (isa<ReluOp, SigmoidOp>(before) || hasRelu(before));
    std::optional<Shape> pads = neverWins ? mergedPads(op, pad) : std::nullopt;
    if (!pads)
      return failure();
    absorb(op, pad, *pads, rewriter);
    return success();
  }
};

/// Zeros count in the divisor when they come from a Pad, so the pool must count its own pads or have none.
struct PadIntoAvgPool : TopPattern<AvgPoolOp, PadIntoAvgPool> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AvgPoolOp op, PatternRewriter &rewriter) const override {
    auto pad = absorbableOp<PadOp>(op.getInput());
    if (!pad || pad.getVal().convertToDouble() != 0.0 || op.getAutoPad() || op.getCeilMode())
      return failure();
    bool padded = llvm::any_of(i64Values(op.getPads()), [](int64_t value) { return value != 0; });
    std::optional<Shape> pads = mergedPads(op, pad);
    if (!pads || (padded && !op.getCountIncludePad()))
      return failure();
    absorb(op, pad, *pads, rewriter);
    rewriter.modifyOpInPlace(op, [&] { op.setCountIncludePad(true); });
    return success();
  }
};

/// Pads by nothing.
struct RemoveEmptyPad : TopPattern<PadOp, RemoveEmptyPad> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(PadOp op, PatternRewriter &rewriter) const override {
    if (op.getInput().getType() != op.getOutput().getType() ||
        llvm::any_of(i64Values(op.getPaddings()), [](int64_t value) { return value != 0; }))
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};
} // namespace

void top::populatePadPatterns(RewritePatternSet &patterns) {
  patterns.add<PadIntoConv, PadIntoMaxPool, PadIntoAvgPool, RemoveEmptyPad>(patterns.getContext());
}
