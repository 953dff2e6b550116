// Kernels that read an image at computed places, and poolings that do more than the core's.
#pragma once
#include "tpu_mlir/Kernels/Convolution.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace tpu_mlir::kernels {

enum class SamplingMode : uint8_t { Linear, Nearest, Cubic };
enum class SamplingPadding : uint8_t { Zeros, Border, Reflection };

/// `axes` (2 or 3) of the three axes are sampled; the others have extent 1.
struct GridSampling {
  int64_t batch = 1, channels = 1;
  int axes = 2;
  Axes input{1, 1, 1};
  int64_t positions = 1; // of the result
  SamplingMode mode = SamplingMode::Linear;
  SamplingPadding padding = SamplingPadding::Zeros;
  bool alignCorners = false;
};
/// out[b, c, p] = in[b, c] at grid[b, p, axes], whose coordinates are from −1 to 1, that of the last axis first.
void gridSample(const GridSampling &sampling, const float *in, const float *grid, float *out);

struct DeformableConvolution {
  ConvolutionShape shape; // of two axes: the first one has extent 1
  int64_t deformGroups = 1;
};
/// Taps are displaced by offset [batch, deformGroups, taps, 2 (down, right), positions] and weighted by mask [batch,
/// deformGroups, taps, positions] (null: 1); bias may be null.
void deformableConvolution(const DeformableConvolution &convolution, const float *in, const float *filter,
                           const float *offset, const float *mask, const float *bias, float *out,
                           const Limits &limits = {});

/// Means over windows from floor(o · in / out) to ceil((o + 1) · in / out) of each axis.
void adaptiveAveragePooling(int64_t planes, const Axes &input, const Axes &output, const float *in, float *out);

/// Largest value of each window and its row-major index in the plane. Every window meets the input.
void maxPoolingWithIndices(int64_t planes, const Window &window, const float *in, float *out, float *indices);

/// out[plane, index] = in; other values are 0. The first index that is no position of a plane, if there is one: then
/// the result is of no use.
std::optional<float> scatterToPlanes(int64_t planes, int64_t count, int64_t positions, const float *in,
                                     const float *indices, float *out);

struct StereoShape {
  int64_t batch = 1, channels = 1, height = 1, width = 1, displacements = 1;
};
/// out[g, d, y, x] = mean over the channels of group g of left[c, y, x] · right[c, y, x − d].
void correlation(const StereoShape &shape, int64_t groups, const float *left, const float *right, float *out);
/// out[b, c, d, y, x] = left[b, c, y, x], and behind all channels right[b, c, y, x − d].
void concatVolume(const StereoShape &shape, const float *left, const float *right, float *out);

} // namespace tpu_mlir::kernels
