// Kernels that look at whole lines of values: softmax, layer normalization, reductions. A tensor is seen as
// [outer, axis, inner]. Sums are accumulated in double, results are f32.
#pragma once
#include <cstdint>

namespace tpu_mlir::kernels {

struct Lines {
  int64_t outer = 1, axis = 1, inner = 1;
};

/// e^(beta · x) / Σ e^(beta · x) along the axis, or its logarithm.
void softmax(const Lines &lines, const float *in, float *out, float beta, bool logarithm);

/// (x − mean) / √(variance + epsilon) over lines of `extent` values, times weight plus bias (null: without).
void layerNorm(int64_t lines, int64_t extent, const float *in, float *out, const float *weight, const float *bias,
               double epsilon);

enum class Reduction : uint8_t { Min, Max, Mean, L2, L1, Sum, Prod };
/// Reduces the axis: out is [outer, inner]. An empty axis gives the reduction's neutral value (mean: NaN).
void reduce(Reduction reduction, const Lines &lines, const float *in, float *out);

} // namespace tpu_mlir::kernels
