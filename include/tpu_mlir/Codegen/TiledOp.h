// How an op is cut into tiles and computed. An op's external model of CodegenInterface builds a TiledOp from the op and
// the addresses of its values; everything about *where* tiles live in local memory, when they are loaded and stored and
// which of them stay resident is decided by the plan. A TiledOp holds plain data and never touches IR again.
#pragma once
#include "tpu_mlir/Codegen/Slice.h"
#include "tpu_mlir/Target/BM1684X/Assembler.h"
#include "tpu_mlir/Target/BM1684X/Tensors.h"

#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <string>
#include <vector>

namespace tpu_mlir::codegen {
using bm1684x::Assembler;
using bm1684x::GlobalTensor;
using bm1684x::LocalTensor;

/// One axis of the iteration space: its extent, the multiple that tile sizes keep to (the last tile may be smaller),
/// and the largest tile that the instructions of the op can take.
struct AxisRule {
  int64_t extent = 1;
  int64_t grain = 1;
  int64_t maxTile = 65535;
};

/// The axes that the result of an op may be split along, and the reduction axis `k` (input channels of a convolution,
/// the inner size of a matrix product). An axis that must stay whole has `grain == extent`.
struct IterationSpace {
  AxisRule n, c, h, w, k;
  /// Planes are split along h while whole rows fit, because parts of rows move slowly and need more halo. An op whose w
  /// is as good an axis as h says so, and both are split in all combinations.
  bool splitsRowsFreely = false;
};

/// One step of an op: a box of its result and, when the reduction is split, a part of `k`. Parts of k of one result box
/// follow one another; `firstK` starts the accumulation in the result's buffer and `lastK` finishes it.
struct Tile {
  Slice out;
  Range k;
  bool firstK = true, lastK = true;
};

/// An operand as code generation sees it: where it is, seen as [n, c, h, w]. Parameters (weights) do not depend on
/// computed values, so their first loads may run ahead of earlier ops.
struct TiledOperand {
  GlobalTensor global;
  bool isParameter = false;
};

/// The local tensors of one tile: one per operand and per result, and the start of the scratch area.
struct TileBuffers {
  llvm::ArrayRef<LocalTensor> operands;
  llvm::ArrayRef<LocalTensor> results;
  uint32_t scratch = 0;
  /// Whether every operand has the places for copies that the op asks for.
  bool hasCopies = false;
};

class TiledOp {
public:
  virtual ~TiledOp() = default;

  /// The result's axes and how they may be split.
  virtual IterationSpace space() const = 0;

  /// The part of operand `i` (in its own n, c, h, w) that a tile needs; clipped to the tensor. Equal slices of
  /// consecutive tiles are loaded once. Default: the tile's box, clipped along axes of extent 1 (broadcast).
  virtual Slice operandSlice(unsigned i, const Tile &tile) const;

  /// The local tensor that holds a slice of operand `i` at byte `offset` of the lanes. Default: the aligned layout of
  /// the slice's shape. Its bytes per lane are what the planner reserves.
  virtual LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const;

  /// The local tensor of the result's tile. Default: aligned, in the type of the global result.
  virtual LocalTensor resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const;

  /// Bytes per lane that the planner reserves for the result's tile (more than the buffer when partial sums are wider).
  virtual int64_t resultBytes(unsigned i, const Tile &tile) const;

  /// Bytes per lane of scratch that `emit` uses for a tile.
  virtual int64_t scratchBytes(const Tile &) const { return 0; }

  /// Work on a buffer that lasts (constant tables, broadcast parameters): bytes per lane that stay reserved during the
  /// whole op and are filled once by `emitOnce`.
  virtual int64_t residentBytes() const { return 0; }
  virtual void emitOnce(Assembler &, uint32_t /*offset*/) const {}

  /// How many copies of operand `i` the op would like, one or bm1684x::tableCopies: the planner keeps as many places
  /// bm1684x::tableCopyStep apart where memory allows. `load` fills the first.
  virtual int64_t copies(unsigned) const { return 1; }
  /// TIU cycles of a tile whose copies found no room; computeCycles assumes that they did.
  virtual int64_t cyclesWithoutCopies(const Tile &tile) const { return computeCycles(tile); }

  /// Whether the op is slower when its operands and results start in the same bank; the planner keeps them apart where
  /// memory allows.
  virtual bool keepsBanksApart() const { return false; }

  /// Moves a slice of operand `i` into its buffer. Default: one tensor load.
  virtual void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                    const LocalTensor &buffer) const;

  /// Moves the tile of result `i` from its buffer to global memory. Default: one tensor store.
  virtual void store(Assembler &assembler, unsigned i, const Tile &tile, const LocalTensor &buffer) const;

  /// Whether `load` of operand `i` (`store` of the result) copies the slice as it is where the buffer is aligned and
  /// has its shape. Then a copy of the tensor that is still in local memory may stand for it (may be left there).
  virtual bool loadsPlainly(unsigned) const { return false; }
  virtual bool storesPlainly() const { return false; }

  /// Whether operand `i`, if it loads plainly, may also be a part of a larger plane: a tensor of the buffer's shape and
  /// type with free strides instead of an aligned one.
  virtual bool readsFree(unsigned) const { return false; }

  /// Computes one tile. Uses only the assembler and the given local tensors.
  virtual void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const = 0;

  /// TIU cycles of a tile, an estimate for choosing tiles.
  virtual int64_t computeCycles(const Tile &tile) const = 0;

  /// GDMA cycles of loading a slice or storing a tile, estimates. Defaults follow the tensor move's price.
  virtual int64_t loadCycles(unsigned i, const Slice &slice) const;
  virtual int64_t storeCycles(unsigned i, const Tile &tile) const;

  /// Where the op's residentBytes() were placed; set by the planner before anything is emitted.
  uint32_t resident = 0;
  /// Name used in messages: the op's location.
  std::string name;
  std::vector<TiledOperand> operands;
  std::vector<GlobalTensor> results;
};

/// Moves between an aligned local tensor and a global one of the same shape: as a matrix where the box consists of
/// whole planes, which is faster for small ones (no queueing at one memory channel), else as a tensor.
void loadTensor(Assembler &assembler, const LocalTensor &to, const GlobalTensor &from);
void storeTensor(Assembler &assembler, const GlobalTensor &to, const LocalTensor &from);
bool movesAsMatrix(const GlobalTensor &global, std::array<int64_t, 4> shape);

/// Price of such a move of `shape` between global and local memory in GDMA cycles (burst rule of the cycle model).
int64_t tensorMoveCycles(const GlobalTensor &global, std::array<int64_t, 4> shape, bool toLocal);
/// Price of a matrix move of `runs` pieces of `runBytes`.
int64_t matrixMoveCycles(int64_t runs, int64_t runBytes, bool toLocal);
/// Price of an elementwise instruction over a local tensor of the given shape and item size, starting in lane 0.
int64_t elementwiseCycles(std::array<int64_t, 4> shape, int64_t itemBytes);

} // namespace tpu_mlir::codegen
