// Registration of the Top dialect.
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include "tpu_mlir/Dialect/Top/IR/TopDialect.cpp.inc"
using namespace tpu_mlir::top;

namespace tpu_mlir::top {
/// Of the families beyond the core; generated (see tpu_top_families).
void registerFamilies(TopDialect &dialect);
} // namespace tpu_mlir::top

void TopDialect::initialize() {
  weights = std::make_unique<WeightStore>();
  registerTopDialectOperations(this);
  registerFamilies(*this);
}

TopDialect::~TopDialect() = default;
