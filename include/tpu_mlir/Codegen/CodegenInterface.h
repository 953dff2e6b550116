// The op interface of code generation.
#pragma once
#include "tpu_mlir/Codegen/Context.h"
#include "tpu_mlir/Codegen/TiledOp.h"
#include "tpu_mlir/Interfaces/PlacementInterface.h"

#include "mlir/IR/OpDefinition.h"

#include "tpu_mlir/Codegen/CodegenInterface.h.inc"
