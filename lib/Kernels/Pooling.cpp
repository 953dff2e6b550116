// Adaptive pooling, pooling with indices and its inverse, and the volumes of stereo matching.
#include "Grain.h"
#include "tpu_mlir/Kernels/Sampling.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <atomic>
#include <cstring>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

struct Range {
  int64_t begin, end;
};
Range adaptiveRange(int64_t o, int64_t extent, int64_t size) {
  return {o * extent / size, ((o + 1) * extent + size - 1) / size};
}

// The positions of an axis that a window meets: begin, begin + step, … below end.
struct Taps {
  int64_t begin, end, step;
};
Taps tapsOf(const Window &window, int axis, int64_t o) {
  const int64_t step = window.dilation[axis];
  int64_t begin = o * window.stride[axis] - window.padBegin[axis];
  const int64_t end = std::min(begin + (window.kernel[axis] - 1) * step + 1, window.input[axis]);
  if (begin < 0)
    begin += (-begin + step - 1) / step * step;
  return {begin, end, step};
}

void poolWithIndices(const Window &window, const float *in, float *out, float *indices) {
  for (int64_t od = 0; od < window.output[0]; ++od)
    for (int64_t oh = 0; oh < window.output[1]; ++oh)
      for (int64_t ow = 0; ow < window.output[2]; ++ow) {
        const Taps ds = tapsOf(window, 0, od), hs = tapsOf(window, 1, oh), ws = tapsOf(window, 2, ow);
        int64_t best = -1;
        for (int64_t d = ds.begin; d < ds.end; d += ds.step)
          for (int64_t h = hs.begin; h < hs.end; h += hs.step)
            for (int64_t w = ws.begin; w < ws.end; w += ws.step) {
              const int64_t at = (d * window.input[1] + h) * window.input[2] + w;
              const bool found = best >= 0 && in[best] != in[best]; // a value that is no number stays
              if (best < 0 || (!found && !(in[at] <= in[best])))
                best = at;
            }
        *out++ = best < 0 ? -std::numeric_limits<float>::infinity() : in[best];
        *indices++ = static_cast<float>(std::max<int64_t>(best, 0));
      }
}

} // namespace

void kernels::adaptiveAveragePooling(int64_t planes, const Axes &input, const Axes &output, const float *in,
                                     float *out) {
  parallelFor(planes, grainFor(volume(input)), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const float *from = in + plane * volume(input);
      float *to = out + plane * volume(output);
      for (int64_t od = 0; od < output[0]; ++od)
        for (int64_t oh = 0; oh < output[1]; ++oh)
          for (int64_t ow = 0; ow < output[2]; ++ow) {
            const Range d = adaptiveRange(od, input[0], output[0]), h = adaptiveRange(oh, input[1], output[1]),
                        w = adaptiveRange(ow, input[2], output[2]);
            double sum = 0;
            for (int64_t i = d.begin; i < d.end; ++i)
              for (int64_t j = h.begin; j < h.end; ++j)
                for (int64_t k = w.begin; k < w.end; ++k)
                  sum += from[(i * input[1] + j) * input[2] + k];
            *to++ = static_cast<float>(sum /
                                       static_cast<double>((d.end - d.begin) * (h.end - h.begin) * (w.end - w.begin)));
          }
    }
  });
}

void kernels::maxPoolingWithIndices(int64_t planes, const Window &window, const float *in, float *out, float *indices) {
  const int64_t results = volume(window.output);
  parallelFor(planes, grainFor(results * volume(window.kernel)), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane)
      poolWithIndices(window, in + plane * volume(window.input), out + plane * results, indices + plane * results);
  });
}

std::optional<float> kernels::scatterToPlanes(int64_t planes, int64_t count, int64_t positions, const float *in,
                                              const float *indices, float *out) {
  std::atomic<int64_t> wrong{planes * count};
  parallelFor(planes, grainFor(positions), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      float *to = out + plane * positions;
      std::fill_n(to, positions, 0.0f);
      for (int64_t i = plane * count; i < (plane + 1) * count; ++i) {
        const float index = indices[i];
        if (index > -1 && index < static_cast<float>(positions)) {
          to[static_cast<int64_t>(index)] = in[i];
          continue;
        }
        int64_t first = wrong;
        while (i < first && !wrong.compare_exchange_weak(first, i)) {
        }
        break;
      }
    }
  });
  return wrong < planes * count ? std::optional(indices[wrong]) : std::nullopt;
}

void kernels::correlation(const StereoShape &shape, int64_t groups, const float *left, const float *right, float *out) {
  const int64_t plane = shape.height * shape.width, channels = shape.channels / groups;
  parallelFor(groups * shape.displacements, grainFor(channels * plane), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t group = i / shape.displacements, d = i % shape.displacements;
      float *to = out + i * plane;
      std::fill_n(to, plane, 0.0f);
      for (int64_t c = group * channels; c < (group + 1) * channels; ++c)
        for (int64_t y = 0; y < shape.height; ++y) {
          const int64_t line = c * plane + y * shape.width;
          for (int64_t x = d; x < shape.width; ++x)
            to[y * shape.width + x] += left[line + x] * right[line + x - d];
        }
      for (int64_t p = 0; p < plane; ++p)
        to[p] /= static_cast<float>(channels);
    }
  });
}

void kernels::concatVolume(const StereoShape &shape, const float *left, const float *right, float *out) {
  const int64_t plane = shape.height * shape.width;
  parallelFor(shape.batch * 2 * shape.channels, grainFor(shape.displacements * plane), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t batch = i / (2 * shape.channels), c = i % (2 * shape.channels);
      const bool moved = c >= shape.channels;
      const float *from = (moved ? right : left) + (batch * shape.channels + c % shape.channels) * plane;
      float *to = out + i * shape.displacements * plane;
      for (int64_t d = 0; d < shape.displacements; ++d)
        for (int64_t y = 0; y < shape.height; ++y, to += shape.width) {
          const int64_t empty = moved ? std::min(d, shape.width) : 0;
          std::fill_n(to, empty, 0.0f);
          std::copy_n(from + y * shape.width, shape.width - empty, to + empty);
        }
    }
  });
}
