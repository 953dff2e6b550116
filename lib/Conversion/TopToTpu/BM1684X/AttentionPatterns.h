// Attention and feed-forward blocks before the lowering to BM1684X.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tpu_mlir::bm1684x {
void populateAttentionPatterns(mlir::RewritePatternSet &patterns);
} // namespace tpu_mlir::bm1684x
