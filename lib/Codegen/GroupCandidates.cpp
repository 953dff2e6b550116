// Candidates for groups: chains with their best tilings, sliced groups with the fewest slices that fit and some more.
#include "GroupCandidates.h"

#include "tpu_mlir/Codegen/CodegenInterface.h"

#include "llvm/ADT/STLExtras.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

constexpr int maxChain = 6, maxMembers = 28;

/// Parameters come in parts of about this many bytes per lane.
constexpr int64_t parameterPart = 8192;

/// Channels computed at a time; 0 for all.
int64_t channelTileOf(const TiledOp &op) {
  IterationSpace space = op.space();
  int64_t channels = space.c.extent;
  if (channels <= bm1684x::numLanes || space.c.grain >= channels)
    return 0;
  Tile tile{wholeOf(op.results[0].shape), {0, space.k.extent}};
  int64_t bytes = 0;
  for (unsigned i = 0; i < op.operands.size(); ++i)
    if (op.operands[i].isParameter) {
      Slice slice = op.operandSlice(i, tile);
      bytes += op.operandBuffer(i, slice, tile, 0).bytesPerLane();
    }
  int64_t parts = std::min(ceilDiv(bytes, parameterPart), ceilDiv(channels, bm1684x::numLanes));
  return parts <= 1 ? 0 : alignTo(ceilDiv(channels, parts), bm1684x::numLanes);
}

/// Loads of slices that cannot run ahead while the slice before computes, as what they bring finds no free memory.
int64_t exposedLoads(const Timeline &timeline, int64_t freeBytes) {
  std::vector<int64_t> bytes, cycles;
  for (const TimedLoad &load : timeline.loads) {
    size_t slice = load.step < static_cast<int>(timeline.steps.size())
                       ? static_cast<size_t>(timeline.steps[static_cast<size_t>(load.step)].slice)
                       : 0;
    bytes.resize(std::max(bytes.size(), slice + 1), 0);
    cycles.resize(std::max(cycles.size(), slice + 1), 0);
    bytes[slice] += timeline.buffers[static_cast<size_t>(load.to.buffer)].bytes;
    cycles[slice] += load.cycles;
  }
  int64_t exposed = 0;
  for (size_t slice = 1; slice < bytes.size(); ++slice)
    if (bytes[slice] > freeBytes)
      exposed += cycles[slice] * (bytes[slice] - freeBytes) / bytes[slice];
  return exposed;
}

constexpr int64_t sliceCounts[] = {1,  2,  3,  4,  5,  6,  7,  8,  10,  12,  14,  16,  20,  24,
                                   28, 32, 40, 48, 56, 64, 80, 96, 128, 192, 256, 384, 512, 1024};

} // namespace

std::vector<Candidate> CandidateFinder::from(int first) {
  found.clear();
  const NetworkNode &node = network.nodes[static_cast<size_t>(first)];
  if (node.kind != NodeKind::Tiled) {
    GroupSpec alone;
    alone.first = first;
    price(alone);
    if (options.level >= 2 && node.kind == NodeKind::Assembled)
      addSliced(first);
    return std::move(found);
  }
  addChains(first, 1);
  auto placement = llvm::dyn_cast<PlacementInterface>(node.op);
  bool starts = options.level >= 1 && placement && placement.startsGroup();
  for (int count = 2; starts && count <= maxChain && first + count <= static_cast<int>(network.nodes.size()); ++count) {
    size_t before = found.size();
    addChains(first, count);
    if (found.size() == before)
      break;
  }
  if (options.level >= 2)
    addSliced(first);
  return std::move(found);
}

/// The best tilings of a chain within half of the memory, which leaves room for the neighbours, and within all of it;
/// several, as the estimate does not see what stays unused between buffers.
void CandidateFinder::addChains(int first, int count) {
  auto members = chainOf(network, forms, first, count);
  if (!members) {
    llvm::consumeError(members.takeError());
    return;
  }
  std::vector<Tiling> tilings = searchTilings(*members, options.budget / 2, 8);
  for (const Tiling &tiling : searchTilings(*members, options.budget, 8))
    tilings.push_back(tiling);
  for (const Tiling &tiling : tilings) {
    Candidate candidate;
    candidate.spec.first = first, candidate.spec.count = count, candidate.spec.tiling = tiling;
    candidate.tiu = tiling.tiuCycles, candidate.gdma = tiling.gdmaCycles;
    candidate.ends = tiling.cycles - std::max(tiling.tiuCycles, tiling.gdmaCycles);
    found.push_back(candidate);
  }
}

bool CandidateFinder::price(const GroupSpec &spec) {
  auto timeline = TimelineBuilder(network, forms, nothing, options, none).buildSample(spec);
  if (!timeline) {
    llvm::consumeError(timeline.takeError());
    return false;
  }
  int64_t peak = peakBytes(*timeline);
  if (peak > options.budget)
    return false;
  // Copies of tables fit for sure where the rest fits below them.
  if (peak > options.budget - (bm1684x::tableCopies - 1) * bm1684x::tableCopyStep)
    for (TimedStep &step : timeline->steps)
      if (step.op)
        priceWithoutCopies(step);
  Busy busy = busyOf(*timeline);
  found.push_back({spec, busy.tiu, busy.gdma, busy.ends + exposedLoads(*timeline, options.budget - peak)});
  return true;
}

void CandidateFinder::addSliced(int first) {
  GroupSpec spec;
  spec.first = first;
  int failures = 0;
  size_t least = 0; // longer groups need at least as many slices
  int end = std::min<int>(static_cast<int>(network.nodes.size()), first + maxMembers);
  for (int node = first; node < end && failures < 3; ++node) {
    const NetworkNode &member = network.nodes[static_cast<size_t>(node)];
    if (member.kind == NodeKind::Global || (member.kind == NodeKind::Tiled && !member.member))
      return;
    spec.count = node - first + 1;
    spec.channelTiles.push_back(member.member ? channelTileOf(*member.member) : 0);
    size_t before = found.size();
    failures = addSlices(spec, least) ? 0 : failures + 1;
    // By itself an op on elements fills all lanes in the flat view only.
    if (spec.count == 1 && member.kind == NodeKind::Tiled && followsFlat(member.op))
      found.resize(before);
  }
}

/// The fewest slices that fit with parameters that stay (or with parameters that stream if none do), and finer cuts.
bool CandidateFinder::addSlices(GroupSpec spec, size_t &least) {
  int fitting = 0;
  bool stays = false;
  int64_t next = 0; // of the slice counts that fit, finer ones leave room for loads that run ahead
  for (size_t s = least; s < std::size(sliceCounts) && fitting < 4; ++s) {
    setSlices(spec, sliceCounts[s]);
    if (spec.nsecs * spec.hsecs * spec.wsecs != sliceCounts[s] || sliceCounts[s] < next)
      continue;
    spec.streams = false;
    bool fits = price(spec);
    stays |= fits;
    if (!fits && !stays && sliceCounts[s] > 1) {
      spec.streams = true;
      fits = price(spec);
    }
    if (!fits)
      continue;
    if (fitting == 0)
      least = s;
    ++fitting;
    next = sliceCounts[s] + std::max<int64_t>(1, sliceCounts[s] * 2 / 5);
    if (sliceCounts[s] == 1 && spec.count > 2)
      break;
  }
  return fitting > 0;
}

/// Cuts along n first, then along h.
void CandidateFinder::setSlices(GroupSpec &spec, int64_t slices) const {
  const NetworkNode &last = network.nodes[static_cast<size_t>(spec.first + spec.count - 1)];
  auto shape = viewShape(network.values[static_cast<size_t>(last.result)].value.getType(), ViewKind::Spatial);
  spec.nsecs = std::min(shape[0], slices);
  spec.hsecs = std::min(std::max<int64_t>(shape[2], 1), slices / spec.nsecs);
}
