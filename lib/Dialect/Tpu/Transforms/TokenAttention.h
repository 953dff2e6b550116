// Attention on tensors that keep one token per channel.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tpu_mlir::tpu {

void populateTokenAttentionPatterns(mlir::RewritePatternSet &patterns);

} // namespace tpu_mlir::tpu
