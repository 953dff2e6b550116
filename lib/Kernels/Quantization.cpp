// Drivers of quantization: threads, floating point flags, the choice between the forms of requantization.
#include "tpu_mlir/Kernels/Quantization.h"

#include "QuantizationLoops.h"
#include "tpu_mlir/Kernels/FloatEnvironment.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

// Elements that are worth a thread.
static constexpr int64_t byteGrain = 32768;

void kernels::dequantize(const ByteQuantization &quantization, const uint8_t *in, float *out, int64_t count) {
  parallelFor(count, byteGrain, [&](int64_t begin, int64_t end) {
    FlushDenormals scope;
    TPU_SIMD_DISPATCH(kernels, dequantizeLoop)(quantization, in + begin, out + begin, end - begin);
  });
}

void kernels::quantize(const ByteQuantization &quantization, const float *in, uint8_t *out, int64_t count,
                       RoundMode mode) {
  parallelFor(count, byteGrain, [&](int64_t begin, int64_t end) {
    FlushDenormals scope;
    TPU_SIMD_DISPATCH(kernels, quantizeLoop)(quantization, in + begin, out + begin, end - begin, mode);
  });
}

void kernels::lookUp(const uint8_t *in, const uint8_t *table, uint8_t *out, int64_t count) {
  parallelFor(count, byteGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out[i] = table[in[i]];
  });
}

static void requantizeIntegers(const Requantization &requantization, int64_t channel, const int32_t *sums, uint8_t *out,
                               int64_t count) {
  constexpr int64_t atOnce = 256;
  int32_t values[atOnce];
  for (int64_t done = 0; done < count; done += atOnce) {
    const int64_t length = std::min(atOnce, count - done);
    requantizeInt(sums + done, values, length, -int64_t{requantization.bias[channel]},
                  requantization.multiplier[channel], requantization.shift[channel], requantization.zeroPoint,
                  {requantization.low, requantization.high}, requantization.mode);
    for (int64_t i = 0; i < length; ++i)
      out[done + i] = static_cast<uint8_t>(values[i]);
  }
}

void kernels::requantize(const Requantization &requantization, int64_t channel, const int32_t *sums, uint8_t *out,
                         int64_t count) {
  if (requantization.toReal) {
    TPU_SIMD_DISPATCH(kernels, realLoop)
    (sums, reinterpret_cast<float *>(out), count, requantization.scale[channel], requantization.offset[channel],
     requantization.realLimits.low, requantization.realLimits.high);
    return;
  }
  if (requantization.isInteger())
    return requantizeIntegers(requantization, channel, sums, out, count);
  TPU_SIMD_DISPATCH(kernels, requantizeLoop)
  (sums, out, count, requantization.scale[channel], requantization.offset[channel], requantization.low,
   requantization.high);
}

void kernels::requantize(const Requantization &requantization, int64_t channel, const float *sums, uint8_t *out,
                         int64_t count) {
  if (requantization.toReal) {
    TPU_SIMD_DISPATCH(kernels, realFloatLoop)
    (sums, reinterpret_cast<float *>(out), count, requantization.scale[channel], requantization.offset[channel],
     requantization.realLimits.low, requantization.realLimits.high);
    return;
  }
  if (!requantization.isInteger())
    return TPU_SIMD_DISPATCH(kernels, requantizeFloatLoop)(sums, out, count, requantization.scale[channel],
                                                           requantization.offset[channel], requantization.low,
                                                           requantization.high);
  constexpr int64_t atOnce = 256;
  int32_t integers[atOnce];
  for (int64_t done = 0; done < count; done += atOnce) {
    const int64_t length = std::min(atOnce, count - done);
    for (int64_t i = 0; i < length; ++i)
      integers[i] = static_cast<int32_t>(sums[done + i]);
    requantizeIntegers(requantization, channel, integers, out + done, length);
  }
}
