// The tiled forms of matrix products: halves by rows (MM2), bytes by columns (MM2), f32 by folded matrices (MM).
#pragma once
#include "Requantization.h"

namespace tpu_mlir::codegen {

/// What both forms share: result[b] = left[leftOf[b]] * right[rightOf[b]] + bias. Operands: left, right and, if there
/// is one, the f32 bias [1, 1, 1, N].
struct MatrixProduct : TiledOp {
  int64_t batch = 1, m = 1, n = 1, k = 1;
  bool leftTransposed = false, rightTransposed = false; ///< stored as [K, M], [N, K]
  std::vector<int64_t> leftOf, rightOf;                 ///< matrix of an operand for each batch
  FusedRelu relu;

  bool hasBias() const { return operands.size() > 2; }
};

/// A product by MM2: matrices are seen as [batch, rows, 1, columns].
struct Mm2Product : MatrixProduct {
  ElementType type;
  /// The result is [1, N, 1, M] with its columns in lanes, as bytes are summed and halves may be.
  bool keepsColumns = false;

  explicit Mm2Product(ElementType type) : type(type) {}
  IterationSpace space() const override;
  /// The bias, a row for all rows of the result, comes into every lane.
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;

protected:
  /// The part of the left (0) or right (1) matrix, as it is stored, that a tile needs.
  Slice matrixSlice(unsigned i, const Tile &tile) const;
  bool isSplit(const Tile &tile) const { return !(tile.firstK && tile.lastK); }
  /// A tile of the result with its columns in lanes.
  static LocalTensor columns(uint32_t offset, const Tile &tile, ElementType of) {
    return LocalTensor::matrix(offset, tile.out.w.size, tile.out.c.size, of);
  }
};

/// Rows of matrices in lanes: left and result are seen as [batch, M, 1, N]. A product may be computed with the columns
/// of its result in the lanes, of which more may then be at work.
struct HalfMatrixProduct : Mm2Product {
  HalfMatrixProduct() : Mm2Product(ElementType::F16) {}
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  int64_t resultBytes(unsigned i, const Tile &tile) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;

private:
  bool columnsInLanes(const Tile &tile) const;
  int64_t productCycles(int64_t inLanes, int64_t inRows, const Tile &tile) const;
  void emitColumns(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const;
};

/// Columns of the result in lanes, so that one requantization has a record per column: the transposed product R * L of
/// the left matrix as [K, M] and the right one as [N, K], summed in 32 bits. The operands come as they are stored and
/// are turned in local memory where need be; the third is the records [1, words, 1, N].
struct ByteMatrixProduct : Mm2Product {
  Requantization requantization;
  int64_t rightZeroPoint = 0;

  ByteMatrixProduct() : Mm2Product(ElementType::I8) {}
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  int64_t resultBytes(unsigned i, const Tile &tile) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;
};

/// Matrices folded into channels: M is seen as h, N as w.
struct FloatMatrixProduct : MatrixProduct {
  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  void store(Assembler &assembler, unsigned i, const Tile &tile, const LocalTensor &buffer) const override;
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;
  int64_t storeCycles(unsigned i, const Tile &tile) const override;

private:
  /// Columns per channel of the right matrix and the result, for a tile of `cols` columns: more channels compute
  /// faster, wider ones load faster. It depends on nothing else, so that parts of K agree.
  int64_t widthOf(int64_t cols) const;
  FoldedMatrix left(uint32_t offset, const Tile &tile) const;
  FoldedMatrix right(uint32_t offset, const Tile &tile) const;
  FoldedMatrix result(uint32_t offset, const Tile &tile) const;
};

} // namespace tpu_mlir::codegen
