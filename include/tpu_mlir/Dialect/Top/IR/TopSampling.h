// Top ops: pooling, sampling and correlation beyond the core.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#define GET_OP_CLASSES
#include "tpu_mlir/Dialect/Top/IR/TopSampling.h.inc"
