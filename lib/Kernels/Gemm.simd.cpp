// The matrix product of one block: the right operand is packed into panels that stay in the second-level cache, a tile
// of the result is kept in registers while the depth runs. The left operand is read where it lies: every value is
// broadcast once per panel, and consecutive panels find its rows in the first-level cache.
#include "GemmBlocks.h"

#include <algorithm>
#include <cstring>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {

namespace {

#if TPU_SIMD_LEVEL == 2
constexpr int lanes = 16, maxRows = 8, maxVectors = 3;
#elif TPU_SIMD_LEVEL == 1
constexpr int lanes = 8, maxRows = 4, maxVectors = 3;
#else
constexpr int lanes = 4, maxRows = 4, maxVectors = 2;
#endif
constexpr int panelWidth = lanes * maxVectors;
constexpr int64_t depthPerPass = 256;

typedef float Vector __attribute__((vector_size(4 * lanes)));
typedef float VectorU __attribute__((vector_size(4 * lanes), aligned(4), may_alias));
typedef int32_t Mask __attribute__((vector_size(4 * lanes)));

inline Vector multiplyAdd(Vector a, Vector b, Vector c) {
#if TPU_SIMD_LEVEL == 2
  return (Vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif TPU_SIMD_LEVEL == 1
  return (Vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}

inline Vector load(const float *from) { return *reinterpret_cast<const VectorU *>(from); }
inline void store(float *to, Vector value) { *reinterpret_cast<VectorU *>(to) = value; }
inline Vector splat(float value) { return Vector{} + value; }
// A comparison with NaN is false, so NaN stays.
inline Vector clamp(Vector value, Vector low, Vector high) {
  value = value < low ? low : value;
  return value > high ? high : value;
}

// A row of at most `count` values at an address that may hold fewer than a vector.
inline Vector loadSome(const float *from, int count) {
  if (count >= lanes)
    return load(from);
  float values[lanes] = {};
  for (int i = 0; i < count; ++i)
    values[i] = from[i];
  return load(values);
}
inline void storeSome(float *to, Vector value, int count) {
  if (count >= lanes)
    return store(to, value);
  float values[lanes];
  store(values, value);
  for (int i = 0; i < count; ++i)
    to[i] = values[i];
}

struct Tile {
  const float *a;
  int64_t aRowStride, aDepthStride;
  const float *b;
  int64_t bDepthStride;
  int64_t depth;
  float *c;
  int64_t cStride;
  int columns;      // valid ones, at most lanes * vectors
  bool first, last; // pass over the depth
  const float *rowBias, *columnBias;
  float low, high;
};

template <int rows, int vectors> void computeTile(const Tile &tile) {
  Vector sums[rows][vectors];
  for (int r = 0; r < rows; ++r)
    for (int v = 0; v < vectors; ++v)
      sums[r][v] = Vector{};
  const float *aRows[rows];
  for (int r = 0; r < rows; ++r)
    aRows[r] = tile.a + r * tile.aRowStride;
  const float *b = tile.b;
  int64_t at = 0;
  for (int64_t k = 0; k < tile.depth; ++k) {
    Vector right[vectors];
    for (int v = 0; v < vectors; ++v)
      right[v] = load(b + v * lanes);
    b += tile.bDepthStride;
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const Vector left = splat(aRows[r][at]);
      for (int v = 0; v < vectors; ++v)
        sums[r][v] = multiplyAdd(left, right[v], sums[r][v]);
    }
    at += tile.aDepthStride;
  }
  for (int r = 0; r < rows; ++r)
    for (int v = 0; v < vectors; ++v) {
      float *c = tile.c + r * tile.cStride + v * lanes;
      const int count = tile.columns - v * lanes;
      Vector value = sums[r][v];
      if (!tile.first)
        value += loadSome(c, count);
      if (tile.last) {
        if (tile.rowBias)
          value += splat(tile.rowBias[r]);
        if (tile.columnBias)
          value += loadSome(tile.columnBias + v * lanes, count);
        value = clamp(value, splat(tile.low), splat(tile.high));
      }
      storeSome(c, value, count);
    }
}

using TileFunction = void (*)(const Tile &);

template <int vectors> TileFunction chooseRows(int rows) {
  switch (rows) {
  case 1:
    return computeTile<1, vectors>;
  case 2:
    return computeTile<2, vectors>;
  case 3:
    return computeTile<3, vectors>;
#if TPU_SIMD_LEVEL == 2
  case 4:
    return computeTile<4, vectors>;
  case 5:
    return computeTile<5, vectors>;
  case 6:
    return computeTile<6, vectors>;
  case 7:
    return computeTile<7, vectors>;
#endif
  default:
    return computeTile<maxRows, vectors>;
  }
}

TileFunction choose(int rows, int columns) {
  if (columns <= lanes)
    return chooseRows<1>(rows);
  if (columns <= 2 * lanes || maxVectors == 2)
    return chooseRows<2>(rows);
  return chooseRows<maxVectors>(rows);
}

void packView(const MatrixView &b, int64_t row, int64_t rows, int64_t column, int64_t columns, float *to) {
  for (int64_t c = 0; c < columns; c += panelWidth, to += rows * panelWidth) {
    const int64_t count = std::min<int64_t>(panelWidth, columns - c);
    const float *from = b.data + row * b.rowStride + (column + c) * b.columnStride;
    if (b.columnStride == 1) {
      for (int64_t r = 0; r < rows; ++r, from += b.rowStride) {
        float *line = to + r * panelWidth;
        if (count == panelWidth) {
          for (int v = 0; v < maxVectors; ++v)
            store(line + v * lanes, load(from + v * lanes));
        } else {
          for (int64_t i = 0; i < count; ++i)
            line[i] = from[i];
          for (int64_t i = count; i < panelWidth; ++i)
            line[i] = 0;
        }
      }
      continue;
    }
    // Columns lie apart: read each one along the depth, where it is contiguous or nearly so.
    if (count < panelWidth)
      std::memset(to, 0, rows * panelWidth * sizeof(float));
    for (int64_t i = 0; i < count; ++i)
      for (int64_t r = 0; r < rows; ++r)
        to[r * panelWidth + i] = from[i * b.columnStride + r * b.rowStride];
  }
}

// Few rows against a right operand that is stored column by column (its depth contiguous): dot products, no packing.
void computeDots(const Product &product, const Block &block) {
  const MatrixView &a = product.a, &b = product.b;
  const Epilogue &end = product.epilogue;
  for (int64_t column = block.column0; column < block.column1; ++column) {
    const float *right = b.data + column * b.columnStride;
    for (int64_t row = block.row0; row < block.row1; ++row) {
      const float *left = a.data + row * a.rowStride;
      Vector sums[4] = {};
      int64_t k = 0;
      for (; k + 4 * lanes <= block.depth; k += 4 * lanes)
        for (int v = 0; v < 4; ++v)
          sums[v] = multiplyAdd(load(left + k + v * lanes), load(right + k + v * lanes), sums[v]);
      Vector sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
      for (; k < block.depth; k += lanes) {
        const int count = static_cast<int>(std::min<int64_t>(lanes, block.depth - k));
        sum = multiplyAdd(loadSome(left + k, count), loadSome(right + k, count), sum);
      }
      float value = 0;
      for (int i = 0; i < lanes; ++i)
        value += sum[i];
      value += end.rowBias ? end.rowBias[row] : 0;
      value += end.columnBias ? end.columnBias[column] : 0;
      value = value < end.low ? end.low : value;
      product.c[row * product.cStride + column] = value > end.high ? end.high : value;
    }
  }
}

} // namespace

RegisterTile registerTile() { return {maxRows, panelWidth}; }

void computeBlock(const Product &product, const Block &block) {
  const int64_t rows = block.row1 - block.row0, columns = block.column1 - block.column0;
  const bool fewRows = rows <= maxRows && !product.source;
  if (fewRows && rows <= 2 && product.b.rowStride == 1 && product.a.columnStride == 1)
    return computeDots(product, block);
  // With one tile of rows every packed value would be used once: read full panels in place.
  const bool inPlace = fewRows && product.b.columnStride == 1;
  const int64_t whole = inPlace ? columns / panelWidth * panelWidth : 0;
  static thread_local std::vector<float> panels; // kept: fresh pages cost more than the work on a small product
  const int64_t panelCount = (columns - whole + panelWidth - 1) / panelWidth;
  panels.resize(std::max<size_t>(panels.size(), panelCount * panelWidth * std::min(depthPerPass, block.depth)));
  for (int64_t k = 0, next; k == 0 || k < block.depth; k = next) {
    next = std::max<int64_t>(1, std::min(block.depth, k + depthPerPass));
    const int64_t depth = std::min(next, block.depth) - k;
    if (product.source)
      product.source->pack(k, depth, block.column0, columns, panelWidth, panels.data());
    else
      packView(product.b, k, depth, block.column0 + whole, columns - whole, panels.data());
    for (int64_t row = block.row0; row < block.row1; row += maxRows) {
      const int tileRows = static_cast<int>(std::min<int64_t>(maxRows, block.row1 - row));
      for (int64_t c = 0; c < columns; c += panelWidth) {
        const int tileColumns = static_cast<int>(std::min<int64_t>(panelWidth, columns - c));
        const int64_t column = block.column0 + c;
        const bool direct = c < whole;
        const Tile tile{product.a.data + row * product.a.rowStride + k * product.a.columnStride,
                        product.a.rowStride,
                        product.a.columnStride,
                        direct ? product.b.data + k * product.b.rowStride + column
                               : panels.data() + (c - whole) * depth,
                        direct ? product.b.rowStride : panelWidth,
                        depth,
                        product.c + row * product.cStride + column,
                        product.cStride,
                        tileColumns,
                        k == 0,
                        next >= block.depth,
                        product.epilogue.rowBias ? product.epilogue.rowBias + row : nullptr,
                        product.epilogue.columnBias ? product.epilogue.columnBias + column : nullptr,
                        product.epilogue.low,
                        product.epilogue.high};
        choose(tileRows, tileColumns)(tile);
      }
    }
  }
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
