// Attributes of a tpu.Group that say where and when everything in it is: ginfo, flow.
#pragma once
#include "tpu_mlir/Codegen/Plan.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

namespace tpu_mlir::codegen {

/// Ids count the ops of the body; stage 0 loads, 1 computes, 2 stores. Offsets and time steps are those of the first
/// slice, steps counted from the beginning of the group.
void setGroupInfo(tpu::GroupOp group, const Network &network, const GroupPlacement &placement);

} // namespace tpu_mlir::codegen
