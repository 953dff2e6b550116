// Top ops: detection heads and regions of interest.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#define GET_OP_CLASSES
#include "tpu_mlir/Dialect/Top/IR/TopDetection.h.inc"
