// Rewrites of Top ops before the lowering to BM1684X: the chip's elementwise instructions take two operands.
#include "TopPatterns.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

using namespace mlir;
using namespace tpu_mlir;

namespace {
/// op(a, b, c …) → op(op(a, b), c) …; a fused ReLU and the op's name stay on the last one.
template <typename OpTy> struct SplitVariadic : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    OperandRange inputs = op.getInputs();
    if (inputs.size() < 3)
      return failure();
    auto coefficients = op->template getAttrOfType<ArrayAttr>("coeff");
    auto pairOf = [&](size_t i, bool first) -> ArrayAttr {
      if (!coefficients || coefficients.size() != inputs.size())
        return {};
      return rewriter.getArrayAttr({first ? coefficients[0] : rewriter.getF64FloatAttr(1.0), coefficients[i]});
    };
    Value value = inputs[0];
    std::string name = top::nameOf(op.getOutput()).str();
    for (size_t i = 1; i < inputs.size(); ++i) {
      bool last = i + 1 == inputs.size();
      auto shape = top::broadcastShapes({top::Shape(top::shapeOf(value)), top::Shape(top::shapeOf(inputs[i]))});
      if (!shape)
        return failure();
      NamedAttrList attrs = op->getAttrs();
      if (!last) {
        attrs.erase("do_relu");
        attrs.erase("relu_limit");
      }
      if (ArrayAttr pair = pairOf(i, i == 1))
        attrs.set("coeff", pair);
      Type element = cast<ShapedType>(op.getOutput().getType()).getElementType();
      Type type = last ? op.getOutput().getType() : Type(RankedTensorType::get(*shape, element));
      Location loc = last ? op.getLoc() : top::nameLoc(op.getContext(), name + "_" + std::to_string(i));
      OperationState state(loc, op->getName(), ValueRange{value, inputs[i]}, TypeRange{type}, attrs);
      value = rewriter.create(state)->getResult(0);
    }
    rewriter.replaceOp(op, value);
    return success();
  }
};
} // namespace

void bm1684x::populateTopPatterns(RewritePatternSet &patterns) {
  patterns
      .add<SplitVariadic<top::AddOp>, SplitVariadic<top::MulOp>, SplitVariadic<top::MaxOp>, SplitVariadic<top::MinOp>>(
          patterns.getContext());
}
