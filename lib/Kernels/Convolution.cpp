// Convolution as matrix products: filter (output channels × channels and taps) times patches (channels and taps ×
// output positions), where patches are packed piece by piece. Depthwise convolution runs plane by plane instead.
#include "tpu_mlir/Kernels/Convolution.h"

#include "SlidingWindow.h"
#include "tpu_mlir/Kernels/IntegerConvolution.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Multiply-adds below which a plane is not worth a thread of its own.
constexpr int64_t planeGrain = 1 << 15;

class Patches : public PanelSource {
public:
  explicit Patches(PatchGeometry geometry) : geometry(geometry) {}
  void pack(int64_t row, int64_t rows, int64_t column, int64_t columns, int width, float *to) const override {
    TPU_SIMD_DISPATCH(kernels, packPatches)(geometry, row, rows, column, columns, width, to);
  }

private:
  PatchGeometry geometry;
};

// The kernel is one tap that visits every input position in order: the input itself is the matrix of patches.
bool isPointwise(const Window &window) {
  return volume(window.kernel) == 1 && volume(window.stride) == 1 && window.input == window.output &&
         window.padBegin == Axes{0, 0, 0};
}

class ConvolutionProducts : public ProductList {
public:
  ConvolutionProducts(const ConvolutionShape &shape, const float *in, const float *filter, const float *bias,
                      float *out, const Limits &limits)
      : shape(shape), filter(filter), bias(bias), out(out), limits(limits) {
    const int64_t inputs = shape.inputChannels / shape.groups, positions = volume(shape.window.input);
    pointwise = isPointwise(shape.window);
    for (int64_t i = 0; i < shape.batch * shape.groups; ++i) {
      groupInputs.push_back(in + i * inputs * positions);
      patches.emplace_back(PatchGeometry{&shape.window, groupInputs.back()});
    }
  }

  Product get(int64_t index) const override {
    const int64_t outputs = shape.outputChannels / shape.groups, group = index % shape.groups;
    const int64_t depth = shape.inputChannels / shape.groups * volume(shape.window.kernel);
    const int64_t positions = volume(shape.window.output);
    Product product;
    product.a = {filter + group * outputs * depth, depth, 1};
    if (pointwise)
      product.b = {groupInputs[index], positions, 1};
    else
      product.source = &patches[index];
    product.c = out + index * outputs * positions;
    product.cStride = positions;
    product.epilogue = {bias ? bias + group * outputs : nullptr, nullptr, limits.low, limits.high};
    return product;
  }

private:
  const ConvolutionShape &shape;
  const float *filter, *bias;
  float *out;
  Limits limits;
  bool pointwise;
  std::vector<const float *> groupInputs;
  std::vector<Patches> patches;
};

void depthwise(const ConvolutionShape &shape, const float *in, const float *filter, const float *bias, float *out,
               const Limits &limits) {
  const Window &window = shape.window;
  const int64_t taps = volume(window.kernel), multiplier = shape.outputChannels / shape.groups;
  const int64_t cost = std::max<int64_t>(1, taps * volume(window.output));
  parallelFor(shape.batch * shape.outputChannels, std::max<int64_t>(1, planeGrain / cost),
              [&](int64_t begin, int64_t end) {
                for (int64_t plane = begin; plane < end; ++plane) {
                  const int64_t channel = plane % shape.outputChannels;
                  TPU_SIMD_DISPATCH(kernels, convolvePlane)
                  (PlaneJob{&window, in + plane / multiplier * volume(window.input), filter + channel * taps,
                            out + plane * volume(window.output), bias ? bias[channel] : 0.0f, limits});
                }
              });
}

} // namespace

void kernels::convolution(const ConvolutionShape &shape, const float *in, const float *filter, const float *bias,
                          float *out, const Limits &limits) {
  if (shape.inputChannels == shape.groups && shape.groups > 1)
    return depthwise(shape, in, filter, bias, out, limits);
  gemm(shape.batch * shape.groups, shape.outputChannels / shape.groups, volume(shape.window.output),
       shape.inputChannels / shape.groups * volume(shape.window.kernel),
       ConvolutionProducts(shape, in, filter, bias, out, limits));
}

void kernels::maxPooling(int64_t planes, const Window &window, const float *in, float *out, float initial,
                         const Limits &limits) {
  const int64_t cost = std::max<int64_t>(1, volume(window.kernel) * volume(window.output));
  parallelFor(planes, std::max<int64_t>(1, planeGrain / cost), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane)
      TPU_SIMD_DISPATCH(kernels, poolPlane)
    (Pooling::Max, PlaneJob{&window, in + plane * volume(window.input), nullptr, out + plane * volume(window.output),
                            initial, limits});
  });
}

std::vector<int64_t> kernels::windowDivisors(const Window &window, const Axes &padEnd, bool countPadding, size_t axis) {
  std::vector<int64_t> counts;
  for (int64_t o = 0; o < window.output[axis]; ++o) {
    int64_t count = 0;
    for (int64_t tap = 0; tap < window.kernel[axis]; ++tap) {
      const int64_t at = o * window.stride[axis] - window.padBegin[axis] + tap * window.dilation[axis];
      count += countPadding ? at < window.input[axis] + padEnd[axis] : at >= 0 && at < window.input[axis];
    }
    counts.push_back(std::max<int64_t>(count, 1));
  }
  return counts;
}

void kernels::averagePooling(int64_t planes, const Window &window, const Axes &padEnd, bool countPadding,
                             const float *in, float *out, const Limits &limits) {
  const std::vector<int64_t> depths = windowDivisors(window, padEnd, countPadding, 0);
  const std::vector<int64_t> heights = windowDivisors(window, padEnd, countPadding, 1);
  const std::vector<int64_t> widths = windowDivisors(window, padEnd, countPadding, 2);
  const int64_t cost = std::max<int64_t>(1, volume(window.kernel) * volume(window.output));
  parallelFor(planes, std::max<int64_t>(1, planeGrain / cost), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) {
      float *to = out + plane * volume(window.output);
      TPU_SIMD_DISPATCH(kernels, poolPlane)
      (Pooling::Sum, PlaneJob{&window, in + plane * volume(window.input), nullptr, to, 0, {}});
      for (int64_t d : depths)
        for (int64_t h : heights)
          for (int64_t w : widths) {
            const float mean = *to / static_cast<float>(d * h * w);
            *to++ = mean < limits.low ? limits.low : mean > limits.high ? limits.high : mean;
          }
    }
  });
}
