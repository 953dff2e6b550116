// Arithmetic of a tensor with a weight: a scalar weight becomes a constant attribute, a per-channel one a Scale.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

static bool plainCoefficients(std::optional<ArrayAttr> coefficients) {
  return !coefficients ||
         llvm::all_of(*coefficients, [](Attribute value) { return cast<FloatAttr>(value).getValueAsDouble() == 1.0; });
}

template <typename ConstOp>
static void replaceByConstant(PatternRewriter &rewriter, Operation *op, Value tensor, double value,
                              bool reverse = false) {
  SmallVector<NamedAttribute> attributes;
  if constexpr (ConstOp::template hasTrait<SupportFuseRelu>())
    attributes = reluOf(op);
  attributes.push_back(rewriter.getNamedAttr("const_val", rewriter.getF64FloatAttr(value)));
  if (Attribute scalar = op->getAttr("is_scalar"))
    attributes.push_back(rewriter.getNamedAttr("is_scalar", scalar));
  if (reverse)
    attributes.push_back(rewriter.getNamedAttr("is_reverse", rewriter.getBoolAttr(true)));
  replaceBy<ConstOp>(rewriter, op, {tensor}, attributes);
}

namespace {
struct AddToAddConst : TopPattern<AddOp, AddToAddConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    std::optional<WithScalar> parts = withScalar(op);
    if (!parts || !plainCoefficients(op.getCoeff()))
      return failure();
    replaceByConstant<AddConstOp>(rewriter, op, parts->tensor, parts->scalar);
    return success();
  }
};

struct MulToMulConst : TopPattern<MulOp, MulToMulConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    std::optional<WithScalar> parts = withScalar(op);
    if (!parts)
      return failure();
    replaceByConstant<MulConstOp>(rewriter, op, parts->tensor, parts->scalar);
    return success();
  }
};

/// x - c, or c - x with is_reverse.
struct SubToSubConst : TopPattern<SubOp, SubToSubConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SubOp op, PatternRewriter &rewriter) const override {
    std::optional<WithScalar> parts = withScalar(op);
    if (!parts || !plainCoefficients(op.getCoeff()))
      return failure();
    replaceByConstant<SubConstOp>(rewriter, op, parts->tensor, parts->scalar, parts->weightFirst != op.getIsReverse());
    return success();
  }
};

/// x / c is x * (1 / c); c / x is a Reciprocal.
struct DivToConst : TopPattern<DivOp, DivToConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    std::optional<WithScalar> parts = withScalar(op);
    if (!parts)
      return failure();
    if (parts->weightFirst != op.getIsReverse()) {
      auto attributes = reluOf(op);
      attributes.push_back(named(rewriter, "const_val", rewriter.getF64FloatAttr(parts->scalar)));
      replaceBy<ReciprocalOp>(rewriter, op, {parts->tensor}, attributes);
      return success();
    }
    // A reciprocal that f32 cannot hold would change the result.
    double reciprocal = 1.0 / parts->scalar;
    if (!std::isnormal(static_cast<float>(reciprocal)))
      return failure();
    replaceByConstant<MulConstOp>(rewriter, op, parts->tensor, reciprocal);
    return success();
  }
};

struct MaxToMaxConst : TopPattern<MaxOp, MaxToMaxConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MaxOp op, PatternRewriter &rewriter) const override {
    std::optional<WithScalar> parts = withScalar(op);
    if (!parts)
      return failure();
    replaceByConstant<MaxConstOp>(rewriter, op, parts->tensor, parts->scalar);
    return success();
  }
};

struct MinToMinConst : TopPattern<MinOp, MinToMinConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MinOp op, PatternRewriter &rewriter) const override {
    std::optional<WithScalar> parts = withScalar(op);
    if (!parts)
      return failure();
    replaceByConstant<MinConstOp>(rewriter, op, parts->tensor, parts->scalar);
    return success();
  }
};
} // namespace

/// The position of the operand that is a per-channel weight (axis 1 of a tensor of rank 3 to 5), or -1.
static int channelWeight(Operation *op) {
  if (op->getNumOperands() != 2)
    return -1;
  ArrayRef<int64_t> shape = shapeOf(op->getResult(0));
  if (shape.size() < 3 || shape.size() > 5 || shape[1] == 1)
    return -1;
  for (int position : {1, 0}) {
    Value tensor = op->getOperand(1 - position);
    if (!weightOf(tensor) && shapeOf(tensor) == shape && liesAlongAxis(op->getOperand(position), shape, 1))
      return position;
  }
  return -1;
}

static LogicalResult replaceByScale(Operation *op, Value tensor, std::vector<double> scale, std::vector<double> bias,
                                    PatternRewriter &rewriter) {
  std::string name = nameOf(op->getResult(0)).str();
  Shape shape{static_cast<int64_t>(scale.size())};
  Value scales = newWeight(rewriter, name + "_scale", shape, scale);
  Value biases = newWeight(rewriter, name + "_bias", shape, bias);
  replaceBy<ScaleOp>(rewriter, op, {tensor, scales, biases}, reluOf(op));
  return success();
}

namespace {
struct AddToScale : TopPattern<AddOp, AddToScale> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    int position = channelWeight(op);
    if (position < 0 || !plainCoefficients(op.getCoeff()))
      return failure();
    auto values = weightValues(op.getOperand(position));
    if (!values)
      return failure();
    return replaceByScale(op, op.getOperand(1 - position), std::vector<double>(values->size(), 1.0), *values, rewriter);
  }
};

struct SubToScale : TopPattern<SubOp, SubToScale> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SubOp op, PatternRewriter &rewriter) const override {
    int position = channelWeight(op);
    if (position < 0 || !plainCoefficients(op.getCoeff()))
      return failure();
    auto values = weightValues(op.getOperand(position));
    if (!values)
      return failure();
    // weight - x, or x - weight.
    bool negateTensor = (position == 0) != op.getIsReverse();
    std::vector<double> scale(values->size(), negateTensor ? -1.0 : 1.0);
    if (!negateTensor)
      for (double &value : *values)
        value = -value;
    return replaceByScale(op, op.getOperand(1 - position), scale, *values, rewriter);
  }
};

struct MulToScale : TopPattern<MulOp, MulToScale> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    int position = channelWeight(op);
    if (position < 0)
      return failure();
    auto values = weightValues(op.getOperand(position));
    if (!values)
      return failure();
    return replaceByScale(op, op.getOperand(1 - position), *values, std::vector<double>(values->size(), 0.0), rewriter);
  }
};

/// x / weight is x * (1 / weight), for a weight of any shape.
struct DivToMul : TopPattern<DivOp, DivToMul> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(DivOp op, PatternRewriter &rewriter) const override {
    if (op.getNumOperands() != 2 || op.getIsReverse() || weightOf(op.getOperand(0)))
      return failure();
    Value divisor = op.getOperand(1);
    if (!weightOf(divisor) || elementsOf(divisor) == 1)
      return failure();
    auto values = weightValues(divisor);
    if (!values)
      return failure();
    for (double &value : *values) {
      value = 1.0 / value;
      if (!std::isnormal(static_cast<float>(value)))
        return failure();
    }
    Value factor = newWeight(rewriter, (nameOf(divisor) + "_reciprocal").str(), shapeOf(divisor), *values);
    replaceBy<MulOp>(rewriter, op, {op.getOperand(0), factor}, reluOf(op));
    return success();
  }
};

/// Of a commutative op's two operands, the weight comes second.
template <typename OpTy> struct WeightOperandLast : TopPattern<OpTy, WeightOperandLast<OpTy>> {
  using TopPattern<OpTy, WeightOperandLast>::TopPattern;
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    if (op->getNumOperands() != 2 || !weightOf(op->getOperand(0)) || weightOf(op->getOperand(1)) ||
        op->hasAttr("coeff"))
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op->setOperands({op->getOperand(1), op->getOperand(0)}); });
    return success();
  }
};
} // namespace

void top::populateArithmeticPatterns(RewritePatternSet &patterns) {
  patterns.add<AddToAddConst, MulToMulConst, SubToSubConst, DivToConst, MaxToMaxConst, MinToMinConst, AddToScale,
               SubToScale, MulToScale, DivToMul, WeightOperandLast<AddOp>, WeightOperandLast<MulOp>,
               WeightOperandLast<MaxOp>, WeightOperandLast<MinOp>>(patterns.getContext());
}
