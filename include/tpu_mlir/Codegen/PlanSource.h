// Where the plan of a network comes from: a file of the user's, a cache of an earlier compile, or the search. Cached
// plans are found by a digest of everything the search depends on, so a hit gives the bytes that the search would give.
#pragma once
#include "tpu_mlir/Codegen/Plan.h"

#include <string>

namespace tpu_mlir::codegen {

/// Digest of what a network's plan depends on, in hexadecimal: ops with attributes and names, types, connections.
/// Values of weights are no part of it.
std::string networkDigest(const Network &network);

/// Digest of a search: network, options, and the build of the compiler.
std::string planKey(const Network &network, const PlanOptions &options);

/// Files that may hold the plan; empty: none.
struct PlanSources {
  std::string configFile;    ///< the user's plan: has to fit the network
  std::string cacheFile;     ///< plan of the last compile; replaced when it is of something else
  std::string hashDirectory; ///< plans of all compiles, a file for each key; made where it is missing
};

/// The plan from the first of the sources that has it, else by search; a search is noted in the caches. Damaged caches
/// count as empty ones. Errors are sentences for the user.
llvm::Expected<NetworkPlan> choosePlan(const Network &network, const PlanOptions &options, const PlanSources &sources);

} // namespace tpu_mlir::codegen
