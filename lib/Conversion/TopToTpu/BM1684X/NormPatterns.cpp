// Normalizations that have an exact form in ops that are lowered: LayerNorm over other axes, means and roots. The
// canonical module keeps them, because their chip-independent form says more. What is between has no statistics of its
// own, so that it is f32 where the network is quantized.
#include "NormPatterns.h"

#include "Replacement.h"
#include "tpu_mlir/Dialect/Top/IR/TopNorm.h"

using namespace mlir;
using namespace tpu_mlir;
using bm1684x::isKnown;
using bm1684x::parameterValues;
using top::Shape;

namespace {
/// Steps of normalizations.
class Steps : public bm1684x::Replacement {
public:
  using Replacement::Replacement;

  /// Normalization over the last axis.
  Value layerNorm(Value value, Value weight, Value bias, Attribute epsilon) {
    ArrayRef<int64_t> shape = top::shapeOf(value);
    return make<top::LayerNormOp>("layernorm", real(), shape, {value, weight, bias},
                                  {integers("normalized_shape", shape.take_back(1)), number("axis", shape.size() - 1),
                                   rewriter.getNamedAttr("eps", epsilon)});
  }
  Value scale(Value value, Value factor, Value addend) {
    return make<top::ScaleOp>("scale", real(), top::shapeOf(value), {value, factor, addend});
  }
  template <typename ConstOp> Value constant(Value value, double number) {
    return make<ConstOp>("constant", real(), top::shapeOf(value), {value},
                         {rewriter.getNamedAttr("const_val", rewriter.getF64FloatAttr(number))});
  }
  Value meanOfLastAxis(Value value) {
    Shape shape = llvm::to_vector(top::shapeOf(value));
    shape.back() = 1;
    return make<top::ReduceOp>("mean", real(), shape, {value},
                               {integers("axes", {static_cast<int64_t>(shape.size()) - 1}),
                                rewriter.getNamedAttr("keepdims", rewriter.getBoolAttr(true)),
                                rewriter.getNamedAttr("mode", rewriter.getStringAttr("ReduceMean"))});
  }
  /// Means of `size` neighbours along axis 2; what is missing at the ends counts as zeros.
  Value meansOfNeighbours(Value value, int64_t size) {
    const int64_t before = (size - 1) / 2;
    return make<top::AvgPoolOp>("means", real(), top::shapeOf(value), {value},
                                {integers("kernel_shape", {size, 1}), integers("strides", {1, 1}),
                                 integers("pads", {before, 0, size - 1 - before, 0}),
                                 rewriter.getNamedAttr("count_include_pad", rewriter.getBoolAttr(true))});
  }
  Value values(StringRef suffix, ArrayRef<double> all) {
    return weight(suffix, {static_cast<int64_t>(all.size())}, all);
  }
};

/// [batch, groups, values] normalized over the last axis, back again, and a multiply-add per channel.
LogicalResult normalizeGroups(Operation *op, int64_t groups, Value weight, Value bias, Attribute epsilon,
                              PatternRewriter &rewriter) {
  if (!isKnown(op))
    return failure();
  Value input = op->getOperand(0);
  ArrayRef<int64_t> shape = top::shapeOf(input);
  if (top::product(shape) == 0)
    return failure();
  auto weights = parameterValues(weight, shape[1], 1), biases = parameterValues(bias, shape[1], 0);
  if (!weights || !biases)
    return failure();
  const bool scaled = !top::isNone(weight) || !top::isNone(bias);
  Steps steps(op, rewriter);
  Value none = top::noneFor(op);
  Value value = steps.reshape(input, {shape[0], groups, top::product(shape.drop_front()) / groups});
  value = steps.layerNorm(value, none, none, epsilon);
  value = scaled ? steps.reshape(value, shape) : steps.last().reshape(value, shape);
  if (scaled) {
    Value factor = steps.values("weight", *weights), addend = steps.values("bias", *biases);
    steps.last();
    value = steps.scale(value, factor, addend);
  }
  rewriter.replaceOp(op, value);
  return success();
}

struct GroupNormToLayerNorm : OpRewritePattern<top::GroupNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::GroupNormOp op, PatternRewriter &rewriter) const override {
    return normalizeGroups(op, op.getNumGroups(), op.getWeight(), op.getBias(), op.getEpsAttr(), rewriter);
  }
};

struct InstanceNormToLayerNorm : OpRewritePattern<top::InstanceNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::InstanceNormOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    return normalizeGroups(op, top::shapeOf(op.getInput())[1], op.getWeight(), op.getBias(), op.getEpsAttr(), rewriter);
  }
};

/// Channels become the last axis.
struct PixelNormToLayerNorm : OpRewritePattern<top::PixelNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::PixelNormOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    ArrayRef<int64_t> shape = top::shapeOf(op.getInput());
    const auto rank = static_cast<int64_t>(shape.size());
    Steps steps(op, rewriter);
    auto weights = parameterValues(op.getWeight(), shape[1], 1), biases = parameterValues(op.getBias(), shape[1], 0);
    if (!weights || !biases)
      return failure();
    Value weight = top::isNone(op.getWeight()) ? op.getWeight() : steps.values("weight", *weights);
    Value bias = top::isNone(op.getBias()) ? op.getBias() : steps.values("bias", *biases);
    Shape there{0}, back{0, rank - 1};
    for (int64_t axis = 2; axis < rank; ++axis) {
      there.push_back(axis);
      back.push_back(axis - 1);
    }
    there.push_back(1);
    if (rank == 2) {
      steps.last();
      rewriter.replaceOp(op, steps.layerNorm(op.getInput(), weight, bias, op.getEpsAttr()));
      return success();
    }
    Value value = steps.permute(op.getInput(), there);
    value = steps.layerNorm(value, weight, bias, op.getEpsAttr());
    rewriter.replaceOp(op, steps.last().permute(value, back));
    return success();
  }
};

struct RmsNormToMean : OpRewritePattern<top::RMSNormOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::RMSNormOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    Value input = op.getInput(), gamma = op.getGamma();
    auto values = parameterValues(gamma, 0, 1);
    if (!values)
      return failure();
    Steps steps(op, rewriter);
    Value root = steps.meanOfLastAxis(steps.combine<top::MulOp>(input, input));
    root = steps.constant<top::AddConstOp>(root, op.getEps().convertToDouble());
    root = steps.apply<top::RsqrtOp>(root);
    if (top::isNone(gamma)) {
      rewriter.replaceOp(op, steps.last().combine<top::MulOp>(input, root));
      return success();
    }
    Value normal = steps.combine<top::MulOp>(input, root), weight = steps.values("gamma", *values);
    rewriter.replaceOp(op, steps.last().combine<top::MulOp>(normal, weight));
    return success();
  }
};

/// The sum over neighbouring channels is an average pooling along them; the power is made of roots or of logarithms.
struct LrnToPool : OpRewritePattern<top::LRNOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::LRNOp op, PatternRewriter &rewriter) const override {
    const double alpha = op.getAlpha().convertToDouble(), beta = op.getBeta().convertToDouble(),
                 bias = op.getBias().convertToDouble();
    // Otherwise the base may be negative or zero, of which there is no logarithm.
    if (!isKnown(op) || !(alpha >= 0) || !(bias > 0) || op.getSize() > INT32_MAX)
      return failure();
    Value input = op.getInput();
    ArrayRef<int64_t> shape = top::shapeOf(input);
    Steps steps(op, rewriter);
    Value squares = steps.combine<top::MulOp>(input, input);
    squares = steps.reshape(squares, {shape[0], 1, shape[1], top::product(shape.drop_front(2))});
    Value base = steps.constant<top::MulConstOp>(steps.meansOfNeighbours(squares, op.getSize()), alpha);
    base = steps.constant<top::AddConstOp>(base, bias);
    Value factor;
    if (beta == 0.75) {
      Value half = steps.apply<top::RsqrtOp>(base);
      factor = steps.combine<top::MulOp>(half, steps.apply<top::SqrtOp>(half));
    } else if (beta == 0.5) {
      factor = steps.apply<top::RsqrtOp>(base);
    } else {
      factor = steps.constant<top::MulConstOp>(steps.apply<top::LogOp>(base), -beta);
      factor = steps.apply<top::ExpOp>(factor);
    }
    factor = steps.reshape(factor, shape);
    rewriter.replaceOp(op, steps.last().combine<top::MulOp>(input, factor));
    return success();
  }
};
} // namespace

void bm1684x::populateNormPatterns(RewritePatternSet &patterns) {
  patterns.add<GroupNormToLayerNorm, InstanceNormToLayerNorm, PixelNormToLayerNorm, RmsNormToMean, LrnToPool>(
      patterns.getContext());
}
