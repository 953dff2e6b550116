// The default boxes of an SSD network, which the op's canonicalization and its evaluation both need.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopDetection.h"

#include <vector>

namespace tpu_mlir::top {

/// The result of a verified op with static operands: the boxes of all cells, then their variances.
std::vector<double> priorBoxes(PriorBoxOp op);

} // namespace tpu_mlir::top
