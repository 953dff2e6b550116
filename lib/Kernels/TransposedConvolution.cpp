// Transposed convolution: one matrix product gives what every input position adds to the outputs under its kernel; the
// contributions are then summed plane by plane, in a fixed order.
#include "tpu_mlir/Kernels/Convolution.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Values of the intermediate product that are made at a time (32 MiB).
constexpr int64_t contributionsAtOnce = 8 << 20;

// Adds the contributions of one output channel (taps × input positions) to its plane.
void scatter(const Window &window, const float *from, float *plane) {
  const Axes &in = window.input, &out = window.output;
  for (int64_t tap = 0; tap < volume(window.kernel); ++tap) {
    const Axes at{tap / (window.kernel[1] * window.kernel[2]), tap / window.kernel[2] % window.kernel[1],
                  tap % window.kernel[2]};
    Axes first, last; // input positions whose output exists
    Axes origin;
    for (size_t i = 0; i < 3; ++i) {
      origin[i] = at[i] * window.dilation[i] - window.padBegin[i];
      first[i] = origin[i] < 0 ? (-origin[i] + window.stride[i] - 1) / window.stride[i] : 0;
      last[i] = origin[i] >= out[i] ? 0 : std::min(in[i], (out[i] - 1 - origin[i]) / window.stride[i] + 1);
    }
    const float *values = from + tap * volume(in);
    for (int64_t d = first[0]; d < last[0]; ++d)
      for (int64_t h = first[1]; h < last[1]; ++h) {
        const float *line = values + (d * in[1] + h) * in[2];
        float *to = plane + ((origin[0] + d * window.stride[0]) * out[1] + origin[1] + h * window.stride[1]) * out[2];
        for (int64_t w = first[2]; w < last[2]; ++w)
          to[origin[2] + w * window.stride[2]] += line[w];
      }
  }
}

// Filter rows of one group, output channels [begin, end): (channel, tap) × input channel.
std::vector<float> gatherFilter(const ConvolutionShape &shape, const float *filter, int64_t group, int64_t begin,
                                int64_t end) {
  const int64_t taps = volume(shape.window.kernel), inputs = shape.inputChannels / shape.groups;
  std::vector<float> rows((end - begin) * taps * inputs);
  parallelFor(end - begin, 8, [&](int64_t first, int64_t last) {
    for (int64_t j = first; j < last; ++j)
      for (int64_t i = 0; i < inputs; ++i) {
        const float *from = filter + ((begin + j) * shape.inputChannels + group * inputs + i) * taps;
        for (int64_t tap = 0; tap < taps; ++tap)
          rows[(j * taps + tap) * inputs + i] = from[tap];
      }
  });
  return rows;
}

} // namespace

void kernels::transposedConvolution(const ConvolutionShape &shape, const float *in, const float *filter,
                                    const float *bias, float *out, const Limits &limits) {
  const Window &window = shape.window;
  const int64_t taps = volume(window.kernel), positions = volume(window.input);
  const int64_t inputs = shape.inputChannels / shape.groups, outputs = shape.outputChannels / shape.groups;
  const int64_t channelsAtOnce = std::clamp<int64_t>(contributionsAtOnce / (taps * positions), 1, outputs);
  std::vector<float> contributions(channelsAtOnce * taps * positions);
  for (int64_t group = 0; group < shape.groups; ++group)
    for (int64_t first = 0; first < outputs; first += channelsAtOnce) {
      const int64_t channels = std::min(channelsAtOnce, outputs - first);
      const std::vector<float> rows = gatherFilter(shape, filter, group, first, first + channels);
      for (int64_t n = 0; n < shape.batch; ++n) {
        gemm(channels * taps, positions, inputs,
             Product{MatrixView{rows.data(), inputs, 1},
                     MatrixView{in + (n * shape.inputChannels + group * inputs) * positions, positions, 1}, nullptr,
                     contributions.data(), positions});
        parallelFor(channels, 1, [&](int64_t begin, int64_t end) {
          for (int64_t j = begin; j < end; ++j) {
            const int64_t channel = group * outputs + first + j;
            float *plane = out + (n * shape.outputChannels + channel) * volume(window.output);
            std::fill_n(plane, volume(window.output), bias ? bias[channel] : 0.0f);
            scatter(window, contributions.data() + j * taps * positions, plane);
            for (int64_t i = 0; i < volume(window.output); ++i)
              plane[i] = plane[i] < limits.low ? limits.low : plane[i] > limits.high ? limits.high : plane[i];
          }
        });
      }
    }
}
