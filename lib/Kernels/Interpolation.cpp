// Which input positions an interpolated output reads, and the bilinear sum.
#include "tpu_mlir/Kernels/Layout.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

double sourcePosition(int64_t o, int64_t extent, int64_t outExtent, double scale, Coordinates coordinates) {
  const double position = static_cast<double>(o);
  switch (coordinates) {
  case Coordinates::AlignCorners:
    return outExtent == 1 ? 0 : position * static_cast<double>(extent - 1) / static_cast<double>(outExtent - 1);
  case Coordinates::PytorchHalfPixel:
    if (outExtent == 1)
      return 0;
    [[fallthrough]];
  case Coordinates::HalfPixel:
    return (position + 0.5) / scale - 0.5;
  case Coordinates::Asymmetric:
    return position / scale;
  }
  return 0;
}

// Two neighbours and the weight of the second.
struct Neighbours {
  int64_t first, second;
  float weight;
};

std::vector<Neighbours> neighbours(const InterpolationAxis &axis, Coordinates coordinates) {
  std::vector<Neighbours> all;
  for (int64_t o = 0; o < axis.outExtent; ++o) {
    const double position = std::clamp(sourcePosition(o, axis.extent, axis.outExtent, axis.scale, coordinates), 0.0,
                                       static_cast<double>(axis.extent - 1));
    const auto first = static_cast<int64_t>(position);
    all.push_back(
        {first, std::min(first + 1, axis.extent - 1), static_cast<float>(position - static_cast<double>(first))});
  }
  return all;
}

} // namespace

AxisMap kernels::nearestMap(int64_t extent, int64_t outExtent, double scale, Coordinates coordinates) {
  AxisMap map;
  for (int64_t o = 0; o < outExtent; ++o) {
    const double position = sourcePosition(o, extent, outExtent, scale, coordinates);
    const double nearest = coordinates == Coordinates::Asymmetric ? std::floor(position) : std::ceil(position - 0.5);
    map.push_back(std::clamp<int64_t>(static_cast<int64_t>(nearest), 0, extent - 1));
  }
  return map;
}

void kernels::interpolate(int64_t planes, const InterpolationAxis &height, const InterpolationAxis &width,
                          Coordinates coordinates, const float *in, float *out) {
  const std::vector<Neighbours> rows = neighbours(height, coordinates), columns = neighbours(width, coordinates);
  const int64_t perPlane = std::max<int64_t>(1, height.outExtent * width.outExtent);
  parallelFor(planes, std::max<int64_t>(1, 16384 / perPlane), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      const float *from = in + plane * height.extent * width.extent;
      float *to = out + plane * height.outExtent * width.outExtent;
      for (const Neighbours &row : rows) {
        const float *upper = from + row.first * width.extent, *lower = from + row.second * width.extent;
        for (const Neighbours &column : columns) {
          const float top = upper[column.first] * (1 - column.weight) + upper[column.second] * column.weight;
          const float bottom = lower[column.first] * (1 - column.weight) + lower[column.second] * column.weight;
          *to++ = top * (1 - row.weight) + bottom * row.weight;
        }
      }
    }
  });
}
