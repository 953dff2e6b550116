// Modes that keep weights as 8- or 4-bit integers and compute in half precision.
#pragma once
#include "Lowering.h"

#include <optional>

namespace tpu_mlir {

/// A mode W8F16, W8BF16, W4F16 or W4BF16 and its parameters.
struct WeightOnly {
  ElementType activation = ElementType::F16;
  int64_t bits = 8;
  /// Values along the inner axis of a matrix product that share scale and zero point; 0 for all of them.
  int64_t groupSize = 0;
  bool symmetric = false;
};

/// The mode's number types, or nothing for other modes.
std::optional<WeightOnly> weightOnlyMode(llvm::StringRef mode);

/// Replaces the lowerings of matrix products and convolutions with constant weights; where `table`'s own entry is the
/// better one (computed weights, another number type chosen by the quantize table) it is used as before.
void addWeightOnlyLowerings(LoweringTable &table, const WeightOnly &mode);

} // namespace tpu_mlir
