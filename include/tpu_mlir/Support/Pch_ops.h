// Precompiled: MLIR and both dialects, for passes, conversions, evaluation and code generation.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Support/Pch_mlir.h"
