// Attention as the ops that the chip computes.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// What is_causal adds to a key that a query does not see: after it, e^score is 0 beside any other score of a network,
/// and the sum is within the range of f16.
constexpr double excluded = -10000.0;

/// A larger mask than any sequence needs would fill the weight file.
constexpr int64_t largestMask = int64_t{1} << 26;

/// The mask of is_causal, [queries, keys].
static Value causalMask(PatternRewriter &rewriter, StringRef name, int64_t queries, int64_t keys) {
  std::vector<double> values(queries * keys, 0.0);
  for (int64_t i = 0; i < queries; ++i)
    for (int64_t j = i + 1; j < keys; ++j)
      values[i * keys + j] = excluded;
  return newWeight(rewriter, (name + "_mask").str(), {queries, keys}, values);
}

/// One of the new ops: named after the old one's result, with its element type.
template <typename OpTy>
static Value step(PatternRewriter &rewriter, ScaleDotProductAttentionOp op, StringRef suffix, ArrayRef<int64_t> shape,
                  ValueRange operands, ArrayRef<NamedAttribute> attributes = {}) {
  Type element = cast<RankedTensorType>(op.getOutput().getType()).getElementType();
  Location loc = nameLoc(op.getContext(), (nameOf(op.getOutput()) + suffix).str());
  return make<OpTy>(rewriter, loc, RankedTensorType::get(shape, element), operands, attributes).getOutput();
}

/// scale * query * key^T.
static Value scaledScores(PatternRewriter &rewriter, ScaleDotProductAttentionOp op) {
  ArrayRef<int64_t> query = shapeOf(op.getQuery()), key = shapeOf(op.getKey());
  Shape shape = *broadcastShapes({Shape(query.drop_back(2)), Shape(key.drop_back(2))});
  shape.append({query[query.size() - 2], key[key.size() - 2]});
  double scale = op.getScale().convertToDouble();
  if (scale == 0)
    scale = 1 / std::sqrt(static_cast<double>(query.back()));
  Value scores = step<MatMulOp>(rewriter, op, "_scores", shape, {op.getQuery(), op.getKey(), noneFor(op)},
                                named(rewriter, "right_transpose", rewriter.getBoolAttr(true)));
  return step<MulConstOp>(rewriter, op, "_scaled", shape, scores,
                          named(rewriter, "const_val", rewriter.getF64FloatAttr(scale)));
}

namespace {
/// softmax(scale * query * key^T + mask) * value.
struct ExpandScaleDotProductAttention : TopPattern<ScaleDotProductAttentionOp, ExpandScaleDotProductAttention> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ScaleDotProductAttentionOp op, PatternRewriter &rewriter) const override {
    int64_t queries = shapeOf(op.getQuery()).drop_back().back(), keys = shapeOf(op.getKey()).drop_back().back();
    if (product(shapeOf(op.getQuery())) == 0 || keys == 0 || (op.getIsCausal() && queries > largestMask / keys))
      return failure();
    Value scores = scaledScores(rewriter, op);
    Value mask = op.getIsCausal() ? causalMask(rewriter, nameOf(op.getOutput()), queries, keys) : op.getMask();
    if (!isNone(mask)) {
      Shape shape = *broadcastShapes({Shape(shapeOf(scores)), Shape(shapeOf(mask))});
      scores = step<AddOp>(rewriter, op, "_masked", shape, {scores, mask});
    }
    Type si32 = rewriter.getIntegerType(32, true);
    int64_t axis = shapeOf(scores).size() - 1;
    Value weights = step<SoftmaxOp>(rewriter, op, "_softmax", shapeOf(scores), scores,
                                    named(rewriter, "axis", rewriter.getIntegerAttr(si32, axis)));
    replaceBy<MatMulOp>(rewriter, op, {weights, op.getValue(), noneFor(op)});
    return success();
  }
};
} // namespace

void top::populateAttentionPatterns(RewritePatternSet &patterns) {
  patterns.add<ExpandScaleDotProductAttention>(patterns.getContext());
}
