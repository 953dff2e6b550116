// What a matrix product can take over: a following bias or column factor, a preceding transposition of its right side.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// The product and the weight [N] of an elementwise op of two operands that works along the columns.
static std::pair<MatMulOp, Value> productAndColumns(Operation *op) {
  if (op->getNumOperands() != 2)
    return {};
  for (int position : {1, 0}) {
    auto matmul = absorbableOp<MatMulOp>(op->getOperand(1 - position));
    if (!matmul || matmul.getDoRelu() || matmul.getOutputTranspose())
      continue;
    ArrayRef<int64_t> shape = shapeOf(matmul.getOutput()), right = shapeOf(matmul.getRight());
    if (right.size() < 2 || shape != shapeOf(op->getResult(0)) || shape.back() == 1)
      continue;
    if (liesAlongAxis(op->getOperand(position), shape, shape.size() - 1))
      return {matmul, op->getOperand(position)};
  }
  return {};
}

/// Whether the op exchanges the last two axes and leaves the others.
static bool swapsLastAxes(PermuteOp permute) {
  Shape order = i64Values(permute.getOrder());
  if (order.size() < 2)
    return false;
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return llvm::is_sorted(order);
}

namespace {
/// x * W + b.
struct AddIntoMatMulBias : TopPattern<AddOp, AddIntoMatMulBias> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AddOp op, PatternRewriter &rewriter) const override {
    auto [matmul, columns] = productAndColumns(op);
    if (!matmul || op.getCoeff())
      return failure();
    auto values = weightValues(columns);
    if (!values)
      return failure();
    Value bias = columns;
    if (!isNone(matmul.getBias())) {
      auto present = weightValues(matmul.getBias());
      if (!present || present->size() != values->size())
        return failure();
      for (size_t i = 0; i < values->size(); ++i)
        (*values)[i] += (*present)[i];
    }
    if (!isNone(matmul.getBias()) || shapeOf(columns).size() != 1)
      bias = newWeight(rewriter, nameOf(op.getOutput()).str() + "_bias", {int64_t(values->size())}, *values);
    Operation *fused = rewriter.clone(*matmul);
    fused->setLoc(op.getLoc());
    fused->setOperand(2, bias);
    for (NamedAttribute attribute : reluOf(op))
      fused->setAttr(attribute.getName(), attribute.getValue());
    fused->getResult(0).setType(op.getOutput().getType());
    rewriter.replaceOp(op, fused);
    return success();
  }
};

/// (x * W) * c per column is x * (W * c).
struct MulIntoMatMulColumns : TopPattern<MulOp, MulIntoMatMulColumns> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulOp op, PatternRewriter &rewriter) const override {
    auto [matmul, columns] = productAndColumns(op);
    if (!matmul || matmul.getHdimIsBatch())
      return failure();
    auto factors = weightValues(columns), right = weightValues(matmul.getRight());
    auto bias = isNone(matmul.getBias()) ? std::vector<double>() : weightValues(matmul.getBias());
    if (!factors || !right || !bias || (!bias->empty() && bias->size() != factors->size()))
      return failure();
    ArrayRef<int64_t> shape = shapeOf(matmul.getRight());
    int64_t inner = shape.back(), n = factors->size();
    for (size_t i = 0; i < right->size(); ++i)
      (*right)[i] *= (*factors)[matmul.getRightTranspose() ? (i / inner) % n : i % inner];
    for (size_t i = 0; i < bias->size(); ++i)
      (*bias)[i] *= (*factors)[i];
    Operation *fused = rewriter.clone(*matmul);
    rewriter.setInsertionPoint(fused);
    fused->setOperand(1, newWeight(rewriter, (nameOf(matmul.getRight()) + "_scaled").str(), shape, *right));
    if (!bias->empty())
      fused->setOperand(2, newWeight(rewriter, (nameOf(matmul.getBias()) + "_scaled").str(), {n}, *bias));
    fused->setLoc(op.getLoc());
    for (NamedAttribute attribute : reluOf(op))
      fused->setAttr(attribute.getName(), attribute.getValue());
    rewriter.replaceOp(op, fused);
    return success();
  }
};

/// A right side whose last two axes were swapped.
struct PermuteIntoMatMulRight : TopPattern<MatMulOp, PermuteIntoMatMulRight> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MatMulOp op, PatternRewriter &rewriter) const override {
    auto permute = op.getRight().getDefiningOp<PermuteOp>();
    if (!permute || op.getHdimIsBatch() || weightOf(permute.getInput()))
      return failure();
    if (!swapsLastAxes(permute))
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.setRightTranspose(!op.getRightTranspose());
      op.getRightMutable().assign(permute.getInput());
    });
    return success();
  }
};

/// A factor between a transposition and the product that can take it over, as attention is exported: the factor first.
struct MulConstBeforePermute : TopPattern<MulConstOp, MulConstBeforePermute> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MulConstOp op, PatternRewriter &rewriter) const override {
    auto permute = absorbableOp<PermuteOp>(op.getInput());
    if (!permute || op.getDoRelu() || !absorbable(op.getOutput()) || !swapsLastAxes(permute))
      return failure();
    auto product = dyn_cast<MatMulOp>(*op.getOutput().getUsers().begin());
    if (!product || product.getRight() != op.getOutput() || product.getHdimIsBatch())
      return failure();
    Type element = cast<ShapedType>(op.getOutput().getType()).getElementType();
    Location loc = nameLoc(op.getContext(), (nameOf(op.getOutput()) + "_unpermuted").str());
    Value scaled = make<MulConstOp>(rewriter, loc, RankedTensorType::get(shapeOf(permute.getInput()), element),
                                    permute.getInput(), op->getAttrs());
    replaceBy<PermuteOp>(rewriter, op, scaled, permute->getAttrs());
    return success();
  }
};
} // namespace

void top::populateMatMulPatterns(RewritePatternSet &patterns) {
  patterns.add<AddIntoMatMulBias, MulIntoMatMulColumns, PermuteIntoMatMulRight, MulConstBeforePermute>(
      patterns.getContext(), 2);
}
