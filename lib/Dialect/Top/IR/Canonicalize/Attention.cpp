// Attention as the ops that the chip computes.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

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
/// softmax(scale * query * key^T + mask) * value. With is_causal it stays: what the mask excludes would be infinite,
/// which calibration cannot take; the lowering expands it.
struct ExpandScaleDotProductAttention : TopPattern<ScaleDotProductAttentionOp, ExpandScaleDotProductAttention> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ScaleDotProductAttentionOp op, PatternRewriter &rewriter) const override {
    if (op.getIsCausal() || elementsOf(op.getQuery()) == 0 || elementsOf(op.getKey()) == 0)
      return failure();
    Value scores = scaledScores(rewriter, op);
    if (!isNone(op.getMask())) {
      Shape shape = *broadcastShapes({Shape(shapeOf(scores)), Shape(shapeOf(op.getMask()))});
      scores = step<AddOp>(rewriter, op, "_masked", shape, {scores, op.getMask()});
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
