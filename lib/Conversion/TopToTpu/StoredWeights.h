// Lowering of Top ops whose weights are integers already.
#pragma once
#include "Lowering.h"

namespace tpu_mlir {
void addStoredWeightLowerings(LoweringTable &table);
} // namespace tpu_mlir
