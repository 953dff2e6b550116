// Shape rules, verifiers and operation counts of pictures and their preprocessing.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Frames.h"
#include "tpu_mlir/Dialect/Top/IR/TopImage.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static LogicalResult checkFinite(Operation *op, ArrayAttr list, StringRef name, bool zeroIsWrong = false) {
  for (Attribute attribute : list) {
    double value = cast<FloatAttr>(attribute).getValueAsDouble();
    if (!std::isfinite(value) || (zeroIsWrong && value == 0))
      return op->emitOpError() << "needs finite values" << (zeroIsWrong ? " other than 0" : "") << " for " << name;
  }
  return success();
}

static LogicalResult checkCount(Operation *op, ArrayAttr list, StringRef name, int64_t channels, bool oneForAll) {
  auto count = static_cast<int64_t>(list.size());
  if (count == channels || (oneForAll && count == 1))
    return success();
  return op->emitOpError() << "needs " << channels << " values of " << name << " (one per channel), got " << count;
}

// ------------------------------------------------------------------------------------------ MeanStdScale

static FailureOr<Shape> resultShape(MeanStdScaleOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.size() < 2)
    return op.emitOpError() << "needs an input with a channel axis, got shape " << text(shape);
  int64_t channels = op.getChannelOrder() == "nhwc" ? shape.back() : shape[1];
  if (failed(checkCount(op, op.getMean(), "mean", channels, true)) ||
      failed(checkCount(op, op.getStd(), "std", channels, true)))
    return failure();
  return shape;
}
LogicalResult MeanStdScaleOp::inferShapes() { return inferByRule(*this); }
LogicalResult MeanStdScaleOp::verify() {
  if (getChannelOrder() != "nchw" && getChannelOrder() != "nhwc")
    return emitOpError() << "has the channel_order '" << getChannelOrder() << "', which is neither nchw nor nhwc";
  if (failed(checkFinite(*this, getMean(), "mean")) || failed(checkFinite(*this, getStd(), "std", true)))
    return failure();
  return verifyByRule(*this);
}
int64_t MeanStdScaleOp::getFLOPs() { return flopsPerElement(*this, 2); }

// ------------------------------------------------------------------------------------------ Preprocess

/// The whole frame as [n, channels, h, w].
static FailureOr<Shape> wholeFrame(PreprocessOp op, const FrameLayout &layout) {
  Shape frame = shapeVector(op.getInput());
  int64_t channels = llvm::is_contained({"rgb", "bgr"}, op.getChannelOrder()) ? 3 : layout.channels();
  auto wrong = [&]() -> FailureOr<Shape> {
    return op.emitOpError() << "has an input of shape " << text(frame) << ", which is no frame of the format "
                            << op.getCustomizationFormat();
  };
  if (frame.size() != 4)
    return wrong();
  if (layout.isYuv())
    return frame[1] != 1 || frame[2] % 3 != 0 || frame[3] % 2 != 0
               ? wrong()
               : FailureOr<Shape>(Shape{frame[0], channels, frame[2] / 3 * 2, frame[3]});
  bool packed = layout.coding == FrameLayout::Coding::Packed;
  if (frame[packed ? 3 : 1] != layout.channels())
    return wrong();
  return packed ? Shape{frame[0], channels, frame[1], frame[2]} : Shape{frame[0], channels, frame[2], frame[3]};
}

static FailureOr<Shape> resultShape(PreprocessOp op) {
  std::optional<FrameLayout> layout = frameLayout(op.getCustomizationFormat());
  if (!layout)
    return op.emitOpError() << "has the unknown customization_format '" << op.getCustomizationFormat() << "'";
  StringRef order = op.getChannelOrder();
  bool fits = order == layout->colors || (layout->colors != "gray" && (order == "rgb" || order == "bgr"));
  if (!fits)
    return op.emitOpError() << "cannot give the channels '" << order << "' of frames of the format "
                            << op.getCustomizationFormat();
  FailureOr<Shape> whole = wholeFrame(op, *layout);
  if (failed(whole) || failed(checkCount(op, op.getMean(), "mean", (*whole)[1], true)) ||
      failed(checkCount(op, op.getScale(), "scale", (*whole)[1], true)))
    return failure();
  // A stated result says what to crop.
  if (!hasStaticShape(op.getOutput()))
    return *whole;
  Shape stated = shapeVector(op.getOutput());
  if (stated.size() != 4 || stated[0] != (*whole)[0] || stated[1] != (*whole)[1] || stated[2] > (*whole)[2] ||
      stated[3] > (*whole)[3])
    return op.emitOpError() << "cannot cut a result of shape " << text(stated) << " out of " << text(*whole);
  return stated;
}
LogicalResult PreprocessOp::inferShapes() { return inferByRule(*this); }
LogicalResult PreprocessOp::verify() {
  if (failed(checkFinite(*this, getMean(), "mean")) || failed(checkFinite(*this, getScale(), "scale")))
    return failure();
  return verifyByRule(*this);
}
int64_t PreprocessOp::getFLOPs() { return flopsPerElement(*this, 2); }

// ------------------------------------------------------------------------------------------ channels

static FailureOr<Shape> resultShape(ScaleLutOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.size() < 2)
    return op.emitOpError() << "needs an input with a channel axis, got shape " << text(shape);
  if (failed(checkCount(op, op.getScale(), "scale", shape[1], false)) ||
      failed(checkCount(op, op.getBias(), "bias", shape[1], false)))
    return failure();
  return shape;
}
LogicalResult ScaleLutOp::inferShapes() { return inferByRule(*this); }
LogicalResult ScaleLutOp::verify() {
  if (failed(checkFinite(*this, getScale(), "scale")) || failed(checkFinite(*this, getBias(), "bias")))
    return failure();
  return verifyByRule(*this);
}
int64_t ScaleLutOp::getFLOPs() { return flopsPerElement(*this, 2); }

/// Each value of the order is a channel.
static LogicalResult checkOrder(Operation *op, ArrayAttr order, int64_t channels) {
  if (static_cast<int64_t>(order.size()) != channels)
    return op->emitOpError() << "needs " << channels << " values of channel_order, got " << order.size();
  for (int64_t value : i64Values(order))
    if (value < 0 || value >= channels)
      return op->emitOpError() << "has channel " << value << " of " << channels << " in channel_order";
  return success();
}

static FailureOr<Shape> resultShape(SwapChannelOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.size() < 2)
    return op.emitOpError() << "needs an input with a channel axis, got shape " << text(shape);
  if (failed(checkOrder(op, op.getChannelOrder(), shape[1])))
    return failure();
  return shape;
}
TPU_MLIR_TOP_METHODS(SwapChannelOp, 0)

// ------------------------------------------------------------------------------------------ sensors and video

static FailureOr<Shape> resultShape(DepackRawOp op) {
  ArrayRef<int64_t> shape = shapeOf(op.getInput());
  if (shape.size() != 4 || shape[1] != 4)
    return op.emitOpError() << "needs four planes, [b, 4, h, w], got shape " << text(shape);
  auto rows = static_cast<int64_t>(op.getPaddingH()), columns = static_cast<int64_t>(op.getPaddingW());
  if (rows < 0 || rows > shape[2] || columns < 0 || columns > shape[3])
    return op.emitOpError() << "leaves out " << rows << " rows and " << columns << " columns of planes of " << shape[2]
                            << " x " << shape[3];
  if (failed(checkOrder(op, op.getChannelOrder(), 4)))
    return failure();
  return Shape{shape[0], 1, 2 * (shape[2] - rows), 2 * (shape[3] - columns)};
}
LogicalResult DepackRawOp::inferShapes() { return inferByRule(*this); }
LogicalResult DepackRawOp::verify() {
  if (!std::isfinite(getWhiteLevel().convertToDouble()) || !std::isfinite(getBlackLevel().convertToDouble()))
    return emitOpError("needs finite levels");
  return verifyByRule(*this);
}
int64_t DepackRawOp::getFLOPs() { return flopsPerElement(*this, 2); }

static FailureOr<Shape> resultShape(Mmap2RgbmapOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.empty() || shape.back() > (int64_t{1} << 31))
    return op.emitOpError() << "needs an input of rank 1 or more, got shape " << text(shape);
  shape.back() *= 6;
  return shape;
}
TPU_MLIR_TOP_METHODS(Mmap2RgbmapOp, 0)

static FailureOr<Shape> resultShape(Yuv2rgbFormulaOp op) {
  Shape shape = shapeVector(op.getYUV());
  if (shape.size() < 2 || shape[shape.size() - 2] % 3 != 0 || shape.back() % 2 != 0)
    return op.emitOpError() << "needs frames of h * 3 / 2 rows of even length, got shape " << text(shape);
  int64_t width = shape.pop_back_val(), rows = shape.pop_back_val();
  shape.append({3, rows / 3 * 2, width});
  return shape;
}
LogicalResult Yuv2rgbFormulaOp::inferShapes() { return inferByRule(*this); }
LogicalResult Yuv2rgbFormulaOp::verify() {
  if (getSrcFormat() > 3)
    return emitOpError() << "has the src_format " << getSrcFormat() << ", which is not within 0 to 3";
  if (getDstFormat() != 4 && getDstFormat() != 5)
    return emitOpError() << "has the dst_format " << getDstFormat() << ", which is neither 4 (RGB) nor 5 (BGR)";
  return verifyByRule(*this);
}
int64_t Yuv2rgbFormulaOp::getFLOPs() { return flopsPerElement(*this, 6); }
} // namespace tpu_mlir::top
