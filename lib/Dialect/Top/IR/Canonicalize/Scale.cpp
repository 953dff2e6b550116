// A per-channel multiply-add (Scale), or one with a single constant, disappears into the convolution, deconvolution,
// matrix product or Scale before it.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
/// y = x * scale[channel] + bias[channel].
struct Affine {
  std::vector<double> scale, bias;
};
} // namespace

/// The multiply-add that an op of one tensor operand does along an axis of `channels` positions.
static std::optional<Affine> affineOf(Operation *op, int64_t channels) {
  Affine affine{std::vector<double>(channels, 1.0), std::vector<double>(channels, 0.0)};
  if (auto scale = dyn_cast<ScaleOp>(op)) {
    auto scales = weightValues(scale.getScale()), biases = weightValues(scale.getBias());
    if (!scales || !biases || static_cast<int64_t>(scales->size()) != channels)
      return std::nullopt;
    return Affine{std::move(*scales), std::move(*biases)};
  }
  if (auto multiply = dyn_cast<MulConstOp>(op))
    affine.scale.assign(channels, multiply.getConstVal().convertToDouble());
  else if (auto add = dyn_cast<AddConstOp>(op))
    affine.bias.assign(channels, add.getConstVal().convertToDouble());
  else
    return std::nullopt;
  return affine;
}

/// The bias after an affine op; nullopt if it stays absent.
static FailureOr<std::optional<std::vector<double>>> newBias(Value bias, const Affine &affine) {
  bool shifted = llvm::any_of(affine.bias, [](double value) { return value != 0.0; });
  std::vector<double> result(affine.bias);
  if (isNone(bias))
    return shifted ? std::optional(result) : std::nullopt;
  auto values = weightValues(bias);
  if (!values || values->size() != result.size())
    return failure();
  for (size_t i = 0; i < result.size(); ++i)
    result[i] += (*values)[i] * affine.scale[i];
  return std::optional(result);
}

static bool changesFilter(const Affine &affine) {
  return llvm::any_of(affine.scale, [](double value) { return value != 1.0; });
}

/// The output channel of an element of a filter [outer, inner, kernel...]. A Deconv's filter holds the channels of one
/// group in its first axis, and its second axis runs over the input channels, group by group.
static int64_t outputChannel(Operation *op, ArrayRef<int64_t> filter, int64_t outer, int64_t inner) {
  auto deconv = dyn_cast<DeconvOp>(op);
  return deconv ? inner / (filter[1] / int64_t(deconv.getGroup())) * filter[0] + outer : outer;
}

static Value scaledFilter(PatternRewriter &rewriter, Operation *op, Value filter, std::vector<double> values,
                          const Affine &affine) {
  ArrayRef<int64_t> shape = shapeOf(filter);
  int64_t kernel = product(shape.drop_front(2)), index = 0;
  for (int64_t outer = 0; outer < shape[0]; ++outer)
    for (int64_t inner = 0; inner < shape[1]; ++inner) {
      double scale = affine.scale[outputChannel(op, shape, outer, inner)];
      for (int64_t k = 0; k < kernel; ++k)
        values[index++] *= scale;
    }
  return newWeight(rewriter, (nameOf(filter) + "_scaled").str(), shape, values);
}

static LogicalResult foldIntoConv(Operation *op, Operation *conv, PatternRewriter &rewriter) {
  Value filter = conv->getOperand(1), bias = conv->getOperand(2);
  auto values = weightValues(filter);
  int64_t channels = shapeOf(conv->getResult(0))[1];
  std::optional<Affine> affine = affineOf(op, channels);
  if (hasRelu(conv) || !values || !affine)
    return failure();
  auto biases = newBias(bias, *affine);
  if (failed(biases))
    return failure();
  rewriter.setInsertionPoint(conv);
  if (changesFilter(*affine))
    filter = scaledFilter(rewriter, conv, filter, std::move(*values), *affine);
  std::string biasName = isNone(bias) ? nameOf(op->getResult(0)).str() + "_bias" : nameOf(bias).str() + "_scaled";
  if (*biases)
    bias = newWeight(rewriter, biasName, {channels}, **biases);
  rewriter.setInsertionPoint(op);
  Operation *fused = rewriter.clone(*conv);
  fused->setLoc(op->getLoc());
  fused->setOperands({conv->getOperand(0), filter, bias});
  for (NamedAttribute attribute : reluOf(op))
    fused->setAttr(attribute.getName(), attribute.getValue());
  fused->getResult(0).setType(op->getResult(0).getType());
  rewriter.replaceOp(op, fused);
  return success();
}

/// The right operand [..., K, N] (or transposed) with column n multiplied by scale[n].
static Value scaledColumns(PatternRewriter &rewriter, MatMulOp op, std::vector<double> values, const Affine &affine) {
  ArrayRef<int64_t> shape = shapeOf(op.getRight());
  int64_t inner = shape.back(), n = affine.scale.size();
  for (size_t i = 0; i < values.size(); ++i)
    values[i] *= affine.scale[op.getRightTranspose() ? (i / inner) % n : i % inner];
  return newWeight(rewriter, (nameOf(op.getRight()) + "_scaled").str(), shape, values);
}

static LogicalResult foldIntoMatMul(Operation *op, MatMulOp matmul, PatternRewriter &rewriter) {
  auto values = weightValues(matmul.getRight());
  ArrayRef<int64_t> result = shapeOf(matmul.getOutput());
  // A Scale works on axis 1, which must be the columns; a constant works everywhere.
  bool fits = !isa<ScaleOp>(op) || result.size() == 2;
  if (!fits || !values || hasRelu(matmul) || matmul.getOutputTranspose() || matmul.getHdimIsBatch() ||
      shapeOf(matmul.getRight()).size() < 2)
    return failure();
  std::optional<Affine> affine = affineOf(op, result.back());
  if (!affine)
    return failure();
  auto biases = newBias(matmul.getBias(), *affine);
  if (failed(biases))
    return failure();
  Value right = matmul.getRight(), bias = matmul.getBias();
  rewriter.setInsertionPoint(matmul);
  if (changesFilter(*affine))
    right = scaledColumns(rewriter, matmul, std::move(*values), *affine);
  if (*biases)
    bias = newWeight(rewriter, nameOf(op->getResult(0)).str() + "_bias", {result.back()}, **biases);
  rewriter.setInsertionPoint(op);
  Operation *fused = rewriter.clone(*matmul);
  fused->setLoc(op->getLoc());
  fused->setOperands({matmul.getInput(), right, bias});
  for (NamedAttribute attribute : reluOf(op))
    fused->setAttr(attribute.getName(), attribute.getValue());
  rewriter.replaceOp(op, fused);
  return success();
}

/// Two multiply-adds in a row, at least one of them per channel, are one Scale.
static LogicalResult foldIntoAffine(Operation *op, Operation *before, PatternRewriter &rewriter) {
  ArrayRef<int64_t> shape = shapeOf(op->getOperand(0));
  if (hasRelu(before) || shape.size() < 2)
    return failure();
  std::optional<Affine> first = affineOf(before, shape[1]), second = affineOf(op, shape[1]);
  if (!first || !second)
    return failure();
  for (size_t i = 0; i < first->scale.size(); ++i) {
    first->bias[i] = first->bias[i] * second->scale[i] + second->bias[i];
    first->scale[i] *= second->scale[i];
  }
  std::string name = nameOf(op->getResult(0)).str();
  Value scale = newWeight(rewriter, name + "_scale", {shape[1]}, first->scale);
  Value bias = newWeight(rewriter, name + "_bias", {shape[1]}, first->bias);
  replaceBy<ScaleOp>(rewriter, op, {before->getOperand(0), scale, bias}, reluOf(op));
  return success();
}

namespace {
template <typename AffineOp> struct AffineIntoConv : TopPattern<AffineOp, AffineIntoConv<AffineOp>> {
  using TopPattern<AffineOp, AffineIntoConv>::TopPattern;
  LogicalResult matchAndRewrite(AffineOp op, PatternRewriter &rewriter) const override {
    auto conv = absorbableOp<ConvOp>(op.getInput());
    return conv ? foldIntoConv(op, conv, rewriter) : failure();
  }
};

template <typename AffineOp> struct AffineIntoDeconv : TopPattern<AffineOp, AffineIntoDeconv<AffineOp>> {
  using TopPattern<AffineOp, AffineIntoDeconv>::TopPattern;
  LogicalResult matchAndRewrite(AffineOp op, PatternRewriter &rewriter) const override {
    auto deconv = absorbableOp<DeconvOp>(op.getInput());
    return deconv ? foldIntoConv(op, deconv, rewriter) : failure();
  }
};

template <typename AffineOp> struct AffineIntoMatMul : TopPattern<AffineOp, AffineIntoMatMul<AffineOp>> {
  using TopPattern<AffineOp, AffineIntoMatMul>::TopPattern;
  LogicalResult matchAndRewrite(AffineOp op, PatternRewriter &rewriter) const override {
    auto matmul = absorbableOp<MatMulOp>(op.getInput());
    return matmul ? foldIntoMatMul(op, matmul, rewriter) : failure();
  }
};

/// Scale after Scale, MulConst or AddConst.
struct MergeIntoScale : TopPattern<ScaleOp, MergeIntoScale> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ScaleOp op, PatternRewriter &rewriter) const override {
    Operation *before = op.getInput().getDefiningOp();
    if (!isa_and_nonnull<ScaleOp, MulConstOp, AddConstOp>(before) || !absorbable(op.getInput()))
      return failure();
    return foldIntoAffine(op, before, rewriter);
  }
};

/// MulConst or AddConst after Scale.
template <typename ConstOp> struct ConstantIntoScale : TopPattern<ConstOp, ConstantIntoScale<ConstOp>> {
  using TopPattern<ConstOp, ConstantIntoScale>::TopPattern;
  LogicalResult matchAndRewrite(ConstOp op, PatternRewriter &rewriter) const override {
    auto before = absorbableOp<ScaleOp>(op.getInput());
    return before ? foldIntoAffine(op, before, rewriter) : failure();
  }
};
} // namespace

void top::populateScalePatterns(RewritePatternSet &patterns) {
  patterns.add<AffineIntoConv<ScaleOp>, AffineIntoConv<MulConstOp>, AffineIntoConv<AddConstOp>,
               AffineIntoDeconv<ScaleOp>, AffineIntoDeconv<MulConstOp>, AffineIntoDeconv<AddConstOp>,
               AffineIntoMatMul<ScaleOp>, AffineIntoMatMul<MulConstOp>, AffineIntoMatMul<AddConstOp>, MergeIntoScale,
               ConstantIntoScale<MulConstOp>, ConstantIntoScale<AddConstOp>>(patterns.getContext());
}
