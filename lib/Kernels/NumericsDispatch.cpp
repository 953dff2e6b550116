// Choice of the instruction set for the vector functions of Numerics.h.
#include "NumericsVector.h"
#include "tpu_mlir/Kernels/FloatEnvironment.h"

#include <algorithm>

namespace tpu_mlir::kernels {

void convertF32ToHalf(Precision half, const float *in, uint16_t *out, size_t count, RoundMode mode) {
  FlushDenormals scope;
  TPU_SIMD_DISPATCH(kernels, encodeHalves)(half, in, out, count, mode);
}
void convertF32ToF16(const float *in, uint16_t *out, size_t count, RoundMode mode) {
  convertF32ToHalf(Precision::F16, in, out, count, mode);
}
void convertF32ToBF16(const float *in, uint16_t *out, size_t count, RoundMode mode) {
  convertF32ToHalf(Precision::BF16, in, out, count, mode);
}

void convertHalfToF32(Precision half, const uint16_t *in, float *out, size_t count) {
  TPU_SIMD_DISPATCH(kernels, decodeHalves)(half, in, out, count);
}
void convertF16ToF32(const uint16_t *in, float *out, size_t count) { convertHalfToF32(Precision::F16, in, out, count); }
void convertBF16ToF32(const uint16_t *in, float *out, size_t count) {
  convertHalfToF32(Precision::BF16, in, out, count);
}

void roundToPrecision(Precision precision, float *values, size_t count) {
  if (precision == Precision::F32)
    return;
  FlushDenormals scope;
  TPU_SIMD_DISPATCH(kernels, roundToHalf)(precision, values, count);
}

void convertF32ToInt32(const float *in, int32_t *out, size_t count, Precision integer, bool isSigned, RoundMode mode) {
  IntRange range = rangeOf(integer, isSigned);
  TPU_SIMD_DISPATCH(kernels, floatsToInts)
  (in, out, count, static_cast<float>(range.low), static_cast<float>(range.high + 1), static_cast<uint32_t>(range.high),
   mode);
}

void convertInt32ToF32(const int32_t *in, float *out, size_t count, RoundMode mode) {
  if (mode == RoundMode::HalfEven)
    return TPU_SIMD_DISPATCH(kernels, intsToFloats)(in, out, count);
  std::transform(in, in + count, out, [mode](int32_t value) { return intToFloat(value, mode); });
}

void roundFloats(const float *in, float *out, size_t count, RoundMode mode) {
  TPU_SIMD_DISPATCH(kernels, roundFloatVector)(in, out, count, mode);
}

void requantizeInt(const int32_t *in, int32_t *out, size_t count, int64_t inZeroPoint, int32_t multiplier,
                   int shiftCount, int64_t outZeroPoint, IntRange limits, RoundMode mode) {
  TPU_SIMD_DISPATCH(kernels, requantizeVector)
  (in, out, count, inZeroPoint, multiplier, shiftCount, outZeroPoint, limits, mode);
}

} // namespace tpu_mlir::kernels
