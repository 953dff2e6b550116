// The tiled form of convolutions, also used for deconvolutions.
#pragma once
#include "Spatial.h"

namespace tpu_mlir::codegen {

/// A convolution of `groups` groups. The input is seen as [n * groups, ic, h, w] and the result as [n * groups, oc, h,
/// w], so that a group is a batch entry with weights of its own; operands are input, packed weights [groups, oc,
/// chunks, area * chunk] and, if there is one, bias [groups, lanes, 1, slots].
struct Convolution : TiledOp {
  PlaneWindow window;
  bool rotateKernel = false;
  int64_t groups = 1, ic = 0, oc = 0;
  ElementType type = ElementType::F32;
  FusedRelu relu;
  /// Kernel rows are stored as channels (see packConvWeightsByRow).
  bool byRow = false;

  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  int64_t resultBytes(unsigned i, const Tile &tile) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;

private:
  AxisFit fitH(const Tile &tile) const { return fitAxis(window.h, tile.out.h, operands[0].global.h()); }
  AxisFit fitW(const Tile &tile) const { return fitAxis(window.w, tile.out.w, operands[0].global.w()); }
  void loadRows(Assembler &assembler, const Slice &slice, const Tile &tile, const LocalTensor &buffer) const;
  Window2d instructionWindow(const Tile &tile) const;
};

} // namespace tpu_mlir::codegen
