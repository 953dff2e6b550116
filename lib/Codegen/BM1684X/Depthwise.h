// The tiled form of depthwise convolutions and deconvolutions.
#pragma once
#include "Requantization.h"

namespace tpu_mlir::codegen {

/// Operands: input [n, c, h, w], weights [1, lanes, 1, slots * area] and, if there is one, bias [1, lanes, 1, slots],
/// all in the data's type. Bytes are summed in 32 bits, and the third operand is the requantization's records.
struct Depthwise : TiledOp {
  PlaneWindow window;
  bool rotateKernel = false;
  ElementType type = ElementType::F32;
  FusedRelu relu;
  std::optional<Requantization> requantization;
  int64_t inputZeroPoint = 0;

  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  bool loadsPlainly(unsigned i) const override { return i == 0; }
  bool storesPlainly() const override { return true; }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;

private:
  /// What padding and inserted positions hold.
  Constant padding() const;
  AxisFit fitH(const Tile &tile) const { return fitAxis(window.h, tile.out.h, operands[0].global.h()); }
  AxisFit fitW(const Tile &tile) const { return fitAxis(window.w, tile.out.w, operands[0].global.w()); }
};

/// Price of a pooling or depthwise instruction.
int64_t planeCycles(const Slice &out, const PlaneWindow &window, int64_t itemBytes);

} // namespace tpu_mlir::codegen
