// Unrolling of a chain.
#include "TimedChain.h"

#include "llvm/Support/FormatVariadic.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

/// The tiles in the order of the loops.
static std::vector<Tile> orderedTiles(const std::array<AxisRule, numAxes> &axes, const Tiling &tiling) {
  std::array<int64_t, numAxes> counts, index{};
  for (unsigned a = 0; a < numAxes; ++a)
    counts[a] = tilesOf(axes[a], tiling.size[a]);
  std::vector<Tile> tiles;
  while (true) {
    tiles.push_back(tileAt(axes, tiling, index));
    int position = numAxes - 1;
    for (; position >= 0; --position) {
      unsigned a = static_cast<unsigned>(tiling.order[static_cast<size_t>(position)]);
      if (++index[a] < counts[a])
        break;
      index[a] = 0;
    }
    if (position < 0)
      return tiles;
  }
}

llvm::Error ChainBuilder::run() {
  auto made = chainOf(builder.network, builder.forms, spec.first, spec.count);
  if (!made)
    return made.takeError();
  chain = std::move(*made);
  auto axes = axesOf(chain);
  const Tiling &tiling = *spec.tiling;
  for (const ChainMember &member : chain) {
    held.emplace_back(member.op->operands.size());
    int64_t bytes = member.op->residentBytes();
    residents.push_back(bytes ? builder.addBuffer(bytes) : -1);
  }
  results.resize(chain.size());
  std::vector<Tile> tiles = orderedTiles(axes, tiling);
  int last = builder.network.nodes[static_cast<size_t>(spec.first + spec.count - 1)].result;
  TiledOp &op = *chain.back().op;
  builder.keepResult(last, op);
  bool canKeep = llvm::all_of(tiles, [&](const Tile &tile) { return builder.keptResult(last, op, tile).has_value(); });
  if (!canKeep && builder.kept.erase(last))
    builder.keep.erase(last);
  for (const Tile &tile : tiles)
    addTile(tile);
  return llvm::Error::success();
}

void ChainBuilder::addTile(const Tile &tile) {
  for (unsigned m = 0; m < chain.size() && (m == 0 || tile.lastK); ++m)
    addStep(m, tile);
}

BufferRef ChainBuilder::operandOf(unsigned m, unsigned i, const Tile &tile) {
  TiledOp &op = *chain[m].op;
  int node = spec.first + static_cast<int>(m), step = static_cast<int>(builder.timeline.steps.size());
  int value = builder.network.nodes[static_cast<size_t>(node)].operands[i];
  Slice slice = op.operandSlice(i, tile);
  if (auto kept = builder.keptOperand(value, op, i, slice, tile))
    return *kept;
  Held &h = held[m][i];
  LocalTensor buffer = op.operandBuffer(i, slice, tile, 0);
  if (h.isValid && h.slice == slice && h.shape == buffer.shape)
    return h.ref;
  h = {true, slice, buffer.shape, {builder.addBuffer(buffer.bytesPerLane(), op.copies(i)), true, slice}};
  TimedLoad load;
  load.step = load.issue = step;
  load.op = &op;
  load.operand = i;
  load.slice = slice;
  load.tile = tile;
  load.to = h.ref;
  load.value = value;
  load.cycles = op.loadCycles(i, slice);
  builder.timeline.isInMemory[static_cast<size_t>(value)] = true;
  builder.timeline.loads.push_back(load);
  return h.ref;
}

/// The buffer of a member's tile: kept, or one that lasts until the next member or the store has read it.
void ChainBuilder::chooseResult(unsigned m, const Tile &tile) {
  TiledOp &op = *chain[m].op;
  bool isLast = m + 1 == chain.size();
  int value = builder.network.nodes[static_cast<size_t>(spec.first + static_cast<int>(m))].result;
  if (isLast && builder.kept.count(value)) {
    results[m] = *builder.keptResult(value, op, tile);
    return;
  }
  int64_t bytes = op.resultBytes(0, tile);
  if (m == 0 && !tile.firstK) { // goes on in the buffer of the part before
    auto &buffer = builder.timeline.buffers[static_cast<size_t>(results[m].buffer)];
    buffer.bytes = std::max(buffer.bytes, alignTo(bytes, 64));
    return;
  }
  results[m] = {builder.addBuffer(bytes), true, tile.out};
}

void ChainBuilder::addStep(unsigned m, const Tile &tile) {
  TiledOp &op = *chain[m].op;
  TimedStep step;
  step.node = spec.first + static_cast<int>(m);
  step.op = &op;
  step.tile = tile;
  for (unsigned i = 0; i < op.operands.size(); ++i)
    step.operands.push_back(static_cast<int>(i) == chain[m].chainedOperand ? results[m - 1] : operandOf(m, i, tile));
  chooseResult(m, tile);
  step.result = results[m];
  step.resident = residents[m];
  step.cycles = op.computeCycles(tile);
  int position = builder.addStep(std::move(step));
  if (m + 1 == chain.size() && tile.lastK) {
    TimedStore store;
    store.step = position;
    store.op = &op;
    store.slice = tile.out;
    store.tile = tile;
    store.from = results[m];
    store.value = builder.network.nodes[static_cast<size_t>(spec.first + static_cast<int>(m))].result;
    store.cycles = op.storeCycles(0, tile);
    builder.timeline.stores.push_back(store);
  }
}
