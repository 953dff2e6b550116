// Registration of the Top dialect.
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include "tpu_mlir/Dialect/Top/IR/TopDialect.cpp.inc"
using namespace tpu_mlir::top;

void TopDialect::initialize() {
  weights = std::make_unique<WeightStore>();
  registerTopDialectOperations(this);
}

TopDialect::~TopDialect() = default;
