// Matrix products of tensors that keep a token (a row of the left matrix) per channel, or are vectors over channels.
#pragma once
#include "MatMul.h"

#include <memory>

namespace tpu_mlir::codegen {

/// F32 matrices as a 1x1 convolution: a column of the result per lane, turned before and after. More of the array works
/// than in a product of folded matrices unless rows are few. Matrices are seen as by HalfMatrixProduct.
struct ConvolvedMatrixProduct : Mm2Product {
  ConvolvedMatrixProduct() : Mm2Product(ElementType::F32) {}
  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;

  /// Longest inner axis that local memory takes in one piece.
  static constexpr int64_t longestInner = 4096;

private:
  void convolve(Assembler &assembler, const LocalTensor &product, const LocalTensor &left,
                const LocalTensor &right) const;
};

/// A product whose tensors are seen as [n, rows, columns, 1], or [n, rows, heads, columns] with a product per head,
/// done by a product of plain matrices. A constant right matrix is seen as by that.
class TokenProduct : public TiledOp {
public:
  /// `heads` is 0 for tensors of rank 3. `inner` has its sizes, operands and results set as for one batch.
  TokenProduct(std::unique_ptr<Mm2Product> inner, int64_t heads, bool isRightConstant)
      : inner(std::move(inner)), heads(heads), isRightConstant(isRightConstant) {}

  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  int64_t resultBytes(unsigned i, const Tile &tile) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  bool loadsPlainly(unsigned i) const override { return i == 0 || (i == 1 && !isRightConstant); }
  bool storesPlainly() const override { return true; }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;

private:
  Range columnsOf(const Tile &tile) const { return heads ? tile.out.w : tile.out.h; }
  Tile innerTile(const Tile &tile) const;
  /// Whether a plain operand has its columns and heads in one axis of its view though the product has two, or in two
  /// though it has one.
  bool isArranged(unsigned i) const;
  /// The shape of a head's matrix of operand `i` as it is stored.
  LocalTensor headMatrix(unsigned i, const Tile &tile, uint32_t offset) const;
  LocalTensor headResult(const Tile &tile, uint32_t offset) const {
    return inner->resultBuffer(0, innerTile(tile), offset);
  }
  void emitHead(Assembler &assembler, int64_t head, const Tile &tile, const TileBuffers &buffers) const;

  std::unique_ptr<Mm2Product> inner;
  int64_t heads;
  bool isRightConstant;
};

/// A vector times a constant matrix: both vectors are seen as [1, elements, 1, 1], the form in which poolings leave
/// them and in which each lane makes its part of the result.
class VectorProduct : public TiledOp {
public:
  /// `inner` is filled for one row, with its left matrix transposed; its columns stay in lanes.
  explicit VectorProduct(std::unique_ptr<Mm2Product> inner) : inner(std::move(inner)) {}

  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  int64_t resultBytes(unsigned i, const Tile &tile) const override { return inner->resultBytes(i, innerTile(tile)); }
  int64_t scratchBytes(const Tile &tile) const override { return inner->scratchBytes(innerTile(tile)); }
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  bool loadsPlainly(unsigned i) const override { return i == 0; }
  bool storesPlainly() const override { return true; }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override {
    inner->emit(assembler, innerTile(tile), buffers);
  }
  int64_t computeCycles(const Tile &tile) const override { return inner->computeCycles(innerTile(tile)); }
  int64_t loadCycles(unsigned i, const Slice &slice) const override {
    return i == 0 ? TiledOp::loadCycles(i, slice) : inner->loadCycles(i, slice);
  }

private:
  static Tile innerTile(const Tile &tile);
  std::unique_ptr<Mm2Product> inner;
};

} // namespace tpu_mlir::codegen
