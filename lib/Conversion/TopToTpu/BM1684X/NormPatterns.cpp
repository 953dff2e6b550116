// Normalizations that have an exact form in ops that are lowered: LayerNorm over other axes, means and roots. The
// canonical module keeps them, because their chip-independent form says more. What is between has no statistics of its
// own, so that it is f32 where the network is quantized.
#include "NormPatterns.h"

#include "tpu_mlir/Dialect/Top/IR/TopNorm.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
using top::Shape;

namespace {
/// Makes the ops in the place of one; the last one has its name and type.
class Steps {
public:
  Steps(Operation *op, PatternRewriter &rewriter) : op(op), rewriter(rewriter), name(top::nameOf(op->getResult(0))) {}

  /// From here on the op that is made is the last one.
  Steps &last() {
    isLast = true;
    return *this;
  }

  Value reshape(Value value, ArrayRef<int64_t> shape) {
    return make<top::ReshapeOp>("reshape", elementOf(value), shape, {value}, {integers("shape", shape)});
  }
  Value permute(Value value, ArrayRef<int64_t> order) {
    Shape shape;
    for (int64_t axis : order)
      shape.push_back(top::shapeOf(value)[axis]);
    return make<top::PermuteOp>("permute", elementOf(value), shape, {value}, {integers("order", order)});
  }
  /// Normalization over the last axis.
  Value layerNorm(Value value, Value weight, Value bias, Attribute epsilon) {
    ArrayRef<int64_t> shape = top::shapeOf(value);
    return make<top::LayerNormOp>(
        "layernorm", real(), shape, {value, weight, bias},
        {integers("normalized_shape", shape.take_back(1)),
         rewriter.getNamedAttr("axis", rewriter.getIntegerAttr(rewriter.getIntegerType(32, true), shape.size() - 1)),
         rewriter.getNamedAttr("eps", epsilon)});
  }
  Value scale(Value value, Value factor, Value addend) {
    return make<top::ScaleOp>("scale", real(), top::shapeOf(value), {value, factor, addend}, {});
  }
  /// The result has the shape of `a`.
  Value multiply(Value a, Value b) { return make<top::MulOp>("product", real(), top::shapeOf(a), {a, b}, {}); }
  template <typename ConstOp> Value constant(Value value, double number) {
    return make<ConstOp>("constant", real(), top::shapeOf(value), {value},
                         {rewriter.getNamedAttr("const_val", rewriter.getF64FloatAttr(number))});
  }
  template <typename OpTy> Value function(Value value) {
    return make<OpTy>("function", real(), top::shapeOf(value), {value}, {});
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
  Value weight(StringRef suffix, ArrayRef<double> values) {
    return top::createWeightF32(rewriter, (name + "_" + suffix).str(), {static_cast<int64_t>(values.size())}, values)
        .getOutput();
  }

private:
  Operation *op;
  PatternRewriter &rewriter;
  StringRef name;
  int count = 0;
  bool isLast = false;

  Type real() { return rewriter.getF32Type(); }
  static Type elementOf(Value value) { return cast<ShapedType>(value.getType()).getElementType(); }
  NamedAttribute integers(StringRef attribute, ArrayRef<int64_t> values) {
    return rewriter.getNamedAttr(attribute, rewriter.getI64ArrayAttr(values));
  }
  template <typename OpTy>
  Value make(StringRef what, Type element, ArrayRef<int64_t> shape, ArrayRef<Value> operands,
             ArrayRef<NamedAttribute> attributes) {
    std::string own = (name + "_" + what + std::to_string(count++)).str();
    OperationState state(isLast ? op->getLoc() : top::nameLoc(op->getContext(), own), OpTy::getOperationName());
    state.addOperands(operands);
    state.addTypes(isLast ? op->getResult(0).getType() : RankedTensorType::get(shape, element));
    state.addAttributes(attributes);
    // The lowering computes what is marked in f32, which needs no ranges.
    constexpr bool isMove = std::is_same_v<OpTy, top::ReshapeOp> || std::is_same_v<OpTy, top::PermuteOp>;
    if (!isMove && elementOf(op->getResult(0)) != real())
      state.addAttribute("preprocess", rewriter.getUnitAttr());
    return rewriter.create(state)->getResult(0);
  }
};

bool isKnown(Operation *op) {
  return llvm::all_of(op->getOperands(), [](Value v) { return top::isNone(v) || top::hasStaticShape(v); }) &&
         top::hasStaticShape(op->getResult(0));
}

/// The values of a constant parameter, `count` times `otherwise` for none; nothing if it is computed.
std::optional<std::vector<double>> parameterValues(Value parameter, int64_t count, double otherwise) {
  if (top::isNone(parameter))
    return std::vector<double>(count, otherwise);
  top::WeightOp weight = top::weightOf(parameter);
  if (!weight)
    return std::nullopt;
  FailureOr<std::vector<double>> values = top::readWeightAsDoubles(weight);
  return failed(values) ? std::nullopt : std::optional(std::move(*values));
}

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
  value = (scaled ? steps : steps.last()).reshape(value, shape);
  if (scaled) {
    Value factor = steps.weight("weight", *weights), addend = steps.weight("bias", *biases);
    value = steps.last().scale(value, factor, addend);
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
    Value weight = top::isNone(op.getWeight()) ? op.getWeight() : steps.weight("weight", *weights);
    Value bias = top::isNone(op.getBias()) ? op.getBias() : steps.weight("bias", *biases);
    Shape there{0}, back{0, rank - 1};
    for (int64_t axis = 2; axis < rank; ++axis) {
      there.push_back(axis);
      back.push_back(axis - 1);
    }
    there.push_back(1);
    if (rank == 2) {
      rewriter.replaceOp(op, steps.last().layerNorm(op.getInput(), weight, bias, op.getEpsAttr()));
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
    Value root = steps.meanOfLastAxis(steps.multiply(input, input));
    root = steps.constant<top::AddConstOp>(root, op.getEps().convertToDouble());
    root = steps.function<top::RsqrtOp>(root);
    if (top::isNone(gamma)) {
      rewriter.replaceOp(op, steps.last().multiply(input, root));
      return success();
    }
    Value normal = steps.multiply(input, root), weight = steps.weight("gamma", *values);
    rewriter.replaceOp(op, steps.last().multiply(normal, weight));
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
    Value squares = steps.multiply(input, input);
    squares = steps.reshape(squares, {shape[0], 1, shape[1], top::product(shape.drop_front(2))});
    Value base = steps.constant<top::MulConstOp>(steps.meansOfNeighbours(squares, op.getSize()), alpha);
    base = steps.constant<top::AddConstOp>(base, bias);
    Value factor;
    if (beta == 0.75) {
      Value half = steps.function<top::RsqrtOp>(base);
      factor = steps.multiply(half, steps.function<top::SqrtOp>(half));
    } else if (beta == 0.5) {
      factor = steps.function<top::RsqrtOp>(base);
    } else {
      factor = steps.constant<top::MulConstOp>(steps.function<top::LogOp>(base), -beta);
      factor = steps.function<top::ExpOp>(factor);
    }
    factor = steps.reshape(factor, shape);
    rewriter.replaceOp(op, steps.last().multiply(input, factor));
    return success();
  }
};
} // namespace

void bm1684x::populateNormPatterns(RewritePatternSet &patterns) {
  patterns.add<GroupNormToLayerNorm, InstanceNormToLayerNorm, PixelNormToLayerNorm, RmsNormToMean, LrnToPool>(
      patterns.getContext());
}
