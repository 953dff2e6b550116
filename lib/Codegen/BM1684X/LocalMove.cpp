// Two ways through local memory. An exchange of the two axes before the last one is a pair of C<->W transposes, which
// have no price for short runs. Any other permutation loads runs as they lie in the source, rearranges them within the
// lanes, and stores runs as they lie in the result; lanes work on different positions of an axis outside of the runs.
#include "LocalMove.h"

#include "tpu_mlir/Codegen/Slice.h"

#include "llvm/ADT/STLExtras.h"

namespace tpu_mlir::codegen {
using namespace bm1684x;
namespace {

constexpr int64_t shortestBurst = 256;

using Axes = llvm::SmallVector<MoveAxis, 6>;

int64_t positions(llvm::ArrayRef<MoveAxis> axes) {
  int64_t product = 1;
  for (const MoveAxis &axis : axes)
    product *= axis.extent;
  return product;
}

/// result [a, c, b, d] = source [a, b, c, d], all dense.
bool emitExchange(Assembler &assembler, const GlobalMove &move) {
  llvm::ArrayRef<MoveAxis> axes = move.axes;
  if (axes.size() < 3 || axes.size() > 4)
    return false;
  MoveAxis a = axes.size() == 4 ? axes.front() : MoveAxis{1, 0, 0};
  MoveAxis c = axes[axes.size() - 3], b = axes[axes.size() - 2], d = axes.back();
  bool matches = d.to == 1 && d.from == 1 && b.to == d.extent && c.to == b.extent * d.extent && c.from == d.extent &&
                 b.from == c.extent * d.extent;
  int64_t item = static_cast<int64_t>(byteSize(move.type));
  auto base = static_cast<uint32_t>(alignUp(assembler.freeLocal.begin, lineBytes));
  LocalTensor local = LocalTensor::aligned(base, {1, d.extent, c.extent, b.extent}, move.type);
  if (!matches || b.extent * c.extent > maxExtent || d.extent > maxExtent ||
      local.endOffset() > assembler.freeLocal.end)
    return false;
  LocalTensor flat = LocalTensor::aligned(base, {1, d.extent, 1, c.extent * b.extent}, move.type);
  for (int64_t i = 0; i < a.extent; ++i) {
    assembler.gdma.cwTranspose(
        local, GlobalTensor::contiguous(move.from + i * a.from * item, {1, b.extent, c.extent, d.extent}, move.type));
    assembler.gdma.cwTranspose(
        GlobalTensor::contiguous(move.to + i * a.to * item, {1, c.extent * b.extent, 1, d.extent}, move.type), flat);
  }
  return true;
}

/// An axis within the lanes: its strides in the box as loaded and as stored.
struct LaneAxis {
  int64_t extent, from, to, in, out;
};

class Rearrangement {
public:
  Rearrangement(Assembler &assembler, const GlobalMove &move) : assembler(assembler), move(move) {
    item = static_cast<int64_t>(byteSize(move.type));
    begin = alignUp(assembler.freeLocal.begin, lineBytes);
    quarter = std::max<int64_t>(0, assembler.freeLocal.end - begin) / 4 / lineBytes * lineBytes;
  }

  bool emit() {
    if (!choose())
      return false;
    int64_t tiles = ceilDiv(batch.extent, batchTile) * ceilDiv(lanes.extent, laneTile) * positions(outer), index = 0;
    // Loads run one tile ahead of stores.
    Tile previous;
    for (int64_t i = 0; i < tiles; ++i) {
      Tile tile = tileAt(i, index++ & 1);
      transfer(tile, true);
      if (i)
        transfer(previous, false);
      rearrange(tile);
      previous = tile;
    }
    transfer(previous, false);
    return true;
  }

private:
  struct Tile {
    uint64_t from = 0, to = 0;
    int64_t batch = 0, lanes = 0;
    uint32_t in = 0, out = 0;
  };

  /// The innermost axes of one side up to a run of the given size, as indices into the move's axes.
  void addRun(llvm::SmallVectorImpl<bool> &chosen, bool source, int64_t runBytes) const {
    int64_t run = source ? gap : 1;
    while (run * item < runBytes) {
      bool found = false;
      for (auto [i, axis] : llvm::enumerate(move.axes))
        if (!found && (source ? axis.from : axis.to) == run && axis.extent > 1) {
          chosen[i] = found = true;
          run *= axis.extent;
        }
      if (!found)
        return;
    }
  }

  bool choose() {
    // Every gap-th element of a row is taken: the whole row is loaded, and the rest left behind in the lanes.
    gap = llvm::min_element(move.axes, [](const MoveAxis &a, const MoveAxis &b) { return a.from < b.from; })->from;
    if (gap < 1 || gap * item > 32)
      return false;
    if (llvm::any_of(move.axes, [](const MoveAxis &axis) { return axis.from == 0 || axis.extent > maxExtent; }))
      return false;
    // Whole bursts if an axis is left to spread over lanes, else shorter runs.
    int64_t direct = move.axes.back().to == 1 && move.axes.back().from == 1 ? move.axes.back().extent * item : item;
    for (int64_t runBytes = shortestBurst; runBytes > 2 * direct; runBytes /= 2) {
      divide(runBytes);
      if (!outer.empty() && place())
        return true;
    }
    return false;
  }

  /// Divides the axes into those within the lanes, for runs of the given size, and the others.
  void divide(int64_t runBytes) {
    llvm::SmallVector<bool> inLane(move.axes.size(), false);
    addRun(inLane, true, runBytes);
    addRun(inLane, false, runBytes);
    within.clear(), outer.clear();
    for (auto [i, axis] : llvm::enumerate(move.axes)) {
      if (inLane[i])
        within.push_back({axis.extent, axis.from, axis.to, 0, 0});
      else
        outer.push_back(axis);
    }
  }

  /// Chooses lanes, strides and tiles. False when a box does not fit or too few lanes would work.
  bool place() {
    auto takeLongest = [&] {
      auto longest = llvm::max_element(outer, [](const MoveAxis &a, const MoveAxis &b) { return a.extent < b.extent; });
      MoveAxis axis = *longest;
      outer.erase(longest);
      return axis;
    };
    lanes = takeLongest();
    batch = outer.empty() ? MoveAxis{1, 0, 0} : takeLongest();
    // Strides in the lanes: row-major in the order of each side.
    auto assign = [&](auto key, auto stride, int64_t step) {
      llvm::SmallVector<LaneAxis *> order = llvm::map_to_vector(within, [](LaneAxis &axis) { return &axis; });
      llvm::sort(order, [&](LaneAxis *a, LaneAxis *b) { return a->*key < b->*key; });
      for (LaneAxis *axis : order)
        axis->*stride = step, step *= axis->extent;
      return step;
    };
    inBox = assign(&LaneAxis::from, &LaneAxis::in, gap);
    outBox = assign(&LaneAxis::to, &LaneAxis::out, 1);
    int64_t boxBytes = alignUp(inBox * item, lineBytes), budget = quarter;
    if (boxBytes > budget)
      return false;
    laneTile = std::min(lanes.extent, numLanes * std::max<int64_t>(1, std::min<int64_t>(4, budget / boxBytes)));
    batchTile = std::min(batch.extent, std::max<int64_t>(1, budget / (boxBytes * ceilDiv(laneTile, numLanes))));
    // Few lanes at work are no gain over short runs.
    return lanes.extent >= 8 || batch.extent * lanes.extent * outBox * item <= 65536;
  }

  Tile tileAt(int64_t index, bool second) const {
    int64_t laneTiles = ceilDiv(lanes.extent, laneTile), batchTiles = ceilDiv(batch.extent, batchTile);
    int64_t lane = index % laneTiles * laneTile, rest = index / laneTiles;
    int64_t first = rest % batchTiles * batchTile;
    Tile tile{move.from, move.to, std::min(batchTile, batch.extent - first), std::min(laneTile, lanes.extent - lane)};
    tile.from += (lane * lanes.from + first * batch.from) * item;
    tile.to += (lane * lanes.to + first * batch.to) * item;
    rest /= batchTiles;
    for (const MoveAxis &axis : llvm::reverse(outer)) {
      tile.from += rest % axis.extent * axis.from * item;
      tile.to += rest % axis.extent * axis.to * item;
      rest /= axis.extent;
    }
    auto part = static_cast<uint32_t>(quarter), base = static_cast<uint32_t>(begin);
    tile.in = base + (second ? part : 0), tile.out = base + 2 * part + (second ? part : 0);
    return tile;
  }

  Dims boxStrides(const Tile &tile, bool in) const {
    return alignedStrides({tile.batch, tile.lanes, 1, in ? inBox : outBox}, move.type);
  }

  /// Loads a tile from the source, or stores it into the result: the two innermost axes of the side as rows, the others
  /// one by one.
  void transfer(const Tile &tile, bool load) const {
    auto globalStride = [&](const LaneAxis &axis) { return load ? axis.from : axis.to; };
    auto localStride = [&](const LaneAxis &axis) { return load ? axis.in : axis.out; };
    llvm::SmallVector<LaneAxis> order(within);
    llvm::sort(order, [&](const LaneAxis &a, const LaneAxis &b) { return globalStride(a) > globalStride(b); });
    llvm::SmallVector<LaneAxis> joined; // neighbours that are dense on this side, as they are in the lanes
    for (const LaneAxis &axis : order) {
      if (!joined.empty() && globalStride(joined.back()) == globalStride(axis) * axis.extent) {
        LaneAxis whole = axis;
        whole.extent *= joined.back().extent;
        joined.back() = whole;
      } else {
        joined.push_back(axis);
      }
    }
    LaneAxis row = joined.pop_back_val();
    LaneAxis column = joined.empty() ? LaneAxis{1, 1, 1, 1, 1} : joined.pop_back_val();
    if (load && row.from == gap)
      row = {(row.extent - 1) * gap + 1, 1, 1, 1, 1};
    Dims strides = boxStrides(tile, load);
    int64_t loops = 1;
    for (const LaneAxis &axis : joined)
      loops *= axis.extent;
    for (int64_t i = 0; i < loops; ++i) {
      int64_t inGlobal = 0, inLane = 0, rest = i;
      for (const LaneAxis &axis : llvm::reverse(joined)) {
        inGlobal += rest % axis.extent * globalStride(axis), inLane += rest % axis.extent * localStride(axis);
        rest /= axis.extent;
      }
      Dims shape{tile.batch, tile.lanes, column.extent, row.extent};
      LocalTensor local = LocalTensor::free((load ? tile.in : tile.out) + static_cast<uint32_t>(inLane * item), shape,
                                            {strides[0], strides[1], localStride(column), localStride(row)}, move.type);
      GlobalTensor global{
          (load ? tile.from : tile.to) + inGlobal * item,
          move.type,
          shape,
          {load ? batch.from : batch.to, load ? lanes.from : lanes.to, globalStride(column), globalStride(row)}};
      if (load)
        assembler.gdma.copy(local, global);
      else
        assembler.gdma.copy(global, local);
    }
  }

  void rearrange(const Tile &tile) const {
    // Rows along the axis with the smallest larger stride, since strided elements take a cycle per position skipped.
    llvm::SmallVector<LaneAxis> order(within);
    llvm::sort(order,
               [](const LaneAxis &a, const LaneAxis &b) { return std::max(a.in, a.out) > std::max(b.in, b.out); });
    LaneAxis row = order.pop_back_val();
    LaneAxis column = order.empty() ? LaneAxis{1, 1, 1, 1, 1} : order.pop_back_val();
    int64_t loops = 1;
    for (const LaneAxis &axis : order)
      loops *= axis.extent;
    Dims inStrides = boxStrides(tile, true), outStrides = boxStrides(tile, false);
    Dims shape{tile.batch, tile.lanes, column.extent, row.extent};
    for (int64_t i = 0; i < loops; ++i) {
      int64_t in = 0, out = 0, rest = i;
      for (const LaneAxis &axis : order) {
        in += rest % axis.extent * axis.in, out += rest % axis.extent * axis.out;
        rest /= axis.extent;
      }
      auto tensor = [&](uint32_t base, int64_t position, const Dims &strides, int64_t h, int64_t w) {
        return LocalTensor::free(base + static_cast<uint32_t>(position * item), shape, {strides[0], strides[1], h, w},
                                 move.type);
      };
      assembler.tiu.copy(tensor(tile.out, out, outStrides, column.out, row.out),
                         tensor(tile.in, in, inStrides, column.in, row.in));
    }
  }

  Assembler &assembler;
  const GlobalMove &move;
  int64_t begin = 0, quarter = 0; ///< local memory that is free: tiles before and behind, each twice
  int64_t item = 1, gap = 1, inBox = 1, outBox = 1, laneTile = 1, batchTile = 1;
  llvm::SmallVector<LaneAxis> within;
  llvm::SmallVector<MoveAxis> outer;
  MoveAxis lanes{1, 0, 0}, batch{1, 0, 0};
};

} // namespace

bool emitThroughLocal(Assembler &assembler, const GlobalMove &move) {
  const MoveAxis &last = move.axes.back();
  int64_t item = static_cast<int64_t>(byteSize(move.type));
  int64_t run = (last.to == 1 && last.from == 1 ? last.extent : 1) * item;
  if (run >= 2 * shortestBurst || positions(move.axes) * item < 1024)
    return false;
  if (assembler.options.avoidPriceQuirks && run < 192 && Rearrangement(assembler, move).emit())
    return true;
  if (emitExchange(assembler, move))
    return true;
  // A load and a store of full bursts take as long as a direct move of runs of 224 bytes.
  return run < 192 && Rearrangement(assembler, move).emit();
}

} // namespace tpu_mlir::codegen
