// Top ops: control flow and user-defined ops.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#define GET_OP_CLASSES
#include "tpu_mlir/Dialect/Top/IR/TopControl.h.inc"
