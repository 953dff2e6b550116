// Convolution and pooling of 8-bit values: exact i32 sums, made to bytes by a requantization. Shapes as in
// Convolution.h.
#pragma once
#include "tpu_mlir/Kernels/Convolution.h"
#include "tpu_mlir/Kernels/Quantization.h"

namespace tpu_mlir::kernels {

/// 8-bit values, signed or not; `padding` (the zero point) stands around them.
struct ByteImage {
  const uint8_t *data;
  bool isSigned;
  int32_t padding = 0;
};

/// Results are bytes, or f32 values if the requantization says so.
/// out[n, o, …] = requantized Σ in[n, i, …] · filter[o, i, taps…] + terms[o] (null: nothing); channels of the
/// requantization are output channels.
void integerConvolution(const ConvolutionShape &shape, const ByteImage &in, const int8_t *filter,
                        const Requantization &requantization, uint8_t *out, const int32_t *terms = nullptr);

/// The transpose, in the terms of `transposedConvolution`: the convolution of the input with `padding` between and
/// around its elements, the kernel turned.
void integerTransposedConvolution(const ConvolutionShape &shape, const ByteImage &in, const int8_t *filter,
                                  const Requantization &requantization, uint8_t *out);

/// Largest value of each window within [low, high]; padding is the lowest value.
void integerMaxPooling(int64_t planes, const Window &window, const ByteImage &in, int32_t low, int32_t high,
                       uint8_t *out);

/// Mean of each window: with S = the sum over all taps, padding included, and k = how many values count,
/// even(f32(f32(S · scale(k)) + offset(k))) within [low, high], where scale(k) = f32(factor / k) and
/// offset(k) = f32(zeroPoint − padding · taps · scale(k)).
/// With `toReal` (output scale 1, zero point 0) the result is that f32 value before rounding, within `realLimits`.
struct IntegerMean {
  double factor; // input scale / output scale
  int32_t zeroPoint, low, high;
  bool toReal = false;
  decltype(Requantization::realLimits) realLimits = {};
};
void integerAveragePooling(int64_t planes, const Window &window, const Axes &padEnd, bool countPadding,
                           const ByteImage &in, const IntegerMean &mean, uint8_t *out);

/// Per axis and output position: how many taps of an average count (the padding within the pads if `countPadding`).
std::vector<int64_t> windowDivisors(const Window &window, const Axes &padEnd, bool countPadding, size_t axis);

} // namespace tpu_mlir::kernels
