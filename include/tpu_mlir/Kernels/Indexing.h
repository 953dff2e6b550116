// Kernels that find elements or move them by index: extrema, sorting, running sums along an axis; gathering and
// scattering; non-maximum suppression. Indices have been checked and count from the front.
#pragma once
#include "tpu_mlir/Kernels/Elementwise.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tpu_mlir::kernels {

/// A tensor seen as [outer, extent, inner] around one axis.
struct AxisView {
  int64_t outer, extent, inner;
};
AxisView axisView(ShapeView shape, int64_t axis);

/// Position (and, if wanted, value) of the extremum along the axis; the last of equal ones if `last`. A NaN counts as
/// the extremum. Results are [outer, inner].
void argExtremum(const float *in, const AxisView &axis, bool maximum, bool last, float *indices, float *values);

/// The first `count` elements along the axis in descending or ascending order, equal ones in their own order, NaN as
/// the largest; their positions. Results are [outer, count, inner]; either may be null.
void sortAlong(const float *in, const AxisView &axis, int64_t count, bool descending, float *values, float *indices);

/// out[o, j, i] = in[o, 0, i] + … + in[o, j, i], summed in double.
void cumulativeSum(const float *in, const AxisView &axis, float *out);

/// out[o, j] = in[o, indices[j]] for runs of bytes.
void gatherRuns(const void *in, int64_t outer, int64_t extent, size_t runBytes, const std::vector<int64_t> &indices,
                void *out);

/// out[i, j, k] = in[i, indices[i, j, k], k] for axis 1. `indices` has `indexShape`, as the result.
void gatherElements(const float *in, ShapeView inShape, const int64_t *indices, ShapeView indexShape, int64_t axis,
                    float *out);

/// How an update meets what is there.
enum class Scatter : uint8_t { Replace, Add, Subtract, Max, Min, Multiply };
float combineUpdate(Scatter reduction, float old, float update);

/// out[i, indices[i, j, k], k] meets updates[i, j, k] for axis 1, in the updates' order.
void scatterElements(Scatter reduction, float *out, ShapeView outShape, const int64_t *indices, ShapeView indexShape,
                     int64_t axis, const float *updates);

/// Runs of `out` at the given offsets (in elements) meet the runs of `updates`, in the updates' order.
void scatterRuns(Scatter reduction, float *out, const std::vector<int64_t> &offsets, int64_t run, const float *updates);

struct Suppression {
  int64_t batch, classes, boxes;
  bool centered; // boxes are [x, y, width, height] around their centre, otherwise two corners
  int64_t most;  // boxes per batch and class
  float overlap; // intersection over union above which the worse box goes
  bool limited;  // whether a score must exceed `threshold`
  float threshold;
};
/// The chosen boxes per batch and class, best first.
std::vector<std::vector<int64_t>> suppress(const Suppression &settings, const float *boxes, const float *scores);

} // namespace tpu_mlir::kernels
