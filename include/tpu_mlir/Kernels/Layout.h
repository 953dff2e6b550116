// Kernels that only move values, for any element of 1, 2, 4 or 8 bytes: permutation, selection along axes (slices,
// padding, repetition, nearest neighbours), concatenation; and bilinear interpolation.
#pragma once
#include "tpu_mlir/Kernels/Elementwise.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tpu_mlir::kernels {

/// out axis i = in axis order[i].
void permute(const void *in, ShapeView inShape, ShapeView order, size_t elementBytes, void *out);

/// Per output position of an axis the input position it reads; `outside` reads the fill value instead.
constexpr int64_t outside = -1;
using AxisMap = std::vector<int64_t>;

AxisMap identityMap(int64_t extent);
/// begin, begin + step, … (`count` positions).
AxisMap stepMap(int64_t begin, int64_t step, int64_t count);
/// The whole axis `times` times in a row.
AxisMap repeatMap(int64_t extent, int64_t times);
/// Each position `times` times.
AxisMap stretchMap(int64_t extent, int64_t times);

enum class Padding : uint8_t { Constant, Reflect, Symmetric, Edge };
/// `before` and `after` positions around the axis: outside, or mirrored without or with the edge, or the edge itself.
AxisMap paddedMap(int64_t extent, int64_t before, int64_t after, Padding padding);

/// out[i, j, …] = in[maps[0][i], maps[1][j], …]; one map per axis; `fill` points to an element.
void select(const void *in, ShapeView inShape, const std::vector<AxisMap> &maps, const void *fill, size_t elementBytes,
            void *out);

struct ConcatPart {
  const void *data;
  size_t bytes; // of one outer index
};
/// For every outer index the parts' bytes one after the other.
void concat(const std::vector<ConcatPart> &parts, int64_t outer, void *out);

enum class Coordinates : uint8_t {
  AlignCorners,     ///< o · (in − 1) / (out − 1)
  HalfPixel,        ///< (o + 1/2) / scale − 1/2
  PytorchHalfPixel, ///< the same, 0 where out is 1
  Asymmetric,       ///< o / scale
};
/// The nearest input position: rounded down for Asymmetric, otherwise to the nearest, halves down; kept inside.
AxisMap nearestMap(int64_t extent, int64_t outExtent, double scale, Coordinates coordinates);

/// Linear interpolation over the last two axes; `planes` of in[0] × in[1] become out[0] × out[1].
struct InterpolationAxis {
  int64_t extent, outExtent;
  double scale; // out / in
};
void interpolate(int64_t planes, const InterpolationAxis &height, const InterpolationAxis &width,
                 Coordinates coordinates, const float *in, float *out);

} // namespace tpu_mlir::kernels
