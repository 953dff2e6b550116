// Questions about ops with regions.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopControl.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

namespace tpu_mlir::top {

/// More iterations are refused, so that a loop that never ends is reported.
constexpr int64_t maxIterations = int64_t{1} << 20;

/// The number of iterations of a loop if it follows from constants; not more than maxIterations.
std::optional<int64_t> tripCount(LoopOp op);

/// Values that a loop carries from one iteration to the next.
inline size_t carriedCount(LoopOp op) { return op.getVInitial().size(); }

/// Whether a scalar that is constant is not 0; nullopt for anything else.
std::optional<bool> constantCondition(mlir::Value value);

} // namespace tpu_mlir::top
