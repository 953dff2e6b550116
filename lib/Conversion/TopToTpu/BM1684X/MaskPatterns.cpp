// Choices by constant conditions, triangles, running sums and bounded values by arithmetic that BM1684X has: sums of
// products with ones and zeros, products with a triangle of ones, extrema. Finite values come out as they should; the
// canonical module keeps the ops, which drop infinities and NaN where the product with 0 is NaN. What is between has no
// statistics of its own, so that it is f32 where the network is quantized.
#include "MaskSteps.h"

#include "tpu_mlir/Dialect/Top/IR/TopMath.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::bm1684x;
using top::Shape;

namespace {
constexpr int64_t maxMaskElements = 1 << 22, maxSummedExtent = 512;

LogicalResult chooseByMasks(Operation *op, Value condition, Branch chosen, Branch other, PatternRewriter &rewriter) {
  top::WeightOp weight = top::weightOf(condition);
  if (!weight || !isKnown(op) || (!chosen.value && !other.value) || top::elementsOf(condition) > maxMaskElements)
    return failure();
  FailureOr<std::vector<double>> truth = top::readWeightAsDoubles(weight);
  if (failed(truth))
    return failure();
  MaskSteps steps(op, rewriter);
  ArrayRef<int64_t> shape = top::shapeOf(condition);
  const auto mask = [&](StringRef suffix, double there, double elsewhere) {
    std::vector<double> values;
    for (double value : *truth)
      values.push_back(value != 0 ? there : elsewhere);
    return steps.weight(suffix, shape, values);
  };
  Value terms[2];
  for (bool second : {false, true}) {
    const Branch &branch = second ? other : chosen;
    if (!branch.value) {
      terms[second] = mask("_fill", second ? 0 : branch.constant, second ? branch.constant : 0);
      continue;
    }
    Shape both = *top::broadcastShapes({Shape(shape), Shape(top::shapeOf(branch.value))});
    terms[second] = steps.make<top::MulOp>(second ? "_other" : "_kept", rewriter.getF32Type(), both,
                                           {branch.value, mask(second ? "_other_mask" : "_mask", !second, second)});
  }
  if (!chosen.value) // arithmetic wants weights last
    std::swap(terms[0], terms[1]);
  steps.last<top::AddOp>({terms[0], terms[1]});
  return success();
}

struct WhereByMasks : OpRewritePattern<top::WhereOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::WhereOp op, PatternRewriter &rewriter) const override {
    return chooseByMasks(op, op.getCond(),
                         {op.getXIsConst() ? Value() : op.getTbrn(), op.getXConstVal().convertToDouble()},
                         {op.getYIsConst() ? Value() : op.getFbrn(), op.getYConstVal().convertToDouble()}, rewriter);
  }
};

struct MaskedFillByMasks : OpRewritePattern<top::MaskedFillOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::MaskedFillOp op, PatternRewriter &rewriter) const override {
    Branch kept{op.getBrn()}, filled{Value(), op.getConstVal().convertToDouble()};
    return op.getInversed() ? chooseByMasks(op, op.getCond(), filled, kept, rewriter)
                            : chooseByMasks(op, op.getCond(), kept, filled, rewriter);
  }
};

struct TriluByMask : OpRewritePattern<top::TriluOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::TriluOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    ArrayRef<int64_t> matrix = top::shapeOf(op.getInput()).take_back(2);
    if (top::product(matrix) > maxMaskElements)
      return failure();
    std::vector<double> mask;
    for (int64_t row = 0; row < matrix[0]; ++row)
      for (int64_t column = 0; column < matrix[1]; ++column) {
        const int64_t edge = row + op.getDiagonal();
        mask.push_back(op.getUpper() ? column >= edge : column <= edge);
      }
    MaskSteps steps(op, rewriter);
    steps.last<top::MulOp>({op.getInput(), steps.weight("_mask", matrix, mask)});
    return success();
  }
};

/// A running sum along the last axis is a product with a triangle of ones; other axes are exchanged with the last one.
struct CumSumByMatMul : OpRewritePattern<top::CumSumOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::CumSumOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op) || !top::isNone(op.getDim()))
      return failure();
    ArrayRef<int64_t> shape = top::shapeOf(op.getInput());
    const int64_t rank = shape.size(), axis = top::normalizeAxis(op.getAxis(), rank), extent = shape[axis];
    if (rank < 2 || extent > maxSummedExtent)
      return failure();
    std::vector<double> ones;
    for (int64_t from = 0; from < extent; ++from)
      for (int64_t to = 0; to < extent; ++to)
        ones.push_back(from <= to);
    MaskSteps steps(op, rewriter);
    Value triangle = steps.weight("_ones", {extent, extent}, ones), none = top::noneFor(op);
    if (axis == rank - 1) {
      steps.last<top::MatMulOp>({op.getInput(), triangle, none});
      return success();
    }
    Shape order = llvm::to_vector(llvm::seq<int64_t>(0, rank)), exchanged(shape);
    std::swap(order[axis], order.back());
    std::swap(exchanged[axis], exchanged.back());
    const NamedAttribute exchange = rewriter.getNamedAttr("order", rewriter.getI64ArrayAttr(order));
    Value turned = steps.make<top::PermuteOp>("_turned", cast<ShapedType>(op.getInput().getType()).getElementType(),
                                              exchanged, op.getInput(), exchange);
    Value sums = steps.make<top::MatMulOp>("_sums", rewriter.getF32Type(), exchanged, {turned, triangle, none});
    steps.last<top::PermuteOp>(sums, {exchange});
    return success();
  }
};

/// x < c ? x : c is the smaller of both, and so on; a NaN is what the chip's unit makes of it.
LogicalResult chooseExtremum(Operation *op, Value condition, Value tensor, double constant, bool tensorIfTrue,
                             PatternRewriter &rewriter) {
  auto compare = condition.getDefiningOp<top::CompareConstOp>();
  if (!compare || compare.getInput() != tensor || !isKnown(op) ||
      top::shapeOf(tensor) != top::shapeOf(op->getResult(0)) || compare.getConstVal().convertToDouble() != constant)
    return failure();
  const int larger = direction(compare.getMode()) * (compare.getInversed() ? -1 : 1) * (tensorIfTrue ? 1 : -1);
  const NamedAttribute value = rewriter.getNamedAttr("const_val", rewriter.getF64FloatAttr(constant));
  if (larger > 0)
    MaskSteps(op, rewriter).last<top::MaxConstOp>(tensor, {value});
  else if (larger < 0)
    MaskSteps(op, rewriter).last<top::MinConstOp>(tensor, {value});
  return success(larger != 0);
}

struct WhereByExtremum : OpRewritePattern<top::WhereOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::WhereOp op, PatternRewriter &rewriter) const override {
    if (op.getXIsConst() == op.getYIsConst())
      return failure();
    const bool tensorIfTrue = op.getYIsConst();
    return chooseExtremum(op, op.getCond(), tensorIfTrue ? op.getTbrn() : op.getFbrn(),
                          (tensorIfTrue ? op.getYConstVal() : op.getXConstVal()).convertToDouble(), tensorIfTrue,
                          rewriter);
  }
};

struct MaskedFillByExtremum : OpRewritePattern<top::MaskedFillOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::MaskedFillOp op, PatternRewriter &rewriter) const override {
    return chooseExtremum(op, op.getCond(), op.getBrn(), op.getConstVal().convertToDouble(), !op.getInversed(),
                          rewriter);
  }
};
} // namespace

void bm1684x::populateMaskPatterns(RewritePatternSet &patterns) {
  patterns.add<WhereByMasks, MaskedFillByMasks, TriluByMask, CumSumByMatMul, WhereByExtremum, MaskedFillByExtremum>(
      patterns.getContext());
  populateTruthPatterns(patterns);
  populateFunctionPatterns(patterns);
}
