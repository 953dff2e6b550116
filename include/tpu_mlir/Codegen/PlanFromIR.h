// Reads the plan of a network from the groups and tiles that its IR has.
#pragma once
#include "tpu_mlir/Codegen/Plan.h"

namespace tpu_mlir::codegen {

/// The options of the search that wrote the IR (attribute lg_options of the function); defaults where there are none.
PlanOptions planOptionsFromIR(mlir::func::FuncOp function);

/// The plan as the IR says it, also where it was edited: slices of groups, tiles of chains and of lone ops, channels of
/// members. Ops without tiles get searched ones. An extent that is not possible is an error diagnostic at its op.
llvm::FailureOr<NetworkPlan> planFromIR(const Network &network, const PlanOptions &options);
/// With the options of the IR.
llvm::FailureOr<NetworkPlan> planFromIR(const Network &network);

} // namespace tpu_mlir::codegen
