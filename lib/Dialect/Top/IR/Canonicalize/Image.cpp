// Preprocessing of pictures as the ops that the chip computes.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopImage.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

static bool isFloat(Value value) { return cast<ShapedType>(value.getType()).getElementType().isF32(); }

/// Replaces the op by a Scale with a factor and an offset per channel.
static void replaceByScale(PatternRewriter &rewriter, Operation *op, ArrayRef<double> factor, ArrayRef<double> offset) {
  std::string name = nameOf(op->getResult(0)).str();
  auto channels = static_cast<int64_t>(factor.size());
  Value scale = newWeight(rewriter, name + "_scale", {channels}, factor);
  Value bias = newWeight(rewriter, name + "_bias", {channels}, offset);
  replaceBy<ScaleOp>(rewriter, op, {op->getOperand(0), scale, bias});
}

/// A list as one value per channel.
static std::vector<double> perChannel(ArrayAttr list, int64_t channels) {
  std::vector<double> values;
  for (Attribute value : list)
    values.push_back(cast<FloatAttr>(value).getValueAsDouble());
  if (values.size() == 1)
    values.assign(channels, values[0]);
  return values;
}

namespace {
struct ScaleLutToScale : TopPattern<ScaleLutOp, ScaleLutToScale> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ScaleLutOp op, PatternRewriter &rewriter) const override {
    if (!isFloat(op.getOutput()))
      return failure();
    int64_t channels = shapeOf(op.getInput())[1];
    replaceByScale(rewriter, op, perChannel(op.getScale(), channels), perChannel(op.getBias(), channels));
    return success();
  }
};

struct MeanStdScaleToScale : TopPattern<MeanStdScaleOp, MeanStdScaleToScale> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MeanStdScaleOp op, PatternRewriter &rewriter) const override {
    if (!isFloat(op.getOutput()) || op.getChannelOrder() != "nchw")
      return failure();
    int64_t channels = shapeOf(op.getInput())[1];
    std::vector<double> offset = perChannel(op.getMean(), channels), factor = perChannel(op.getStd(), channels);
    for (int64_t c = 0; c < channels; ++c) {
      factor[c] = 1 / factor[c];
      offset[c] *= -factor[c];
    }
    replaceByScale(rewriter, op, factor, offset);
    return success();
  }
};

/// Runs of neighbouring channels are cut out and joined.
struct SwapChannelToConcat : TopPattern<SwapChannelOp, SwapChannelToConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SwapChannelOp op, PatternRewriter &rewriter) const override {
    SmallVector<std::pair<int64_t, int64_t>> runs; // first channel, channels
    for (int64_t channel : i64Values(op.getChannelOrder()))
      if (!runs.empty() && runs.back().first + runs.back().second == channel)
        ++runs.back().second;
      else
        runs.emplace_back(channel, 1);
    if (runs.size() == 1)
      return replaceByOperand(rewriter, op, op.getInput());
    if (runs.empty() || runs.size() > mostParts)
      return failure();
    SmallVector<Value> parts;
    for (auto [begin, count] : runs)
      parts.push_back(cut(op, begin, count, parts.size(), rewriter));
    Type si32 = rewriter.getIntegerType(32, true);
    replaceBy<ConcatOp>(rewriter, op, parts, {named(rewriter, "axis", rewriter.getIntegerAttr(si32, 1))});
    return success();
  }

private:
  /// Orders with more runs belong to no picture.
  static constexpr size_t mostParts = 64;

  static Value cut(SwapChannelOp op, int64_t begin, int64_t count, size_t index, PatternRewriter &rewriter) {
    Shape shape(shapeOf(op.getInput())), offset(shape.size(), 0), ends = shape;
    offset[1] = begin;
    ends[1] = begin + count;
    shape[1] = count;
    Location loc = nameLoc(op.getContext(), (nameOf(op.getOutput()) + "_part" + Twine(index)).str());
    Type element = cast<ShapedType>(op.getOutput().getType()).getElementType();
    Value none = noneFor(op);
    return make<SliceOp>(rewriter, loc, RankedTensorType::get(shape, element), {op.getInput(), none, none, none},
                         {named(rewriter, "offset", rewriter.getI64ArrayAttr(offset)),
                          named(rewriter, "steps", rewriter.getI64ArrayAttr(Shape(shape.size(), 1))),
                          named(rewriter, "ends", rewriter.getI64ArrayAttr(ends))})
        .getOutput();
  }
};
} // namespace

void top::populateImagePatterns(RewritePatternSet &patterns) {
  patterns.add<ScaleLutToScale, MeanStdScaleToScale, SwapChannelToConcat>(patterns.getContext());
}
