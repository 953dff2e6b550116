// Extrema, sorting and running sums along an axis; gathering and scattering.
#include "tpu_mlir/Kernels/Indexing.h"

#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

constexpr int64_t elementGrain = 16384;

// Lines along the axis that lie beside each other are treated together, so that memory is read in order.
constexpr int64_t blockLines = 256;

// Calls body(o, first, count) for blocks of lines `first` … of each outer index, on several threads.
template <typename Body> void forLines(const AxisView &axis, Body body) {
  const int64_t blocks = (axis.inner + blockLines - 1) / blockLines;
  const int64_t perBlock = std::max<int64_t>(axis.extent, 1) * std::min(axis.inner, blockLines);
  parallelFor(axis.outer * blocks, std::max<int64_t>(1, elementGrain / std::max<int64_t>(perBlock, 1)),
              [&](int64_t begin, int64_t end) {
                for (int64_t item = begin; item < end; ++item) {
                  const int64_t first = item % blocks * blockLines;
                  body(item / blocks, first, std::min(blockLines, axis.inner - first));
                }
              });
}

// Orders floats as unsigned integers: ascending, zeros of both signs equal, every NaN above infinity.
uint32_t orderOf(float value) {
  if (std::isnan(value))
    return UINT32_MAX;
  const uint32_t bits = std::bit_cast<uint32_t>(value == 0 ? 0.0f : value);
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

// Per position of the axes [begin, end) of a smaller shape, the offset in a larger one.
std::vector<int64_t> offsetsWithin(ShapeView shape, ShapeView larger, size_t begin, size_t end) {
  std::vector<int64_t> offsets{0};
  for (size_t axis = begin; axis < end; ++axis) {
    int64_t stride = 1;
    for (size_t i = axis + 1; i < larger.size(); ++i)
      stride *= larger[i];
    std::vector<int64_t> next;
    next.reserve(offsets.size() * shape[axis]);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < shape[axis]; ++i)
        next.push_back(offset + i * stride);
    offsets = std::move(next);
  }
  return offsets;
}

// Calls body(position, offset) for every position of `indexShape`, where offset is that of the element in `shape` that
// the index along `axis` selects. Outer indices, whose elements are apart, run on several threads.
template <typename Body>
void forIndexed(ShapeView shape, const int64_t *indices, ShapeView indexShape, int64_t axis, Body body) {
  const std::vector<int64_t> outer = offsetsWithin(indexShape, shape, 0, axis);
  const std::vector<int64_t> inner = offsetsWithin(indexShape, shape, axis + 1, shape.size());
  const int64_t extent = indexShape[axis], width = static_cast<int64_t>(inner.size());
  int64_t stride = 1;
  for (size_t i = axis + 1; i < shape.size(); ++i)
    stride *= shape[i];
  const int64_t grain = std::max<int64_t>(1, elementGrain / std::max<int64_t>(extent * width, 1));
  parallelFor(static_cast<int64_t>(outer.size()), grain, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t a = 0; a < extent; ++a) {
        const int64_t first = (o * extent + a) * width;
        for (int64_t i = 0; i < width; ++i)
          body(first + i, outer[o] + indices[first + i] * stride + inner[i]);
      }
  });
}

} // namespace

AxisView kernels::axisView(ShapeView shape, int64_t axis) {
  AxisView view{1, shape[axis], 1};
  for (int64_t i = 0; i < static_cast<int64_t>(shape.size()); ++i)
    if (i != axis)
      (i < axis ? view.outer : view.inner) *= shape[i];
  return view;
}

void kernels::argExtremum(const float *in, const AxisView &axis, bool maximum, bool last, float *indices,
                          float *values) {
  forLines(axis, [&](int64_t o, int64_t first, int64_t count) {
    const float *from = in + o * axis.extent * axis.inner + first;
    float best[blockLines];
    int64_t place[blockLines] = {};
    std::copy_n(from, count, best);
    for (int64_t a = 1; a < axis.extent; ++a)
      for (int64_t i = 0; i < count; ++i) {
        const float value = from[a * axis.inner + i];
        const bool better = maximum ? value > best[i] : value < best[i];
        const bool equal = value == best[i] || (std::isnan(value) && std::isnan(best[i]));
        if (better || (last && equal) || (std::isnan(value) && !std::isnan(best[i]))) {
          best[i] = value;
          place[i] = a;
        }
      }
    for (int64_t i = 0; i < count; ++i) {
      indices[o * axis.inner + first + i] = static_cast<float>(place[i]);
      if (values)
        values[o * axis.inner + first + i] = best[i];
    }
  });
}

void kernels::sortAlong(const float *in, const AxisView &axis, int64_t count, bool descending, float *values,
                        float *indices) {
  const int64_t grain = std::max<int64_t>(1, elementGrain / 8 / std::max<int64_t>(axis.extent, 1));
  parallelFor(axis.outer * axis.inner, grain, [&](int64_t begin, int64_t end) {
    // Order and position in one number: comparing these is fast, and equal elements keep their order.
    std::vector<uint64_t> keys(axis.extent);
    for (int64_t line = begin; line < end; ++line) {
      const int64_t o = line / axis.inner, i = line % axis.inner;
      const float *from = in + o * axis.extent * axis.inner + i;
      for (int64_t a = 0; a < axis.extent; ++a) {
        const uint32_t order = orderOf(from[a * axis.inner]);
        keys[a] = static_cast<uint64_t>(descending ? ~order : order) << 32 | static_cast<uint64_t>(a);
      }
      if (count * 8 < axis.extent)
        std::partial_sort(keys.begin(), keys.begin() + count, keys.end());
      else
        std::sort(keys.begin(), keys.end());
      for (int64_t k = 0; k < count; ++k) {
        const int64_t place = static_cast<int64_t>(keys[k] & UINT32_MAX), to = (o * count + k) * axis.inner + i;
        if (values)
          values[to] = from[place * axis.inner];
        if (indices)
          indices[to] = static_cast<float>(place);
      }
    }
  });
}

void kernels::cumulativeSum(const float *in, const AxisView &axis, float *out) {
  forLines(axis, [&](int64_t o, int64_t first, int64_t count) {
    double sums[blockLines] = {};
    const int64_t start = o * axis.extent * axis.inner + first;
    for (int64_t a = 0; a < axis.extent; ++a)
      for (int64_t i = 0; i < count; ++i) {
        sums[i] += in[start + a * axis.inner + i];
        out[start + a * axis.inner + i] = static_cast<float>(sums[i]);
      }
  });
}

void kernels::gatherRuns(const void *in, int64_t outer, int64_t extent, size_t runBytes,
                         const std::vector<int64_t> &indices, void *out) {
  const int64_t count = static_cast<int64_t>(indices.size());
  if (runBytes == 0)
    return;
  const int64_t grain = std::max<int64_t>(1, static_cast<int64_t>((64 << 10) / runBytes));
  parallelFor(outer * count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      std::memcpy(static_cast<char *>(out) + i * runBytes,
                  static_cast<const char *>(in) + (i / count * extent + indices[i % count]) * runBytes, runBytes);
  });
}

void kernels::gatherElements(const float *in, ShapeView inShape, const int64_t *indices, ShapeView indexShape,
                             int64_t axis, float *out) {
  forIndexed(inShape, indices, indexShape, axis, [&](int64_t position, int64_t offset) { out[position] = in[offset]; });
}

float kernels::combineUpdate(Scatter reduction, float old, float update) {
  switch (reduction) {
  case Scatter::Replace:
    return update;
  case Scatter::Add:
    return old + update;
  case Scatter::Subtract:
    return old - update;
  case Scatter::Max:
    return std::isnan(old) || old > update ? old : update;
  case Scatter::Min:
    return std::isnan(old) || old < update ? old : update;
  case Scatter::Multiply:
    return old * update;
  }
  return update;
}

void kernels::scatterElements(Scatter reduction, float *out, ShapeView outShape, const int64_t *indices,
                              ShapeView indexShape, int64_t axis, const float *updates) {
  forIndexed(outShape, indices, indexShape, axis, [&](int64_t position, int64_t offset) {
    out[offset] = combineUpdate(reduction, out[offset], updates[position]);
  });
}

void kernels::scatterRuns(Scatter reduction, float *out, const std::vector<int64_t> &offsets, int64_t run,
                          const float *updates) {
  // Several runs may have one target, whose updates keep their order: threads share the run, not the targets.
  const int64_t grain = std::max<int64_t>(1, elementGrain / std::max<int64_t>(static_cast<int64_t>(offsets.size()), 1));
  parallelFor(run, grain, [&](int64_t begin, int64_t end) {
    for (size_t t = 0; t < offsets.size(); ++t)
      for (int64_t i = begin; i < end; ++i) {
        float &target = out[offsets[t] + i];
        target = combineUpdate(reduction, target, updates[static_cast<int64_t>(t) * run + i]);
      }
  });
}
