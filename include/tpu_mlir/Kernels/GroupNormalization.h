// Normalizations over channels and their groups. Sums are accumulated in double, results are f32.
#pragma once
#include "tpu_mlir/Kernels/Normalization.h"

namespace tpu_mlir::kernels {

/// A tensor seen as [batch, groups, channels, inner].
struct ChannelGroups {
  int64_t batch = 1, groups = 1, channels = 1, inner = 1;
};
/// (x − mean) / √(variance + epsilon) per batch element and group, times weight plus bias of the channel (group ·
/// channels + channel; null: without). `mean` and `rstd` (null: not wanted) get one value per batch element and group.
void groupNorm(const ChannelGroups &groups, const float *in, float *out, const float *weight, const float *bias,
               double epsilon, float *mean = nullptr, float *rstd = nullptr);

/// x / √(mean of x² + epsilon) over lines of `extent` values, times gamma (null: without).
void rmsNorm(int64_t lines, int64_t extent, const float *in, float *out, const float *gamma, double epsilon);

/// (x − mean) / √(variance + epsilon) along the axis, times weight plus bias of its position (null: without).
void axisNorm(const Lines &lines, const float *in, float *out, const float *weight, const float *bias, double epsilon);

/// x / √(Σ x² along the axis + epsilon) · scale of the axis' position.
void euclideanNorm(const Lines &lines, const float *in, float *out, const float *scale, double epsilon);

struct LocalResponse {
  int64_t size;
  double alpha, beta, bias;
};
/// x / (bias + alpha / size · Σ x²)^beta, the sum over the `size` positions of the axis around the value.
void localResponseNorm(const Lines &lines, const LocalResponse &response, const float *in, float *out);

/// Σ (x − mean)² / max(0, extent − correction) over lines of `extent` values.
void variance(int64_t lines, int64_t extent, double correction, const float *in, float *out);

} // namespace tpu_mlir::kernels
