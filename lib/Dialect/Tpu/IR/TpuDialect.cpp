// Registration of the Tpu dialect.
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include "llvm/ADT/TypeSwitch.h"

#include "tpu_mlir/Dialect/Tpu/IR/TpuDialect.cpp.inc"
#include "tpu_mlir/Dialect/Tpu/IR/TpuEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "tpu_mlir/Dialect/Tpu/IR/TpuAttrs.cpp.inc"
using namespace tpu_mlir::tpu;

void TpuDialect::initialize() {
  registerTpuDialectOperations(this);
  addAttributes<
#define GET_ATTRDEF_LIST
#include "tpu_mlir/Dialect/Tpu/IR/TpuAttrs.cpp.inc"
      >();
}
