// The functions of tpu.Active in double precision, for the tables of 8-bit networks.
#pragma once
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

namespace tpu_mlir {
double evaluateActive(tpu::ActiveMode mode, llvm::ArrayRef<double> coefficients, double x);
} // namespace tpu_mlir
