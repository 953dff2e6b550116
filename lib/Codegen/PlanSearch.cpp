// Search of a plan: dynamic programming over the cuts between groups. A group's cost comes from unrolling and packing it
// alone and playing it through both queues with the estimates of its ops.
#include "Timeline.h"

#include "tpu_mlir/Codegen/CodegenInterface.h"
#include "tpu_mlir/Support/Parallel.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <mutex>
#include <optional>

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

struct Candidate {
  GroupSpec spec;
  int64_t cost = INT64_MAX;
};

/// Prices groups of one network. Not for several threads at once.
class Pricer {
public:
  Pricer(const Network &network, const PlanOptions &options) : network(network), options(options), forms(network) {}

  /// Cost of a group by itself; nothing when it does not fit. What stands at its ends is hidden half by its neighbours.
  std::optional<int64_t> price(const GroupSpec &spec) {
    auto timeline = TimelineBuilder(network, forms, nothing, options, none).buildAlone(spec);
    if (!timeline) {
      reason = llvm::toString(timeline.takeError());
      return std::nullopt;
    }
    if (llvm::Error error = packTimeline(*timeline, options)) {
      reason = llvm::toString(std::move(error));
      return std::nullopt;
    }
    Busy busy = busyOf(*timeline);
    int64_t most = std::max(busy.tiu, busy.gdma);
    return most + (playTimeline(*timeline) - most) / 2;
  }

  /// The best tiling of a chain.
  Candidate chain(int first, int count) {
    Candidate best;
    auto members = chainOf(network, forms, first, count);
    if (!members) {
      llvm::consumeError(members.takeError());
      return best;
    }
    // Half of the memory lets the next group load while this one computes.
    for (int64_t budget : {options.budget / 2, options.budget}) {
      int tried = 0;
      for (const Tiling &tiling : searchTilings(*members, budget, 6)) {
        GroupSpec spec;
        spec.first = first, spec.count = count, spec.tiling = tiling;
        auto cost = price(spec);
        int64_t tolerated = best.cost == INT64_MAX ? best.cost : best.cost - best.cost / 16;
        if (cost && *cost < (budget == options.budget ? tolerated : best.cost))
          best = {spec, *cost};
        if (cost && ++tried == 2)
          break;
      }
    }
    return best;
  }

  std::string reason; ///< why the last price failed

private:
  const Network &network;
  const PlanOptions &options;
  Forms forms;
  NetworkPlan nothing;
  std::set<int> none;
};

/// Channels computed at a time, so that parameters come in parts of about this many bytes per lane.
constexpr int64_t parameterPart = 8192;

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

constexpr int64_t secCounts[] = {1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96, 128};

class Search {
public:
  Search(const Network &network, const PlanOptions &options) : network(network), options(options) {}

  llvm::Expected<NetworkPlan> run() {
    size_t count = network.nodes.size();
    found.resize(count);
    parallelFor(static_cast<int64_t>(count), 1, [&](int64_t begin, int64_t end) {
      Pricer pricer(network, options);
      for (int64_t first = begin; first < end; ++first)
        searchFrom(static_cast<int>(first), pricer);
    });
    std::vector<int64_t> cost(count + 1, INT64_MAX);
    std::vector<const Candidate *> last(count + 1, nullptr);
    cost[0] = 0;
    for (size_t first = 0; first < count; ++first) {
      if (found[first].empty() || found[first].front().cost == INT64_MAX)
        return llvm::createStringError(
            llvm::formatv("'{0}': no tile of it fits the {1} KiB of local memory per lane", network.nodes[first].name,
                          options.budget / 1024));
      if (cost[first] == INT64_MAX)
        continue;
      for (const Candidate &candidate : found[first]) {
        size_t end = first + static_cast<size_t>(candidate.spec.count);
        if (candidate.cost != INT64_MAX && cost[first] + candidate.cost < cost[end])
          cost[end] = cost[first] + candidate.cost, last[end] = &candidate;
      }
    }
    NetworkPlan plan;
    for (size_t end = count; end > 0; end -= static_cast<size_t>(last[end]->spec.count))
      plan.groups.push_back(last[end]->spec);
    std::reverse(plan.groups.begin(), plan.groups.end());
    plan.cycles = cost[count];
    return plan;
  }

private:
  /// The best groups that begin at a node, by their length; the first is the node alone.
  void searchFrom(int first, Pricer &pricer) {
    auto &candidates = found[static_cast<size_t>(first)];
    const NetworkNode &node = network.nodes[static_cast<size_t>(first)];
    GroupSpec alone;
    alone.first = first;
    if (node.kind == NodeKind::Tiled)
      candidates.push_back(pricer.chain(first, 1));
    else
      candidates.push_back({alone, pricer.price(alone).value_or(0)});
    if (options.level >= 1 && node.kind == NodeKind::Tiled && startsChain(node))
      for (int count = 2; count <= maxChain && first + count <= static_cast<int>(network.nodes.size()); ++count) {
        Candidate chain = pricer.chain(first, count);
        if (chain.cost == INT64_MAX)
          break;
        candidates.push_back(chain);
      }
    if (options.level >= 2)
      searchSliced(first, pricer, candidates);
  }

  bool startsChain(const NetworkNode &node) const {
    auto placement = llvm::dyn_cast<PlacementInterface>(node.op);
    return placement && placement.startsGroup();
  }

  void searchSliced(int first, Pricer &pricer, std::vector<Candidate> &candidates) {
    GroupSpec spec;
    spec.first = first;
    int failures = 0;
    size_t least = 0; // longer groups need at least as many slices
    int end = std::min<int>(static_cast<int>(network.nodes.size()), first + maxMembers);
    for (int node = first; node < end && failures < 4; ++node) {
      const NetworkNode &member = network.nodes[static_cast<size_t>(node)];
      if (member.kind == NodeKind::Global || (member.kind == NodeKind::Tiled && !member.member))
        return;
      spec.count = node - first + 1;
      spec.channelTiles.push_back(member.member ? channelTileOf(*member.member) : 0);
      Candidate best = bestSlices(spec, pricer, least);
      failures = best.cost == INT64_MAX ? failures + 1 : 0;
      if (best.cost != INT64_MAX)
        candidates.push_back(best);
    }
  }

  Candidate bestSlices(GroupSpec spec, Pricer &pricer, size_t &least) {
    Candidate best;
    int fitting = 0;
    bool isFirst = true;
    for (size_t s = least; s < std::size(secCounts) && fitting < 3; ++s) {
      bool fits = false;
      for (bool streams : {false, true}) {
        setSlices(spec, secCounts[s]);
        if (secCounts[s] > 1 && spec.nsecs * spec.hsecs != secCounts[s])
          break;
        spec.streams = streams;
        auto cost = pricer.price(spec);
        if (!cost)
          continue;
        fits = true;
        if (*cost < best.cost)
          best = {spec, *cost};
        if (secCounts[s] == 1 || streams)
          break;
        break;
      }
      if (fits && isFirst) {
        least = s;
        isFirst = false;
      }
      fitting += fits;
      if (!fits && !isFirst)
        break;
    }
    return best;
  }

  /// Cuts along n first, then along h.
  void setSlices(GroupSpec &spec, int64_t slices) const {
    const NetworkNode &last = network.nodes[static_cast<size_t>(spec.first + spec.count - 1)];
    auto shape = viewShape(network.values[static_cast<size_t>(last.result)].value.getType(), ViewKind::Spatial);
    spec.nsecs = std::min(shape[0], slices);
    spec.hsecs = slices / spec.nsecs;
    if (spec.nsecs * spec.hsecs != slices && shape[0] > 1) { // not a product: whole batches
      spec.nsecs = shape[0];
      spec.hsecs = ceilDiv(slices, shape[0]);
    }
  }

  static constexpr int maxChain = 6, maxMembers = 48;
  const Network &network;
  const PlanOptions &options;
  std::vector<std::vector<Candidate>> found; ///< by first node
};

} // namespace

llvm::Expected<NetworkPlan> codegen::planNetwork(const Network &network, const PlanOptions &options) {
  return Search(network, options).run();
}
