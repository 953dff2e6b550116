// Einsum becomes Reshapes, Permutes, sums and products of two tensors.
#include "tpu_mlir/Dialect/Top/IR/Einsum.h"
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
/// Makes an op of each step.
class OpAlgebra {
public:
  using Value = mlir::Value;
  OpAlgebra(PatternRewriter &rewriter, EinsumOp op) : rewriter(rewriter), op(op) {}

  Shape shape(Value value) { return llvm::to_vector(shapeOf(value)); }
  Value reshape(Value value, const Shape &to) {
    return step<ReshapeOp>("reshape", to, {value}, {integers("shape", to)});
  }
  Value permute(Value value, const Shape &order) {
    Shape to;
    for (int64_t axis : order)
      to.push_back(shapeOf(value)[axis]);
    return step<PermuteOp>("permute", to, {value}, {integers("order", order)});
  }
  Value tile(Value value, const Shape &repeats) {
    Shape to = shape(value);
    for (auto [extent, times] : llvm::zip(to, repeats))
      extent *= times;
    return step<TileOp>("tile", to, {value}, {integers("tile", repeats)});
  }
  Value sum(Value value, const Shape &axes) {
    Shape to;
    for (auto [axis, extent] : llvm::enumerate(shapeOf(value)))
      if (!llvm::is_contained(axes, static_cast<int64_t>(axis)))
        to.push_back(extent);
    const bool isScalar = to.empty();
    if (isScalar)
      to.push_back(1);
    return step<ReduceOp>("sum", to, {value},
                          {integers("axes", axes), named(rewriter, "keepdims", rewriter.getBoolAttr(false)),
                           named(rewriter, "mode", rewriter.getStringAttr("ReduceSum")),
                           named(rewriter, "is_scalar", rewriter.getBoolAttr(isScalar))});
  }
  Value everyNth(Value value, int64_t axis, int64_t every) {
    Shape to = shape(value), offset(to.size(), 0), steps(to.size(), 1), ends = to;
    steps[axis] = every;
    to[axis] = (to[axis] + every - 1) / every;
    Value none = noneFor(op);
    return step<SliceOp>(
        "diagonal", to, {value, none, none, none},
        {integers("offset", offset), integers("steps", steps), integers("ends", ends), integers("axes", {})});
  }
  Value matmul(Value left, Value right) {
    Shape to = shape(left);
    to.back() = shapeOf(right).back();
    return step<MatMulOp>("matmul", to, {left, right, noneFor(op)}, {});
  }
  Value mul(Value left, Value right) {
    return step<MulOp>("mul", *broadcastShapes({shape(left), shape(right)}), {left, right}, {});
  }

private:
  PatternRewriter &rewriter;
  EinsumOp op;

  NamedAttribute integers(StringRef name, const Shape &values) {
    return named(rewriter, name, rewriter.getI64ArrayAttr(values));
  }
  template <typename OpTy>
  Value step(const char *what, ArrayRef<int64_t> to, ArrayRef<Value> operands, ArrayRef<NamedAttribute> attributes) {
    Location loc = nameLoc(op.getContext(), (nameOf(op.getOutput()) + "_" + what + Twine(count++)).str());
    auto type = RankedTensorType::get(to, rewriter.getF32Type());
    return make<OpTy>(rewriter, loc, type, operands, attributes)->getResult(0);
  }
  int count = 0;
};

struct ConvertEinsum : TopPattern<EinsumOp, ConvertEinsum> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(EinsumOp op, PatternRewriter &rewriter) const override {
    SmallVector<Shape> shapes;
    for (Value input : op.getInputs()) {
      shapes.push_back(llvm::to_vector(shapeOf(input)));
      if (product(shapes.back()) == 0 || elementTypeOf(input.getType()) != ElementType::F32)
        return failure();
    }
    std::string error;
    std::optional<EinsumEquation> equation = parseEinsum(op.getMode(), shapes, error);
    if (!equation)
      return failure();
    OpAlgebra algebra(rewriter, op);
    SmallVector<Value> inputs(op.getInputs());
    Value result = EinsumSteps<OpAlgebra>(*equation, algebra).run(inputs);
    Operation *last = result.getDefiningOp();
    // The last step takes the name; an equation that says nothing keeps it with a Reshape.
    if (llvm::is_contained(inputs, result)) {
      result = algebra.reshape(result, llvm::to_vector(shapeOf(op.getOutput())));
      last = result.getDefiningOp();
    }
    last->setLoc(op.getLoc());
    result.setType(cast<RankedTensorType>(op.getOutput().getType()));
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

void top::populateEinsumPatterns(RewritePatternSet &patterns) { patterns.add<ConvertEinsum>(patterns.getContext()); }
