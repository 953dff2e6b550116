// Reading at computed places: where each place lies and with which weights its neighbours count is found once for a
// block of positions and then used for every channel.
#include "tpu_mlir/Kernels/Sampling.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

constexpr int64_t positionsTogether = 256;

// A neighbour along an axis: its position (−1: outside, counts as 0) and its weight.
struct Neighbour {
  int64_t at = -1;
  float weight = 0;
};
struct AxisNeighbours {
  int count = 1;
  Neighbour taps[4];
};

// The coordinate in pixels.
float toPixels(float coordinate, int64_t extent, bool alignCorners) {
  const auto size = static_cast<float>(extent);
  return alignCorners ? (coordinate + 1) / 2 * (size - 1) : ((coordinate + 1) * size - 1) / 2;
}

// Reflects between low / 2 and high / 2.
float reflect(float x, int64_t low, int64_t high) {
  if (low == high)
    return 0;
  const float begin = static_cast<float>(low) / 2, span = static_cast<float>(high - low) / 2;
  x = std::fabs(x - begin);
  const float rest = std::fmod(x, span);
  return std::fmod(std::floor(x / span), 2.0f) == 0 ? rest + begin : span - rest + begin;
}

// The coordinate after the padding mode; what is not finite lies far outside.
float padded(float x, int64_t extent, const GridSampling &sampling) {
  if (sampling.padding == SamplingPadding::Reflection)
    x = sampling.alignCorners ? reflect(x, 0, 2 * (extent - 1)) : reflect(x, -1, 2 * extent - 1);
  if (sampling.padding != SamplingPadding::Zeros)
    return x > 0 ? std::min(x, static_cast<float>(extent - 1)) : 0.0f; // also what is no number
  return std::isfinite(x) ? x : -100.0f;
}

// A whole coordinate as position.
int64_t position(float x, int64_t extent) {
  return x >= 0 && x < static_cast<float>(extent) ? static_cast<int64_t>(x) : -1;
}

float cubicWeight(float distance) {
  constexpr float a = -0.75f;
  const float x = std::fabs(distance);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

AxisNeighbours neighbours(float coordinate, int64_t extent, const GridSampling &sampling) {
  const float pixels = toPixels(coordinate, extent, sampling.alignCorners);
  AxisNeighbours found;
  if (sampling.mode == SamplingMode::Nearest) {
    found.taps[0] = {position(std::nearbyint(padded(pixels, extent, sampling)), extent), 1.0f};
  } else if (sampling.mode == SamplingMode::Linear) {
    const float x = padded(pixels, extent, sampling), low = std::floor(x);
    found.count = 2;
    found.taps[0] = {position(low, extent), low + 1 - x};
    found.taps[1] = {position(low + 1, extent), x - low};
  } else {
    // Here the neighbours are padded, not the place.
    const float x = std::isfinite(pixels) ? pixels : -100.0f, low = std::floor(x);
    found.count = 4;
    for (int i = 0; i < 4; ++i) {
      const float at = low - 1 + static_cast<float>(i);
      found.taps[i] = {position(padded(at, extent, sampling), extent), cubicWeight(x - at)};
    }
  }
  return found;
}

// The neighbours of some positions: `count` offsets into a plane and weights each, position after position.
struct Table {
  std::vector<int64_t> offsets;
  std::vector<float> weights;
  int64_t count = 0;

  void build(const GridSampling &sampling, const float *grid, int64_t positions) {
    offsets.clear();
    weights.clear();
    for (int64_t p = 0; p < positions; ++p) {
      AxisNeighbours axes[3];
      axes[0].taps[0] = {0, 1.0f};
      for (int axis = 3 - sampling.axes; axis < 3; ++axis)
        axes[axis] = neighbours(grid[p * sampling.axes + 2 - axis], sampling.input[axis], sampling);
      count = axes[0].count * axes[1].count * axes[2].count;
      for (int d = 0; d < axes[0].count; ++d)
        for (int h = 0; h < axes[1].count; ++h)
          for (int w = 0; w < axes[2].count; ++w)
            add(sampling, axes[0].taps[d], axes[1].taps[h], axes[2].taps[w]);
    }
  }

private:
  void add(const GridSampling &sampling, const Neighbour &d, const Neighbour &h, const Neighbour &w) {
    const bool inside = d.at >= 0 && h.at >= 0 && w.at >= 0;
    offsets.push_back(inside ? (d.at * sampling.input[1] + h.at) * sampling.input[2] + w.at : 0);
    weights.push_back(inside ? d.weight * h.weight * w.weight : 0.0f);
  }
};

template <int taps> void sampleChannel(const Table &table, const float *in, float *out, int64_t positions) {
  const int64_t *offsets = table.offsets.data();
  const float *weights = table.weights.data();
  for (int64_t p = 0; p < positions; ++p, offsets += taps, weights += taps) {
    float sum = 0;
    for (int i = 0; i < taps; ++i)
      // A weight of 0 leaves out values that are not finite, as a place outside does.
      sum += weights[i] == 0 ? 0.0f : in[offsets[i]] * weights[i];
    out[p] = sum;
  }
}

} // namespace

void kernels::gridSample(const GridSampling &sampling, const float *in, const float *grid, float *out) {
  const int64_t blocks = (sampling.positions + positionsTogether - 1) / positionsTogether;
  const int64_t plane = volume(sampling.input);
  parallelFor(sampling.batch * blocks, 1, [&](int64_t begin, int64_t end) {
    Table table;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t batch = i / blocks, first = i % blocks * positionsTogether;
      const int64_t count = std::min(positionsTogether, sampling.positions - first);
      table.build(sampling, grid + (batch * sampling.positions + first) * sampling.axes, count);
      const auto sample = table.count == 1   ? sampleChannel<1>
                          : table.count == 4 ? sampleChannel<4>
                          : table.count == 8 ? sampleChannel<8>
                                             : sampleChannel<16>;
      for (int64_t c = batch * sampling.channels; c < (batch + 1) * sampling.channels; ++c)
        sample(table, in + c * plane, out + c * sampling.positions + first, count);
    }
  });
}
