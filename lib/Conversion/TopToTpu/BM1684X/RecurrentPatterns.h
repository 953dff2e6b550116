// Recurrent layers by ops that BM1684X has, before the lowering.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tpu_mlir::bm1684x {
void populateRecurrentPatterns(mlir::RewritePatternSet &patterns);
} // namespace tpu_mlir::bm1684x
