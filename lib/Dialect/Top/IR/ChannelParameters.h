// Checks that normalizations share: parameters per channel, groups of channels, eps.
#pragma once
#include "ShapeRules.h"

namespace tpu_mlir::top {

/// The input has a channel axis, and each parameter is none or has one value per channel, in whatever rank.
llvm::LogicalResult checkPerChannel(mlir::Operation *op, mlir::Value input, mlir::ValueRange parameters);
llvm::LogicalResult checkGroups(mlir::Operation *op, int64_t groups, int64_t channels);
llvm::LogicalResult checkEpsilon(mlir::Operation *op, const llvm::APFloat &epsilon);

} // namespace tpu_mlir::top
