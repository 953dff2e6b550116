// The product of bytes of one block. The right operand is packed into panels that stay in the second-level cache; a
// tile of i32 sums is kept in registers for the whole depth and leaves them as bytes. With AVX-512 VNNI (asked at run
// time) one instruction multiplies and adds 64 bytes; elsewhere bytes are widened to pairs of 16 bits, whose products
// cannot saturate either.
#include "IntegerGemm.h"
#include "ByteVector.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {

using namespace tpu_mlir::TPU_SIMD_NAMESPACE;

namespace {

constexpr int lanes = lanesPerVector;
constexpr int maxVectors = TPU_SIMD_LEVEL == 2 ? 3 : 2;
constexpr int panelWidth = lanes * maxVectors;

bool haveVnni() {
#if TPU_SIMD_LEVEL == 2
  static const bool have = [] {
    const char *wish = std::getenv("TPU_MLIR_VNNI"); // 0: do without, for tests
    return (!wish || std::atoi(wish) != 0) && __builtin_cpu_supports("avx512vnni");
  }();
  return have;
#else
  return false;
#endif
}

typedef int16_t Shorts __attribute__((vector_size(4 * lanes)));

// sum + the products of the four unsigned bytes of u and the four signed ones of s.
template <bool vnni> inline IntVector addProducts(IntVector sum, IntVector u, IntVector s) {
#if TPU_SIMD_LEVEL == 2
  if constexpr (vnni) {
    // In assembler, because this file is compiled for processors without the instruction too.
    asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(u), "v"(s));
    return sum;
  }
#endif
  const IntVector evenU = u & 0x00FF00FF, oddU = (IntVector)((UIntVector)u >> 8) & 0x00FF00FF;
  const IntVector evenS = (IntVector)(((Shorts)s << 8) >> 8), oddS = (IntVector)((Shorts)s >> 8);
  return sum + multiplyPairs(evenU, evenS) + multiplyPairs(oddU, oddS);
}

inline IntVector loadSome(const int32_t *from, int count) {
  if (count >= lanes)
    return loadVector<IntVector>(from);
  int32_t values[lanes] = {};
  for (int i = 0; i < count; ++i)
    values[i] = from[i];
  return loadVector<IntVector>(values);
}
inline FloatVector loadSome(const float *from, int count) {
  if (count >= lanes)
    return loadVector<FloatVector>(from);
  float values[lanes] = {};
  for (int i = 0; i < count; ++i)
    values[i] = from[i];
  return loadVector<FloatVector>(values);
}

struct Tile {
  const uint8_t *a;
  int64_t aRowBytes;
  const uint32_t *b;
  int64_t quads;
  const int32_t *rowTerm, *columnTerm; // of the first row and column; may be null
  const Requantization *requantization;
  int64_t channel; // of the first row or column
  bool channelsAreColumns;
  uint8_t *c;
  int64_t cStride;
  int columns; // valid ones
};

// The integer form of requantization, for one row of sums.
template <int vectors> void finishIntegers(const Tile &tile, int row, const IntVector *sums) {
  int32_t values[vectors * lanes];
  for (int v = 0; v < vectors; ++v)
    storeVector(values + v * lanes, sums[v]);
  uint8_t *to = tile.c + row * tile.cStride;
  if (!tile.channelsAreColumns)
    return requantize(*tile.requantization, tile.channel + row, values, to, tile.columns);
  for (int i = 0; i < tile.columns; ++i)
    requantize(*tile.requantization, tile.channel + i, values + i, to + i, 1);
}

inline void storeSome(float *to, FloatVector value, int count) {
  if (count >= lanes)
    storeVector(to, value);
  else if (count > 0)
    std::memcpy(to, &value, count * sizeof(float));
}

// Real results.
template <int rows, int vectors> void finishReal(const Tile &tile, const IntVector (&sums)[rows][vectors]) {
  const Requantization &form = *tile.requantization;
  const float *scales = form.scale.data() + tile.channel, *offsets = form.offset.data() + tile.channel;
  for (int r = 0; r < rows; ++r) {
    float *to = reinterpret_cast<float *>(tile.c) + r * tile.cStride;
    for (int v = 0; v < vectors; ++v) {
      const int count = tile.columns - v * lanes;
      const bool columns = tile.channelsAreColumns;
      const FloatVector scale = columns ? loadSome(scales + v * lanes, count) : splat(scales[r]);
      const FloatVector offset = columns ? loadSome(offsets + v * lanes, count) : splat(offsets[r]);
      storeSome(to + v * lanes,
                rescaleReal(toFloat(sums[r][v]), scale, offset, form.realLimits.low, form.realLimits.high), count);
    }
  }
}

// Adds the terms of rows and columns, requantizes and stores all sums of a tile.
template <int rows, int vectors> inline void finish(const Tile &tile, IntVector (&sums)[rows][vectors]) {
  const Requantization &form = *tile.requantization;
  if (tile.rowTerm)
    for (int r = 0; r < rows; ++r)
      for (int v = 0; v < vectors; ++v)
        sums[r][v] += splat(tile.rowTerm[r]);
  if (tile.columnTerm)
    for (int v = 0; v < vectors; ++v)
      for (int r = 0; r < rows; ++r)
        sums[r][v] += loadVector<IntVector>(tile.columnTerm + v * lanes);
  if (form.isInteger()) {
    for (int r = 0; r < rows; ++r)
      finishIntegers<vectors>(tile, r, sums[r]);
    return;
  }
  if (form.toReal)
    return finishReal<rows, vectors>(tile, sums);
  const float low = static_cast<float>(form.low), high = static_cast<float>(form.high);
  if (tile.channelsAreColumns) {
    for (int v = 0; v < vectors; ++v) {
      const int count = tile.columns - v * lanes;
      const FloatVector scale = loadSome(form.scale.data() + tile.channel + v * lanes, count);
      const FloatVector offset = loadSome(form.offset.data() + tile.channel + v * lanes, count);
      for (int r = 0; r < rows; ++r)
        storeBytes(tile.c + r * tile.cStride + v * lanes, rescale(toFloat(sums[r][v]), scale, offset, low, high),
                   count);
    }
    return;
  }
  const float *scales = form.scale.data() + tile.channel, *offsets = form.offset.data() + tile.channel;
  const bool full = tile.columns == vectors * lanes;
  for (int r = 0; r < rows; ++r) {
    const FloatVector scale = splat(scales[r]), offset = splat(offsets[r]);
    uint8_t *to = tile.c + r * tile.cStride;
    for (int v = 0; v < vectors; ++v) {
      const IntVector bytes = rescale(toFloat(sums[r][v]), scale, offset, low, high);
      if (full)
        storeBytes(to + v * lanes, bytes);
      else
        storeBytes(to + v * lanes, bytes, tile.columns - v * lanes);
    }
  }
}

template <int rows, int vectors, bool signedLeft, bool vnni> void computeTile(const Tile &tile) {
  IntVector sums[rows][vectors];
  for (int r = 0; r < rows; ++r)
    for (int v = 0; v < vectors; ++v)
      sums[r][v] = IntVector{};
  const uint8_t *aRows[rows];
  for (int r = 0; r < rows; ++r)
    aRows[r] = tile.a + r * tile.aRowBytes;
  const uint32_t *b = tile.b;
  for (int64_t quad = 0; quad < tile.quads; ++quad, b += panelWidth) {
    IntVector right[vectors];
    for (int v = 0; v < vectors; ++v)
      right[v] = loadVector<IntVector>(b + v * lanes);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      int32_t word;
      std::memcpy(&word, aRows[r] + 4 * quad, sizeof word);
      const IntVector left = splat(word);
      for (int v = 0; v < vectors; ++v)
        sums[r][v] =
            signedLeft ? addProducts<vnni>(sums[r][v], right[v], left) : addProducts<vnni>(sums[r][v], left, right[v]);
    }
  }
  finish<rows, vectors>(tile, sums);
}

using TileFunction = void (*)(const Tile &);

template <int vectors, bool signedLeft, bool vnni> TileFunction chooseRows(int rows) {
  switch (rows) {
  case 1:
    return computeTile<1, vectors, signedLeft, vnni>;
  case 2:
    return computeTile<2, vectors, signedLeft, vnni>;
#if TPU_SIMD_LEVEL == 2
  case 8:
    return computeTile < vnni ? 8 : 4, vectors, signedLeft, vnni > ;
#endif
  default:
    return computeTile<4, vectors, signedLeft, vnni>;
  }
}

template <bool signedLeft, bool vnni> TileFunction chooseVectors(int rows, int columns) {
  if (columns <= lanes)
    return chooseRows<1, signedLeft, vnni>(rows);
  if (columns <= 2 * lanes || maxVectors == 2)
    return chooseRows<2, signedLeft, vnni>(rows);
  return chooseRows<maxVectors, signedLeft, vnni>(rows);
}

TileFunction choose(bool signedLeft, int rows, int columns) {
#if TPU_SIMD_LEVEL == 2
  if (haveVnni())
    return signedLeft ? chooseVectors<true, true>(rows, columns) : chooseVectors<false, true>(rows, columns);
#endif
  return signedLeft ? chooseVectors<true, false>(rows, columns) : chooseVectors<false, false>(rows, columns);
}

// Rows of a tile: the largest of the compiled numbers that is left.
int tileRows(int64_t left) {
  const int most = haveVnni() ? 8 : 4;
  return left >= most ? most : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

// factor · sum of every column of the (signed) panels.
template <bool vnni>
void sumColumns(const uint32_t *panels, int64_t panelCount, int64_t quads, int32_t factor, int32_t *to) {
  const IntVector ones = splat(0x01010101);
  for (int64_t p = 0; p < panelCount; ++p, panels += quads * panelWidth) {
    IntVector sums[maxVectors] = {};
    for (int64_t quad = 0; quad < quads; ++quad)
      for (int v = 0; v < maxVectors; ++v)
        sums[v] = addProducts<vnni>(sums[v], ones, loadVector<IntVector>(panels + quad * panelWidth + v * lanes));
    for (int v = 0; v < maxVectors; ++v)
      storeVector(to + p * panelWidth + v * lanes, IntVector(sums[v] * splat(factor)));
  }
}

} // namespace

IntegerTile integerTile() { return {haveVnni() ? 8 : 4, panelWidth, lanes}; }

void computeIntegerBlock(const IntegerProduct &product, const Block &block) {
  // Kept: fresh pages cost more than the work on a small product.
  static thread_local std::vector<uint32_t> panels;
  static thread_local std::vector<int32_t> columnTerms;
  const int64_t columns = block.column1 - block.column0, quads = block.depth;
  const int64_t panelCount = (columns + panelWidth - 1) / panelWidth;
  panels.resize(std::max<size_t>(panels.size(), panelCount * panelWidth * quads));
  product.source->pack(0, quads, block.column0, columns, panelWidth, panels.data());
  if (product.columnFactor) {
    columnTerms.resize(std::max<size_t>(columnTerms.size(), panelCount * panelWidth));
    (haveVnni() ? sumColumns<TPU_SIMD_LEVEL == 2> : sumColumns<false>)(panels.data(), panelCount, quads,
                                                                       product.columnFactor, columnTerms.data());
  }
  for (int64_t row = block.row0, rows; row < block.row1; row += rows) {
    rows = tileRows(block.row1 - row);
    for (int64_t c = 0; c < columns; c += panelWidth) {
      const int64_t column = block.column0 + c;
      const int tileColumns = static_cast<int>(std::min<int64_t>(panelWidth, columns - c));
      const Tile tile{product.a + row * product.aRowBytes,
                      product.aRowBytes,
                      panels.data() + c * quads,
                      quads,
                      product.rowTerm ? product.rowTerm + row : nullptr,
                      product.columnFactor ? columnTerms.data() + c : nullptr,
                      product.requantization,
                      product.firstChannel + (product.channelsAreColumns ? column : row),
                      product.channelsAreColumns,
                      product.c + (row * product.cStride + column) * product.requantization->resultBytes(),
                      product.cStride,
                      tileColumns};
      choose(product.signedLeft, static_cast<int>(rows), tileColumns)(tile);
    }
  }
}

#if defined(__x86_64__)
namespace {
// 16 columns.
inline void interleave16(const uint8_t *const rows[4], int64_t at, __m128i flips, uint32_t *to) {
  const auto load = [&](const uint8_t *row) {
    return row ? _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i *>(row + at)), flips)
               : _mm_setzero_si128();
  };
  const __m128i a = load(rows[0]), b = load(rows[1]), c = load(rows[2]), d = load(rows[3]);
  const __m128i abLow = _mm_unpacklo_epi8(a, b), abHigh = _mm_unpackhi_epi8(a, b);
  const __m128i cdLow = _mm_unpacklo_epi8(c, d), cdHigh = _mm_unpackhi_epi8(c, d);
  __m128i *out = reinterpret_cast<__m128i *>(to + at);
  _mm_storeu_si128(out, _mm_unpacklo_epi16(abLow, cdLow));
  _mm_storeu_si128(out + 1, _mm_unpackhi_epi16(abLow, cdLow));
  _mm_storeu_si128(out + 2, _mm_unpacklo_epi16(abHigh, cdHigh));
  _mm_storeu_si128(out + 3, _mm_unpackhi_epi16(abHigh, cdHigh));
}
} // namespace
#endif

void interleaveLoop(const uint8_t *const rows[4], int64_t count, uint8_t flip, uint32_t *to) {
  int64_t i = 0;
#if defined(__x86_64__)
  const __m128i flips = _mm_set1_epi8(static_cast<char>(flip));
  for (; i + 16 <= count; i += 16)
    interleave16(rows, i, flips, to);
  if (i < count && count >= 16) // the last ones again, with some before them
    return interleave16(rows, count - 16, flips, to);
#endif
  for (; i < count; ++i) {
    uint8_t bytes[4];
    for (int r = 0; r < 4; ++r)
      bytes[r] = rows[r] ? rows[r][i] ^ flip : 0;
    std::memcpy(to + i, bytes, sizeof bytes);
  }
}

void interleavePanels(const uint8_t *const rows[4], int64_t count, uint8_t flip, int width, int64_t panelStride,
                      uint32_t *to) {
  const uint8_t *lines[4] = {rows[0], rows[1], rows[2], rows[3]};
  for (; count > 0; count -= width, to += panelStride) {
#if TPU_SIMD_LEVEL == 2
    if (count >= panelWidth && lines[3]) {
      const __m128i flips = _mm_set1_epi8(static_cast<char>(flip));
      for (int at = 0; at < panelWidth; at += 16)
        interleave16(lines, at, flips, to);
    } else
#endif
      interleaveLoop(lines, count < width ? count : width, flip, to);
    for (const uint8_t *&line : lines)
      line = line ? line + width : nullptr;
  }
}

void packFilterRow(const uint8_t *from, const uint8_t *end, int64_t channels, int64_t taps, uint32_t *to) {
  const int64_t quads = (channels + 3) / 4;
  for (int64_t q = 0; q < quads; ++q) {
    const uint8_t *lines[4];
    for (int64_t i = 0; i < 4; ++i)
      lines[i] = 4 * q + i < channels ? from + (4 * q + i) * taps : nullptr;
#if defined(__x86_64__)
    // Few taps: what is read and written beyond them belongs to the filter and is written again.
    if (taps < 16 && lines[3] && end - lines[3] >= 16 && q * taps + 16 <= quads * taps) {
      interleave16(lines, 0, _mm_setzero_si128(), to + q * taps);
      continue;
    }
#endif
    interleaveLoop(lines, taps, 0, to + q * taps);
  }
}

int32_t sumSignedBytes(const uint8_t *from, int64_t count) {
  const IntVector ones = splat(0x01010101);
  constexpr int64_t bytes = 4 * lanes;
  IntVector sums{};
  int64_t i = 0;
  for (; i + bytes <= count; i += bytes)
    sums = addProducts<false>(sums, ones, loadVector<IntVector>(from + i));
  uint32_t sum = 0;
  for (int lane = 0; lane < lanes; ++lane)
    sum += static_cast<uint32_t>(sums[lane]);
  for (; i < count; ++i)
    sum += static_cast<uint32_t>(int32_t{static_cast<int8_t>(from[i])});
  return static_cast<int32_t>(sum);
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
