// Top ops: selection, search, gathering and scattering.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#define GET_OP_CLASSES
#include "tpu_mlir/Dialect/Top/IR/TopIndexing.h.inc"
