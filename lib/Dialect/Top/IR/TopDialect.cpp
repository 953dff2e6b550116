// Registration of the Top dialect.
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#include "tpu_mlir/Dialect/Top/IR/TopDialect.cpp.inc"
using namespace tpu_mlir::top;

void TopDialect::initialize() { registerTopDialectOperations(this); }
