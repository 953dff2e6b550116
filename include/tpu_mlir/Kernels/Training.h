// Gradients and batch statistics. Sums are accumulated in double, results are f32.
#pragma once
#include "tpu_mlir/Kernels/Convolution.h"
#include "tpu_mlir/Kernels/Normalization.h"

#include <optional>
#include <vector>

namespace tpu_mlir::kernels {

/// Mean and biased variance of each position of the axis, over outer and inner ones.
struct ChannelMoments {
  std::vector<double> mean, variance;
};
ChannelMoments channelMoments(const Lines &lines, const float *in);

/// out = in · scale[axis] + bias[axis], one rounding.
void scaleByChannel(const Lines &lines, const float *in, const std::vector<double> &scale,
                    const std::vector<double> &bias, float *out);

/// Gradients of (x − mean) · rstd · weight + bias per position of the axis, whose statistics belong to the same values;
/// `weightGrad` and `biasGrad` have one value per position.
void batchNormGradients(const Lines &lines, const float *gradient, const float *in, const std::vector<double> &mean,
                        const std::vector<double> &rstd, const float *weight, float *inGrad,
                        std::vector<double> &weightGrad, std::vector<double> &biasGrad);

/// The same for lines of `extent` values, each with its own statistics; results may be null.
void layerNormGradients(int64_t lines, int64_t extent, const float *gradient, const float *in, const float *mean,
                        const float *rstd, const float *weight, float *inGrad, float *weightGrad, float *biasGrad);

/// out · (gradient − Σ gradient · out along the axis).
void softmaxGradient(const Lines &lines, const float *gradient, const float *out, float *inGrad);

/// Gradient of the filter [outputs, inputs / groups, taps…] of a convolution.
void filterGradient(const ConvolutionShape &shape, const float *gradient, const float *in, float *filterGrad);
/// Gradient of the input of a convolution.
void inputGradient(const ConvolutionShape &shape, const float *gradient, const float *filter, float *inGrad);

/// Adds in[plane, i] to out[plane, indices[plane, i]], out beginning as 0. The first index that is no position of a
/// plane, if there is one: then the result is of no use.
std::optional<float> addToPlanes(int64_t planes, int64_t count, int64_t positions, const float *in,
                                 const float *indices, float *out);

} // namespace tpu_mlir::kernels
