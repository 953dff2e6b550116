// Refinement of a plan on the whole network: other forms of a group, two neighbours joined, a group cut in two.
#include "GroupCandidates.h"

#include "llvm/ADT/STLExtras.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

class Refiner {
public:
  Refiner(const Network &network, const PlanOptions &options, const std::vector<std::vector<Candidate>> &candidates,
          NetworkPlan plan)
      : network(network), options(options), candidates(candidates), forms(network), best(std::move(plan)) {}

  NetworkPlan run() {
    // The number of trials, not the time, bounds the work, so that results are the same on every machine.
    trials = std::clamp<int64_t>(60'000 / static_cast<int64_t>(network.nodes.size()), 100, 600);
    bool improved = true;
    while (improved && trials > 0) {
      improved = false;
      for (size_t g = 0; g < best.groups.size() && trials > 0; ++g)
        improved |= exchange(g, 1) | exchange(g, 2);
    }
    return std::move(best);
  }

private:
  const std::vector<Candidate> &from(int node) const { return candidates[static_cast<size_t>(node)]; }

  /// Replaces `count` groups by one candidate, or by two, that cover the same nodes.
  bool exchange(size_t g, size_t count) {
    if (g + count > best.groups.size())
      return false;
    int first = best.groups[g].first, end = best.groups[g + count - 1].first + best.groups[g + count - 1].count;
    bool improved = false;
    for (const Candidate &candidate : from(first)) {
      int middle = first + candidate.spec.count;
      if (middle == end)
        improved |= attempt(g, count, {candidate.spec});
      else if (middle < end)
        for (const Candidate &second : from(middle))
          if (middle + second.spec.count == end) {
            improved |= attempt(g, count, {candidate.spec, second.spec});
            break; // the first form of the second part stands for all
          }
      if (improved)
        return true;
    }
    return improved;
  }

  bool attempt(size_t g, size_t count, llvm::ArrayRef<GroupSpec> groups) {
    auto begin = best.groups.begin() + static_cast<std::ptrdiff_t>(g);
    if (trials <= 0 || llvm::equal(groups, llvm::make_range(begin, begin + static_cast<std::ptrdiff_t>(count))))
      return false;
    --trials;
    NetworkPlan plan;
    plan.groups.assign(best.groups.begin(), begin);
    plan.groups.insert(plan.groups.end(), groups.begin(), groups.end());
    plan.groups.insert(plan.groups.end(), begin + static_cast<std::ptrdiff_t>(count), best.groups.end());
    auto timeline = makeTimeline(network, forms, plan, options);
    if (!timeline) {
      llvm::consumeError(timeline.takeError());
      return false;
    }
    plan.cycles = playTimeline(*timeline);
    if (plan.cycles >= best.cycles)
      return false;
    best = std::move(plan);
    return true;
  }

  const Network &network;
  const PlanOptions &options;
  const std::vector<std::vector<Candidate>> &candidates;
  Forms forms;
  NetworkPlan best;
  int64_t trials = 0;
};

} // namespace

NetworkPlan codegen::refinePlan(const Network &network, const PlanOptions &options,
                                const std::vector<std::vector<Candidate>> &candidates, NetworkPlan plan) {
  return Refiner(network, options, candidates, std::move(plan)).run();
}
