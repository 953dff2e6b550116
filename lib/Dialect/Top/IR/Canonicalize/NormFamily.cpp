// Normalizations beyond the core: Normalize and Variance by ops of the core; GroupNorm as exporters write it.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopNorm.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// A step of a decomposition; its name is the op's with a suffix.
template <typename OpTy>
static Value step(PatternRewriter &rewriter, Operation *op, StringRef suffix, ArrayRef<int64_t> shape,
                  ValueRange operands, ArrayRef<NamedAttribute> attributes = {}) {
  Type element = cast<TensorType>(op->getResult(0).getType()).getElementType();
  Location loc = nameLoc(op->getContext(), nameOf(op->getResult(0)).str() + suffix.str());
  return make<OpTy>(rewriter, loc, RankedTensorType::get(shape, element), operands, attributes)->getResult(0);
}

static Value reduced(PatternRewriter &rewriter, Operation *op, StringRef suffix, StringRef mode, Value input,
                     ArrayRef<int64_t> axes) {
  Shape shape = llvm::to_vector(shapeOf(input));
  for (int64_t axis : axes)
    shape[axis] = 1;
  return step<ReduceOp>(rewriter, op, suffix, shape, {input},
                        {named(rewriter, "axes", rewriter.getI64ArrayAttr(axes)),
                         named(rewriter, "keepdims", rewriter.getBoolAttr(true)),
                         named(rewriter, "mode", rewriter.getStringAttr(mode))});
}

namespace {
/// x / sqrt(sum of squares + 1e-10) * scale.
struct NormalizeToReduce : TopPattern<NormalizeOp, NormalizeToReduce> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(NormalizeOp op, PatternRewriter &rewriter) const override {
    auto scales = weightValues(op.getScale());
    if (!scales)
      return failure();
    Value input = op.getInput();
    ArrayRef<int64_t> shape = shapeOf(input);
    Shape axes{1};
    if (op.getAcrossSpatial())
      axes = llvm::to_vector(llvm::seq<int64_t>(1, shape.size()));
    Value squares = step<MulOp>(rewriter, op, "_squares", shape, {input, input});
    Value sum = reduced(rewriter, op, "_sum", "ReduceSum", squares, axes);
    Value shifted = step<AddConstOp>(rewriter, op, "_shifted", shapeOf(sum), {sum},
                                     {named(rewriter, "const_val", rewriter.getF64FloatAttr(1e-10))});
    Value norm = step<RsqrtOp>(rewriter, op, "_rsqrt", shapeOf(sum), {shifted});
    Value normal = step<MulOp>(rewriter, op, "_normal", shape, {input, norm});
    if (op.getChannelShared()) {
      replaceBy<MulConstOp>(rewriter, op, {normal},
                            {named(rewriter, "const_val", rewriter.getF64FloatAttr(scales->front()))});
      return success();
    }
    std::string name = nameOf(op.getOutput()).str();
    Value scale = newWeight(rewriter, name + "_scale", {shape[1]}, *scales);
    Value bias = newWeight(rewriter, name + "_bias", {shape[1]}, std::vector<double>(scales->size(), 0.0));
    replaceBy<ScaleOp>(rewriter, op, {normal, scale, bias});
    return success();
  }
};

/// The mean of squared differences from the mean, times n / (n - correction).
struct VarianceToReduce : TopPattern<VarianceOp, VarianceToReduce> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(VarianceOp op, PatternRewriter &rewriter) const override {
    Value input = op.getInput();
    ArrayRef<int64_t> shape = shapeOf(input);
    Shape axes = i64Values(op.getReduceList());
    if (axes.empty())
      axes = llvm::to_vector(llvm::seq<int64_t>(0, shape.size()));
    double count = 1;
    for (int64_t &axis : axes) {
      axis = normalizeAxis(axis, shape.size());
      count *= static_cast<double>(shape[axis]);
    }
    llvm::sort(axes);
    double divisor = count - op.getCorrection().convertToDouble();
    if (axes.empty() || count == 0 || !(divisor > 0))
      return failure();
    Value mean = reduced(rewriter, op, "_mean", "ReduceMean", input, axes);
    Value centred = step<SubOp>(rewriter, op, "_centred", shape, {input, mean});
    Value squares = step<MulOp>(rewriter, op, "_squares", shape, {centred, centred});
    auto attributes = {named(rewriter, "axes", rewriter.getI64ArrayAttr(axes)),
                       named(rewriter, "keepdims", op.getKeepDimsAttr()),
                       named(rewriter, "mode", rewriter.getStringAttr("ReduceMean"))};
    if (divisor == count) {
      replaceBy<ReduceOp>(rewriter, op, {squares}, attributes);
      return success();
    }
    Value biased = step<ReduceOp>(rewriter, op, "_biased", shapeOf(op.getOutput()), {squares}, attributes);
    replaceBy<MulConstOp>(rewriter, op, {biased},
                          {named(rewriter, "const_val", rewriter.getF64FloatAttr(count / divisor))});
    return success();
  }
};

/// One value per group, as one per channel; none stays none.
std::optional<Value> repeated(PatternRewriter &rewriter, Operation *op, StringRef suffix, Value parameter,
                              int64_t times) {
  if (isNone(parameter))
    return parameter;
  auto values = weightValues(parameter);
  if (!values)
    return std::nullopt;
  std::vector<double> all;
  for (double value : *values)
    all.insert(all.end(), times, value);
  return newWeight(rewriter, nameOf(op->getResult(0)).str() + suffix.str(), {static_cast<int64_t>(all.size())}, all);
}

/// Reshape to [batch, groups, values], InstanceNorm, Reshape back.
struct InstanceNormToGroupNorm : TopPattern<ReshapeOp, InstanceNormToGroupNorm> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto norm = absorbableOp<InstanceNormOp>(op.getInput());
    auto before = norm ? norm.getInput().getDefiningOp<ReshapeOp>() : ReshapeOp();
    if (!before || isNetworkOutput(before.getOutput()))
      return failure();
    ArrayRef<int64_t> shape = shapeOf(before.getInput()), grouped = shapeOf(before.getOutput());
    if (shape != shapeOf(op.getOutput()) || shape.size() < 2 || grouped.size() < 3 || shape[0] != grouped[0] ||
        grouped[1] < 1 || shape[1] % grouped[1])
      return failure();
    for (Value parameter : {norm.getWeight(), norm.getBias()})
      if (!isNone(parameter) && !weightOf(parameter))
        return failure();
    int64_t times = shape[1] / grouped[1];
    auto weight = repeated(rewriter, op, "_weight", norm.getWeight(), times);
    auto bias = repeated(rewriter, op, "_bias", norm.getBias(), times);
    if (!weight || !bias)
      return failure();
    replaceBy<GroupNormOp>(rewriter, op, {before.getInput(), *weight, *bias},
                           {named(rewriter, "num_groups", rewriter.getI64IntegerAttr(grouped[1])),
                            named(rewriter, "eps", norm.getEpsAttr())});
    return success();
  }
};

/// A multiply-add per channel after a normalization of channels joins its weight and bias.
template <typename NormOp> struct ScaleIntoNorm : TopPattern<ScaleOp, ScaleIntoNorm<NormOp>> {
  using TopPattern<ScaleOp, ScaleIntoNorm<NormOp>>::TopPattern;
  LogicalResult matchAndRewrite(ScaleOp op, PatternRewriter &rewriter) const override {
    auto norm = absorbableOp<NormOp>(op.getInput());
    auto scale = weightValues(op.getScale()), bias = weightValues(op.getBias());
    if (!norm || hasRelu(op) || !scale || !bias)
      return failure();
    std::vector<double> weights(scale->size(), 1.0), biases(scale->size(), 0.0);
    for (auto [parameter, values] : {std::pair(norm.getWeight(), &weights), std::pair(norm.getBias(), &biases)})
      if (!isNone(parameter)) {
        auto own = weightValues(parameter);
        if (!own || own->size() != values->size())
          return failure();
        *values = *own;
      }
    for (size_t i = 0; i < scale->size(); ++i) {
      weights[i] *= (*scale)[i];
      biases[i] = biases[i] * (*scale)[i] + (*bias)[i];
    }
    std::string name = nameOf(op.getOutput()).str();
    Shape shape{static_cast<int64_t>(scale->size())};
    Value weight = newWeight(rewriter, name + "_weight", shape, weights);
    Value addend = newWeight(rewriter, name + "_bias", shape, biases);
    replaceBy<NormOp>(rewriter, op, {norm.getInput(), weight, addend}, norm->getAttrs());
    return success();
  }
};
} // namespace

void top::populateNormFamilyPatterns(RewritePatternSet &patterns) {
  patterns.add<NormalizeToReduce, VarianceToReduce, InstanceNormToGroupNorm, ScaleIntoNorm<GroupNormOp>,
               ScaleIntoNorm<InstanceNormOp>, ScaleIntoNorm<PixelNormOp>>(patterns.getContext());
}
