// Evaluation of Einsum, apart from the other moving and filling ops.
#pragma once
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"

namespace tpu_mlir::evaluation {

llvm::LogicalResult evaluateEinsum(top::EinsumOp op, Call &call);

} // namespace tpu_mlir::evaluation
