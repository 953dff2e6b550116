// The matrix product of bytes with i32 sums, the engine under integer convolutions and matrix multiplications. Four
// values of depth form a word ("quad"), as the processors' byte instructions want them; one operand is unsigned, the
// other one signed. Callers turn the signs by flipping top bits and correct the sums with the terms of a product.
#pragma once
#include "GemmBlocks.h"
#include "tpu_mlir/Kernels/Quantization.h"

#include <cstdint>

namespace tpu_mlir::kernels {

/// The right operand, packed piece by piece.
class QuadSource {
public:
  virtual ~QuadSource() = default;
  /// Writes quads [quad, quad + quads) of columns [column, column + columns) in panels of `width` columns: panel p
  /// holds quads × width words, row by row. Words of columns past the end are not read.
  virtual void pack(int64_t quad, int64_t quads, int64_t column, int64_t columns, int width, uint32_t *to) const = 0;
};

/// One product of m × n sums over a depth of quads, requantized.
struct IntegerProduct {
  /// Rows of quads, `aRowBytes` apart; what lies beyond the depth is zero in one of the operands.
  const uint8_t *a = nullptr;
  int64_t aRowBytes = 0;
  /// Whether a is the signed operand; b is the other kind.
  bool signedLeft = true;
  const QuadSource *source = nullptr;
  /// Added to the sums of each row (null: nothing).
  const int32_t *rowTerm = nullptr;
  /// Times the sum of a column of b (which is then signed), added to the sums of that column.
  int32_t columnFactor = 0;
  const Requantization *requantization = nullptr;
  /// Whether columns are channels, otherwise rows are; row or column 0 is `firstChannel`.
  bool channelsAreColumns = false;
  int64_t firstChannel = 0;
  uint8_t *c = nullptr;
  int64_t cStride = 0; // results from row to row
};

class IntegerProductList {
public:
  virtual ~IntegerProductList() = default;
  virtual IntegerProduct get(int64_t index) const = 0;
};

/// `count` products of one shape on all threads; the depth is in quads.
void integerGemm(int64_t count, int64_t m, int64_t n, int64_t quads, const IntegerProductList &products);

/// Four rows of bytes as quads: to[i] = {rows[0][i], …, rows[3][i]}, each xor `flip`; a null row gives zeros. The
/// loads stay within [row, row + count).
void interleaveQuads(const uint8_t *const rows[4], int64_t count, uint8_t flip, uint32_t *to);

/// Rows [quad, …) of a row-major matrix (rows `rowStride` apart, columns side by side) as panels of quads.
class RowQuads : public QuadSource {
public:
  RowQuads(const uint8_t *data, int64_t rows, int64_t rowStride, uint8_t flip)
      : data(data), rows(rows), rowStride(rowStride), flip(flip) {}
  void pack(int64_t quad, int64_t quads, int64_t column, int64_t columns, int width, uint32_t *to) const override;

private:
  const uint8_t *data;
  int64_t rows, rowStride;
  uint8_t flip;
};

/// A matrix with any strides as panels of quads; fast where the depth is contiguous.
class StridedQuads : public QuadSource {
public:
  StridedQuads(const uint8_t *data, int64_t rows, int64_t rowStride, int64_t columnStride, uint8_t flip)
      : data(data), rows(rows), rowStride(rowStride), columnStride(columnStride), flip(flip) {}
  void pack(int64_t quad, int64_t quads, int64_t column, int64_t columns, int width, uint32_t *to) const override;

private:
  const uint8_t *data;
  int64_t rows, rowStride, columnStride;
  uint8_t flip;
};

/// Rows and columns of a tile of registers, and the columns of one register.
struct IntegerTile {
  int rows, width, lanes;
};
TPU_SIMD_DECLARE(IntegerTile integerTile())
TPU_SIMD_DECLARE(void computeIntegerBlock(const IntegerProduct &product, const Block &block))
TPU_SIMD_DECLARE(void interleaveLoop(const uint8_t *const rows[4], int64_t count, uint8_t flip, uint32_t *to))
/// The same in pieces of `width` columns, `panelStride` words apart.
TPU_SIMD_DECLARE(void interleavePanels(const uint8_t *const rows[4], int64_t count, uint8_t flip, int width,
                                       int64_t panelStride, uint32_t *to))
/// One row of a filter, [channels, taps], as quads of channels: [channels / 4, taps, 4]; the filter ends at `end`.
TPU_SIMD_DECLARE(void packFilterRow(const uint8_t *from, const uint8_t *end, int64_t channels, int64_t taps,
                                    uint32_t *to))
TPU_SIMD_DECLARE(int32_t sumSignedBytes(const uint8_t *from, int64_t count))

} // namespace tpu_mlir::kernels
