// Convolution, transposed convolution and pooling in f32 over one to three spatial axes, channels first. Fewer axes are
// expressed with leading axes of extent and kernel 1.
#pragma once
#include "tpu_mlir/Kernels/Gemm.h"

#include <array>
#include <cstdint>

namespace tpu_mlir::kernels {

/// One value per spatial axis: depth, height, width.
using Axes = std::array<int64_t, 3>;

constexpr int64_t volume(const Axes &axes) { return axes[0] * axes[1] * axes[2]; }

/// A window sliding over the input. Output position o reads input positions o · stride − padBegin + tap · dilation;
/// those outside of the input are padding, so the end pads follow from the output's extent.
struct Window {
  Axes input{1, 1, 1}, output{1, 1, 1}, kernel{1, 1, 1}, stride{1, 1, 1}, dilation{1, 1, 1}, padBegin{0, 0, 0};
};

struct ConvolutionShape {
  int64_t batch = 1, inputChannels = 1, outputChannels = 1, groups = 1;
  Window window;
};

/// Values below `low` become low, above `high` high.
struct Limits {
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
};

/// out[n, o, …] = Σ in[n, i, …] · filter[o, i, taps…] + bias[o], limited. The filter has inputChannels / groups input
/// channels; `bias` may be null.
void convolution(const ConvolutionShape &shape, const float *in, const float *filter, const float *bias, float *out,
                 const Limits &limits = {});

/// The transpose: every input value adds itself, weighted by the kernel, to the outputs o with
/// o = i · stride − padBegin + tap · dilation. The filter is [outputChannels / groups, inputChannels, taps…]; output
/// channel g · outputChannels / groups + j uses filter row j and the input channels of group g.
void transposedConvolution(const ConvolutionShape &shape, const float *in, const float *filter, const float *bias,
                           float *out, const Limits &limits = {});

/// Largest value of each window, starting from `initial`; padding does not take part.
void maxPooling(int64_t planes, const Window &window, const float *in, float *out, float initial,
                const Limits &limits = {});

/// Mean of each window. Padding adds zeros; it counts as elements if `countPadding`: then the divisor is the part of
/// the window that lies within the input and its pads (`padEnd` behind it).
void averagePooling(int64_t planes, const Window &window, const Axes &padEnd, bool countPadding, const float *in,
                    float *out, const Limits &limits = {});

} // namespace tpu_mlir::kernels
