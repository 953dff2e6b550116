// 8-bit quantized values: to real values and back, by table, and from the i32 sums of integer products. f32 arithmetic
// as the chip's: every step rounded to nearest even, denormals flushed.
#pragma once
#include "tpu_mlir/Kernels/Numerics.h"

#include <cstdint>
#include <limits>
#include <vector>

namespace tpu_mlir::kernels {

/// value = (q − zeroPoint) · dequantizeScale; q = round(value · quantizeScale + zeroPoint) within [low, high].
struct ByteQuantization {
  float dequantizeScale = 1, quantizeScale = 1;
  int32_t zeroPoint = 0, low = -128, high = 127;
  bool isSigned = true;
};

/// The real values, on all threads.
void dequantize(const ByteQuantization &quantization, const uint8_t *in, float *out, int64_t count);
/// Product and sum are rounded to f32, then the result by `mode`; NaN gives 0 (within the limits). On all threads.
void quantize(const ByteQuantization &quantization, const float *in, uint8_t *out, int64_t count,
              RoundMode mode = RoundMode::HalfEven);

/// out = table[in], the table having 256 bytes.
void lookUp(const uint8_t *in, const uint8_t *table, uint8_t *out, int64_t count);

/// How the i32 sum of a channel becomes a byte, or a real value.
struct Requantization {
  /// Floating point form, one value per channel: even(f32(f32(sum · scale) + offset)).
  std::vector<float> scale, offset;
  /// Integer form, used if `multiplier` is not empty: round((sum + bias) · multiplier · 2^shift) + zeroPoint; a
  /// negative shift is to the right.
  std::vector<int32_t> bias, multiplier, shift;
  int32_t zeroPoint = 0;
  RoundMode mode = RoundMode::HalfUp;
  /// Limits of the result, those of a ReLU included.
  int32_t low = -128, high = 127;
  /// The result is the f32 value f32(f32(sum · scale) + offset), limited by `realLimits`; results are then 4 bytes
  /// wide.
  bool toReal = false;
  struct {
    float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
  } realLimits;

  int64_t resultBytes() const { return toReal ? sizeof(float) : 1; }
  bool isInteger() const { return !multiplier.empty(); }
};

/// `count` sums of one channel to bytes (or f32 values); one thread.
void requantize(const Requantization &requantization, int64_t channel, const int32_t *sums, uint8_t *out,
                int64_t count);
/// The same for sums given as exact f32 values (magnitudes up to 2^24).
void requantize(const Requantization &requantization, int64_t channel, const float *sums, uint8_t *out, int64_t count);

} // namespace tpu_mlir::kernels
