// Inner loops of quantization. Limits are integers, so that limiting before rounding gives the same as after it.
#include "ByteVector.h"
#include "QuantizationLoops.h"

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {

using namespace tpu_mlir::TPU_SIMD_NAMESPACE;

namespace {

// An integral value of small magnitude; `fraction` = value − truncated is exact.
template <RoundMode mode> inline IntVector roundSmall(FloatVector value) {
  if constexpr (mode == RoundMode::HalfEven)
    return roundEven(value);
  const IntVector truncated = truncateToInt(value);
  const FloatVector fraction = value - toFloat(truncated);
  // Comparisons give −1 where they hold.
  if constexpr (mode == RoundMode::HalfAway)
    return truncated - (IntVector)(fraction >= 0.5f) + (IntVector)(fraction <= -0.5f);
  if constexpr (mode == RoundMode::Down)
    return truncated + (IntVector)(fraction < 0.0f);
  if constexpr (mode == RoundMode::Up)
    return truncated - (IntVector)(fraction > 0.0f);
  if constexpr (mode == RoundMode::HalfUp)
    return truncated - (IntVector)(fraction >= 0.5f) + (IntVector)(fraction < -0.5f);
  if constexpr (mode == RoundMode::HalfDown)
    return truncated - (IntVector)(fraction > 0.5f) + (IntVector)(fraction <= -0.5f);
  return truncated;
}

template <RoundMode mode>
void quantizeMode(const ByteQuantization &quantization, const float *in, uint8_t *out, int64_t count) {
  const FloatVector scale = splat(quantization.quantizeScale);
  const float zeroPoint = static_cast<float>(quantization.zeroPoint);
  const float low = static_cast<float>(quantization.low), high = static_cast<float>(quantization.high);
  forVectors(in, out, static_cast<size_t>(count), [=](const float *from, uint8_t *to) {
    const FloatVector value = loadVector<FloatVector>(from) * scale + zeroPoint;
    storeBytes(to, roundSmall<mode>(clampValues(value, low, high)));
  });
}

} // namespace

void dequantizeLoop(const ByteQuantization &quantization, const uint8_t *in, float *out, int64_t count) {
  const FloatVector scale = splat(quantization.dequantizeScale);
  const IntVector zeroPoint = splat(quantization.zeroPoint);
  const auto run = [&](bool isSigned) {
    forVectors(in, out, static_cast<size_t>(count), [=](const uint8_t *from, float *to) {
      storeVector(to, FloatVector(toFloat(widenBytes(from, isSigned) - zeroPoint) * scale));
    });
  };
  quantization.isSigned ? run(true) : run(false);
}

void quantizeLoop(const ByteQuantization &quantization, const float *in, uint8_t *out, int64_t count, RoundMode mode) {
  using Loop = void (*)(const ByteQuantization &, const float *, uint8_t *, int64_t);
  constexpr Loop loops[] = {quantizeMode<RoundMode::HalfEven>,   quantizeMode<RoundMode::HalfAway>,
                            quantizeMode<RoundMode::TowardZero>, quantizeMode<RoundMode::Down>,
                            quantizeMode<RoundMode::Up>,         quantizeMode<RoundMode::HalfUp>,
                            quantizeMode<RoundMode::HalfDown>};
  loops[static_cast<int>(mode)](quantization, in, out, count);
}

void requantizeLoop(const int32_t *in, uint8_t *out, int64_t count, float scale, float offset, int32_t low,
                    int32_t high) {
  forVectors(in, out, static_cast<size_t>(count), [=](const int32_t *from, uint8_t *to) {
    storeBytes(to, rescale(toFloat(loadVector<IntVector>(from)), splat(scale), splat(offset), static_cast<float>(low),
                           static_cast<float>(high)));
  });
}

void requantizeFloatLoop(const float *in, uint8_t *out, int64_t count, float scale, float offset, int32_t low,
                         int32_t high) {
  forVectors(in, out, static_cast<size_t>(count), [=](const float *from, uint8_t *to) {
    storeBytes(to, rescale(loadVector<FloatVector>(from), splat(scale), splat(offset), static_cast<float>(low),
                           static_cast<float>(high)));
  });
}

void realLoop(const int32_t *in, float *out, int64_t count, float scale, float offset, float low, float high) {
  forVectors(in, out, static_cast<size_t>(count), [=](const int32_t *from, float *to) {
    storeVector(to, rescaleReal(toFloat(loadVector<IntVector>(from)), splat(scale), splat(offset), low, high));
  });
}

void realFloatLoop(const float *in, float *out, int64_t count, float scale, float offset, float low, float high) {
  forVectors(in, out, static_cast<size_t>(count), [=](const float *from, float *to) {
    storeVector(to, rescaleReal(loadVector<FloatVector>(from), splat(scale), splat(offset), low, high));
  });
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
