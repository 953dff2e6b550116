// Search of tile sizes: enumerates sizes per axis from coarse to fine, keeps those whose buffers fit, and ranks them by
// the larger of GDMA and TIU time plus the first load and the last store, which nothing hides.
#include "TileSearch.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <numeric>

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

static std::array<AxisRule, numAxes> axesOfSpace(const IterationSpace &s) { return {s.n, s.c, s.h, s.w, s.k}; }

std::array<AxisRule, numAxes> codegen::axesOf(const std::vector<ChainMember> &group) {
  auto axes = axesOfSpace(group.front().op->space());
  for (const ChainMember &member : llvm::drop_begin(group)) {
    auto other = axesOfSpace(member.op->space());
    for (unsigned a = 0; a < static_cast<unsigned>(Axis::K); ++a) {
      axes[a].grain = std::lcm(axes[a].grain, other[a].grain);
      axes[a].maxTile = std::min(axes[a].maxTile, other[a].maxTile);
    }
  }
  return axes;
}

Tile codegen::tileAt(const std::array<AxisRule, numAxes> &axes, const Tiling &tiling,
                     const std::array<int64_t, numAxes> &index) {
  std::array<Range, numAxes> r;
  for (unsigned a = 0; a < numAxes; ++a) {
    r[a].begin = index[a] * tiling.size[a];
    r[a].size = std::min(tiling.size[a], axes[a].extent - r[a].begin);
  }
  int64_t lastK = tilesOf(axes[4], tiling.size[4]) - 1;
  return {{r[0], r[1], r[2], r[3]}, r[4], index[4] == 0, index[4] == lastK};
}

namespace {
constexpr int64_t partCounts[] = {1,  2,  3,  4,  5,  6,   7,   8,   10,  12,  14,  16,   20,   24,   28,    32,   40,
                                  48, 56, 64, 80, 96, 112, 128, 192, 256, 512, 768, 1024, 2048, 4096, 16384, 65536};

/// What an instruction costs by itself, so that of tiles that are equally fast the largest are taken.
constexpr int64_t instructionCycles = 8;

std::vector<int64_t> sizesOf(const AxisRule &axis) {
  std::vector<int64_t> sizes;
  for (int64_t parts : partCounts) {
    int64_t size = alignTo(ceilDiv(axis.extent, parts), axis.grain);
    if (size > axis.maxTile)
      size = std::max(axis.grain, axis.maxTile / axis.grain * axis.grain);
    size = std::min(size, std::max(axis.extent, int64_t{1}));
    if (sizes.empty() || size < sizes.back())
      sizes.push_back(size);
    if (size <= axis.grain)
      break;
  }
  return sizes;
}

constexpr std::array<Axis, numAxes> loopOrders[] = {
    {Axis::N, Axis::C, Axis::H, Axis::W, Axis::K},
    {Axis::C, Axis::N, Axis::H, Axis::W, Axis::K},
    {Axis::N, Axis::H, Axis::W, Axis::C, Axis::K},
    {Axis::N, Axis::W, Axis::C, Axis::H, Axis::K},
};

/// A load of a member that the group does not take from the member before.
struct Load {
  unsigned member, operand;
};

class Search {
public:
  Search(const std::vector<ChainMember> &group, int64_t budget)
      : group(group), budget(budget), axes(axesOf(group)), freeRows(group.front().op->space().splitsRowsFreely) {
    for (unsigned m = 0; m < group.size(); ++m)
      for (unsigned i = 0; i < group[m].op->operands.size(); ++i)
        if (static_cast<int>(i) != group[m].chainedOperand)
          loads.push_back({m, i});
    for (const ChainMember &member : group)
      residentBytes += alignTo(member.op->residentBytes(), 64);
  }

  std::vector<Tiling> run(unsigned count) {
    std::array<std::vector<int64_t>, numAxes> sizes;
    for (unsigned a = 0; a < numAxes; ++a)
      sizes[a] = sizesOf(axes[a]);
    for (int64_t n : sizes[0])
      for (int64_t c : sizes[1])
        searchReduction(n, c, sizes);
    std::stable_sort(found.begin(), found.end(), [](const Tiling &a, const Tiling &b) { return a.cycles < b.cycles; });
    if (found.size() > count)
      found.resize(count);
    return std::move(found);
  }

private:
  void searchReduction(int64_t n, int64_t c, const std::array<std::vector<int64_t>, numAxes> &sizes) {
    // Splitting the reduction costs partial sums; where the axes trade freely it may still pay.
    unsigned fitting = 0, enough = freeRows ? 12 : 2;
    for (int64_t k : sizes[4])
      if (searchPlane(n, c, k, sizes[2], sizes[3]) && ++fitting == enough)
        return;
  }

  /// Splits h while whole rows fit, and w when a row does not (or there is no h to split).
  bool searchPlane(int64_t n, int64_t c, int64_t k, const std::vector<int64_t> &hs, const std::vector<int64_t> &ws) {
    unsigned fitting = 0;
    if (freeRows) {
      for (int64_t w : ws)
        for (unsigned i = 0, found = 0; i < hs.size() && found < 3; ++i)
          if (tryTiling({n, c, hs[i], w, k}))
            ++found, ++fitting;
      return fitting > 0;
    }
    for (int64_t h : hs) {
      if (tryTiling({n, c, h, ws.front(), k}) && ++fitting == 8)
        break;
    }
    if (fitting && hs.size() > 1)
      return true;
    unsigned narrow = 0;
    for (size_t i = fitting ? 1 : 0; i < ws.size() && narrow < 10; ++i)
      narrow += tryTiling({n, c, hs.back(), ws[i], k});
    return fitting + narrow > 0;
  }

  /// Tiles that stand for all others: first, second and last along h and w.
  std::vector<std::array<int64_t, numAxes>> samples(const Tiling &t) const {
    auto along = [&](unsigned a) {
      int64_t tiles = tilesOf(axes[a], t.size[a]);
      std::vector<int64_t> index{0};
      if (tiles > 1)
        index.push_back(1);
      if (tiles > 2)
        index.push_back(tiles - 1);
      return index;
    };
    std::vector<std::array<int64_t, numAxes>> result;
    for (int64_t h : along(2))
      for (int64_t w : along(3))
        result.push_back({0, 0, h, w, 0});
    return result;
  }

  /// Bit a is set when the slice of a load differs between neighbours along axis a.
  unsigned dependence(const Load &load, const Tiling &t) const {
    const TiledOp &op = *group[load.member].op;
    Slice base = op.operandSlice(load.operand, tileAt(axes, t, {0, 0, 0, 0, 0}));
    unsigned mask = 0;
    for (unsigned a = 0; a < numAxes; ++a) {
      if (tilesOf(axes[a], t.size[a]) < 2)
        continue;
      std::array<int64_t, numAxes> index{};
      index[a] = 1;
      if (!(op.operandSlice(load.operand, tileAt(axes, t, index)) == base))
        mask |= 1u << a;
    }
    return mask;
  }

  int64_t loadCount(unsigned mask, const std::array<Axis, numAxes> &order, const Tiling &t) const {
    int64_t count = 1, running = 1;
    for (Axis axis : order) {
      running *= tilesOf(axes[static_cast<unsigned>(axis)], t.size[static_cast<unsigned>(axis)]);
      if (mask >> static_cast<unsigned>(axis) & 1)
        count = running;
    }
    return count;
  }

  bool tryTiling(std::array<int64_t, numAxes> size) {
    Tiling t;
    t.size = size;
    int64_t tiles = 1, boxes = 1;
    for (unsigned a = 0; a < numAxes; ++a) {
      tiles *= tilesOf(axes[a], size[a]);
      if (a != 4)
        boxes *= tilesOf(axes[a], size[a]);
    }
    if (tiles > 1 << 20)
      return false;
    // Largest buffers and prices over the sampled tiles.
    std::vector<int64_t> loadBytes(loads.size(), 0), loadPrice(loads.size(), 0), resultBytes(group.size(), 0);
    int64_t scratch = 0, compute = 0, store = 0;
    for (const auto &index : samples(t)) {
      Tile tile = tileAt(axes, t, index);
      Tile box = tile;
      box.lastK = true;
      int64_t cycles = 0;
      for (unsigned m = 0; m < group.size(); ++m) {
        const TiledOp &op = *group[m].op;
        resultBytes[m] = std::max(resultBytes[m], alignTo(op.resultBytes(0, tile), 64));
        scratch = std::max({scratch, op.scratchBytes(tile), op.scratchBytes(box)});
        cycles += op.computeCycles(m ? box : tile);
      }
      compute = std::max(compute, cycles);
      store = std::max(store, group.back().op->storeCycles(0, tile));
      for (unsigned l = 0; l < loads.size(); ++l) {
        const TiledOp &op = *group[loads[l].member].op;
        Slice slice = op.operandSlice(loads[l].operand, tile);
        loadBytes[l] =
            std::max(loadBytes[l], alignTo(op.operandBuffer(loads[l].operand, slice, tile, 0).bytesPerLane(), 64));
        loadPrice[l] = std::max(loadPrice[l], op.loadCycles(loads[l].operand, slice));
      }
    }
    int64_t fixed = residentBytes + alignTo(scratch, 64);
    for (unsigned m = 0; m + 1 < group.size(); ++m)
      fixed += resultBytes[m];
    fixed += resultBytes.back() * (boxes > 1 ? 2 : 1);
    if (fixed > budget)
      return false;
    std::vector<unsigned> masks;
    for (const Load &load : loads)
      masks.push_back(dependence(load, t));
    bool fits = false;
    for (const auto &order : loopOrders) {
      Tiling candidate = t;
      candidate.order = order;
      candidate.bytes = fixed;
      int64_t gdma = store * boxes, first = 0;
      for (unsigned l = 0; l < loads.size(); ++l) {
        int64_t count = loadCount(masks[l], order, t);
        candidate.bytes += loadBytes[l] * (count > 1 ? 2 : 1);
        gdma += count * loadPrice[l];
        first += loadPrice[l];
      }
      if (candidate.bytes > budget)
        continue;
      int64_t tiu = compute * tiles;
      candidate.tiuCycles = tiu, candidate.gdmaCycles = gdma;
      candidate.cycles = std::max(gdma, tiu) + std::min(gdma, tiu) / std::max<int64_t>(tiles, 1);
      candidate.cycles = std::max(candidate.cycles, std::max(tiu + first + store, gdma));
      // The cycle model does not charge instructions as such, but the chip and the compiler do.
      candidate.cycles += tiles * instructionCycles * static_cast<int64_t>(group.size() + loads.size());
      found.push_back(candidate);
      fits = true;
      if (tiles == 1)
        break;
    }
    return fits;
  }

  const std::vector<ChainMember> &group;
  int64_t budget;
  std::array<AxisRule, numAxes> axes;
  bool freeRows;
  std::vector<Load> loads;
  std::vector<Tiling> found;
  int64_t residentBytes = 0;
};
} // namespace

std::vector<Tiling> codegen::searchTilings(const std::vector<ChainMember> &group, int64_t budget, unsigned count) {
  return Search(group, budget).run(count);
}
