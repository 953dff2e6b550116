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
  /// The rows of one class when windows with two strides are summed class by class: instructions with one stride cost
  /// a third. Class r has the taps r, r + stride, … of every window.
  struct RowClass {
    int64_t taps;  ///< kernel rows
    Range rows;    ///< that exist, by their count within the class
    int64_t first; ///< the first of them in the local input
    int64_t padBefore, padAfter;
  };
  RowClass rowClass(const Tile &tile, int64_t r) const;
  /// Whether sums of bytes are made so; sums of floats would be rounded in another order.
  bool sumsByRows(const Tile &tile) const;
  int64_t cyclesByRows(const Tile &tile) const;
  int64_t classBytes(const Tile &tile) const;
  int64_t classWeightBytes() const;
  void emitByRows(Assembler &assembler, const Tile &tile, const TileBuffers &buffers, const LocalTensor &weight,
                  const LocalTensor &sums) const;
  /// What padding and inserted positions hold.
  Constant padding() const;
  AxisFit fitH(const Tile &tile) const { return fitAxis(window.h, tile.out.h, operands[0].global.h()); }
  AxisFit fitW(const Tile &tile) const { return fitAxis(window.w, tile.out.w, operands[0].global.w()); }
};

/// Price of a pooling or depthwise instruction.
int64_t planeCycles(const Slice &out, const PlaneWindow &window, int64_t itemBytes);

} // namespace tpu_mlir::codegen
