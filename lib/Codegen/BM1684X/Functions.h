// The special functions as programs: exponential, logarithm, error function and everything that networks make of them.
// Accuracy is stated in Functions.cpp. Finite arguments never give a NaN where the function has a value or a limit.
#pragma once
#include "MathProgram.h"

namespace tpu_mlir::codegen {

/// e^x for x clamped to [low, high]; the largest allowed `high` is 88.376, or infinity where x is known to be lower.
MathValue expOf(MathProgram &p, MathValue x, double low = -88, double high = 88.376);
/// e^x - 1 with full relative accuracy around 0.
MathValue expm1Of(MathProgram &p, MathValue x);
/// ln x; x below the smallest normal number counts as that number.
MathValue logOf(MathProgram &p, MathValue x);
/// 1 / x for a normal x between 2^-120 and 2^120, at a quarter of the price of a division.
MathValue reciprocalOf(MathProgram &p, MathValue x);
MathValue sigmoidOf(MathProgram &p, MathValue x);
/// x * sigmoid(factor * x).
MathValue timesSigmoidOf(MathProgram &p, MathValue x, float factor);
/// The same at three quarters of the price, for results that are rounded to half precision: Kernels/ShortSigmoid.h.
MathValue shortSigmoidOf(MathProgram &p, MathValue x);
/// x * sigmoid(factor * x) in the same form.
MathValue timesShortSigmoidOf(MathProgram &p, MathValue x, float factor);
MathValue tanhOf(MathProgram &p, MathValue x);
MathValue erfOf(MathProgram &p, MathValue x);
/// ln(1 + e^x).
MathValue softplusOf(MathProgram &p, MathValue x);
MathValue sinOf(MathProgram &p, MathValue x);
MathValue cosOf(MathProgram &p, MathValue x);
MathValue sqrtOf(MathProgram &p, MathValue x);
/// 1 / sqrt(x) with one correction step; +inf for 0.
MathValue rsqrtOf(MathProgram &p, MathValue x);

} // namespace tpu_mlir::codegen
