// Top ops: explicit requantization.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#define GET_OP_CLASSES
#include "tpu_mlir/Dialect/Top/IR/TopQuant.h.inc"
