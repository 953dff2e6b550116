// Activation functions that networks spell out in elementary ops.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
/// A product of values and a constant.
struct Product {
  double constant = 1.0;
  SmallVector<Value> factors;
};
} // namespace

/// Collects the factors of a value through products that nobody else uses.
static void collect(Value value, Product &product, bool root) {
  Operation *op = value.getDefiningOp();
  bool open = op && !hasRelu(op) && (root || absorbable(value));
  if (auto multiply = open ? dyn_cast<MulOp>(op) : MulOp()) {
    for (Value operand : multiply.getInputs())
      collect(operand, product, false);
  } else if (auto scale = open ? dyn_cast<MulConstOp>(op) : MulConstOp()) {
    product.constant *= scale.getConstVal().convertToDouble();
    collect(scale.getInput(), product, false);
  } else {
    product.factors.push_back(value);
  }
}

static Product productOf(Value value) {
  Product product;
  collect(value, product, true);
  return product;
}

/// y if the value is y + constant.
static Value minusConstant(Value value, double constant) {
  auto add = absorbableOp<AddConstOp>(value);
  return add && !add.getDoRelu() && near(add.getConstVal().convertToDouble(), constant) ? add.getInput() : Value();
}

/// y if the value is y * constant.
static Value withoutFactor(Value value, double constant) {
  auto multiply = absorbableOp<MulConstOp>(value);
  return multiply && !multiply.getDoRelu() && near(multiply.getConstVal().convertToDouble(), constant)
             ? multiply.getInput()
             : Value();
}

/// Whether the value is x * x * x * constant.
static bool isCube(Value value, Value x, double constant) {
  if (!absorbable(value))
    return false;
  Product product = productOf(value);
  return product.factors.size() == 3 && llvm::all_equal(product.factors) && product.factors[0] == x &&
         near(product.constant, constant);
}

/// Whether the value is the sum of x * a and x^3 * b.
static bool isCubicSum(AddOp add, Value x, double a, double b) {
  if (!add || add.getDoRelu() || add.getCoeff() || add.getInputs().size() != 2)
    return false;
  auto isLinear = [&](Value value) { return a == 1.0 ? value == x : withoutFactor(value, a) == x; };
  return (isLinear(add.getInputs()[0]) && isCube(add.getInputs()[1], x, b)) ||
         (isLinear(add.getInputs()[1]) && isCube(add.getInputs()[0], x, b));
}

/// Whether the value is sqrt(2/pi) * (x + 0.044715 x^3), in one of its usual forms.
static bool isTanhArgument(Value value, Value x) {
  constexpr double outer = 0.79788456080286535588, inner = 0.044715;
  if (isCubicSum(absorbableOp<AddOp>(value), x, outer, outer * inner))
    return true;
  Product product = productOf(value);
  if (!near(product.constant, outer))
    return false;
  if (product.factors.size() == 1)
    return isCubicSum(absorbableOp<AddOp>(product.factors[0]), x, 1.0, inner);
  // x * (1 + 0.044715 x^2)
  if (product.factors.size() != 2 || !llvm::is_contained(product.factors, x))
    return false;
  Value other = product.factors[product.factors[0] == x ? 1 : 0];
  Value square = minusConstant(other, 1.0);
  if (!square || !absorbable(square))
    return false;
  Product squared = productOf(square);
  return squared.factors.size() == 2 && squared.factors[0] == x && squared.factors[1] == x &&
         near(squared.constant, inner);
}

/// "normal" or "tanh" if the value is `half` times the GELU of x without its factor x/2, i.e. half + half * erf(...) or
/// half + half * tanh(...).
static StringRef geluKind(Value value, Value x, double half) {
  Value function = minusConstant(value, half);
  if (function && half != 1.0)
    function = withoutFactor(function, half);
  if (!function)
    return {};
  if (auto erf = absorbableOp<ErfOp>(function))
    return withoutFactor(erf.getInput(), 0.70710678118654752440) == x ? "normal" : "";
  if (auto tanh = absorbableOp<TanhOp>(function))
    return absorbable(tanh.getInput()) && isTanhArgument(tanh.getInput(), x) ? "tanh" : "";
  return {};
}

template <typename OpTy> static LogicalResult matchGelu(OpTy op, PatternRewriter &rewriter) {
  if (op.getDoRelu())
    return failure();
  Product product = productOf(op.getOutput());
  // The half is a factor, or has been multiplied out.
  double half = near(product.constant, 0.5) ? 1.0 : near(product.constant, 1.0) ? 0.5 : 0.0;
  if (product.factors.size() != 2 || half == 0.0)
    return failure();
  for (int position : {0, 1}) {
    Value x = product.factors[position];
    StringRef kind = geluKind(product.factors[1 - position], x, half);
    if (kind.empty())
      continue;
    replaceBy<GELUOp>(rewriter, op, {x}, {named(rewriter, "approx_mode", rewriter.getStringAttr(kind))});
    return success();
  }
  return failure();
}

namespace {
/// x * 0.5 * (1 + erf(x / sqrt 2)), or the tanh approximation, whatever the order of the products.
struct MulToGelu : TopPattern<MulOp, MulToGelu> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override { return matchGelu(op, rewriter); }
};
struct MulConstToGelu : TopPattern<MulConstOp, MulConstToGelu> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulConstOp op, PatternRewriter &rewriter) const override {
    return matchGelu(op, rewriter);
  }
};
} // namespace

/// For a product of two: calls `match(x, other)` for both orders.
template <typename Match> static LogicalResult matchProduct(MulOp op, Match match) {
  if (op.getInputs().size() != 2 || op.getDoRelu())
    return failure();
  if (succeeded(match(op.getInputs()[0], op.getInputs()[1])))
    return success();
  return match(op.getInputs()[1], op.getInputs()[0]);
}

namespace {
/// x * sigmoid(x).
struct MulToSiLU : TopPattern<MulOp, MulToSiLU> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    return matchProduct(op, [&](Value x, Value other) -> LogicalResult {
      auto sigmoid = absorbableOp<SigmoidOp>(other);
      if (!sigmoid || sigmoid.getInput() != x || sigmoid.getLog() || sigmoid.getScale().convertToDouble() != 1.0 ||
          sigmoid.getBias().convertToDouble() != 0.0)
        return failure();
      replaceBy<SiLUOp>(rewriter, op, {x});
      return success();
    });
  }
};

/// x * hardsigmoid(x) with slope 1/6 and offset 1/2.
struct MulToHardSwish : TopPattern<MulOp, MulToHardSwish> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    return matchProduct(op, [&](Value x, Value other) -> LogicalResult {
      auto gate = absorbableOp<HardSigmoidOp>(other);
      if (!gate || gate.getInput() != x || !near(gate.getAlpha().convertToDouble(), 1.0 / 6) ||
          !near(gate.getBeta().convertToDouble(), 0.5))
        return failure();
      replaceBy<HardSwishOp>(rewriter, op, {x});
      return success();
    });
  }
};
} // namespace

/// x if the value is relu6(x + 3).
static Value relu6OfPlus3(Value value) {
  auto add = absorbableOp<AddConstOp>(value);
  return add && add.getDoRelu() && add.getReluLimit().convertToDouble() == 6.0 &&
                 add.getConstVal().convertToDouble() == 3.0
             ? add.getInput()
             : Value();
}

namespace {
/// relu6(x + 3) / 6 is a HardSigmoid; x * relu6(x + 3) / 6 a HardSwish.
struct Relu6ToHardActivation : TopPattern<MulConstOp, Relu6ToHardActivation> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulConstOp op, PatternRewriter &rewriter) const override {
    if (op.getDoRelu() || !near(op.getConstVal().convertToDouble(), 1.0 / 6))
      return failure();
    if (Value x = relu6OfPlus3(op.getInput())) {
      replaceBy<HardSigmoidOp>(rewriter, op, {x},
                               {named(rewriter, "alpha", rewriter.getF64FloatAttr(1.0 / 6)),
                                named(rewriter, "beta", rewriter.getF64FloatAttr(0.5))});
      return success();
    }
    auto product = absorbableOp<MulOp>(op.getInput());
    if (!product)
      return failure();
    return matchProduct(product, [&](Value x, Value other) -> LogicalResult {
      if (relu6OfPlus3(other) != x)
        return failure();
      replaceBy<HardSwishOp>(rewriter, op, {x});
      return success();
    });
  }
};

/// x * tanh(softplus(x)).
struct MulToMish : TopPattern<MulOp, MulToMish> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    return matchProduct(op, [&](Value x, Value other) -> LogicalResult {
      auto tanh = absorbableOp<TanhOp>(other);
      auto softplus = tanh ? absorbableOp<SoftplusOp>(tanh.getInput()) : SoftplusOp();
      if (!softplus || softplus.getInput() != x)
        return failure();
      replaceBy<MishOp>(rewriter, op, {x});
      return success();
    });
  }
};
} // namespace

void top::populateActivationPatterns(RewritePatternSet &patterns) {
  patterns.add<MulToGelu, MulConstToGelu, MulToSiLU, MulToHardSwish, Relu6ToHardActivation, MulToMish>(
      patterns.getContext());
}
