// The tiled form of convolutions, also used for deconvolutions.
#pragma once
#include "Requantization.h"

namespace tpu_mlir::codegen {

/// A convolution of `groups` groups. The input is seen as [n * groups, ic, h, w] and the result as [n * groups, oc, h,
/// w], so that a group is a batch entry with weights of its own; operands are input, packed weights [groups, oc,
/// chunks, area * chunk] and, if there is one, bias [groups, lanes, 1, slots]. A convolution of bytes sums in 32 bits:
/// its weights are [groups, oc, chunks * area, 64] and its third operand is the requantization's records.
struct Convolution : TiledOp {
  PlaneWindow window;
  bool rotateKernel = false;
  int64_t groups = 1, ic = 0, oc = 0;
  ElementType type = ElementType::F32;
  FusedRelu relu;
  /// Kernel rows are stored as channels (see packConvWeightsByRow).
  bool byRow = false;
  /// Weights are stored lane by lane, [groups, lanes, slots, row] (see filterByLane).
  bool filterByLane = false;
  /// Of a convolution of bytes; the result has its type.
  std::optional<Requantization> requantization;
  int64_t inputZeroPoint = 0, kernelZeroPoint = 0;

  IterationSpace space() const override;
  Slice operandSlice(unsigned i, const Tile &tile) const override;
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override;
  LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const override;
  int64_t resultBytes(unsigned i, const Tile &tile) const override;
  int64_t scratchBytes(const Tile &tile) const override;
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override;
  bool loadsPlainly(unsigned i) const override { return i == 0 && !byRow; }
  bool storesPlainly() const override { return true; }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;

protected:
  int64_t kernelArea() const { return (byRow ? 1 : window.h.kernel) * window.w.kernel; }

private:
  AxisFit fitH(const Tile &tile) const { return fitAxis(window.h, tile.out.h, operands[0].global.h()); }
  AxisFit fitW(const Tile &tile) const { return fitAxis(window.w, tile.out.w, operands[0].global.w()); }
  /// What padding and inserted positions hold.
  Constant padding() const;
  void loadRows(Assembler &assembler, const Slice &slice, const Tile &tile, const LocalTensor &buffer) const;
  Window2d instructionWindow(const Tile &tile) const;
  void emitIntegers(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const;
};

} // namespace tpu_mlir::codegen
