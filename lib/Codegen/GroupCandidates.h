// The groups that may begin at a node, with estimates of what they keep the engines busy with.
#pragma once
#include "Timeline.h"

namespace tpu_mlir::codegen {

struct Candidate {
  GroupSpec spec;
  int64_t tiu = 0, gdma = 0;
  int64_t ends = 0; ///< loads before the first step and stores after the last
};

/// Not for several threads at once.
class CandidateFinder {
public:
  CandidateFinder(const Network &network, const PlanOptions &options)
      : network(network), options(options), forms(network) {}

  /// Nothing when the node fits in no way.
  std::vector<Candidate> from(int first);

private:
  void addChains(int first, int count);
  void addSliced(int first);
  bool addSlices(GroupSpec spec, size_t &least);
  bool price(const GroupSpec &spec);
  void setSlices(GroupSpec &spec, int64_t slices) const;

  const Network &network;
  const PlanOptions &options;
  Forms forms;
  NetworkPlan nothing;
  std::set<int> none;
  std::vector<Candidate> found;
};

/// Changes one group or two neighbours at a time while the estimate of the whole network falls.
NetworkPlan refinePlan(const Network &network, const PlanOptions &options,
                       const std::vector<std::vector<Candidate>> &candidates, NetworkPlan plan);

} // namespace tpu_mlir::codegen
