// Normalizations over channels. Along contiguous values several sums run side by side; along another axis the sums of
// all inner positions advance together, so that memory is read in order.
#include "tpu_mlir/Kernels/GroupNormalization.h"

#include "Grain.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Inner positions whose sums advance together: they stay in the first-level cache.
constexpr int64_t positionsTogether = 512;

// Σ step(x), as eight sums that do not wait for each other.
template <typename Step> double sumOf(const float *values, int64_t count, Step step) {
  double sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int s = 0; s < 8; ++s)
      sums[s] += step(values[i + s]);
  for (; i < count; ++i)
    sums[i % 8] += step(values[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

struct Moments {
  double mean, squares; // Σ (x − mean)²
};
Moments momentsOf(const float *values, int64_t count) {
  const double mean = sumOf(values, count, [](double x) { return x; }) / static_cast<double>(count);
  return {mean, sumOf(values, count, [=](double x) { return (x - mean) * (x - mean); })};
}

// Calls body(first value, inner positions) for blocks of neighbouring inner positions.
template <typename Body> void forPositions(const Lines &lines, Body body) {
  const int64_t blocks = (lines.inner + positionsTogether - 1) / positionsTogether;
  const int64_t perBlock = lines.axis * std::min(lines.inner, positionsTogether);
  parallelFor(lines.outer * blocks, grainFor(perBlock), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % blocks * positionsTogether;
      body(i / blocks * lines.axis * lines.inner + first, std::min(positionsTogether, lines.inner - first));
    }
  });
}

} // namespace

void kernels::groupNorm(const ChannelGroups &groups, const float *in, float *out, const float *weight,
                        const float *bias, double epsilon, float *mean, float *rstd) {
  const int64_t extent = groups.channels * groups.inner;
  parallelFor(groups.batch * groups.groups, grainFor(extent), [&](int64_t begin, int64_t end) {
    for (int64_t group = begin; group < end; ++group) {
      const float *from = in + group * extent;
      float *to = out + group * extent;
      const Moments moments = momentsOf(from, extent);
      const double scale = 1 / std::sqrt(moments.squares / static_cast<double>(extent) + epsilon);
      if (mean)
        mean[group] = static_cast<float>(moments.mean);
      if (rstd)
        rstd[group] = static_cast<float>(scale);
      for (int64_t c = 0; c < groups.channels; ++c) {
        const int64_t channel = group % groups.groups * groups.channels + c;
        const float factor = weight ? weight[channel] : 1.0f, addend = bias ? bias[channel] : 0.0f;
        for (int64_t i = c * groups.inner; i < (c + 1) * groups.inner; ++i)
          to[i] = static_cast<float>((from[i] - moments.mean) * scale) * factor + addend;
      }
    }
  });
}

void kernels::rmsNorm(int64_t lines, int64_t extent, const float *in, float *out, const float *gamma, double epsilon) {
  parallelFor(lines, grainFor(extent), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const float *from = in + line * extent;
      float *to = out + line * extent;
      const double squares = sumOf(from, extent, [](double x) { return x * x; });
      const double scale = 1 / std::sqrt(squares / static_cast<double>(extent) + epsilon);
      for (int64_t i = 0; i < extent; ++i)
        to[i] = static_cast<float>(from[i] * scale) * (gamma ? gamma[i] : 1.0f);
    }
  });
}

void kernels::axisNorm(const Lines &lines, const float *in, float *out, const float *weight, const float *bias,
                       double epsilon) {
  forPositions(lines, [&](int64_t first, int64_t count) {
    std::vector<double> means(count, 0.0), squares(count, 0.0);
    for (int64_t a = 0; a < lines.axis; ++a)
      for (int64_t i = 0; i < count; ++i)
        means[i] += in[first + a * lines.inner + i];
    for (double &mean : means)
      mean /= static_cast<double>(lines.axis);
    for (int64_t a = 0; a < lines.axis; ++a)
      for (int64_t i = 0; i < count; ++i) {
        const double difference = in[first + a * lines.inner + i] - means[i];
        squares[i] += difference * difference;
      }
    for (double &scale : squares)
      scale = 1 / std::sqrt(scale / static_cast<double>(lines.axis) + epsilon);
    for (int64_t a = 0; a < lines.axis; ++a) {
      const float factor = weight ? weight[a] : 1.0f, addend = bias ? bias[a] : 0.0f;
      for (int64_t i = 0, at = first + a * lines.inner; i < count; ++i, ++at)
        out[at] = static_cast<float>((in[at] - means[i]) * squares[i]) * factor + addend;
    }
  });
}

void kernels::euclideanNorm(const Lines &lines, const float *in, float *out, const float *scale, double epsilon) {
  forPositions(lines, [&](int64_t first, int64_t count) {
    std::vector<double> sums(count, epsilon);
    for (int64_t a = 0; a < lines.axis; ++a)
      for (int64_t i = 0, at = first + a * lines.inner; i < count; ++i, ++at)
        sums[i] += static_cast<double>(in[at]) * in[at];
    for (double &sum : sums)
      sum = 1 / std::sqrt(sum);
    for (int64_t a = 0; a < lines.axis; ++a)
      for (int64_t i = 0, at = first + a * lines.inner; i < count; ++i, ++at)
        out[at] = static_cast<float>(in[at] * sums[i]) * scale[a];
  });
}

void kernels::localResponseNorm(const Lines &lines, const LocalResponse &response, const float *in, float *out) {
  const int64_t before = (response.size - 1) / 2, after = response.size - 1 - before;
  const double factor = response.alpha / static_cast<double>(response.size);
  forPositions(lines, [&](int64_t first, int64_t count) {
    std::vector<double> sums(count);
    for (int64_t a = 0; a < lines.axis; ++a) {
      std::fill(sums.begin(), sums.end(), 0.0);
      const int64_t from = a > before ? a - before : 0, to = after < lines.axis - a ? a + after : lines.axis - 1;
      for (int64_t neighbour = from; neighbour <= to; ++neighbour)
        for (int64_t i = 0, at = first + neighbour * lines.inner; i < count; ++i, ++at)
          sums[i] += static_cast<double>(in[at]) * in[at];
      for (int64_t i = 0, at = first + a * lines.inner; i < count; ++i, ++at)
        out[at] = static_cast<float>(in[at] / std::pow(response.bias + factor * sums[i], response.beta));
    }
  });
}

void kernels::variance(int64_t lines, int64_t extent, double correction, const float *in, float *out) {
  parallelFor(lines, grainFor(extent), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line)
      out[line] = static_cast<float>(momentsOf(in + line * extent, extent).squares /
                                     std::max(0.0, static_cast<double>(extent) - correction));
  });
}
