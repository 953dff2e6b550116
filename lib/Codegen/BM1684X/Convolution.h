// The tiled form of convolutions, also used for deconvolutions.
#pragma once
#include "Requantization.h"
#include "tpu_mlir/Target/BM1684X/ConvFolding.h"

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
  /// The form that is computed where it is not the convolution as it stands; then there is one group, and operands 1
  /// and 2 are [phases, outChannels, …] and of outChannels. The reduction stays whole.
  std::optional<bm1684x::ConvFolding> folding;
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
  bool loadsPlainly(unsigned i) const override { return i == 0; }
  bool readsFree(unsigned i) const override { return i == 0 && !(folding && folding->rowsAsChannels); }
  bool storesPlainly() const override { return true; }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override;
  int64_t computeCycles(const Tile &tile) const override;
  int64_t loadCycles(unsigned i, const Slice &slice) const override;

protected:
  int64_t kernelArea() const { return folding ? folding->kernelArea() : window.h.kernel * window.w.kernel; }
  /// Channels that the convolution instruction takes of a part of the reduction.
  int64_t channelsOf(const Range &k) const { return folding ? folding->inChannels() : k.size; }

private:
  /// Blocks of positions that are computed together begin at multiples of this. The chip's sums of floats depend on
  /// where in an instruction's order their terms stand, so every position keeps its place, however the plan cuts.
  int64_t blockGrain(const bm1684x::FoldedAxis &axis) const { return requantization ? axis.grain() : axis.block(); }
  AxisFit fitH(const Tile &tile) const;
  AxisFit fitW(const Tile &tile) const;
  /// Input channels that an instruction sums in f32. The chip keeps two sums, of the even and the odd terms, which it
  /// joins at the end of an instruction: results depend on where the reduction is cut. So the op says where, whatever
  /// the memory that a plan leaves it: nowhere, unless the weights of 64 results would be large.
  int64_t sumLength() const;
  /// What padding and inserted positions hold.
  Constant padding() const;
  Window2d instructionWindow(const Tile &tile) const;
  /// One instruction from `in` to `out`; integers need `sums` for 32-bit sums and end with their requantization.
  void compute(Assembler &assembler, const LocalTensor &out, const LocalTensor &in, const LocalTensor &weight,
               const Window2d &w, const Tile &tile, const TileBuffers &buffers, uint32_t sums) const;

  friend class FoldedTile;
};

/// A tile of a convolution in a folded form: its tensors in the scratch area and the instructions around the
/// convolution's own.
class FoldedTile {
public:
  FoldedTile(const Convolution &conv, const Tile &tile);
  int64_t scratchBytes() const { return scratch; }
  int64_t cycles() const;
  void emit(Assembler &assembler, const TileBuffers &buffers) const;

private:
  LocalTensor at(uint32_t region, std::array<int64_t, 4> shape) const;
  LocalTensor rowsAsChannels(Assembler &assembler, const LocalTensor &in, uint32_t base) const;
  void fillOutside(Assembler &assembler, const LocalTensor &gathered, int64_t tap, Range inside) const;
  void phase(Assembler &assembler, int64_t index, const LocalTensor &in, const LocalTensor &out,
             const TileBuffers &buffers) const;
  void placePhase(Assembler &assembler, int64_t index, const LocalTensor &from, const LocalTensor &to, Range rows,
                  Range columns) const;
  void unpack(Assembler &assembler, const LocalTensor &packed, const LocalTensor &out, uint32_t base) const;

  const Convolution &conv;
  const Tile &tile;
  const bm1684x::ConvFolding &form;
  AxisFit fitH, fitW;
  int64_t n, channels;   ///< computed at once
  int64_t down, across;  ///< blocks
  int64_t skipDown;      ///< computed rows before the tile's first
  int64_t height, width; ///< of the input in local memory
  ElementType inType, outType;
  bool isExact; ///< rows computed at once are the tile's rows and channels
  /// Regions of the scratch area, in bytes: turned input, input of the convolution, turned result; gathered rows, sums,
  /// result with rows too many; result of a phase; result of all phases.
  uint32_t turnedAt = 0, gatheredAt = 0, phaseAt = 0, joinedAt = 0;
  int64_t scratch = 0;
};

} // namespace tpu_mlir::codegen
