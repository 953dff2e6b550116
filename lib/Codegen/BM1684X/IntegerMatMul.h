// Products of halves with integer weights: a slice of the weights is widened in local memory once it is there, then
// multiplied as halves.
#pragma once
#include "MatMul.h"
#include "WidenedOnce.h"

#include "tpu_mlir/Target/BM1684X/IntegerWeights.h"

namespace tpu_mlir::codegen {

/// The right matrix is [1, N, 1, bytes] in the layout of Target/BM1684X/IntegerWeights.h; value = f(f(q - zero point) *
/// scale), each step rounded to the half type f.
struct IntegerWeightProduct : HalfMatrixProduct {
  bm1684x::IntegerRows layout;
  bool isSigned = false; ///< 8-bit values in two's complement; those of 4 bits are stored plus 8
  int64_t offset = 0;    ///< what the stored values are larger by, where there is no zero point per group

  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t at) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;

private:
  /// Whether the widened form stays with the stored one in the operand's buffer; of long rows it is scratch.
  bool keepsWidened() const { return k <= 8192; }
  int64_t groupsOf(const Tile &tile) const { return tile.k.size / layout.groupSize(); }
  /// [1, N, groups, groupSize] of halves.
  LocalTensor widened(const Tile &tile, uint32_t at) const;
  int64_t widenedBytes(const Tile &tile) const { return widened(tile, 0).bytesPerLane(); }
  /// The rows as they are stored, behind the widened form in the operand's buffer where it is kept.
  LocalTensor stored(const Tile &tile, uint32_t buffer) const;
  /// Nibbles as bytes, in parts of a group.
  LocalTensor nibbles(const Tile &tile, uint32_t at) const;
  void unpack(Assembler &assembler, const LocalTensor &out, const LocalTensor &rows, const Tile &tile,
              uint32_t scratch) const;
  void widen(Assembler &assembler, const LocalTensor &out, const LocalTensor &rows, const Tile &tile,
             uint32_t scratch) const;
  WidenedOnce fresh;
};

} // namespace tpu_mlir::codegen
