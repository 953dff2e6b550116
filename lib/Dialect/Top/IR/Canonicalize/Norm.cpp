// BatchNorm becomes Scale.
#include "Patterns.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
/// (x - mean) / sqrt(variance + epsilon) * gamma + beta is one multiply-add per channel.
struct BatchNormToScale : TopPattern<BatchNormOp, BatchNormToScale> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(BatchNormOp op, PatternRewriter &rewriter) const override {
    auto mean = weightValues(op.getMean()), variance = weightValues(op.getVariance());
    if (!mean || !variance)
      return failure();
    size_t channels = mean->size();
    std::vector<double> ones(channels, 1.0), zeros(channels, 0.0);
    auto gamma = isNone(op.getGamma()) ? std::optional(ones) : weightValues(op.getGamma());
    auto beta = isNone(op.getBeta()) ? std::optional(zeros) : weightValues(op.getBeta());
    if (!gamma || !beta)
      return failure();
    double epsilon = op.getEpsilon().convertToDouble();
    std::vector<double> scale(channels), bias(channels);
    for (size_t i = 0; i < channels; ++i) {
      scale[i] = (*gamma)[i] / std::sqrt((*variance)[i] + epsilon);
      bias[i] = (*beta)[i] - (*mean)[i] * scale[i];
    }
    std::string name = nameOf(op.getOutput()).str();
    Shape shape{static_cast<int64_t>(channels)};
    Value scaleWeight = newWeight(rewriter, name + "_scale", shape, scale);
    Value biasWeight = newWeight(rewriter, name + "_bias", shape, bias);
    replaceBy<ScaleOp>(rewriter, op, {op.getInput(), scaleWeight, biasWeight}, reluOf(op));
    return success();
  }
};
} // namespace

void top::populateNormPatterns(RewritePatternSet &patterns) { patterns.add<BatchNormToScale>(patterns.getContext()); }
