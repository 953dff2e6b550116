// Layer normalization spelled out in reductions, and its scale and offset.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// The first reduced axis if the value is the mean of `of` over all axes from there on, kept; else -1.
static int64_t meanAxis(Value value, Value of) {
  auto reduce = value.getDefiningOp<ReduceOp>();
  if (!reduce || reduce.getMode() != "ReduceMean" || !reduce.getKeepdims() || reduce.getInput() != of)
    return -1;
  int64_t rank = shapeOf(of).size();
  Shape axes = i64Values(reduce.getAxes());
  for (int64_t &axis : axes)
    axis = normalizeAxis(axis, rank);
  llvm::sort(axes);
  if (axes.empty() || axes.front() < 0 || ArrayRef(axes) != ArrayRef(llvm::to_vector(llvm::seq(axes.front(), rank))))
    return -1;
  return axes.front();
}

namespace {
/// The parts of (x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps).
struct Normalization {
  Value x;
  int64_t axis = -1;
  double eps = 0.0;
};
} // namespace

/// Matches the difference `centred` = x - mean(x).
static bool matchCentred(Value centred, Normalization &parts) {
  auto sub = centred.getDefiningOp<SubOp>();
  if (!sub || sub.getInputs().size() != 2 || sub.getIsReverse() || sub.getCoeff() || sub.getDoRelu())
    return false;
  parts.x = sub.getInputs()[0];
  parts.axis = meanAxis(sub.getInputs()[1], parts.x);
  return parts.axis >= 0;
}

/// Matches mean(centred^2) + eps.
static bool matchVariance(Value value, Value centred, Normalization &parts) {
  auto add = absorbableOp<AddConstOp>(value);
  if (!add || add.getDoRelu() || add.getConstVal().convertToDouble() < 0)
    return false;
  parts.eps = add.getConstVal().convertToDouble();
  auto mean = absorbableOp<ReduceOp>(add.getInput());
  auto square = mean ? absorbableOp<MulOp>(mean.getInput()) : MulOp();
  return square && square.getInputs().size() == 2 && !square.getDoRelu() && square.getInputs()[0] == centred &&
         square.getInputs()[1] == centred && meanAxis(add.getInput(), mean.getInput()) == parts.axis;
}

/// The argument of the square root that `centred` is divided by.
static Value rootArgument(Value divisor) {
  auto root = absorbableOp<SqrtOp>(divisor);
  return root ? root.getInput() : Value();
}

static Value reciprocalRootArgument(Value factor) {
  if (auto root = absorbableOp<RsqrtOp>(factor))
    return root.getInput();
  auto reciprocal = absorbableOp<ReciprocalOp>(factor);
  return reciprocal && reciprocal.getConstVal().convertToDouble() == 1.0 && !reciprocal.getDoRelu()
             ? rootArgument(reciprocal.getInput())
             : Value();
}

static LogicalResult replaceByLayerNorm(Operation *op, Value centred, Value variance, PatternRewriter &rewriter) {
  Normalization parts;
  if (!variance || !matchCentred(centred, parts) || !matchVariance(variance, centred, parts))
    return failure();
  // The difference serves the quotient and the square, nothing else.
  if (isNetworkOutput(centred) ||
      llvm::any_of(centred.getUsers(), [&](Operation *user) { return user != op && !isa<MulOp>(user); }) ||
      std::distance(centred.use_begin(), centred.use_end()) != 3)
    return failure();
  Value none = noneFor(op);
  Type si32 = rewriter.getIntegerType(32, true);
  replaceBy<LayerNormOp>(
      rewriter, op, {parts.x, none, none},
      {named(rewriter, "normalized_shape", rewriter.getI64ArrayAttr(shapeOf(parts.x).drop_front(parts.axis))),
       named(rewriter, "axis", rewriter.getIntegerAttr(si32, parts.axis)),
       named(rewriter, "eps", rewriter.getF64FloatAttr(parts.eps))});
  return success();
}

/// Whether the weight holds exactly the normalized axes of the op.
static bool fitsNormalizedShape(LayerNormOp norm, Value weight) {
  if (!weightOf(weight) || elementsOf(weight) != product(i64Values(norm.getNormalizedShape())))
    return false;
  ArrayRef<int64_t> shape = shapeOf(weight), full = shapeOf(norm.getOutput());
  return shape.size() <= full.size() && shape == full.take_back(shape.size()).take_back(shape.size()) &&
         product(shape) == product(full.drop_front(norm.getAxis()));
}

namespace {
struct DivToLayerNorm : TopPattern<DivOp, DivToLayerNorm> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || op.getIsReverse() || op.getDoRelu())
      return failure();
    return replaceByLayerNorm(op, op.getInputs()[0], rootArgument(op.getInputs()[1]), rewriter);
  }
};

struct MulToLayerNorm : TopPattern<MulOp, MulToLayerNorm> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || op.getDoRelu())
      return failure();
    for (int position : {0, 1})
      if (Value variance = reciprocalRootArgument(op.getInputs()[1 - position]))
        return replaceByLayerNorm(op, op.getInputs()[position], variance, rewriter);
    return failure();
  }
};

/// A factor per normalized element.
struct MulIntoLayerNorm : TopPattern<MulOp, MulIntoLayerNorm> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || op.getDoRelu())
      return failure();
    for (int position : {0, 1}) {
      auto norm = absorbableOp<LayerNormOp>(op.getInputs()[position]);
      Value factor = op.getInputs()[1 - position];
      if (!norm || !isNone(norm.getWeight()) || !isNone(norm.getBias()) || !fitsNormalizedShape(norm, factor))
        continue;
      replaceBy<LayerNormOp>(rewriter, op, {norm.getInput(), factor, norm.getBias()}, norm->getAttrs());
      return success();
    }
    return failure();
  }
};

/// An offset per normalized element.
struct AddIntoLayerNorm : TopPattern<AddOp, AddIntoLayerNorm> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || op.getDoRelu() || op.getCoeff())
      return failure();
    for (int position : {0, 1}) {
      auto norm = absorbableOp<LayerNormOp>(op.getInputs()[position]);
      Value offset = op.getInputs()[1 - position];
      if (!norm || !isNone(norm.getBias()) || !fitsNormalizedShape(norm, offset))
        continue;
      replaceBy<LayerNormOp>(rewriter, op, {norm.getInput(), norm.getWeight(), offset}, norm->getAttrs());
      return success();
    }
    return failure();
  }
};
} // namespace

void top::populateLayerNormPatterns(RewritePatternSet &patterns) {
  patterns.add<DivToLayerNorm, MulToLayerNorm, MulIntoLayerNorm, AddIntoLayerNorm>(patterns.getContext(), 3);
}
