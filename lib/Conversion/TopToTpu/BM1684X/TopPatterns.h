// Rewrites of Top ops before the lowering to BM1684X.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tpu_mlir::bm1684x {
void populateTopPatterns(mlir::RewritePatternSet &patterns);
/// Ops that have an exact form in others.
void populateCorePatterns(mlir::RewritePatternSet &patterns);
/// Choices, comparisons, casts, triangles, running sums, bounds, powers, remainders and hyperbolic functions by
/// arithmetic, for finite values.
void populateMaskPatterns(mlir::RewritePatternSet &patterns);
} // namespace tpu_mlir::bm1684x
