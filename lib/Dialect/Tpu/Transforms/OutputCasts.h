// Casts of results to f32 behind permutations.
#pragma once
#include "mlir/IR/PatternMatch.h"

namespace tpu_mlir::tpu {

/// cast(permute(reshape*(convolution))) to f32 becomes permute(reshape*(cast(convolution))): the cast then works on
/// what is in local memory still, and the permutation is how its result is stored.
void populateOutputCastPatterns(mlir::RewritePatternSet &patterns);

} // namespace tpu_mlir::tpu
