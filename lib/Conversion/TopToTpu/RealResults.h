// Which results of integer products stay f32.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"

#include <functional>

namespace tpu_mlir {

struct RealResultRules {
  /// Products are rescaled by f32 factors, which can give f32 results.
  bool enabled = true;
  /// The network's results are wanted as f32.
  bool realOutputs = true;
  /// Whether the quantize table puts an op in float.
  std::function<bool(mlir::Operation *)> isFloat;
};

/// Whether the result of an op that is lowered to an integer product is left in f32 for its only reader.
bool staysReal(mlir::Operation *op, const RealResultRules &rules);

} // namespace tpu_mlir
