// The Top dialect and its ops.
#pragma once
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "tpu_mlir/Interfaces/OpInterfaces.h"

#include <memory>

namespace tpu_mlir::top {
class WeightStore;
} // namespace tpu_mlir::top

#include "tpu_mlir/Dialect/Top/IR/TopDialect.h.inc"

#define GET_OP_CLASSES
#include "tpu_mlir/Dialect/Top/IR/TopOps.h.inc"
