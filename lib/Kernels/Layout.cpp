// Movement of values: loops are joined until as few as possible are left, then whole runs are copied.
#include "tpu_mlir/Kernels/Layout.h"

#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cstring>
#include <numeric>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

constexpr int64_t copyGrainBytes = 64 << 10;

// One axis of a permuted copy, in output order.
struct PermutedAxis {
  int64_t extent, inStride; // stride in elements
};

std::vector<PermutedAxis> joinAxes(ShapeView inShape, ShapeView order) {
  std::vector<int64_t> strides(inShape.size(), 1);
  for (size_t i = inShape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * inShape[i];
  std::vector<PermutedAxis> axes;
  for (int64_t axis : order) {
    if (inShape[axis] == 1)
      continue;
    const PermutedAxis next{inShape[axis], strides[axis]};
    if (!axes.empty() && axes.back().inStride == next.inStride * next.extent)
      axes.back() = {axes.back().extent * next.extent, next.inStride};
    else
      axes.push_back(next);
  }
  if (axes.empty())
    axes.push_back({1, 1});
  return axes;
}

// rows × columns elements: out is row-major, in has its columns `columnStride` apart and its rows `rowStride`.
template <typename T>
void transposeTile(const T *in, int64_t rowStride, int64_t columnStride, T *out, int64_t outRowStride, int64_t rows,
                   int64_t columns) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      out[r * outRowStride + c] = in[r * rowStride + c * columnStride];
}

template <typename T> void permuteElements(const T *in, const std::vector<PermutedAxis> &axes, T *out) {
  const PermutedAxis inner = axes.back();
  int64_t total = 1;
  for (const PermutedAxis &axis : axes)
    total *= axis.extent;
  if (total == 0)
    return;
  // The axis that is contiguous in the input, if it is not the innermost one: pairs of these two are moved in square
  // tiles, so that both sides use whole cache lines.
  size_t contiguous = axes.size() - 1;
  for (size_t i = 0; i + 1 < axes.size(); ++i)
    if (axes[i].inStride == 1)
      contiguous = i;
  std::vector<int64_t> outStrides(axes.size(), 1);
  for (size_t i = axes.size() - 1; i-- > 0;)
    outStrides[i] = outStrides[i + 1] * axes[i + 1].extent;
  const bool tiled = contiguous + 1 < axes.size();
  constexpr int64_t tile = 32;
  const int64_t rows = tiled ? axes[contiguous].extent : 1, tiles = (rows + tile - 1) / tile;
  const int64_t outer = total / inner.extent / rows;
  const int64_t perItem = inner.extent * std::min(rows, tile) * static_cast<int64_t>(sizeof(T));
  parallelFor(outer * tiles, std::max<int64_t>(1, copyGrainBytes / perItem), [&](int64_t begin, int64_t end) {
    for (int64_t item = begin; item < end; ++item) {
      int64_t rest = item / tiles, from = 0, to = 0;
      for (size_t i = axes.size() - 1; i-- > 0;) {
        if (tiled && i == contiguous)
          continue;
        const int64_t index = rest % axes[i].extent;
        rest /= axes[i].extent;
        from += index * axes[i].inStride;
        to += index * outStrides[i];
      }
      if (!tiled) {
        if (inner.inStride == 1)
          std::memcpy(out + to, in + from, inner.extent * sizeof(T));
        else
          transposeTile(in + from, 0, inner.inStride, out + to, 0, 1, inner.extent);
        continue;
      }
      const int64_t row = item % tiles * tile, count = std::min(tile, rows - row);
      for (int64_t c = 0; c < inner.extent; c += tile)
        transposeTile(in + from + row + c * inner.inStride, 1, inner.inStride,
                      out + to + row * outStrides[contiguous] + c, outStrides[contiguous], count,
                      std::min(tile, inner.extent - c));
    }
  });
}

// A run of consecutive output positions on the last mapped axis that are copied together.
struct Run {
  int64_t to, from, count; // in blocks; from == outside: filled
};

std::vector<Run> findRuns(const AxisMap &map) {
  std::vector<Run> runs;
  for (int64_t i = 0; i < static_cast<int64_t>(map.size()); ++i) {
    if (!runs.empty()) {
      Run &last = runs.back();
      if (last.from == outside ? map[i] == outside : map[i] == last.from + last.count) {
        ++last.count;
        continue;
      }
    }
    runs.push_back({i, map[i], 1});
  }
  return runs;
}

void fillBlocks(uint8_t *to, const void *fill, size_t elementBytes, size_t bytes) {
  for (size_t at = 0; at < bytes; at += elementBytes)
    std::memcpy(to + at, fill, elementBytes);
}

// Scattered single elements: the runs would all have length one.
template <typename T> void gatherLine(const T *line, const AxisMap &map, const void *fill, T *out) {
  T filler;
  std::memcpy(&filler, fill, sizeof(T));
  for (size_t i = 0; i < map.size(); ++i)
    out[i] = map[i] == outside ? filler : line[map[i]];
}

} // namespace

void kernels::permute(const void *in, ShapeView inShape, ShapeView order, size_t elementBytes, void *out) {
  std::vector<PermutedAxis> axes = joinAxes(inShape, order);
  switch (elementBytes) {
  case 1:
    return permuteElements(static_cast<const uint8_t *>(in), axes, static_cast<uint8_t *>(out));
  case 2:
    return permuteElements(static_cast<const uint16_t *>(in), axes, static_cast<uint16_t *>(out));
  case 8:
    return permuteElements(static_cast<const uint64_t *>(in), axes, static_cast<uint64_t *>(out));
  default:
    return permuteElements(static_cast<const uint32_t *>(in), axes, static_cast<uint32_t *>(out));
  }
}

AxisMap kernels::identityMap(int64_t extent) { return stepMap(0, 1, extent); }

AxisMap kernels::stepMap(int64_t begin, int64_t step, int64_t count) {
  AxisMap map(count);
  for (int64_t i = 0; i < count; ++i)
    map[i] = begin + i * step;
  return map;
}

AxisMap kernels::repeatMap(int64_t extent, int64_t times) {
  AxisMap map(extent * times);
  for (int64_t i = 0; i < extent * times; ++i)
    map[i] = i % extent;
  return map;
}

AxisMap kernels::stretchMap(int64_t extent, int64_t times) {
  AxisMap map(extent * times);
  for (int64_t i = 0; i < extent * times; ++i)
    map[i] = i / times;
  return map;
}

AxisMap kernels::paddedMap(int64_t extent, int64_t before, int64_t after, Padding padding) {
  AxisMap map;
  for (int64_t i = -before; i < extent + after; ++i) {
    const bool low = i < 0, high = i >= extent;
    int64_t at = i;
    if (low || high)
      switch (padding) {
      case Padding::Constant:
        at = outside;
        break;
      case Padding::Reflect:
        at = low ? -i : 2 * (extent - 1) - i;
        break;
      case Padding::Symmetric:
        at = low ? -i - 1 : 2 * extent - 1 - i;
        break;
      case Padding::Edge:
        at = low ? 0 : extent - 1;
        break;
      }
    map.push_back(at);
  }
  return map;
}

void kernels::select(const void *in, ShapeView inShape, const std::vector<AxisMap> &maps, const void *fill,
                     size_t elementBytes, void *out) {
  // Trailing axes that stay as they are make up one block.
  size_t mapped = maps.size();
  int64_t blockBytes = static_cast<int64_t>(elementBytes);
  while (mapped > 0 && maps[mapped - 1] == identityMap(inShape[mapped - 1]))
    blockBytes *= inShape[--mapped];
  if (mapped == 0) {
    std::memcpy(out, in, blockBytes);
    return;
  }
  const AxisMap &lastMap = maps[mapped - 1];
  const int64_t lastExtent = inShape[mapped - 1], lineBytes = blockBytes * static_cast<int64_t>(lastMap.size());
  int64_t lines = 1;
  for (size_t i = 0; i + 1 < mapped; ++i)
    lines *= static_cast<int64_t>(maps[i].size());
  if (lines == 0 || lineBytes == 0)
    return;
  const std::vector<Run> runs = findRuns(lastMap);
  const bool scattered = blockBytes == static_cast<int64_t>(elementBytes) && runs.size() * 4 > lastMap.size();
  parallelFor(lines, std::max<int64_t>(1, copyGrainBytes / lineBytes), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      int64_t rest = line, from = 0, stride = 1;
      bool inside = true;
      for (size_t i = mapped - 1; i-- > 0;) {
        const int64_t extent = static_cast<int64_t>(maps[i].size()), at = maps[i][rest % extent];
        rest /= extent;
        inside = inside && at != outside;
        from += at * stride;
        stride *= inShape[i];
      }
      const uint8_t *source = static_cast<const uint8_t *>(in) + from * lastExtent * blockBytes;
      uint8_t *to = static_cast<uint8_t *>(out) + line * lineBytes;
      if (!inside) {
        fillBlocks(to, fill, elementBytes, lineBytes);
      } else if (scattered) {
        switch (elementBytes) {
        case 1:
          gatherLine(source, lastMap, fill, to);
          break;
        case 2:
          gatherLine(reinterpret_cast<const uint16_t *>(source), lastMap, fill, reinterpret_cast<uint16_t *>(to));
          break;
        case 8:
          gatherLine(reinterpret_cast<const uint64_t *>(source), lastMap, fill, reinterpret_cast<uint64_t *>(to));
          break;
        default:
          gatherLine(reinterpret_cast<const uint32_t *>(source), lastMap, fill, reinterpret_cast<uint32_t *>(to));
        }
      } else {
        for (const Run &run : runs)
          if (run.from == outside)
            fillBlocks(to + run.to * blockBytes, fill, elementBytes, run.count * blockBytes);
          else
            std::memcpy(to + run.to * blockBytes, source + run.from * blockBytes, run.count * blockBytes);
      }
    }
  });
}

void kernels::concat(const std::vector<ConcatPart> &parts, int64_t outer, void *out) {
  size_t lineBytes = 0;
  for (const ConcatPart &part : parts)
    lineBytes += part.bytes;
  auto *to = static_cast<uint8_t *>(out);
  for (const ConcatPart &part : parts) {
    parallelFor(outer, std::max<int64_t>(1, copyGrainBytes / std::max<int64_t>(part.bytes, 1)),
                [&](int64_t begin, int64_t end) {
                  for (int64_t i = begin; i < end; ++i)
                    std::memcpy(to + i * lineBytes, static_cast<const uint8_t *>(part.data) + i * part.bytes,
                                part.bytes);
                });
    to += part.bytes;
  }
}
