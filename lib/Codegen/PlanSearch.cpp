// Search of a plan: candidates for groups from every node on, dynamic programming over the cuts between them under
// several weightings of the two engines, and a whole play of the plans found, which decides.
#include "GroupCandidates.h"

#include "tpu_mlir/Support/Parallel.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <optional>

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

/// What a group costs within a network. Loads run ahead across groups, so that in the end the busier engine counts; how
/// far work can be hidden behind a neighbour's depends on the network.
struct Weighting {
  double most, tiu, gdma, ends;
  int64_t operator()(const Candidate &c) const {
    double cost = most * static_cast<double>(std::max(c.tiu, c.gdma)) + tiu * static_cast<double>(c.tiu) +
                  gdma * static_cast<double>(c.gdma) + ends * static_cast<double>(c.ends);
    return static_cast<int64_t>(cost) + 1;
  }
};

constexpr Weighting weightings[] = {
    {1, 0, 0, 0.25},    {1, 0, 0, 0.6},     {1, 0.1, 0.1, 1},   {0.7, 0.3, 0.3, 0.6}, {0.5, 0, 0.5, 0.1},
    {0.5, 0.5, 0, 0.1}, {0.5, 0, 0.5, 0.5}, {0.5, 0.5, 0, 0.5}, {0, 0.15, 1, 0},      {0, 1, 0.15, 0},
};

/// Plans whose instructions are written and played; the estimate says which.
constexpr size_t finalists = 4;

class Search {
public:
  Search(const Network &network, const PlanOptions &options) : network(network), options(options) {}

  llvm::Expected<NetworkPlan> run() {
    size_t count = network.nodes.size();
    found.resize(count);
    parallelFor(static_cast<int64_t>(count), 1, [&](int64_t begin, int64_t end) {
      CandidateFinder finder(network, options);
      for (int64_t first = begin; first < end; ++first)
        found[static_cast<size_t>(first)] = finder.from(static_cast<int>(first));
    });
    for (size_t first = 0; first < count; ++first)
      if (found[first].empty())
        return llvm::createStringError(llvm::formatv("'{0}': no tile of it fits the {1} KiB of local memory per lane",
                                                     network.nodes[first].name, options.budget / 1024));
    size_t trials = options.level >= 2 ? std::size(weightings) : 1;
    std::vector<std::optional<NetworkPlan>> plans(trials);
    std::vector<std::string> reasons(trials);
    parallelFor(static_cast<int64_t>(trials), 1, [&](int64_t begin, int64_t end) {
      for (int64_t trial = begin; trial < end; ++trial)
        tryWeighting(static_cast<size_t>(trial), plans, reasons);
    });
    std::vector<NetworkPlan> different;
    for (auto &plan : plans)
      if (plan && llvm::none_of(different, [&](const NetworkPlan &other) { return other.groups == plan->groups; }))
        different.push_back(std::move(*plan));
    if (different.empty())
      return llvm::createStringError(reasons.front());
    return fastest(std::move(different));
  }

private:
  /// Groups whose estimate said that they fit and which do not are left out, and the cuts are made anew.
  void tryWeighting(size_t trial, std::vector<std::optional<NetworkPlan>> &plans, std::vector<std::string> &reasons) {
    std::set<const Candidate *> unfit;
    Forms forms(network);
    for (int attempt = 0; attempt < 200; ++attempt) {
      std::vector<const Candidate *> path = cut(weightings[trial], unfit);
      if (path.empty()) {
        reasons[trial] = tooLarge(unfit);
        return;
      }
      NetworkPlan plan;
      for (const Candidate *candidate : path)
        plan.groups.push_back(candidate->spec);
      int stuck = -1;
      auto timeline = makeTimeline(network, forms, plan, options, &stuck);
      if (timeline) {
        plan.cycles = playTimeline(*timeline);
        plans[trial] = std::move(plan);
        return;
      }
      reasons[trial] = llvm::toString(timeline.takeError());
      if (stuck < 0)
        return;
      unfit.insert(path[static_cast<size_t>(stuck)]);
    }
  }

  /// Names the first op for which no candidate is left.
  std::string tooLarge(const std::set<const Candidate *> &unfit) const {
    auto isLost = [&](const std::vector<Candidate> &candidates) {
      return llvm::all_of(candidates, [&](const Candidate &candidate) { return unfit.count(&candidate) > 0; });
    };
    auto lost = llvm::find_if(found, isLost);
    std::string name = lost == found.end() ? "a group" : "'" + network.nodes[lost - found.begin()].name + "'";
    return llvm::formatv("{0}: no tile of it fits the {1} KiB of local memory per lane", name, options.budget / 1024);
  }

  /// Estimates sort the plans; the instructions of the best ones decide.
  llvm::Expected<NetworkPlan> fastest(std::vector<NetworkPlan> plans) const {
    llvm::stable_sort(plans, [](const NetworkPlan &a, const NetworkPlan &b) { return a.cycles < b.cycles; });
    if (options.level < 2)
      return std::move(plans.front());
    plans.resize(std::min(plans.size(), finalists));
    if (options.level >= 3)
      plans.push_back(refinePlan(network, options, found, plans.front()));
    const NetworkPlan *best = nullptr;
    for (NetworkPlan &plan : plans) {
      llvm::Expected<PlayedPlan> played = playPlan(network, plan, options, {.reorder = false});
      if (!played)
        return played.takeError();
      plan.cycles = static_cast<int64_t>(played->schedule.totalCycles);
      if (!best || plan.cycles < best->cycles)
        best = &plan;
    }
    return *best;
  }

  std::vector<const Candidate *> cut(const Weighting &weighting, const std::set<const Candidate *> &unfit) const {
    size_t count = network.nodes.size();
    std::vector<int64_t> cost(count + 1, INT64_MAX);
    std::vector<const Candidate *> last(count + 1, nullptr);
    cost[0] = 0;
    for (size_t first = 0; first < count; ++first)
      for (const Candidate &candidate : found[first]) {
        if (cost[first] == INT64_MAX || unfit.count(&candidate))
          continue;
        size_t end = first + static_cast<size_t>(candidate.spec.count);
        int64_t sum = cost[first] + weighting(candidate);
        if (sum < cost[end])
          cost[end] = sum, last[end] = &candidate;
      }
    std::vector<const Candidate *> path;
    if (cost[count] == INT64_MAX)
      return path;
    for (size_t end = count; end > 0; end = static_cast<size_t>(last[end]->spec.first))
      path.push_back(last[end]);
    std::reverse(path.begin(), path.end());
    return path;
  }

  const Network &network;
  const PlanOptions &options;
  std::vector<std::vector<Candidate>> found; ///< by first node
};

} // namespace

llvm::Expected<NetworkPlan> codegen::planNetwork(const Network &network, const PlanOptions &options) {
  if (network.nodes.empty())
    return NetworkPlan();
  return Search(network, options).run();
}
