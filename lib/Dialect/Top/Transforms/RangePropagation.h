// Ranges that follow from other values' ranges.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

namespace tpu_mlir::top {

/// Whether the op gives the bytes of its first operand (moves, maximum pools), so that both have one range.
bool keepsQuantization(mlir::Operation *op);
/// Whether the results of the op lie in a range that no statistics are needed for.
std::optional<Range> fixedRange(mlir::Operation *op);
/// The range cut off where the op's results end: fused and own rectifiers, Clip.
Range limitRange(mlir::Operation *op, Range range);

/// Sets the range of a value.
void setRange(mlir::Value value, Range range);
/// Forward through ops that keep their operand's quantization, backward from Concat to its operands.
void propagateRanges(llvm::ArrayRef<mlir::Operation *> ops);

} // namespace tpu_mlir::top
