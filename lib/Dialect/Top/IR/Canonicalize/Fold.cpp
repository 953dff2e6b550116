// Constant folding: an op all of whose operands are weights is evaluated and becomes a weight.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// A result may not be larger than this unless its operands are: folding must not blow up the weight file.
static constexpr int64_t maxGrownElements = 1 << 20;

namespace {
struct FoldConstantOp : RewritePattern {
  explicit FoldConstantOp(MLIRContext *context) : RewritePattern(MatchAnyOpTypeTag(), 4, context) {
    setDebugName("FoldConstantOp");
  }
  LogicalResult matchAndRewrite(Operation *op, PatternRewriter &rewriter) const override {
    auto inference = dyn_cast<InferenceInterface>(op);
    if (!inference || !isa_and_nonnull<TopDialect>(op->getDialect()) || op->getNumResults() != 1 ||
        op->getNumOperands() == 0 || op->getNumRegions() || isa<InputOp, ConstantFillOp>(op) || !hasStaticShape(op->getResult(0)))
      return failure();
    int64_t given = 0;
    bool anyWeight = false;
    for (Value operand : op->getOperands()) {
      if (!isNone(operand) && !weightOf(operand))
        return failure();
      anyWeight |= !isNone(operand);
      given += isNone(operand) ? 0 : elementsOf(operand);
    }
    Value result = op->getResult(0);
    if (!anyWeight || elementsOf(result) > std::max(given, maxGrownElements))
      return failure();
    SmallVector<Tensor> operands, results;
    for (Value operand : op->getOperands()) {
      FailureOr<Tensor> value = isNone(operand) ? FailureOr<Tensor>(Tensor()) : readWeight(weightOf(operand));
      if (failed(value))
        return failure();
      operands.push_back(*value);
    }
    if (failed(inference.evaluate(operands, results)) || results.size() != 1)
      return failure();
    // An output of the network is an op, not a weight.
    if (isNetworkOutput(result))
      return failure();
    WeightOp weight = createWeight(rewriter, nameOf(result), results[0], cast<RankedTensorType>(result.getType()));
    rewriter.replaceOp(op, weight.getOutput());
    return success();
  }
};
} // namespace

void top::populateFoldPatterns(RewritePatternSet &patterns) { patterns.add<FoldConstantOp>(patterns.getContext()); }
