// Comparisons and choices: constants become attributes, choices that are known one of the branches, and choices between
// what was compared extrema where that is the same for a NaN too.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopMath.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// Larger conditions are not read to see whether they are the same everywhere.
static constexpr int64_t maxConditionElements = 1 << 22;

namespace {
/// Compare with a weight of one element, on either side.
struct CompareToCompareConst : TopPattern<CompareOp, CompareToCompareConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(CompareOp op, PatternRewriter &rewriter) const override {
    std::optional<WithScalar> parts = withScalar(op);
    if (!parts || (op.getMode() == "Not" && parts->weightFirst))
      return failure();
    replaceBy<CompareConstOp>(rewriter, op, {parts->tensor},
                              {named(rewriter, "mode", op.getModeAttr()),
                               named(rewriter, "const_val", rewriter.getF64FloatAttr(parts->scalar)),
                               named(rewriter, "inversed", rewriter.getBoolAttr(parts->weightFirst))});
    return success();
  }
};

/// A branch of Where that is a weight of one element becomes a constant.
struct WhereFuseConstant : TopPattern<WhereOp, WhereFuseConstant> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(WhereOp op, PatternRewriter &rewriter) const override {
    for (bool second : {false, true}) {
      OpOperand &branch = second ? op.getFbrnMutable() : op.getTbrnMutable();
      if (isNone(branch.get()) || (second ? op.getYIsConst() : op.getXIsConst()))
        continue;
      std::optional<double> value = scalarWeight(branch.get());
      SmallVector<Shape> others;
      for (OpOperand &operand : op->getOpOperands())
        if (&operand != &branch && !isNone(operand.get()))
          others.push_back(llvm::to_vector(shapeOf(operand.get())));
      std::optional<Shape> rest = broadcastShapes(others);
      if (!value || !rest || ArrayRef<int64_t>(*rest) != shapeOf(op.getOutput()))
        continue;
      Value none = noneFor(op);
      rewriter.modifyOpInPlace(op, [&] {
        branch.set(none);
        op->setAttr(second ? "y_is_const" : "x_is_const", rewriter.getBoolAttr(true));
        op->setAttr(second ? "y_const_val" : "x_const_val", rewriter.getF64FloatAttr(*value));
      });
      return success();
    }
    return failure();
  }
};
} // namespace

/// The value whose truth is that of `condition`, and whether it is negated.
static std::optional<std::pair<Value, bool>> truthOf(Value condition) {
  if (auto cast = condition.getDefiningOp<CastOp>(); cast && cast.getTo() == "BOOL")
    return std::pair(cast.getInput(), false);
  auto compare = condition.getDefiningOp<CompareConstOp>();
  if (!compare)
    return std::nullopt;
  if (compare.getMode() == "Not")
    return std::pair(compare.getInput(), true);
  if (compare.getConstVal().convertToDouble() != 0 || (compare.getMode() != "Equal" && compare.getMode() != "NotEqual"))
    return std::nullopt;
  return std::pair(compare.getInput(), compare.getMode() == "Equal");
}

namespace {
/// A condition is true where it is other than 0: what only makes that explicit, or negates it, is left out.
struct SkipTruthOfWhere : TopPattern<WhereOp, SkipTruthOfWhere> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(WhereOp op, PatternRewriter &rewriter) const override {
    auto truth = truthOf(op.getCond());
    if (!truth)
      return failure();
    auto [condition, negated] = *truth;
    Value first = op.getTbrn(), second = op.getFbrn();
    auto is = std::pair(op.getXIsConstAttr(), op.getYIsConstAttr());
    auto values = std::pair(op.getXConstValAttr(), op.getYConstValAttr());
    if (negated) {
      std::swap(first, second);
      std::swap(is.first, is.second);
      std::swap(values.first, values.second);
    }
    replaceBy<WhereOp>(rewriter, op, {condition, first, second},
                       {named(rewriter, "x_is_const", is.first), named(rewriter, "y_is_const", is.second),
                        named(rewriter, "x_const_val", values.first), named(rewriter, "y_const_val", values.second)});
    return success();
  }
};

struct SkipTruthOfMaskedFill : TopPattern<MaskedFillOp, SkipTruthOfMaskedFill> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MaskedFillOp op, PatternRewriter &rewriter) const override {
    auto truth = truthOf(op.getCond());
    if (!truth)
      return failure();
    auto [condition, negated] = *truth;
    rewriter.modifyOpInPlace(op, [&, condition = condition, negated = negated] {
      op.getCondMutable().assign(condition);
      op.setInversed(op.getInversed() != negated);
    });
    return success();
  }
};
} // namespace

/// A choice by a constant condition that is the same everywhere is one of the branches (null: a constant).
static LogicalResult chooseByWeight(PatternRewriter &rewriter, Operation *op, Value condition, Value chosen,
                                    Value other) {
  if (!weightOf(condition) || elementsOf(condition) > maxConditionElements)
    return failure();
  std::optional<std::vector<double>> truth = weightValues(condition);
  if (!truth || truth->empty())
    return failure();
  const bool all = llvm::all_of(*truth, [](double value) { return value != 0; });
  if (!all && llvm::any_of(*truth, [](double value) { return value != 0; }))
    return failure();
  Value only = all ? chosen : other;
  if (!only || only.getType() != op->getResult(0).getType())
    return failure();
  return replaceByOperand(rewriter, op, only);
}

namespace {
struct WhereByWeight : TopPattern<WhereOp, WhereByWeight> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(WhereOp op, PatternRewriter &rewriter) const override {
    return chooseByWeight(rewriter, op, op.getCond(), op.getXIsConst() ? Value() : op.getTbrn(),
                          op.getYIsConst() ? Value() : op.getFbrn());
  }
};

struct MaskedFillByWeight : TopPattern<MaskedFillOp, MaskedFillByWeight> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MaskedFillOp op, PatternRewriter &rewriter) const override {
    return op.getInversed() ? chooseByWeight(rewriter, op, op.getCond(), Value(), op.getBrn())
                            : chooseByWeight(rewriter, op, op.getCond(), op.getBrn(), Value());
  }
};
} // namespace

/// Whether x (mode) y says that x is the larger (1) or the smaller (-1) one; 0 for other modes.
static int direction(StringRef mode) {
  if (mode == "Greater" || mode == "GreaterOrEqual")
    return 1;
  return mode == "Less" || mode == "LessOrEqual" ? -1 : 0;
}

/// The extremum that a choice between a tensor and a constant is whose condition compares the two. A NaN makes the
/// condition false; MaxConst gives the constant for it, MinConst the NaN.
static LogicalResult chooseExtremum(PatternRewriter &rewriter, Operation *op, Value condition, Value tensor,
                                    double constant, bool tensorIfTrue) {
  auto compare = condition.getDefiningOp<CompareConstOp>();
  if (!compare || compare.getInput() != tensor || tensor.getType() != op->getResult(0).getType() ||
      compare.getConstVal().convertToDouble() != constant)
    return failure();
  const int larger = direction(compare.getMode()) * (compare.getInversed() ? -1 : 1) * (tensorIfTrue ? 1 : -1);
  const NamedAttribute value = named(rewriter, "const_val", rewriter.getF64FloatAttr(constant));
  if (larger > 0 && tensorIfTrue)
    replaceBy<MaxConstOp>(rewriter, op, {tensor}, {value});
  else if (larger < 0 && !tensorIfTrue)
    replaceBy<MinConstOp>(rewriter, op, {tensor}, {value});
  else
    return failure();
  return success();
}

namespace {
/// x > c ? x : c is the larger, x > c ? c : x the smaller one.
struct CompareConstWhereToMinMax : TopPattern<WhereOp, CompareConstWhereToMinMax> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(WhereOp op, PatternRewriter &rewriter) const override {
    if (op.getXIsConst() == op.getYIsConst())
      return failure();
    const bool tensorIfTrue = op.getYIsConst();
    return chooseExtremum(rewriter, op, op.getCond(), tensorIfTrue ? op.getTbrn() : op.getFbrn(),
                          (tensorIfTrue ? op.getYConstVal() : op.getXConstVal()).convertToDouble(), tensorIfTrue);
  }
};

struct CompareConstMaskedFillToMinMax : TopPattern<MaskedFillOp, CompareConstMaskedFillToMinMax> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MaskedFillOp op, PatternRewriter &rewriter) const override {
    return chooseExtremum(rewriter, op, op.getCond(), op.getBrn(), op.getConstVal().convertToDouble(),
                          !op.getInversed());
  }
};

/// a > b ? a : b is the larger of both, and so on; a NaN gives the branch for false.
struct WhereToMax : TopPattern<WhereOp, WhereToMax> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(WhereOp op, PatternRewriter &rewriter) const override {
    auto compare = op.getCond().getDefiningOp<CompareOp>();
    if (!compare || op.getXIsConst() || op.getYIsConst())
      return failure();
    Value first = op.getTbrn(), second = op.getFbrn();
    const bool straight = compare.getLhs() == first && compare.getRhs() == second;
    if (!straight && (compare.getLhs() != second || compare.getRhs() != first))
      return failure();
    const int larger = direction(compare.getMode()) * (straight ? 1 : -1);
    if (larger > 0)
      replaceBy<MaxOp>(rewriter, op, {first, second});
    else if (larger < 0)
      replaceBy<MinOp>(rewriter, op, {second, first});
    return success(larger != 0);
  }
};
} // namespace

void top::populateComparisonPatterns(RewritePatternSet &patterns) {
  patterns.add<CompareToCompareConst, WhereFuseConstant, SkipTruthOfWhere, SkipTruthOfMaskedFill, WhereByWeight,
               MaskedFillByWeight, CompareConstWhereToMinMax, CompareConstMaskedFillToMinMax, WhereToMax>(
      patterns.getContext());
}
