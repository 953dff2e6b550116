// Rewrites of Top ops before the lowering to BM1684X: the chip's elementwise instructions take two operands.
#include "TopPatterns.h"

#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include <algorithm>

using namespace mlir;
using namespace tpu_mlir;

static std::optional<top::Range> rangeOf(Value value) {
  if (std::optional<top::Quantization> q = top::quantizationOf(value))
    return top::Range{static_cast<double>(q->low - q->zeroPoint) * q->scale,
                      static_cast<double>(q->high - q->zeroPoint) * q->scale};
  return top::calibratedRangeOf(value.getType());
}

static void scaleRange(top::Range &range, double factor) {
  range = {range.min * factor, range.max * factor};
  if (range.min > range.max)
    std::swap(range.min, range.max);
}

/// The range of what an op of two inputs makes of their ranges; nothing where one is not known.
static std::optional<top::Range> combine(Operation *op, Value a, Value b, ArrayAttr coefficients) {
  auto x = rangeOf(a), y = rangeOf(b);
  if (!x || !y)
    return std::nullopt;
  if (isa<top::MaxOp>(op))
    return top::Range{std::max(x->min, y->min), std::max(x->max, y->max)};
  if (isa<top::MinOp>(op))
    return top::Range{std::min(x->min, y->min), std::min(x->max, y->max)};
  if (isa<top::MulOp>(op)) {
    auto [low, high] = std::minmax({x->min * y->min, x->min * y->max, x->max * y->min, x->max * y->max});
    return top::Range{low, high};
  }
  if (coefficients) {
    scaleRange(*x, cast<FloatAttr>(coefficients[0]).getValueAsDouble());
    scaleRange(*y, cast<FloatAttr>(coefficients[1]).getValueAsDouble());
  }
  return top::Range{x->min + y->min, x->max + y->max};
}

/// The element type of a partial result: it has no statistics of its own, so that its range follows from its operands'.
static Type partialElement(Operation *op, Value a, Value b, ArrayAttr coefficients) {
  Type element = cast<ShapedType>(op->getResult(0).getType()).getElementType();
  bool calibrated = top::calibratedRangeOf(element).has_value();
  if (!calibrated && !top::quantizationOf(element))
    return element;
  Type real = Float32Type::get(op->getContext());
  std::optional<top::Range> range = calibrated ? combine(op, a, b, coefficients) : std::nullopt;
  return range ? top::calibratedType(real, *range) : real;
}

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
      Type element = last ? Type() : partialElement(op, value, inputs[i], pairOf(i, i == 1));
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
