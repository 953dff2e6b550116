// Top ops that have an exact form in others that are lowered: reorderings of elements become Slices, Permutes and
// Concats. The canonical module keeps them, because their chip-independent form says more.
#include "TopPatterns.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

using namespace mlir;
using namespace tpu_mlir;
using top::Shape;

namespace {
/// Makes the ops in the place of one; they have its element type, the last one its name.
class Steps {
public:
  Steps(Operation *op, PatternRewriter &rewriter) : op(op), rewriter(rewriter) {}

  Value reshape(Value value, ArrayRef<int64_t> to, bool last = false) {
    return make<top::ReshapeOp>("reshape", to, {value}, {integers("shape", to)}, last);
  }
  Value permute(Value value, ArrayRef<int64_t> order, bool last = false) {
    Shape to;
    for (int64_t axis : order)
      to.push_back(top::shapeOf(value)[axis]);
    return make<top::PermuteOp>("permute", to, {value}, {integers("order", order)}, last);
  }
  /// `count` positions of an axis from `begin` on, one after the other or backwards.
  Value slice(Value value, int64_t axis, int64_t begin, int64_t count, int64_t step = 1, bool last = false) {
    Shape shape = llvm::to_vector(top::shapeOf(value)), offset(shape.size(), 0), steps(shape.size(), 1), ends = shape;
    const int64_t extent = shape[axis], end = begin + count * step;
    offset[axis] = begin;
    steps[axis] = step;
    ends[axis] = end < 0 ? -(extent + 1) : end;
    shape[axis] = count;
    Value none = top::noneFor(op);
    return make<top::SliceOp>(
        "slice", shape, {value, none, none, none},
        {integers("offset", offset), integers("steps", steps), integers("ends", ends), integers("axes", {})}, last);
  }
  Value concat(ArrayRef<Value> parts, int64_t axis, bool last = false) {
    Shape shape = llvm::to_vector(top::shapeOf(parts.front()));
    for (Value part : parts.drop_front())
      shape[axis] += top::shapeOf(part)[axis];
    return make<top::ConcatOp>(
        "concat", shape, parts,
        {rewriter.getNamedAttr("axis", rewriter.getIntegerAttr(rewriter.getIntegerType(32, true), axis))}, last);
  }

private:
  Operation *op;
  PatternRewriter &rewriter;
  int count = 0;

  NamedAttribute integers(StringRef name, ArrayRef<int64_t> values) {
    return rewriter.getNamedAttr(name, rewriter.getI64ArrayAttr(values));
  }
  template <typename OpTy>
  Value make(StringRef what, ArrayRef<int64_t> shape, ArrayRef<Value> operands, ArrayRef<NamedAttribute> attributes,
             bool last) {
    auto type = cast<RankedTensorType>(op->getResult(0).getType()).clone(shape);
    std::string name = (top::nameOf(op->getResult(0)) + "_" + what + std::to_string(count++)).str();
    OperationState state(last ? op->getLoc() : top::nameLoc(op->getContext(), name), OpTy::getOperationName());
    state.addOperands(operands);
    state.addTypes(type);
    state.addAttributes(attributes);
    return rewriter.create(state)->getResult(0);
  }
};

struct ReverseToSlice : OpRewritePattern<top::ReverseOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::ReverseOp op, PatternRewriter &rewriter) const override {
    if (!top::hasStaticShape(op.getInput()))
      return failure();
    ArrayRef<int64_t> shape = top::shapeOf(op.getInput());
    int64_t axis = top::normalizeAxis(op.getAxis(), shape.size()), extent = shape[axis];
    rewriter.replaceOp(op, Steps(op, rewriter).slice(op.getInput(), axis, extent - 1, extent, -1, true));
    return success();
  }
};

struct ShuffleChannelToPermute : OpRewritePattern<top::ShuffleChannelOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::ShuffleChannelOp op, PatternRewriter &rewriter) const override {
    if (!top::hasStaticShape(op.getInput()))
      return failure();
    ArrayRef<int64_t> shape = top::shapeOf(op.getInput());
    int64_t group = op.getGroup(), inner = top::product(shape.drop_front(2));
    Steps steps(op, rewriter);
    Value value = steps.reshape(op.getInput(), {shape[0], group, shape[1] / group, inner});
    value = steps.permute(value, {0, 2, 1, 3});
    rewriter.replaceOp(op, steps.reshape(value, shape, true));
    return success();
  }
};

/// Axis by axis: what lies before the offset goes behind the rest.
struct SwapDimInnerToConcat : OpRewritePattern<top::SwapDimInnerOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::SwapDimInnerOp op, PatternRewriter &rewriter) const override {
    if (!top::hasStaticShape(op.getInput()))
      return failure();
    ArrayRef<int64_t> shape = top::shapeOf(op.getInput());
    Shape offset = top::i64Values(op.getOffset());
    const int64_t rotated = llvm::count_if(offset, [](int64_t o) { return o != 0; });
    Steps steps(op, rewriter);
    Value value = op.getInput();
    int64_t done = 0;
    for (auto [axis, begin] : llvm::enumerate(offset)) {
      if (begin == 0)
        continue;
      Value end = steps.slice(value, axis, begin, shape[axis] - begin), front = steps.slice(value, axis, 0, begin);
      value = steps.concat({end, front}, axis, ++done == rotated);
    }
    rewriter.replaceOp(op, rotated ? value : steps.reshape(value, shape, true));
    return success();
  }
};
} // namespace

void bm1684x::populateCorePatterns(RewritePatternSet &patterns) {
  patterns.add<ReverseToSlice, ShuffleChannelToPermute, SwapDimInnerToConcat>(patterns.getContext());
}
