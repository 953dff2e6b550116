// Convolutions of halves with an integer filter: a slice of the filter is widened in local memory once it is there,
// then the half convolution computes with it for as many tiles as need it.
#pragma once
#include "Convolution.h"
#include "WidenedOnce.h"

namespace tpu_mlir::codegen {

/// The filter is packed as that of halves, with a byte per value or 4 bits: of every 32 values that belong together the
/// first 16 are in the low halves of 16 bytes, the others in the high halves, all plus 8. Value = f(q * scale) with f32
/// scales per channel, rounded to the half type f. Operands: input, filter bytes [groups, oc, chunks, area * 32 *
/// bits / 8], bias, and records {zero point, scale} of dequantization [groups, 2, 1, oc].
struct IntegerFilterConvolution : Convolution {
  int64_t bits;
  Requantization records; ///< their layout

  IntegerFilterConvolution(const Convolution &halves, int64_t bits);

  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t at) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;

private:
  /// The tile's filter, [1, oc, values / 32, 32] of the given type.
  LocalTensor filter(const Tile &tile, ElementType type, uint32_t at) const;
  /// As it is stored, behind the widened form in the operand's buffer.
  LocalTensor stored(const Slice &slice, const Tile &tile, uint32_t buffer) const;
  /// What a round of lanes needs of it as scratch.
  LocalTensor round(const Tile &tile, ElementType type, uint32_t at) const;
  /// What widening needs as scratch.
  int64_t wideningBytes(const Tile &tile) const;
  void widen(Assembler &assembler, const LocalTensor &half, const Tile &tile, const TileBuffers &buffers) const;
  WidenedOnce fresh;
};

/// `halves` as if its filter were one of halves; the bias's memory holds records, then the bias.
std::unique_ptr<TiledOp> withIntegerFilter(const Convolution &halves, int64_t bits);

} // namespace tpu_mlir::codegen
