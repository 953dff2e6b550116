// Plain loops for integer kernels: sums in 64 bits, requantization value by value with the scalar numerics.
#pragma once
#include "Reference.h"
#include "tpu_mlir/Kernels/IntegerConvolution.h"
#include "tpu_mlir/Kernels/Quantization.h"

#include <algorithm>
#include <cmath>

namespace reference {

using tpu_mlir::kernels::ByteImage;
using tpu_mlir::kernels::Requantization;

inline std::vector<uint8_t> randomBytes(int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<uint8_t> values(count);
  for (uint8_t &value : values) // extremes often: they are where arithmetic saturates
    value = random() % 4 == 0 ? (random() % 2 ? 0x80 : 0x7f) : static_cast<uint8_t>(random());
  return values;
}

inline int64_t valueOf(const ByteImage &image, int64_t index) {
  if (index < 0)
    return image.padding;
  return image.isSigned ? static_cast<int8_t>(image.data[index]) : image.data[index];
}

/// The shift with its rounding by long division of the magnitude; independent of the kernels'.
inline int64_t shiftRounded(int64_t value, int64_t right, tpu_mlir::kernels::RoundMode mode) {
  if (right <= 0)
    return value * (int64_t{1} << -right);
  if (right > 62)
    right = 62;
  const long double exact = static_cast<long double>(value) / static_cast<long double>(int64_t{1} << right);
  using tpu_mlir::kernels::RoundMode;
  switch (mode) {
  case RoundMode::HalfUp:
    return static_cast<int64_t>(std::floor(exact + 0.5L));
  case RoundMode::HalfAway:
    return static_cast<int64_t>(std::round(exact));
  case RoundMode::HalfEven:
    return static_cast<int64_t>(std::nearbyint(exact));
  default:
    return static_cast<int64_t>(std::floor(exact));
  }
}

inline uint8_t requantized(const Requantization &form, int64_t channel, int64_t sum) {
  int64_t value;
  if (form.isInteger()) {
    value = shiftRounded((sum + form.bias[channel]) * form.multiplier[channel], -form.shift[channel], form.mode) +
            form.zeroPoint;
  } else {
    // Volatile: every step is rounded to f32.
    volatile float scaled = static_cast<float>(static_cast<int32_t>(sum)) * form.scale[channel];
    volatile float moved = scaled + form.offset[channel];
    value = std::llrint(std::clamp(static_cast<double>(moved), -1e6, 1e6));
  }
  return static_cast<uint8_t>(std::clamp<int64_t>(value, form.low, form.high));
}

inline std::vector<uint8_t> integerConvolution(const ConvolutionShape &s, const ByteImage &in, const int8_t *filter,
                                               const Requantization &form) {
  const int64_t positions = volume(s.window.output), taps = volume(s.window.kernel), plane = volume(s.window.input);
  const int64_t perGroup = s.inputChannels / s.groups, outPerGroup = s.outputChannels / s.groups;
  std::vector<uint8_t> out;
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t oc = 0; oc < s.outputChannels; ++oc)
      for (int64_t o = 0; o < positions; ++o) {
        int64_t sum = 0;
        for (int64_t i = 0; i < perGroup; ++i)
          for (int64_t t = 0; t < taps; ++t) {
            const int64_t at = inputIndex(s.window, o, t);
            const int64_t base = (n * s.inputChannels + oc / outPerGroup * perGroup + i) * plane;
            sum += valueOf(in, at < 0 ? -1 : base + at) * filter[(oc * perGroup + i) * taps + t];
          }
        out.push_back(requantized(form, oc, sum));
      }
  return out;
}

/// Factors that spread sums of `terms` products over the result's range and a little beyond.
inline Requantization scaleForm(int64_t channels, int64_t terms, bool isSigned, int32_t zeroPoint, unsigned seed) {
  std::mt19937 random(seed);
  Requantization form;
  form.zeroPoint = zeroPoint;
  form.low = isSigned ? -128 : 0;
  form.high = isSigned ? 127 : 255;
  for (int64_t c = 0; c < channels; ++c) {
    const double scale = std::exp2(-static_cast<double>(random() % 4)) / (40.0 * std::sqrt(static_cast<double>(terms)));
    form.scale.push_back(c % 5 == 4 ? std::exp2(-7.0f) : static_cast<float>(scale)); // a power of two makes ties
    form.offset.push_back(static_cast<float>(
        static_cast<double>(static_cast<int32_t>(random() % 4096) - 2048) * form.scale.back() + zeroPoint));
  }
  return form;
}

inline Requantization shiftForm(int64_t channels, bool isSigned, int32_t zeroPoint, tpu_mlir::kernels::RoundMode mode,
                                unsigned seed) {
  std::mt19937 random(seed);
  Requantization form;
  form.zeroPoint = zeroPoint;
  form.mode = mode;
  form.low = isSigned ? -128 : 0;
  form.high = isSigned ? 127 : 255;
  for (int64_t c = 0; c < channels; ++c) {
    form.bias.push_back(static_cast<int32_t>(random() % 4096) - 2048);
    form.multiplier.push_back(c % 3 == 0 ? 1 + static_cast<int32_t>(random() % 3)
                                         : static_cast<int32_t>(random() % 0x7fffffff));
    form.shift.push_back(c % 3 == 0 ? (c % 2 ? 1 : -9) : -static_cast<int32_t>(36 + random() % 7)); // both directions
  }
  return form;
}

} // namespace reference
