// Attention, rotary positions and the feed-forward block as products, softmax and arithmetic, which are lowered. The
// canonical module keeps them, because their chip-independent form says more. What is between has no statistics of its
// own, so that it is f32 where the network is quantized.
#include "AttentionPatterns.h"
#include "Replacement.h"

#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace tpu_mlir;
using top::Shape;

namespace {
/// What attention is made of.
class Steps : public bm1684x::Replacement {
public:
  using Replacement::Replacement;

  Steps &last() {
    Replacement::last();
    return *this;
  }

  Value reshape(Value value, ArrayRef<int64_t> shape) {
    return !isLast() && top::shapeOf(value) == shape ? value : Replacement::reshape(value, shape);
  }
  /// Positions [begin, end) of the last axis.
  Value slice(Value value, int64_t begin, int64_t end) {
    return Replacement::slice(value, top::shapeOf(value).size() - 1, begin, end - begin);
  }
  /// One after the other along the last axis.
  Value concat(Value a, Value b) { return Replacement::concat({a, b}, top::shapeOf(a).size() - 1); }
  /// The matrix is the last two axes of `right`, transposed or not; the others broadcast.
  Value product(Value left, Value right, Value bias, bool transposed) {
    ArrayRef<int64_t> rows = top::shapeOf(left), matrix = top::shapeOf(right);
    Shape shape = *top::broadcastShapes({Shape(rows.drop_back(2)), Shape(matrix.drop_back(2))});
    shape.append({rows[rows.size() - 2], transposed ? matrix[matrix.size() - 2] : matrix.back()});
    return make<top::MatMulOp>("product", real(), shape, {left, right, bias},
                               {rewriter.getNamedAttr("right_transpose", rewriter.getBoolAttr(transposed))});
  }
  /// The same with integer weights: `parts` are weight, bias, scales and zero points.
  Value storedProduct(Value left, ArrayRef<Value> parts, bool transposed, Attribute group, Attribute bits) {
    Shape shape = llvm::to_vector(top::shapeOf(left));
    shape.back() = top::shapeOf(parts[0])[transposed ? 0 : 1];
    return make<top::A16MatMulOp>("product", real(), shape, {left, parts[0], parts[2], parts[3], parts[1]},
                                  {rewriter.getNamedAttr("right_transpose", rewriter.getBoolAttr(transposed)),
                                   rewriter.getNamedAttr("q_group_size", group),
                                   rewriter.getNamedAttr("weight_bits", bits)});
  }
  Value softmax(Value value) {
    ArrayRef<int64_t> shape = top::shapeOf(value);
    return make<top::SoftmaxOp>("softmax", real(), shape, {value}, {number("axis", shape.size() - 1)});
  }
  Value times(Value value, double factor) {
    return make<top::MulConstOp>("scaled", real(), top::shapeOf(value), {value},
                                 {rewriter.getNamedAttr("const_val", rewriter.getF64FloatAttr(factor))});
  }
  /// Takes the keys behind each query away from it: rows of minus infinity above the diagonal.
  Value causal(Value scores) {
    ArrayRef<int64_t> shape = top::shapeOf(scores).take_back(2);
    std::vector<double> values(shape[0] * shape[1], 0.0);
    for (int64_t row = 0; row < shape[0]; ++row)
      for (int64_t column = row + 1; column < shape[1]; ++column)
        values[row * shape[1] + column] = -std::numeric_limits<double>::infinity();
    return combine<top::AddOp>(scores, weight("mask", shape, values));
  }
};

bool isKnown(Operation *op) {
  auto known = [](Value value) {
    return top::isNone(value) || (top::hasStaticShape(value) && top::elementsOf(value) > 0);
  };
  return llvm::all_of(op->getOperands(), known) && llvm::all_of(op->getResults(), known);
}

/// Extents of attention whose heads are an inner axis.
struct Heads {
  int64_t batch, queryHeads, keyHeads, queries, keys, depth, width;
  double scale;
};

/// [batch, queries, queryHeads, width] of the attended values, the last op if that `isResult`. Heads of queries that
/// share keys are rows of one product.
Value attend(Steps &steps, const Heads &heads, Value query, Value key, Value value, Value mask, Value none,
             bool isResult) {
  const auto &[batch, queryHeads, keyHeads, queries, keys, depth, width, scale] = heads;
  const int64_t rows = queryHeads / keyHeads * queries;
  query = steps.permute(steps.reshape(query, {batch, queries, queryHeads, depth}), {0, 2, 1, 3});
  key = steps.permute(steps.reshape(key, {batch, keys, keyHeads, depth}), {0, 2, 1, 3});
  value = steps.permute(steps.reshape(value, {batch, keys, keyHeads, width}), {0, 2, 1, 3});
  Value scores = steps.product(steps.reshape(query, {batch, keyHeads, rows, depth}), key, none, /*transposed=*/true);
  scores = steps.times(scores, scale);
  if (!top::isNone(mask))
    scores = steps.combine<top::AddOp>(steps.reshape(scores, {batch, queryHeads, queries, keys}), mask);
  Value weights = steps.reshape(steps.softmax(scores), {batch, keyHeads, rows, keys});
  Value made = steps.product(weights, value, none, /*transposed=*/false);
  made = steps.reshape(made, {batch, queryHeads, queries, width});
  return (isResult ? steps.last() : steps).permute(made, {0, 2, 1, 3});
}

template <typename OpTy> Heads headsOf(OpTy op, int64_t depth, int64_t width) {
  return {static_cast<int64_t>(op.getBatch()),
          static_cast<int64_t>(op.getQHead()),
          static_cast<int64_t>(op.getKvHead()),
          static_cast<int64_t>(op.getMq()),
          static_cast<int64_t>(op.getMk()),
          depth,
          width,
          op.getScale().convertToDouble()};
}
Heads headsOf(top::FAttentionOp op) { return headsOf(op, op.getDim(), op.getDim()); }
Heads headsOf(top::FAttentionLseOp op) { return headsOf(op, op.getDim(), op.getDim()); }
Heads headsOf(top::FlexAttentionOp op) { return headsOf(op, op.getQkD(), op.getVD()); }

/// Attention whose logarithms nobody reads.
template <typename OpTy> struct ExpandHeads : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    if (!isKnown(op) || llvm::any_of(op->getResults().drop_front(), [](Value lse) { return !lse.use_empty(); }))
      return failure();
    Steps steps(op, rewriter);
    const bool whole = top::shapeOf(op.getOutput()).size() == 4;
    Value made = attend(steps, headsOf(op), op.getQueries(), op.getKeys(), op.getValues(), op.getMask(),
                        top::noneFor(op), whole);
    made = whole ? made : steps.last().reshape(made, top::shapeOf(op.getOutput()));
    rewriter.replaceAllUsesWith(op.getOutput(), made);
    rewriter.eraseOp(op);
    return success();
  }
};

struct ExpandAttention : OpRewritePattern<top::AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::AttentionOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    Steps steps(op, rewriter);
    ArrayRef<int64_t> input = top::shapeOf(op.getInput()), keys = top::shapeOf(op.getKeys());
    const auto head = static_cast<int64_t>(op.getHead());
    const int64_t columns = top::shapeOf(op.getQueriesWeight())[1];
    const int64_t dim = columns / head;
    const Heads heads{input[0], head, head, input[1], keys[1], dim, dim, op.getScale().convertToDouble()};
    Value query = steps.product(op.getInput(), op.getQueriesWeight(), op.getQueriesBias(), false);
    Value key = steps.product(op.getKeys(), op.getKeysWeight(), op.getKeysBias(), false);
    Value value = steps.product(op.getValues(), op.getValuesWeight(), op.getValuesBias(), false);
    Value made = attend(steps, heads, query, key, value, op.getMask(), top::noneFor(op), /*isResult=*/false);
    made = steps.reshape(made, {input[0], input[1], columns});
    rewriter.replaceOp(op, steps.last().product(made, op.getOutWeight(), op.getOutBias(), false));
    return success();
  }
};

/// Attention to the past; the rest of this op became others in canonicalization.
struct ExpandCausal : OpRewritePattern<top::ScaleDotProductAttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::ScaleDotProductAttentionOp op, PatternRewriter &rewriter) const override {
    if (!op.getIsCausal() || !isKnown(op))
      return failure();
    ArrayRef<int64_t> query = top::shapeOf(op.getQuery()), key = top::shapeOf(op.getKey());
    if (query[query.size() - 2] > largestMask / key[key.size() - 2])
      return failure();
    double scale = op.getScale().convertToDouble();
    if (scale == 0)
      scale = 1 / std::sqrt(static_cast<double>(query.back()));
    Steps steps(op, rewriter);
    Value none = top::noneFor(op);
    Value scores = steps.times(steps.product(op.getQuery(), op.getKey(), none, /*transposed=*/true), scale);
    Value weights = steps.softmax(steps.causal(scores));
    rewriter.replaceOp(op, steps.last().product(weights, op.getValue(), none, /*transposed=*/false));
    return success();
  }

private:
  /// A larger mask than any sequence needs would fill the weight file.
  static constexpr int64_t largestMask = int64_t{1} << 26;
};

/// Rotations by a right angle within pairs: neighbours are halves of a last axis of two.
struct ExpandRope : OpRewritePattern<top::RopeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::RopeOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op))
      return failure();
    Steps steps(op, rewriter);
    Value x = op.getInput1(), sine = op.getInput2(), cosine = op.getInput3();
    Shape shape = llvm::to_vector(top::shapeOf(x)), pairs = shape;
    const bool neighbours = op.getRopeMode() == "interleaved_pairs";
    if (neighbours) {
      pairs.back() /= 2;
      pairs.push_back(2);
    }
    if (op.getIsPermuteOptimize()) {
      sine = steps.reshape(sine, {shape[1], 1, shape[3]});
      cosine = steps.reshape(cosine, {shape[1], 1, shape[3]});
    }
    Value split = neighbours ? steps.reshape(x, pairs) : x;
    const int64_t width = pairs.back();
    Value second = steps.times(steps.slice(split, width / 2, width), -1.0);
    Value turned = steps.concat(second, steps.slice(split, 0, width / 2));
    turned = neighbours ? steps.reshape(turned, shape) : turned;
    Value direct = steps.combine<top::MulOp>(x, cosine), across = steps.combine<top::MulOp>(turned, sine);
    rewriter.replaceOp(op, steps.last().combine<top::AddOp>(direct, across));
    return success();
  }
};

/// One of the products of a feed-forward block.
Value multiply(Steps &steps, top::MlpOp op, Value input, ArrayRef<Value> parts, bool transposed) {
  if (!op.getQuantized())
    return steps.product(input, parts[0], parts[1], transposed);
  return steps.storedProduct(input, parts, transposed, op.getQGroupSizeAttr(), op.getWeightBitsAttr());
}

struct ExpandMlp : OpRewritePattern<top::MlpOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::MlpOp op, PatternRewriter &rewriter) const override {
    if (!isKnown(op) || op.getIsExpert() || top::shapeOf(op.getInput()).size() < 2)
      return failure();
    Steps steps(op, rewriter);
    Value gate =
        multiply(steps, op, op.getInput(), {op.getWeightGate(), op.getBiasGate(), op.getScaleGate(), op.getZpGate()},
                 op.getRightTransposeGate());
    Value up = multiply(steps, op, op.getInput(), {op.getWeightUp(), op.getBiasUp(), op.getScaleUp(), op.getZpUp()},
                        op.getRightTransposeUp());
    Value joined = steps.combine<top::MulOp>(steps.apply<top::SiLUOp>(gate), up);
    rewriter.replaceOp(op, multiply(steps.last(), op, joined,
                                    {op.getWeightDown(), op.getBiasDown(), op.getScaleDown(), op.getZpDown()},
                                    op.getRightTransposeDown()));
    return success();
  }
};
} // namespace

void bm1684x::populateAttentionPatterns(RewritePatternSet &patterns) {
  patterns.add<ExpandHeads<top::FAttentionOp>, ExpandHeads<top::FAttentionLseOp>, ExpandHeads<top::FlexAttentionOp>,
               ExpandAttention, ExpandCausal, ExpandRope, ExpandMlp>(patterns.getContext());
}
