// Gradients and batch statistics. A channel is one task where sums run over batch and positions.
#include "tpu_mlir/Kernels/Training.h"

#include "Grain.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Calls body(channel) on several threads.
template <typename Body> void forChannels(const Lines &lines, Body body) {
  parallelFor(lines.axis, grainFor(lines.outer * lines.inner), [&](int64_t begin, int64_t end) {
    for (int64_t channel = begin; channel < end; ++channel)
      body(channel);
  });
}
// Calls body(position of the value) for each value of a channel.
template <typename Body> void forValues(const Lines &lines, int64_t channel, Body body) {
  for (int64_t o = 0; o < lines.outer; ++o) {
    const int64_t at = (o * lines.axis + channel) * lines.inner;
    for (int64_t i = at; i < at + lines.inner; ++i)
      body(i);
  }
}

// Patches of one batch element's group as rows (channel, tap) of output positions.
void gatherPatches(const Window &window, int64_t channels, const float *in, float *to) {
  const int64_t taps = volume(window.kernel), plane = volume(window.input), positions = volume(window.output);
  parallelFor(channels * taps, grainFor(positions), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const float *from = in + row / taps * plane;
      const int64_t tap = row % taps;
      const Axes at{tap / (window.kernel[1] * window.kernel[2]), tap / window.kernel[2] % window.kernel[1],
                    tap % window.kernel[2]};
      float *out = to + row * positions;
      for (int64_t od = 0; od < window.output[0]; ++od)
        for (int64_t oh = 0; oh < window.output[1]; ++oh)
          for (int64_t ow = 0; ow < window.output[2]; ++ow) {
            const int64_t d = od * window.stride[0] - window.padBegin[0] + at[0] * window.dilation[0],
                          h = oh * window.stride[1] - window.padBegin[1] + at[1] * window.dilation[1],
                          w = ow * window.stride[2] - window.padBegin[2] + at[2] * window.dilation[2];
            const bool inside =
                d >= 0 && h >= 0 && w >= 0 && d < window.input[0] && h < window.input[1] && w < window.input[2];
            *out++ = inside ? from[(d * window.input[1] + h) * window.input[2] + w] : 0.0f;
          }
    }
  });
}

} // namespace

ChannelMoments kernels::channelMoments(const Lines &lines, const float *in) {
  ChannelMoments moments{std::vector<double>(lines.axis), std::vector<double>(lines.axis)};
  const auto count = static_cast<double>(lines.outer * lines.inner);
  forChannels(lines, [&](int64_t c) {
    double sum = 0, squares = 0;
    forValues(lines, c, [&](int64_t i) { sum += in[i]; });
    const double mean = sum / count;
    forValues(lines, c, [&](int64_t i) { squares += (in[i] - mean) * (in[i] - mean); });
    moments.mean[c] = mean;
    moments.variance[c] = squares / count;
  });
  return moments;
}

void kernels::scaleByChannel(const Lines &lines, const float *in, const std::vector<double> &scale,
                             const std::vector<double> &bias, float *out) {
  forChannels(lines, [&](int64_t c) {
    forValues(lines, c, [&](int64_t i) { out[i] = static_cast<float>(in[i] * scale[c] + bias[c]); });
  });
}

void kernels::batchNormGradients(const Lines &lines, const float *gradient, const float *in,
                                 const std::vector<double> &mean, const std::vector<double> &rstd, const float *weight,
                                 float *inGrad, std::vector<double> &weightGrad, std::vector<double> &biasGrad) {
  weightGrad.resize(lines.axis);
  biasGrad.resize(lines.axis);
  const auto count = static_cast<double>(lines.outer * lines.inner);
  forChannels(lines, [&](int64_t c) {
    double sum = 0, products = 0;
    forValues(lines, c, [&](int64_t i) {
      sum += gradient[i];
      products += gradient[i] * ((in[i] - mean[c]) * rstd[c]);
    });
    biasGrad[c] = sum;
    weightGrad[c] = products;
    const double factor = rstd[c] * (weight ? weight[c] : 1.0f);
    forValues(lines, c, [&](int64_t i) {
      const double normal = (in[i] - mean[c]) * rstd[c];
      inGrad[i] = static_cast<float>(factor * (gradient[i] - sum / count - normal * products / count));
    });
  });
}

void kernels::layerNormGradients(int64_t lines, int64_t extent, const float *gradient, const float *in,
                                 const float *mean, const float *rstd, const float *weight, float *inGrad,
                                 float *weightGrad, float *biasGrad) {
  if (inGrad)
    parallelFor(lines, grainFor(extent), [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) {
        const float *g = gradient + line * extent, *x = in + line * extent;
        const double m = mean[line], r = rstd[line];
        double sum = 0, products = 0;
        for (int64_t i = 0; i < extent; ++i) {
          const double h = static_cast<double>(g[i]) * (weight ? weight[i] : 1.0f);
          sum += h;
          products += h * ((x[i] - m) * r);
        }
        for (int64_t i = 0; i < extent; ++i) {
          const double h = static_cast<double>(g[i]) * (weight ? weight[i] : 1.0f), normal = (x[i] - m) * r;
          inGrad[line * extent + i] =
              static_cast<float>(r * (h - (sum + normal * products) / static_cast<double>(extent)));
        }
      }
    });
  parallelFor(extent, grainFor(lines), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double sum = 0, products = 0;
      for (int64_t line = 0, at = i; line < lines; ++line, at += extent) {
        sum += gradient[at];
        products += gradient[at] * ((static_cast<double>(in[at]) - mean[line]) * rstd[line]);
      }
      if (weightGrad)
        weightGrad[i] = static_cast<float>(products);
      if (biasGrad)
        biasGrad[i] = static_cast<float>(sum);
    }
  });
}

void kernels::softmaxGradient(const Lines &lines, const float *gradient, const float *out, float *inGrad) {
  parallelFor(lines.outer, grainFor(lines.axis * lines.inner), [&](int64_t begin, int64_t end) {
    std::vector<double> sums(lines.inner);
    for (int64_t o = begin; o < end; ++o) {
      const int64_t first = o * lines.axis * lines.inner;
      std::fill(sums.begin(), sums.end(), 0.0);
      for (int64_t a = 0, at = first; a < lines.axis; ++a)
        for (int64_t i = 0; i < lines.inner; ++i, ++at)
          sums[i] += static_cast<double>(gradient[at]) * out[at];
      for (int64_t a = 0, at = first; a < lines.axis; ++a)
        for (int64_t i = 0; i < lines.inner; ++i, ++at)
          inGrad[at] = static_cast<float>(out[at] * (gradient[at] - sums[i]));
    }
  });
}

void kernels::filterGradient(const ConvolutionShape &shape, const float *gradient, const float *in, float *filterGrad) {
  const int64_t inputs = shape.inputChannels / shape.groups, outputs = shape.outputChannels / shape.groups;
  const int64_t rows = inputs * volume(shape.window.kernel), positions = volume(shape.window.output);
  const int64_t plane = volume(shape.window.input);
  std::vector<float> patches(rows * positions), part(outputs * rows);
  std::fill_n(filterGrad, shape.outputChannels * rows, 0.0f);
  for (int64_t batch = 0; batch < shape.batch; ++batch)
    for (int64_t group = 0; group < shape.groups; ++group) {
      gatherPatches(shape.window, inputs, in + (batch * shape.inputChannels + group * inputs) * plane, patches.data());
      Product product;
      product.a = {gradient + (batch * shape.outputChannels + group * outputs) * positions, positions, 1};
      product.b = {patches.data(), 1, positions};
      product.c = part.data();
      product.cStride = rows;
      gemm(outputs, rows, positions, product);
      float *to = filterGrad + group * outputs * rows;
      for (int64_t i = 0; i < outputs * rows; ++i)
        to[i] += part[i];
    }
}

void kernels::inputGradient(const ConvolutionShape &shape, const float *gradient, const float *filter, float *inGrad) {
  // The transposed convolution has the axes of the filter exchanged, and the roles of input and output.
  const int64_t inputs = shape.inputChannels / shape.groups, taps = volume(shape.window.kernel);
  std::vector<float> exchanged(shape.outputChannels * inputs * taps);
  for (int64_t o = 0; o < shape.outputChannels; ++o)
    for (int64_t c = 0; c < inputs; ++c)
      std::copy_n(filter + (o * inputs + c) * taps, taps, exchanged.data() + (c * shape.outputChannels + o) * taps);
  ConvolutionShape transposed = shape;
  std::swap(transposed.inputChannels, transposed.outputChannels);
  std::swap(transposed.window.input, transposed.window.output);
  transposedConvolution(transposed, gradient, exchanged.data(), nullptr, inGrad);
}

std::optional<float> kernels::addToPlanes(int64_t planes, int64_t count, int64_t positions, const float *in,
                                          const float *indices, float *out) {
  for (int64_t i = 0; i < planes * count; ++i)
    if (!(indices[i] > -1 && indices[i] < static_cast<float>(positions)))
      return indices[i];
  parallelFor(planes, grainFor(positions), [&](int64_t begin, int64_t end) {
    std::fill(out + begin * positions, out + end * positions, 0.0f);
    for (int64_t i = begin * count; i < end * count; ++i)
      out[i / count * positions + static_cast<int64_t>(indices[i])] += in[i];
  });
  return std::nullopt;
}
