// Names of the module attributes that passes exchange (see docs/ir.md).
#pragma once
#include "llvm/ADT/StringRef.h"

namespace tpu_mlir::attr {
inline constexpr llvm::StringLiteral Chip = "module.chip", Mode = "module.mode", State = "module.state",
                                     WeightFile = "module.weight_file", Devices = "module.devices",
                                     Cores = "module.cores", AddrMode = "module.addr_mode",
                                     HighPrecision = "module.high_precision", Asymmetric = "module.asymmetric",
                                     QGroupSize = "module.q_group_size", QSymmetric = "module.q_symmetric";
} // namespace tpu_mlir::attr
