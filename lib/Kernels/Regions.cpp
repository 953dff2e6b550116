// See the header.
#include "tpu_mlir/Kernels/Regions.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {
/// A point between two pixels of one axis.
struct Point {
  int64_t low, high;
  float lowWeight, highWeight;
};

/// The samples of all cells along one axis; those too far outside of the map are left out.
struct Axis {
  std::vector<Point> points;
  std::vector<size_t> begin; // of each cell in `points`; one more than there are cells
  double perCell;            // samples of a cell with those that are left out
};
} // namespace

static Point pointAt(float place, int64_t extent) {
  place = std::max(place, 0.0f);
  const int64_t low = std::min(static_cast<int64_t>(place), extent - 1), high = std::min(low + 1, extent - 1);
  const float fraction = low == extent - 1 ? 0 : place - static_cast<float>(low);
  return {low, high, 1 - fraction, fraction};
}

static Axis samplesAlong(float first, float last, int64_t cells, int64_t perCell, int64_t extent, bool aligned) {
  const float size = aligned ? last - first : std::max(last - first, 1.0f);
  const float cell = size / static_cast<float>(cells);
  Axis axis;
  axis.perCell = perCell ? static_cast<double>(perCell) : std::max(std::ceil(static_cast<double>(cell)), 0.0);
  axis.begin.push_back(0);
  const float step = cell / static_cast<float>(axis.perCell);
  for (int64_t i = 0; i < cells; ++i) {
    const float start = first + static_cast<float>(i) * cell;
    // A cell of a huge region has more samples than need to be looked at: only those near to the map count.
    double from = 0, to = axis.perCell;
    if (!perCell && axis.perCell > 0) {
      from = std::max(from, std::floor((-1.0 - start) / step) - 2);
      to = std::min(to, std::ceil((extent - static_cast<double>(start)) / step) + 2);
    }
    for (double k = from; k < to; ++k) {
      const float place = start + (static_cast<float>(k) + 0.5f) * cell / static_cast<float>(axis.perCell);
      if (place >= -1.0f && place <= static_cast<float>(extent))
        axis.points.push_back(pointAt(place, extent));
    }
    axis.begin.push_back(axis.points.size());
  }
  return axis;
}

static float cellOf(const float *plane, int64_t width, const Axis &rows, size_t row, const Axis &columns, size_t column,
                    bool maximum) {
  float sum = 0, largest = -std::numeric_limits<float>::infinity();
  for (size_t y = rows.begin[row]; y < rows.begin[row + 1]; ++y)
    for (size_t x = columns.begin[column]; x < columns.begin[column + 1]; ++x) {
      const Point &v = rows.points[y], &h = columns.points[x];
      const float corners[] = {v.lowWeight * h.lowWeight * plane[v.low * width + h.low],
                               v.lowWeight * h.highWeight * plane[v.low * width + h.high],
                               v.highWeight * h.lowWeight * plane[v.high * width + h.low],
                               v.highWeight * h.highWeight * plane[v.high * width + h.high]};
      sum += corners[0] + corners[1] + corners[2] + corners[3];
      largest = std::max({largest, corners[0], corners[1], corners[2], corners[3]});
    }
  const double all = rows.perCell * columns.perCell;
  if (!maximum)
    return sum / static_cast<float>(std::max(all, 1.0));
  const double seen = static_cast<double>(rows.begin[row + 1] - rows.begin[row]) *
                      static_cast<double>(columns.begin[column + 1] - columns.begin[column]);
  if (all == 0)
    return 0;
  return seen < all ? std::max(largest, 0.0f) : largest; // samples outside are 0
}

void kernels::alignRegion(const FeatureMap &map, const float *corners, const RegionSamples &samples, float *result) {
  const float offset = samples.aligned ? 0.5f : 0.0f;
  float place[4];
  for (int i = 0; i < 4; ++i)
    place[i] = corners[i] * samples.scale - offset;
  const Axis columns = samplesAlong(place[0], place[2], samples.width, samples.perCell, map.width, samples.aligned);
  const Axis rows = samplesAlong(place[1], place[3], samples.height, samples.perCell, map.height, samples.aligned);
  const int64_t cells = samples.height * samples.width;
  parallelFor(map.channels, std::max<int64_t>(1, 4096 / cells), [&](int64_t begin, int64_t end) {
    for (int64_t channel = begin; channel < end; ++channel) {
      const float *plane = map.values + channel * map.height * map.width;
      float *out = result + channel * cells;
      for (int64_t i = 0; i < cells; ++i)
        out[i] = cellOf(plane, map.width, rows, i / samples.width, columns, i % samples.width, samples.maximum);
    }
  });
}

/// The pixels of a cell along one axis, cut at the map.
static std::pair<int64_t, int64_t> pixelsOf(int64_t cell, double cellSize, double start, int64_t extent) {
  const double limit = static_cast<double>(extent);
  const double from = std::floor(static_cast<float>(cell * cellSize)) + start;
  const double to = std::ceil(static_cast<float>((cell + 1) * cellSize)) + start;
  return {static_cast<int64_t>(std::clamp(from, 0.0, limit)), static_cast<int64_t>(std::clamp(to, 0.0, limit))};
}

void kernels::poolRegion(const FeatureMap &map, const float *corners, float scale, int64_t height, int64_t width,
                         float *result) {
  double place[4];
  for (int i = 0; i < 4; ++i)
    place[i] = std::round(corners[i] * scale);
  const float cellHeight = static_cast<float>(std::max(place[3] - place[1] + 1, 1.0)) / static_cast<float>(height);
  const float cellWidth = static_cast<float>(std::max(place[2] - place[0] + 1, 1.0)) / static_cast<float>(width);
  parallelFor(map.channels, std::max<int64_t>(1, 4096 / (height * width)), [&](int64_t begin, int64_t end) {
    for (int64_t channel = begin; channel < end; ++channel) {
      const float *plane = map.values + channel * map.height * map.width;
      for (int64_t i = 0; i < height * width; ++i) {
        const auto [top, bottom] = pixelsOf(i / width, cellHeight, place[1], map.height);
        const auto [left, right] = pixelsOf(i % width, cellWidth, place[0], map.width);
        float largest = -std::numeric_limits<float>::infinity();
        for (int64_t y = top; y < bottom; ++y)
          for (int64_t x = left; x < right; ++x)
            largest = std::max(largest, plane[y * map.width + x]);
        result[channel * height * width + i] = top < bottom && left < right ? largest : 0;
      }
    }
  });
}
