// Detection ops whose results do not depend on values.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/PriorBoxes.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
/// More boxes than any network has would fill the weight file.
constexpr int64_t largestPriors = int64_t{1} << 26;

/// Default boxes depend on shapes only. An output of the network is an op, not a weight.
struct PriorBoxToWeight : TopPattern<PriorBoxOp, PriorBoxToWeight> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(PriorBoxOp op, PatternRewriter &rewriter) const override {
    if (isNetworkOutput(op.getOutput()) || elementsOf(op.getOutput()) > largestPriors)
      return failure();
    rewriter.replaceOp(op, newWeight(rewriter, nameOf(op.getOutput()), shapeOf(op.getOutput()), priorBoxes(op)));
    return success();
  }
};
} // namespace

void top::populateDetectionPatterns(RewritePatternSet &patterns) {
  patterns.add<PriorBoxToWeight>(patterns.getContext());
}
