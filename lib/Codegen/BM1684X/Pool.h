// The tiled form of max and average pooling.
#pragma once
#include "Requantization.h"

namespace tpu_mlir::codegen {

/// Operand: input [n, c, h, w]. The reduction axis is the kernel's rows, so that windows larger than local memory are
/// combined from parts. Averages of halves are summed in f32 and rounded once, those of bytes in 32-bit integers:
/// sums of all taps, padding included with the zero point, which the offset takes off again.
struct Pool : TiledOp {
  PlaneWindow window;
  bool isMax = true;
  bool countPadding = false;
  int64_t padAfterH = 0, padAfterW = 0; ///< declared padding at the ends, which counts when `countPadding`
  ElementType type = ElementType::F32;
  FusedRelu relu;
  /// Of bytes, whose scales are these; the limits apply to the maximum too.
  std::optional<Requantization> requantization;
  double inputScale = 1, resultScale = 1;
  int64_t inputZeroPoint = 0, resultZeroPoint = 0;

  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  int64_t resultBytes(unsigned i, const Tile &tile) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  bool loadsPlainly(unsigned i) const override { return i == 0; }
  bool storesPlainly() const override { return true; }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;

private:
  /// The window of the tile's kernel rows.
  PlaneWindow part(const Tile &tile) const;
  AxisFit fitH(const Tile &tile) const { return fitAxis(part(tile).h, tile.out.h, operands[0].global.h()); }
  AxisFit fitW(const Tile &tile) const { return fitAxis(window.w, tile.out.w, operands[0].global.w()); }
  bool sumsWide() const { return !isMax && bm1684x::isHalf(type); }
  Constant padding() const;
  /// Whether maxima are computed along the axes one after the other; the shape between them, and the price.
  bool splitsWindow(const Tile &tile) const;
  std::array<int64_t, 4> betweenShape(const Tile &tile) const;
  int64_t splitCycles(const Tile &tile) const;
  /// Whether 32-bit sums of several tiles stand behind the result.
  bool sumsBehindResult(const Tile &tile) const;
  void emitMax(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const;
  void emitAverage(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const;
  void emitByteAverage(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const;
  /// Sums that became f32 times scale plus offset, by the number of values under each window.
  void rescale(Assembler &assembler, const Tile &tile, const LocalTensor &sums) const;
  /// Scale and offset of sums with `count` averaged values.
  std::pair<float, float> factors(int64_t count) const;
  /// Divides sums by the number of values under each window.
  void divide(Assembler &assembler, const Tile &tile, const LocalTensor &sums) const;
  bool uniformCount(const Tile &tile) const;
};

} // namespace tpu_mlir::codegen
