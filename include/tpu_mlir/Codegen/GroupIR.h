// The plan of a network in IR: what layer-group writes and code generation reads.
//
// A group is a tpu.Group with its members, a tpu.Load for everything that it takes from global memory and a tpu.Store
// for every result that is used outside of it. `nsecs`, `hsecs` and `wsecs` are the slices of a sliced group; a chain
// has 1 there and says its tiles by the attributes below, as does an op that is alone. `ginfo`, `flow` and `stage` tell
// where and when everything is; they are derived from the plan, are not read back, and are for people and tools.
#pragma once
#include "tpu_mlir/Codegen/Plan.h"

namespace tpu_mlir::codegen {

/// Of an op that is alone and of a group that is a chain: [n, c, h, w, k] of a tile, and the nesting of the loops.
inline constexpr llvm::StringLiteral tileAttr = "lg_tile", orderAttr = "lg_order";
/// Of a member of a sliced group: channels computed at a time; absent where all are.
inline constexpr llvm::StringLiteral channelsAttr = "lg_channels";
/// Of a sliced group whose parameters are loaded again for every slice.
inline constexpr llvm::StringLiteral streamsAttr = "lg_streams";
/// Of the function: opt, budget and overlap of the search.
inline constexpr llvm::StringLiteral optionsAttr = "lg_options";

/// The nesting of loops as five letters, as in "NCHWK", and back.
std::string orderText(const std::array<Axis, numAxes> &order);
std::optional<std::array<Axis, numAxes>> orderOf(llvm::StringRef text);

/// Rewrites the function, which has no groups: members move into tpu.Group ops. `placements` is by group of the plan,
/// or empty, which leaves `ginfo` and `flow` out. The network is of no use afterwards.
void writePlan(mlir::func::FuncOp function, const Network &network, const NetworkPlan &plan, const PlanOptions &options,
               llvm::ArrayRef<GroupPlacement> placements);

/// The groups as a table for people: ops, slices, tiles, places in local memory.
void dumpPlan(const Network &network, const NetworkPlan &plan, llvm::ArrayRef<GroupPlacement> placements,
              llvm::raw_ostream &stream);

} // namespace tpu_mlir::codegen
