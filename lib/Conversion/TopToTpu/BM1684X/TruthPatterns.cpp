// Comparisons by arithmetic that BM1684X has: the sign of a difference says which value is larger. A truth is 1 or 0; a
// choice by a computed one is a sum of products. Finite values come out as they should.
#include "MaskSteps.h"

#include "tpu_mlir/Dialect/Top/IR/TopMath.h"

#include <limits>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::bm1684x;

namespace {
bool isSignOf(Value value) {
  Operation *op = value.getDefiningOp();
  return isa_and_nonnull<top::AbsOp, top::ReluOp>(op) && op->getOperand(0).getDefiningOp<top::SignOp>();
}

/// Whether the value is 1 or 0 everywhere.
bool isTruth(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto cast = dyn_cast_or_null<top::CastOp>(op))
    return cast.getTo() == "BOOL";
  if (auto negation = dyn_cast_or_null<top::SubConstOp>(op))
    return negation.getIsReverse() && negation.getConstVal().convertToDouble() == 1 && isSignOf(negation.getInput());
  return isSignOf(value) || isa_and_nonnull<top::CompareOp, top::CompareConstOp, top::LogicalAndOp>(op);
}

/// Steps of truth values.
class TruthSteps : public RealSteps {
public:
  using RealSteps::RealSteps;

  /// 1 for anything but 0.
  Value truth(Value value) { return isTruth(value) ? value : make<top::AbsOp>(make<top::SignOp>(value)); }
  Value negation(Value truth) { return make<top::SubConstOp>(truth, constant(1, true)); }

  /// Ends with the truth of `difference` > 0, or, as `equal` says, of being 0; or with its negation.
  void endWithSign(Value difference, bool equal, bool negated) {
    Value sign = make<top::SignOp>(difference);
    if (!negated)
      return equal ? last<top::AbsOp>(sign) : last<top::ReluOp>(sign);
    last<top::SubConstOp>(equal ? make<top::AbsOp>(sign) : make<top::ReluOp>(sign), constant(1, true));
  }
};

/// Choices come first: they may be extrema of what is compared.
bool decidesChoice(Value truth) {
  return llvm::any_of(truth.getUsers(), [](Operation *user) { return isa<top::WhereOp, top::MaskedFillOp>(user); });
}

struct CompareBySign : OpRewritePattern<top::CompareOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::CompareOp op, PatternRewriter &rewriter) const override {
    const StringRef mode = op.getMode();
    Value left = op.getLhs(), right = op.getRhs();
    if (!isKnown(op) || decidesChoice(op.getOutput()) ||
        (mode == "Not" && top::shapeOf(left) != top::shapeOf(op.getOutput())))
      return failure();
    TruthSteps steps(op, rewriter);
    if (mode == "And")
      steps.last<top::MulOp>({steps.truth(left), steps.truth(right)});
    else if (mode == "Xor")
      steps.last<top::AbsOp>(steps.make<top::SubOp>(steps.truth(left), steps.truth(right)));
    else if (mode == "Not")
      steps.last<top::SubConstOp>(steps.truth(left), steps.constant(1, true));
    else if (const int larger = direction(mode); larger == 0)
      steps.endWithSign(steps.make<top::SubOp>(left, right), true, mode == "Equal");
    else {
      // x >= y is not y > x.
      const bool negated = mode.ends_with("OrEqual"), leftFirst = (larger > 0) != negated;
      steps.endWithSign(leftFirst ? steps.make<top::SubOp>(left, right) : steps.make<top::SubOp>(right, left), false,
                        negated);
    }
    return success();
  }
};

struct CompareConstBySign : OpRewritePattern<top::CompareConstOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::CompareConstOp op, PatternRewriter &rewriter) const override {
    const StringRef mode = op.getMode();
    const double constant = op.getConstVal().convertToDouble();
    Value x = op.getInput();
    if (!isKnown(op) || decidesChoice(op.getOutput()) || !std::isfinite(constant) || (mode == "And" && constant == 0))
      return failure();
    TruthSteps steps(op, rewriter);
    if (mode == "Not" || (mode == "Xor" && constant != 0))
      steps.last<top::SubConstOp>(steps.truth(x), steps.constant(1, true));
    else if (mode == "And" || mode == "Xor")
      steps.last<top::AbsOp>(steps.make<top::SignOp>(x));
    else if (const int larger = direction(mode) * (op.getInversed() ? -1 : 1); larger == 0)
      steps.endWithSign(difference(steps, x, constant, false), true, mode == "Equal");
    else {
      const bool negated = mode.ends_with("OrEqual"), tensorFirst = (larger > 0) != negated;
      steps.endWithSign(difference(steps, x, constant, !tensorFirst), false, negated);
    }
    return success();
  }

private:
  /// x - c, or c - x.
  static Value difference(TruthSteps &steps, Value x, double constant, bool reverse) {
    if (reverse)
      return steps.make<top::SubConstOp>(x, steps.constant(constant, true));
    return constant == 0 ? x : steps.make<top::AddConstOp>(x, steps.constant(-constant));
  }
};

struct LogicalAndByProduct : OpRewritePattern<top::LogicalAndOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::LogicalAndOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    TruthSteps steps(op, rewriter);
    Value left = steps.truth(op.getInputs()[0]), right = steps.truth(op.getInputs()[1]);
    steps.last<top::MulOp>({left, right});
    return success();
  }
};

/// chosen * truth + other * (1 - truth); an infinite constant is the largest number.
LogicalResult chooseByTruth(Operation *op, Value condition, Branch chosen, Branch other, PatternRewriter &rewriter) {
  if (!isKnown(op) || top::weightOf(condition))
    return failure();
  for (Branch *branch : {&chosen, &other}) {
    constexpr double most = std::numeric_limits<float>::max();
    if (!branch->value && std::isnan(branch->constant))
      return failure();
    branch->constant = std::clamp(branch->constant, -most, most);
  }
  TruthSteps steps(op, rewriter);
  Value truth = steps.truth(condition);
  if (!chosen.value && !other.value) {
    Value scaled = steps.make<top::MulConstOp>(truth, steps.constant(chosen.constant - other.constant));
    steps.last<top::AddConstOp>(scaled, steps.constant(other.constant));
    return success();
  }
  Value terms[2];
  for (bool second : {false, true}) {
    const Branch &branch = second ? other : chosen;
    Value share = second ? steps.negation(truth) : truth;
    terms[second] = branch.value ? steps.make<top::MulOp>(branch.value, share)
                                 : steps.make<top::MulConstOp>(share, steps.constant(branch.constant));
  }
  steps.last<top::AddOp>({terms[0], terms[1]});
  return success();
}

struct WhereByTruth : OpRewritePattern<top::WhereOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::WhereOp op, PatternRewriter &rewriter) const override {
    return chooseByTruth(op, op.getCond(),
                         {op.getXIsConst() ? Value() : op.getTbrn(), op.getXConstVal().convertToDouble()},
                         {op.getYIsConst() ? Value() : op.getFbrn(), op.getYConstVal().convertToDouble()}, rewriter);
  }
};

struct MaskedFillByTruth : OpRewritePattern<top::MaskedFillOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::MaskedFillOp op, PatternRewriter &rewriter) const override {
    Branch kept{op.getBrn()}, filled{Value(), op.getConstVal().convertToDouble()};
    return op.getInversed() ? chooseByTruth(op, op.getCond(), filled, kept, rewriter)
                            : chooseByTruth(op, op.getCond(), kept, filled, rewriter);
  }
};

/// Casts by rounding; what does not fit into 8 or 16 bits is limited, larger integers are not.
struct CastByRounding : OpRewritePattern<top::CastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::CastOp op, PatternRewriter &rewriter) const override {
    const StringRef to = op.getTo(), mode = op.getRoundMode();
    const bool truncates = mode == "TowardsZero";
    if (!isKnown(op))
      return failure();
    TruthSteps steps(op, rewriter);
    Value x = op.getInput();
    if (to == "BOOL") {
      steps.last<top::AbsOp>(steps.make<top::SignOp>(x));
      return success();
    }
    if (!to.contains("INT") || (!truncates && mode != "HalfToEven" && mode != "Down" && mode != "Up"))
      return failure();
    const bool isUnsigned = to.starts_with("U");
    const int bits = to.ends_with("16") ? 16 : to.ends_with("8") ? 8 : 0;
    if (isUnsigned && !bits)
      return failure();
    if (bits) {
      const double high = (1 << (isUnsigned ? bits : bits - 1)) - 1, low = isUnsigned ? 0 : -high - 1;
      x = steps.make<top::ClipOp>(x, {rewriter.getNamedAttr("min", rewriter.getF64FloatAttr(low)),
                                      rewriter.getNamedAttr("max", rewriter.getF64FloatAttr(high))});
    }
    if (truncates)
      steps.last<top::MulOp>({steps.make<top::SignOp>(x), steps.make<top::FloorOp>(steps.make<top::AbsOp>(x))});
    else if (mode == "HalfToEven")
      steps.last<top::RoundOp>(x);
    else if (mode == "Down")
      steps.last<top::FloorOp>(x);
    else
      steps.last<top::CeilOp>(x);
    return success();
  }
};
} // namespace

void bm1684x::populateTruthPatterns(RewritePatternSet &patterns) {
  // Choices that are extrema, or have a constant condition, have better forms.
  patterns.add<CompareBySign, CompareConstBySign, LogicalAndByProduct, WhereByTruth, MaskedFillByTruth, CastByRounding>(
      patterns.getContext(), PatternBenefit(0));
}
