// Powers, remainders and hyperbolic functions by functions that BM1684X has, in f32: logarithms and quotients that are
// rounded to halves would make large errors.
#include "MaskSteps.h"

#include "tpu_mlir/Dialect/Top/IR/TopMath.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::bm1684x;

namespace {
constexpr int maxFactors = 16;

/// Whole exponents up to `maxFactors` by squares and products, others by the exponential of the logarithm, which has
/// none for negative values.
struct PowByProducts : OpRewritePattern<top::PowOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::PowOp op, PatternRewriter &rewriter) const override {
    const double exponent = op.getExponent().convertToDouble();
    if (!isKnown(op) || !std::isfinite(exponent) || exponent == 0)
      return failure();
    RealSteps steps(op, rewriter, true);
    if (std::abs(exponent) > maxFactors || exponent != std::floor(exponent)) {
      Value logarithm = steps.make<top::LogOp>(op.getInput());
      steps.last<top::ExpOp>(steps.make<top::MulConstOp>(logarithm, steps.constant(exponent)));
      return success();
    }
    Value square = op.getInput(), power;
    for (int left = static_cast<int>(std::abs(exponent)); left > 0; left /= 2) {
      if (left % 2)
        power = power ? steps.make<top::MulOp>(power, square) : square;
      if (left > 1)
        square = steps.make<top::MulOp>(square, square);
    }
    if (exponent < 0)
      steps.last<top::ReciprocalOp>(power, steps.constant(1));
    else
      steps.last<top::MulConstOp>(power, steps.constant(1));
    return success();
  }
};

struct Pow3ByLogarithm : OpRewritePattern<top::Pow3Op> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::Pow3Op op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    RealSteps steps(op, rewriter, true);
    Value logarithm = steps.make<top::LogOp>(op.getInputs()[0]);
    steps.last<top::ExpOp>(steps.make<top::MulOp>(logarithm, op.getInputs()[1]));
    return success();
  }
};

/// a - round(a / b) * b; the quotient is rounded down or towards zero.
LogicalResult remainder(Operation *op, bool down, PatternRewriter &rewriter) {
  if (!isKnown(op))
    return failure();
  RealSteps steps(op, rewriter, true);
  Value a = op->getOperand(0), b = op->getOperand(1), quotient = steps.make<top::DivOp>(a, b), whole;
  if (down)
    whole = steps.make<top::FloorOp>(quotient);
  else
    whole = steps.make<top::MulOp>(steps.make<top::SignOp>(quotient),
                                   steps.make<top::FloorOp>(steps.make<top::AbsOp>(quotient)));
  steps.last<top::SubOp>({a, steps.make<top::MulOp>(whole, b)});
  return success();
}

struct ModByQuotient : OpRewritePattern<top::ModOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::ModOp op, PatternRewriter &rewriter) const override {
    return remainder(op, false, rewriter);
  }
};

struct RemainderByQuotient : OpRewritePattern<top::RemainderOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::RemainderOp op, PatternRewriter &rewriter) const override {
    return remainder(op, true, rewriter);
  }
};

/// (e^x + e^-x) / 2 and (e^x - e^-x) / 2.
template <typename OpTy, typename Combine> struct HyperbolicByExp : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    RealSteps steps(op, rewriter, true);
    Value grows = steps.template make<top::ExpOp>(op.getInput());
    Value falls =
        steps.template make<top::ExpOp>(steps.template make<top::MulConstOp>(op.getInput(), steps.constant(-1)));
    steps.template last<top::MulConstOp>(steps.template make<Combine>(grows, falls), steps.constant(0.5));
    return success();
  }
};

struct TanByQuotient : OpRewritePattern<top::TanOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::TanOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    RealSteps steps(op, rewriter, true);
    steps.last<top::DivOp>({steps.make<top::SinOp>(op.getInput()), steps.make<top::CosOp>(op.getInput())});
    return success();
  }
};

/// log((1 + x) / (1 - x)) / 2.
struct ArctanhByLog : OpRewritePattern<top::ArctanhOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::ArctanhOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    RealSteps steps(op, rewriter, true);
    Value above = steps.make<top::AddConstOp>(op.getInput(), steps.constant(1));
    Value below = steps.make<top::SubConstOp>(op.getInput(), steps.constant(1, true));
    Value logarithm = steps.make<top::LogOp>(steps.make<top::DivOp>(above, below));
    steps.last<top::MulConstOp>(logarithm, steps.constant(0.5));
    return success();
  }
};
} // namespace

void bm1684x::populateFunctionPatterns(RewritePatternSet &patterns) {
  patterns
      .add<PowByProducts, Pow3ByLogarithm, ModByQuotient, RemainderByQuotient, HyperbolicByExp<top::SinhOp, top::SubOp>,
           HyperbolicByExp<top::CoshOp, top::AddOp>, TanByQuotient, ArctanhByLog>(patterns.getContext());
}
