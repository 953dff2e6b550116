// Transposed integer convolution. Output positions with equal remainders modulo the strides see the same taps of the
// kernel; for each such phase it is an ordinary convolution with those taps. The other taps meet the values inserted
// between the input's elements: a constant per output channel.
#include "tpu_mlir/Kernels/IntegerConvolution.h"

#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// One axis of a phase: output positions first, first + stride, … read taps[i] at input position j + offset(taps[i]).
struct PhaseAxis {
  std::vector<int64_t> taps; // in the order of growing input positions
  int64_t outputs = 0, dilation = 1, padBegin = 0;

  PhaseAxis(const Window &window, size_t axis, int64_t first) {
    const int64_t stride = window.stride[axis];
    outputs = first < window.output[axis] ? (window.output[axis] - first + stride - 1) / stride : 0;
    std::vector<int64_t> offsets;
    for (int64_t tap = window.kernel[axis]; tap-- > 0;) {
      const int64_t distance = first + window.padBegin[axis] - tap * window.dilation[axis];
      if (distance % stride)
        continue;
      taps.push_back(tap);
      offsets.push_back(distance / stride);
    }
    padBegin = offsets.empty() ? 0 : -offsets.front();
    if (offsets.size() > 1)
      dilation = offsets[1] - offsets[0];
  }
};

// The filter of one phase, [outputs, inputs / groups, taps…], and what the taps outside of it add.
struct PhaseFilter {
  std::vector<int8_t> values;
  std::vector<int32_t> terms;

  PhaseFilter(const ConvolutionShape &shape, const int8_t *filter, const PhaseAxis (&axes)[3], int32_t padding) {
    const Axes &kernel = shape.window.kernel;
    const int64_t taps = volume(kernel), inputs = shape.inputChannels / shape.groups,
                  outputs = shape.outputChannels / shape.groups;
    const int64_t count =
        std::max<int64_t>(1, static_cast<int64_t>(axes[0].taps.size() * axes[1].taps.size() * axes[2].taps.size()));
    values.assign(shape.outputChannels * inputs * count, 0);
    terms.resize(shape.outputChannels);
    parallelFor(shape.outputChannels, 8, [&](int64_t begin, int64_t end) {
      for (int64_t channel = begin; channel < end; ++channel) {
        int64_t rest = 0;
        for (int64_t i = 0; i < inputs; ++i) {
          const int8_t *from =
              filter + (channel % outputs * shape.inputChannels + channel / outputs * inputs + i) * taps;
          int8_t *to = values.data() + (channel * inputs + i) * count;
          for (int64_t tap = 0; tap < taps; ++tap)
            rest += from[tap];
          for (int64_t d : axes[0].taps)
            for (int64_t h : axes[1].taps)
              for (int64_t w : axes[2].taps) {
                *to = from[(d * kernel[1] + h) * kernel[2] + w];
                rest -= *to++;
              }
        }
        terms[channel] = static_cast<int32_t>(rest * padding);
      }
    });
  }
};

// Puts a phase's results to every stride-th position.
template <typename T>
void spread(const Window &window, const Axes &first, const Axes &extent, int64_t planes, const T *from, T *out) {
  parallelFor(planes, std::max<int64_t>(1, 16384 / volume(extent)), [&](int64_t begin, int64_t end) {
    const T *values = from + begin * volume(extent);
    for (int64_t plane = begin; plane < end; ++plane)
      for (int64_t d = 0; d < extent[0]; ++d)
        for (int64_t h = 0; h < extent[1]; ++h) {
          const int64_t depth = first[0] + d * window.stride[0], height = first[1] + h * window.stride[1];
          T *line =
              out + plane * volume(window.output) + (depth * window.output[1] + height) * window.output[2] + first[2];
          for (int64_t w = 0; w < extent[2]; ++w)
            line[w * window.stride[2]] = *values++;
        }
  });
}

void runPhase(const ConvolutionShape &shape, const Axes &first, const ByteImage &in, const int8_t *filter,
              const Requantization &requantization, uint8_t *out) {
  const Window &window = shape.window;
  const PhaseAxis axes[3] = {{window, 0, first[0]}, {window, 1, first[1]}, {window, 2, first[2]}};
  const PhaseFilter phase(shape, filter, axes, in.padding);
  ConvolutionShape part = shape;
  const bool taken = !axes[0].taps.empty() && !axes[1].taps.empty() && !axes[2].taps.empty();
  for (size_t i = 0; i < 3; ++i) {
    part.window.output[i] = axes[i].outputs;
    part.window.kernel[i] = taken ? static_cast<int64_t>(axes[i].taps.size()) : 1; // one tap of zeros
    part.window.stride[i] = 1;
    part.window.dilation[i] = axes[i].dilation;
    part.window.padBegin[i] = taken ? axes[i].padBegin : 0;
  }
  const int64_t size = volume(part.window.output), planes = shape.batch * shape.outputChannels;
  if (size == 0)
    return;
  if (volume(window.stride) == 1)
    return integerConvolution(part, in, phase.values.data(), requantization, out, phase.terms.data());
  if (requantization.toReal) {
    std::vector<float> results(planes * size);
    integerConvolution(part, in, phase.values.data(), requantization, reinterpret_cast<uint8_t *>(results.data()),
                       phase.terms.data());
    return spread(window, first, part.window.output, planes, results.data(), reinterpret_cast<float *>(out));
  }
  std::vector<uint8_t> results(planes * size);
  integerConvolution(part, in, phase.values.data(), requantization, results.data(), phase.terms.data());
  spread(window, first, part.window.output, planes, results.data(), out);
}

} // namespace

void kernels::integerTransposedConvolution(const ConvolutionShape &shape, const ByteImage &in, const int8_t *filter,
                                           const Requantization &requantization, uint8_t *out) {
  const Axes &stride = shape.window.stride;
  for (int64_t d = 0; d < stride[0]; ++d)
    for (int64_t h = 0; h < stride[1]; ++h)
      for (int64_t w = 0; w < stride[2]; ++w)
        runPhase(shape, {d, h, w}, in, filter, requantization, out);
}
