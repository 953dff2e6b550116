#include "tpu_mlir/Interfaces/PlacementInterface.h"
#include "tpu_mlir/Interfaces/PlacementInterface.cpp.inc"
