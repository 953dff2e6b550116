// Constant folding: an op all of whose operands are weights is evaluated and becomes a weight.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// A result may not be larger than this unless its operands are: folding must not blow up the weight file.
static constexpr int64_t maxGrownElements = 1 << 20;

/// Whether constants may take the place of the op's results: no output of the network (that is an op, not a weight),
/// and some result is used.
static bool hasFoldableResults(Operation *op) {
  return llvm::any_of(op->getResults(), [](Value result) { return !result.use_empty(); }) &&
         llvm::all_of(op->getResults(), [](Value result) {
           return isNone(result) || (hasStaticShape(result) && !isNetworkOutput(result));
         });
}

/// The values of operands that are weights or none; nothing if another one is among them, or no weight.
static std::optional<SmallVector<Tensor>> constantOperands(Operation *op) {
  SmallVector<Tensor> values;
  int64_t given = 0, made = 0;
  for (Value operand : op->getOperands()) {
    if (!isNone(operand) && !weightOf(operand))
      return std::nullopt;
    given += isNone(operand) ? 0 : elementsOf(operand);
  }
  for (Value result : op->getResults())
    made += isNone(result) ? 0 : elementsOf(result);
  if (llvm::all_of(op->getOperands(), isNone) || made > std::max(given, maxGrownElements))
    return std::nullopt;
  for (Value operand : op->getOperands()) {
    FailureOr<Tensor> value = isNone(operand) ? FailureOr<Tensor>(Tensor()) : readWeight(weightOf(operand));
    if (failed(value))
      return std::nullopt;
    values.push_back(*value);
  }
  return values;
}

namespace {
struct FoldConstantOp : RewritePattern {
  explicit FoldConstantOp(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 4, context) {
    setDebugName("FoldConstantOp");
  }
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    auto inference = dyn_cast<InferenceInterface>(op);
    if (!inference || !isa_and_nonnull<TopDialect>(op->getDialect()) || op->getNumOperands() == 0 ||
        op->getNumRegions() || isa<InputOp, ConstantFillOp>(op) || !hasFoldableResults(op))
      return failure();
    std::optional<SmallVector<Tensor>> operands = constantOperands(op);
    SmallVector<Tensor> results;
    if (!operands || failed(inference.evaluate(*operands, results)) || results.size() != op->getNumResults())
      return failure();
    SmallVector<Value> weights;
    for (auto [result, value] : llvm::zip_equal(op->getResults(), results))
      weights.push_back(
          result.use_empty() || isNone(result)
              ? noneFor(op)
              : createWeight(rewriter, nameOf(result), value, cast<RankedTensorType>(result.getType())).getOutput());
    rewriter.replaceOp(op, weights);
    return success();
  }
};
} // namespace

void top::populateFoldPatterns(RewritePatternSet &patterns) { patterns.add<FoldConstantOp>(patterns.getContext()); }
