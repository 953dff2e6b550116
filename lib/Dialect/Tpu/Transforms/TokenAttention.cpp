// Attention without permutations. Networks bring queries, keys and values into the order [batch, head, token, feature]
// for two batched products and the result back into [batch, token, head, feature]. The products can take the heads as
// their batch where they are (`hdim_is_batch`); then a token stays in its lane from the first to the last op.
#include "TokenAttention.h"
#include "ProductColumns.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;

namespace {

using Shape = top::Shape;

bool hasOrder(tpu::PermuteOp op, llvm::ArrayRef<int64_t> order) {
  return llvm::equal(top::i64Values(op.getOrder()), order);
}

Location renamed(Value value, StringRef suffix) {
  return top::nameLoc(value.getContext(), (top::nameOf(value) + suffix).str());
}

/// The type with another shape.
Type withShape(Value value, llvm::ArrayRef<int64_t> shape) {
  return RankedTensorType::get(shape, cast<RankedTensorType>(value.getType()).getElementType());
}

/// The type with axes 1 and 2 exchanged.
Type exchanged(Value value) {
  Shape shape(top::shapeOf(value));
  std::swap(shape[1], shape[2]);
  return withShape(value, shape);
}

/// Where an operand [batch, head, token, feature] comes from.
struct Heads {
  Value source; ///< [batch, token, head, feature], or [batch, token, parts, head, feature]
  std::optional<int64_t> part;
  bool isSwapped = false; ///< the operand is [batch, head, feature, token]

  SmallVector<tpu::CastOp> casts; ///< of the operand, the last one first

  static std::optional<Heads> of(Value operand) {
    SmallVector<tpu::CastOp> casts;
    while (auto cast = operand.getDefiningOp<tpu::CastOp>()) {
      casts.push_back(cast);
      operand = cast.getInput();
    }
    std::optional<Heads> heads = withoutCasts(operand);
    if (heads)
      heads->casts = std::move(casts);
    return heads;
  }

  static std::optional<Heads> withoutCasts(Value operand) {
    if (auto permute = operand.getDefiningOp<tpu::PermuteOp>()) {
      if (hasOrder(permute, {0, 2, 1, 3}))
        return Heads{permute.getInput(), std::nullopt, false, {}};
      if (hasOrder(permute, {0, 2, 3, 1}))
        return Heads{permute.getInput(), std::nullopt, true, {}};
      return std::nullopt;
    }
    auto reshape = operand.getDefiningOp<tpu::ReshapeOp>();
    auto slice = reshape ? reshape.getInput().getDefiningOp<tpu::SliceOp>() : nullptr;
    auto permute = slice ? slice.getInput().getDefiningOp<tpu::PermuteOp>() : nullptr;
    if (!permute || !hasOrder(permute, {2, 0, 3, 1, 4}))
      return std::nullopt;
    // One of the parts, whole: [1, batch, head, token, feature] without its first axis.
    Shape expected(top::shapeOf(permute.getOutput()));
    expected.front() = 1;
    Shape steps = top::i64Values(slice.getSteps()), offset = top::i64Values(slice.getOffset());
    if (top::shapeOf(slice.getOutput()) != ArrayRef(expected) || !top::i64Values(slice.getAxes()).empty() ||
        steps.size() != 5 || steps.front() != 1 || offset.size() != 5 ||
        top::shapeOf(operand) != ArrayRef(expected).drop_front())
      return std::nullopt;
    int64_t part = offset.front() < 0 ? offset.front() + top::shapeOf(permute.getOutput()).front() : offset.front();
    return Heads{permute.getInput(), part, false, {}};
  }

  /// The product whose columns are all parts of all heads, if nothing else reads it and its columns can be cut.
  tpu::MatMulOp joinedProduct() const {
    auto reshape = part ? source.getDefiningOp<tpu::ReshapeOp>() : nullptr;
    auto product = reshape ? reshape.getInput().getDefiningOp<tpu::MatMulOp>() : nullptr;
    if (!product || !product.getOutput().hasOneUse() || !source.hasOneUse() || !tpu::hasConstantColumns(product) ||
        top::shapeOf(product.getOutput()).size() != 3)
      return nullptr;
    ArrayRef<int64_t> shape = top::shapeOf(source);
    return top::shapeOf(product.getOutput()).back() == shape[2] * shape[3] * shape[4] ? product : nullptr;
  }

  /// The operand as [batch, token, head, feature].
  Value tokens(PatternRewriter &rewriter, Value operand) const {
    Value uncast = casts.empty() ? operand : tpu::CastOp(casts.back()).getInput();
    Value value = uncastTokens(rewriter, uncast);
    if (casts.empty())
      return value;
    // Before heads are told apart, so that a cast sees what the op before it made.
    Shape shape(top::shapeOf(value));
    auto reshape = value.getDefiningOp<tpu::ReshapeOp>();
    if (reshape)
      value = reshape.getInput();
    for (tpu::CastOp cast : llvm::reverse(casts)) {
      Type type = RankedTensorType::get(top::shapeOf(value),
                                        mlir::cast<RankedTensorType>(cast.getOutput().getType()).getElementType());
      Operation *copy = rewriter.clone(*cast);
      copy->setOperand(0, value);
      copy->getResult(0).setType(type);
      copy->setLoc(renamed(cast.getOutput(), "_tokens"));
      value = copy->getResult(0);
    }
    return reshape ? reshaped(rewriter, value, shape, renamed(operand, "_heads")) : value;
  }

  Value uncastTokens(PatternRewriter &rewriter, Value operand) const {
    if (!part)
      return source;
    ArrayRef<int64_t> shape = top::shapeOf(source);
    Shape own{shape[0], shape[1], shape[3], shape[4]};
    if (tpu::MatMulOp joined = joinedProduct()) {
      int64_t columns = shape[3] * shape[4];
      std::string name = (top::nameOf(operand) + "_product").str();
      if (Value product = tpu::columnsOfProduct(rewriter, joined, *part * columns, columns, name))
        return reshaped(rewriter, product, own, renamed(operand, "_tokens"));
    }
    // The parts' heads one after the other, and of them those of this part.
    Shape all{shape[0], shape[1], shape[2] * shape[3], shape[4]};
    Value whole = source;
    if (auto reshape = source.getDefiningOp<tpu::ReshapeOp>())
      whole = reshape.getInput();
    whole = reshaped(rewriter, whole, all, renamed(operand, "_heads"));
    Value none = top::noneFor(operand.getDefiningOp());
    NamedAttrList bounds;
    bounds.set("offset", rewriter.getI64ArrayAttr({0, 0, *part * shape[3], 0}));
    bounds.set("steps", rewriter.getI64ArrayAttr({1, 1, 1, 1}));
    bounds.set("ends", rewriter.getI64ArrayAttr({shape[0], shape[1], (*part + 1) * shape[3], shape[4]}));
    bounds.set("axes", rewriter.getI64ArrayAttr({}));
    bounds.set("hasparamConvert_axes", rewriter.getI64ArrayAttr({}));
    return create<tpu::SliceOp>(rewriter, renamed(operand, "_tokens"), withShape(source, own),
                                {whole, none, none, none, none}, bounds);
  }

  static Value reshaped(PatternRewriter &rewriter, Value value, ArrayRef<int64_t> shape, Location loc) {
    NamedAttrList attrs;
    attrs.set("shape", rewriter.getI64ArrayAttr(shape));
    return create<tpu::ReshapeOp>(rewriter, loc, withShape(value, shape), {value}, attrs);
  }

  template <typename OpTy>
  static Value create(PatternRewriter &rewriter, Location loc, Type type, ValueRange operands,
                      const NamedAttrList &attrs) {
    OperationState state(loc, OpTy::getOperationName(), operands, type, attrs);
    return rewriter.create(state)->getResult(0);
  }
};

bool isPlainProduct(tpu::MatMulOp op) {
  return op && top::isNone(op.getBias()) && !op.getHdimIsBatch() && !op.getLeftTranspose() &&
         !op.getOutputTranspose() && op.getKeepDims() && top::shapeOf(op.getInput()).size() == 4 &&
         top::shapeOf(op.getRight()).size() == 4 &&
         top::shapeOf(op.getInput()).take_front(2) == top::shapeOf(op.getRight()).take_front(2);
}

/// Whether an op on the way from the first product to the second treats heads and tokens alike, so that they may be
/// exchanged in its operand and its result.
bool commutes(Operation *op) {
  if (auto softmax = dyn_cast<tpu::SoftmaxOp>(op))
    return top::normalizeAxis(softmax.getAxis(), 4) == 3;
  if (isa<tpu::CastOp, tpu::MulConstOp, tpu::AddConstOp, tpu::ReluOp, tpu::ActiveOp, tpu::ClipOp>(op))
    return true;
  if (!isa<tpu::AddOp, tpu::MulOp, tpu::SubOp>(op))
    return false;
  // Masks: the same for all heads and tokens.
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    ArrayRef<int64_t> shape = top::shapeOf(operand);
    return !isa<RankedTensorType>(operand.getType()) || shape == top::shapeOf(op->getResult(0)) ||
           (shape.size() == 4 && shape[1] == 1 && shape[2] == 1) || shape.size() <= 1;
  });
}

/// The ops between the products, from the second to the first; nothing when there is something else.
std::optional<SmallVector<Operation *>> pathTo(Value value, tpu::MatMulOp &scores) {
  SmallVector<Operation *> path;
  for (; path.size() < 8; value = path.back()->getOperand(0)) {
    Operation *op = value.getDefiningOp();
    if (!op || !value.hasOneUse())
      return std::nullopt;
    if ((scores = dyn_cast<tpu::MatMulOp>(op)))
      return path;
    if (!commutes(op) || top::shapeOf(op->getOperand(0)) != top::shapeOf(value))
      return std::nullopt;
    path.push_back(op);
  }
  return std::nullopt;
}

struct KeepTokensInPlace : OpRewritePattern<tpu::PermuteOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tpu::PermuteOp permute, PatternRewriter &rewriter) const override {
    tpu::MatMulOp mixed;
    auto behind = pathTo(permute.getInput(), mixed);
    if (!behind || !isPlainProduct(mixed) || !hasOrder(permute, {0, 2, 1, 3}))
      return failure();
    tpu::MatMulOp scores;
    auto path = pathTo(mixed.getInput(), scores);
    if (!path || !isPlainProduct(scores))
      return failure();
    auto query = Heads::of(scores.getInput()), key = Heads::of(scores.getRight()), values = Heads::of(mixed.getRight());
    if (!query || !key || !values || query->isSwapped || values->isSwapped || mixed.getRightTranspose())
      return failure();
    constexpr int64_t mostTokens = 4096; // a row of scores has to fit into a lane several times
    if (top::shapeOf(scores.getOutput()).back() > mostTokens)
      return failure();
    rewriter.setInsertionPoint(permute);
    auto remake = [&](Operation *op, ArrayRef<std::pair<unsigned, Value>> operands, Location loc) {
      Operation *clone = rewriter.clone(*op);
      for (auto [i, operand] : operands)
        clone->setOperand(i, operand);
      clone->getResult(0).setType(exchanged(op->getResult(0)));
      clone->setLoc(loc);
      if (isa<tpu::MatMulOp>(clone))
        clone->setAttr("hdim_is_batch", rewriter.getBoolAttr(true));
      return clone;
    };
    Operation *current =
        remake(scores, {{0, query->tokens(rewriter, scores.getInput())}, {1, key->tokens(rewriter, scores.getRight())}},
               renamed(scores.getOutput(), "_tokens"));
    if (key->isSwapped)
      current->setAttr("right_transpose", rewriter.getBoolAttr(!scores.getRightTranspose()));
    for (Operation *op : llvm::reverse(*path))
      current = remake(op, {{0, current->getResult(0)}}, renamed(op->getResult(0), "_tokens"));
    auto locationOf = [&](Operation *op) {
      return op->getResult(0) == permute.getInput() ? permute.getLoc() : renamed(op->getResult(0), "_tokens");
    };
    current =
        remake(mixed, {{0, current->getResult(0)}, {1, values->tokens(rewriter, mixed.getRight())}}, locationOf(mixed));
    for (Operation *op : llvm::reverse(*behind))
      current = remake(op, {{0, current->getResult(0)}}, locationOf(op));
    rewriter.replaceOp(permute, current->getResult(0));
    return success();
  }
};

} // namespace

void tpu::populateTokenAttentionPatterns(RewritePatternSet &patterns) {
  patterns.add<KeepTokensInPlace>(patterns.getContext());
}
