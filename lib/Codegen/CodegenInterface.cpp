#include "tpu_mlir/Codegen/CodegenInterface.h"
#include "tpu_mlir/Codegen/CodegenInterface.cpp.inc"
