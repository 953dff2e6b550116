// What a plan may say about a network, whoever wrote it: tiles that the ops can compute, and slices that are not empty.
#pragma once
#include "Timeline.h"

namespace tpu_mlir::codegen {

/// Fails when a group's ops cannot compute such tiles.
llvm::Error checkTiling(llvm::ArrayRef<ChainMember> chain, const Tiling &tiling);
/// Fails when there are more slices than positions: every result of the group that has more than one position along an
/// axis has at least one for each slice.
llvm::Error checkSections(const Network &network, const GroupSpec &spec);
/// Both and what members may be, for all groups; errors name the first op of the group.
llvm::Error checkPlan(const Network &network, const NetworkPlan &plan);

} // namespace tpu_mlir::codegen
