// Evaluation of Top ops: pictures and their preprocessing.
#include "../Common.h"
#include "Rounding.h"
#include "tpu_mlir/Dialect/Top/IR/Frames.h"
#include "tpu_mlir/Dialect/Top/IR/TopImage.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <array>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using Coding = top::FrameLayout::Coding;

// A list as one value per channel.
static std::vector<double> perChannel(ArrayAttr list, int64_t channels) {
  std::vector<double> values;
  for (Attribute value : list)
    values.push_back(cast<FloatAttr>(value).getValueAsDouble());
  if (values.size() == 1)
    values.assign(channels, values[0]);
  return values;
}

// out = in * factor[c] + offset[c], the channels `inner` values apart.
static void scaleChannels(const Tensor &in, Tensor &out, const std::vector<float> &factor,
                          const std::vector<float> &offset, int64_t inner) {
  const auto channels = static_cast<int64_t>(factor.size());
  parallelFor(in.elements(), 8192, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t c = i / inner % channels;
      out.data<float>()[i] = in.data<float>()[i] * factor[c] + offset[c];
    }
  });
}

static int64_t innerOf(const Tensor &tensor, int64_t axis) {
  int64_t inner = 1;
  for (int64_t i = axis + 1; i < tensor.rank(); ++i)
    inner *= tensor.dim(i);
  return inner;
}

static LogicalResult evaluateMeanStdScale(top::MeanStdScaleOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const int64_t axis = op.getChannelOrder() == "nhwc" ? in.rank() - 1 : 1, channels = in.dim(axis);
  const std::vector<double> mean = perChannel(op.getMean(), channels), deviation = perChannel(op.getStd(), channels);
  Tensor out = call.floatResult();
  const int64_t inner = innerOf(in, axis);
  parallelFor(in.elements(), 8192, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t c = i / inner % channels;
      out.data<float>()[i] = static_cast<float>((in.data<float>()[i] - mean[c]) / deviation[c]);
    }
  });
  return call.finish(std::move(out));
}

static LogicalResult evaluateScaleLut(top::ScaleLutOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const std::vector<double> scale = perChannel(op.getScale(), in.dim(1)), bias = perChannel(op.getBias(), in.dim(1));
  Tensor out = call.floatResult();
  scaleChannels(in, out, {scale.begin(), scale.end()}, {bias.begin(), bias.end()}, innerOf(in, 1));
  return call.finish(std::move(out));
}

static LogicalResult evaluateSwapChannel(top::SwapChannelOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const top::Shape order = top::i64Values(op.getChannelOrder());
  Tensor out = call.floatResult();
  const int64_t inner = innerOf(in, 1), channels = in.dim(1);
  for (int64_t i = 0; i < in.dim(0) * channels; ++i)
    std::copy_n(in.data<float>() + (i / channels * channels + order[i % channels]) * inner, inner,
                out.data<float>() + i * inner);
  return call.finish(std::move(out));
}

static LogicalResult evaluateDepackRaw(top::DepackRawOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const top::Shape order = top::i64Values(op.getChannelOrder());
  const double black = op.getBlackLevel().convertToDouble(), range = op.getWhiteLevel().convertToDouble() - black;
  Tensor out = call.floatResult();
  const int64_t height = in.dim(2), width = in.dim(3), rows = out.dim(2), columns = out.dim(3);
  for (int64_t row = 0; row < out.dim(0) * rows; ++row)
    for (int64_t x = 0; x < columns; ++x) {
      const int64_t y = row % rows, plane = order[2 * (y % 2) + x % 2];
      const float value = in.data<float>()[((row / rows * 4 + plane) * height + y / 2) * width + x / 2];
      out.data<float>()[row * columns + x] = static_cast<float>(value * range + black);
    }
  return call.finish(std::move(out));
}

static LogicalResult evaluateMmap2Rgbmap(top::Mmap2RgbmapOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  Tensor out = call.floatResult();
  for (int64_t i = 0; i < in.elements(); ++i)
    std::fill_n(out.data<float>() + 6 * i, 6, in.data<float>()[i]);
  return call.finish(std::move(out));
}

namespace {

// One frame of 4:2:0 chroma: luma row by row, then the chroma.
struct YuvFrame {
  const float *data;
  int64_t height, width;
  Coding coding;
  bool limitedRange;

  // Red, green and blue of a pixel (ITU-R BT.601), from 0 to 255.
  std::array<double, 3> color(int64_t y, int64_t x) const {
    const int64_t plane = height * width, at = y / 2 * (width / 2) + x / 2;
    const bool pairs = coding == Coding::NV12 || coding == Coding::NV21;
    const bool vFirst = coding == Coding::YV12 || coding == Coding::NV21;
    const float *first = data + plane + (pairs ? 2 * at : at), *second = first + (pairs ? 1 : plane / 4);
    double luma = data[y * width + x], u = (vFirst ? *second : *first) - 128.0, v = (vFirst ? *first : *second) - 128.0;
    if (limitedRange) {
      luma = (luma - 16) * (255.0 / 219);
      u *= 255.0 / 224;
      v *= 255.0 / 224;
    }
    const double green = luma - u * (1.772 * 0.114 / 0.587) - v * (1.402 * 0.299 / 0.587);
    std::array<double, 3> rgb{luma + 1.402 * v, green, luma + 1.772 * u};
    for (double &value : rgb)
      value = std::clamp(value, 0.0, 255.0);
    return rgb;
  }
};

} // namespace

static LogicalResult evaluateYuv2rgb(top::Yuv2rgbFormulaOp op, Call &call) {
  constexpr std::array<Coding, 4> codings{Coding::I420, Coding::YV12, Coding::NV12, Coding::NV21};
  const Tensor in = call.floats(op.getYUV());
  Tensor out = call.floatResult();
  const int64_t height = out.dim(-2), width = out.dim(-1), plane = height * width;
  const Rounding rounding = roundingOf(op.getRoundMode());
  const bool whole = op.getImageFormat() == "UINT8", bgr = op.getDstFormat() == 5;
  const Coding coding = codings[op.getSrcFormat()];
  const bool limitedRange = op.getFormulaMode() == "_601_limited";
  parallelFor(plane == 0 ? 0 : out.elements() / 3 / width, 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t frame = row / height, y = row % height;
      const YuvFrame source{in.data<float>() + frame * (plane + plane / 2), height, width, coding, limitedRange};
      for (int64_t x = 0; x < width; ++x) {
        const std::array<double, 3> rgb = source.color(y, x);
        for (int64_t c = 0; c < 3; ++c) {
          const double value = rgb[bgr ? 2 - c : c];
          out.data<float>()[(frame * 3 + c) * plane + y * width + x] =
              static_cast<float>(whole ? rounded(value, rounding) : value);
        }
      }
    }
  });
  return call.finish(std::move(out));
}

namespace {

// A frame of any format, by pixel.
struct Frame {
  const Tensor &data;
  top::FrameLayout layout;
  bool bgr; // the wanted order
  int64_t height, width;

  float at(int64_t picture, int64_t channel, int64_t y, int64_t x) const {
    const float *values = data.data<float>();
    const int64_t stored = layout.channels(), plane = height * width;
    if (layout.isYuv())
      return static_cast<float>(
          YuvFrame{values + picture * (plane + plane / 2), height, width, layout.coding, /*limitedRange=*/true}.color(
              y, x)[bgr ? 2 - channel : channel]);
    // Alpha stays where it is.
    const bool swap = stored >= 3 && bgr != (layout.colors == "bgr");
    channel = swap && channel < 3 ? 2 - channel : channel;
    return layout.coding == Coding::Packed ? values[((picture * height + y) * width + x) * stored + channel]
                                           : values[((picture * stored + channel) * height + y) * width + x];
  }
};

} // namespace

static LogicalResult evaluatePreprocess(top::PreprocessOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const top::FrameLayout layout = *top::frameLayout(op.getCustomizationFormat());
  Tensor out = call.floatResult();
  const int64_t channels = out.dim(1), rows = out.dim(2), columns = out.dim(3);
  const std::vector<double> mean = perChannel(op.getMean(), channels), scale = perChannel(op.getScale(), channels);
  const bool packed = layout.coding == Coding::Packed;
  const int64_t height = layout.isYuv() ? in.dim(2) / 3 * 2 : in.dim(packed ? 1 : 2), width = in.dim(packed ? 2 : 3);
  const Frame frame{in, layout, op.getChannelOrder() == "bgr", height, width};
  const int64_t top = (height - rows) / 2, left = (width - columns) / 2;
  parallelFor(out.dim(0) * channels * rows, 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      for (int64_t x = 0; x < columns; ++x) {
        const int64_t c = row / rows % channels;
        const float value = frame.at(row / rows / channels, c, top + row % rows, left + x);
        out.data<float>()[row * columns + x] = static_cast<float>((value - mean[c]) * scale[c]);
      }
  });
  return call.finish(std::move(out));
}

void evaluation::attachTopImageModels(MLIRContext &context) {
  attach<top::MeanStdScaleOp, evaluateMeanStdScale>(context);
  attach<top::PreprocessOp, evaluatePreprocess>(context);
  attach<top::ScaleLutOp, evaluateScaleLut>(context);
  attach<top::SwapChannelOp, evaluateSwapChannel>(context);
  attach<top::DepackRawOp, evaluateDepackRaw>(context);
  attach<top::Mmap2RgbmapOp, evaluateMmap2Rgbmap>(context);
  attach<top::Yuv2rgbFormulaOp, evaluateYuv2rgb>(context);
}
