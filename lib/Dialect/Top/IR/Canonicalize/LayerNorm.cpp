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

/// Matches mean((x - mean(x))^2) + eps and gives the difference that is squared.
static Value matchVariance(Value value, Normalization &parts) {
  auto add = absorbableOp<AddConstOp>(value);
  if (!add || add.getDoRelu() || add.getConstVal().convertToDouble() < 0)
    return {};
  parts.eps = add.getConstVal().convertToDouble();
  auto mean = absorbableOp<ReduceOp>(add.getInput());
  auto square = mean ? absorbableOp<MulOp>(mean.getInput()) : MulOp();
  if (!square || square.getInputs().size() != 2 || square.getDoRelu() ||
      square.getInputs()[0] != square.getInputs()[1] || meanAxis(add.getInput(), mean.getInput()) != parts.axis)
    return {};
  Normalization own;
  Value centred = square.getInputs()[0];
  return matchCentred(centred, own) && own.x == parts.x && own.axis == parts.axis ? centred : Value();
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

static SmallVector<NamedAttribute> attributesOf(const Normalization &parts, PatternRewriter &rewriter) {
  ArrayRef<int64_t> normalized = shapeOf(parts.x).drop_front(parts.axis);
  return {named(rewriter, "normalized_shape", rewriter.getI64ArrayAttr(normalized)),
          named(rewriter, "axis", rewriter.getIntegerAttr(rewriter.getIntegerType(32, true), parts.axis)),
          named(rewriter, "eps", rewriter.getF64FloatAttr(parts.eps))};
}

static LogicalResult replaceByLayerNorm(Operation *op, Value centred, Value variance, PatternRewriter &rewriter) {
  Normalization parts;
  if (!variance || !matchCentred(centred, parts))
    return failure();
  Value squared = matchVariance(variance, parts);
  if (!squared)
    return failure();
  // The difference serves the quotient and the square, nothing else; some exporters write it twice.
  if (isNetworkOutput(centred) ||
      llvm::any_of(centred.getUsers(), [&](Operation *user) { return user != op && !isa<MulOp>(user); }) ||
      std::distance(centred.use_begin(), centred.use_end()) != (squared == centred ? 3 : 1))
    return failure();
  Value none = noneFor(op);
  replaceBy<LayerNormOp>(rewriter, op, {parts.x, none, none}, attributesOf(parts, rewriter));
  return success();
}

/// Whether the weight holds exactly the axes of `full` from `axis` on.
static bool fitsLastAxes(ArrayRef<int64_t> full, int64_t axis, Value weight) {
  ArrayRef<int64_t> shape = shapeOf(weight);
  return weightOf(weight) && shape.size() <= full.size() && product(shape) == product(full.drop_front(axis)) &&
         (shape == full.take_back(shape.size()) || shape.drop_while([](int64_t extent) {
           return extent == 1;
         }) == full.drop_front(axis).drop_while([](int64_t extent) { return extent == 1; }));
}

static bool fitsNormalizedShape(LayerNormOp norm, Value weight) {
  return fitsLastAxes(shapeOf(norm.getOutput()), norm.getAxis(), weight);
}

/// `value` if the op gives weight - value.
static Value subtractedFrom(SubOp sub, Value &weight) {
  if (!sub || sub.getInputs().size() != 2 || sub.getCoeff() || sub.getDoRelu())
    return {};
  weight = sub.getInputs()[sub.getIsReverse() ? 1 : 0];
  return sub.getInputs()[sub.getIsReverse() ? 0 : 1];
}

/// The factors of a product of two.
static std::pair<Value, Value> factorsOf(Value product) {
  auto multiply = product ? absorbableOp<MulOp>(product) : MulOp();
  if (!multiply || multiply.getInputs().size() != 2 || multiply.getDoRelu())
    return {};
  return {multiply.getInputs()[0], multiply.getInputs()[1]};
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

/// x * f + (offset - mean(x) * f) with f = factor / sqrt(variance + eps), as Keras computes it.
struct AddToLayerNorm : TopPattern<AddOp, AddToLayerNorm> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || op.getDoRelu() || op.getCoeff())
      return failure();
    for (int position : {0, 1}) {
      Value offset;
      Value shift = subtractedFrom(absorbableOp<SubOp>(op.getInputs()[1 - position]), offset);
      std::pair<Value, Value> scaled = factorsOf(op.getInputs()[position]), shifted = factorsOf(shift);
      if (!scaled.first || !shifted.first)
        continue;
      for (auto [x, scale] : {scaled, std::pair(scaled.second, scaled.first)})
        for (auto [mean, other] : {shifted, std::pair(shifted.second, shifted.first)})
          if (scale == other && succeeded(match(op, x, scale, mean, offset, rewriter)))
            return success();
    }
    return failure();
  }

private:
  static LogicalResult match(AddOp op, Value x, Value scale, Value mean, Value offset, PatternRewriter &rewriter) {
    auto multiply = scale.getDefiningOp<MulOp>();
    Normalization parts{x, meanAxis(mean, x), 0.0};
    if (parts.axis < 0 || !multiply || multiply.getInputs().size() != 2 || multiply.getDoRelu())
      return failure();
    for (int position : {0, 1}) {
      Value factor = multiply.getInputs()[1 - position];
      Value variance = reciprocalRootArgument(multiply.getInputs()[position]);
      if (!variance || !matchVariance(variance, parts) || !fitsLastAxes(shapeOf(x), parts.axis, factor) ||
          !fitsLastAxes(shapeOf(x), parts.axis, offset))
        continue;
      replaceBy<LayerNormOp>(rewriter, op, {x, factor, offset}, attributesOf(parts, rewriter));
      return success();
    }
    return failure();
  }
};
} // namespace

void top::populateLayerNormPatterns(RewritePatternSet &patterns) {
  patterns.add<DivToLayerNorm, MulToLayerNorm, MulIntoLayerNorm, AddIntoLayerNorm, AddToLayerNorm>(
      patterns.getContext(), 3);
}
