// Vector versions of the conversions in Numerics.h; each gives the bits of its scalar function.
#include "NumericsVector.h"
#include "tpu_mlir/Kernels/Vector.h"

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {
using namespace tpu_mlir::TPU_SIMD_NAMESPACE;

namespace {

/// 1 where `fraction` (dropped bits) of a magnitude rounds up. Down and Up depend on the sign.
inline UIntVector increment(UIntVector quotient, UIntVector fraction, UIntVector half, UIntVector negative,
                            RoundMode mode) {
  UIntVector one = splat(1u), zero = splat(0u);
  switch (mode) {
  case RoundMode::HalfEven:
    return (fraction > half) ? one : (fraction == half) ? (quotient & 1u) : zero;
  case RoundMode::HalfAway:
  case RoundMode::HalfUp:
    return (fraction >= half) ? one : zero;
  case RoundMode::HalfDown:
    return (fraction > half) ? one : zero;
  case RoundMode::TowardZero:
    return zero;
  case RoundMode::Down:
    return (fraction != 0u) ? negative : zero;
  case RoundMode::Up:
    return (fraction != 0u) ? (negative ^ 1u) : zero;
  }
  return zero;
}

inline UIntVector encodeF16AnyMode(FloatVector value, RoundMode mode) {
  UIntVector bits = (UIntVector)flushDenormals(value), sign = bits >> 31, magnitude = bits & 0x7FFFFFFFu;
  UIntVector exponent = magnitude >> 23;
  UIntVector significand = (magnitude & 0x7FFFFFu) | (exponent == 0u ? splat(0u) : splat(0x800000u));
  // 13 bits go for a normal result; below 2^-14 (exponent field 113) one more per power of two.
  UIntVector drop = exponent < 113u ? 126u - exponent : splat(13u);
  drop = drop > 26u ? splat(26u) : drop;
  UIntVector quotient = significand >> drop, fraction = significand - (quotient << drop),
             half = splat(1u) << (drop - 1u);
  quotient += increment(quotient, fraction, half, sign, mode);
  UIntVector result = exponent < 113u ? quotient : quotient + ((exponent - 113u) << 10);
  result = result > 0x7C00u ? splat(0x7C00u) : result;
  result = magnitude >= 0x7F800000u ? splat(0x7C00u) : result;
  result = magnitude > 0x7F800000u ? splat(0x7FFFu) : result;
  return result | sign << 15;
}

inline UIntVector encodeBF16AnyMode(FloatVector value, RoundMode mode) {
  UIntVector bits = (UIntVector)flushDenormals(value), sign = bits >> 31, magnitude = bits & 0x7FFFFFFFu;
  UIntVector quotient = magnitude >> 16;
  UIntVector result = quotient + increment(quotient, magnitude & 0xFFFFu, splat(0x8000u), sign, mode);
  result = magnitude > 0x7F800000u ? splat(0x7FFFu) : result;
  return result | sign << 15;
}

/// Rounds to an integral value: magnitudes below 2^23 only, others are integral already.
inline FloatVector roundIntegral(FloatVector value, RoundMode mode) {
  UIntVector bits = (UIntVector)value, sign = bits >> 31, magnitude = bits & 0x7FFFFFFFu;
  UIntVector exponent = magnitude >> 23;
  UIntVector significand = (magnitude & 0x7FFFFFu) | (exponent == 0u ? splat(0u) : splat(0x800000u));
  // value = significand · 2^(exponent − 150)
  UIntVector drop = exponent < 125u ? splat(25u) : 150u - exponent;
  drop = exponent >= 150u ? splat(0u) : drop;
  UIntVector quotient = significand >> drop, fraction = significand - (quotient << drop);
  UIntVector half = drop == 0u ? splat(1u) : splat(1u) << ((drop - 1u) & 31u);
  // A denormal is a tiny non-zero number.
  fraction = (exponent == 0u) & (magnitude != 0u) ? splat(1u) : fraction;
  UIntVector up;
  // HalfUp and HalfDown by value: on the magnitude they swap for negative numbers.
  if (mode == RoundMode::HalfUp || mode == RoundMode::HalfDown) {
    UIntVector tiesUp = mode == RoundMode::HalfUp ? sign ^ 1u : sign;
    up = fraction > half ? splat(1u) : fraction == half ? tiesUp : splat(0u);
  } else {
    up = increment(quotient, fraction, half, sign, mode);
  }
  FloatVector rounded = toFloat((IntVector)(quotient + up));
  UIntVector result = exponent >= 150u ? magnitude : (UIntVector)rounded;
  return (FloatVector)(result | sign << 31);
}

} // namespace

void encodeHalves(Precision half, const float *in, uint16_t *out, size_t count, RoundMode mode) {
  if (mode == RoundMode::HalfEven && half == Precision::F16)
    return forVectors(in, out, count, [](const float *from, uint16_t *to) {
      storeVector(to, encodeF16(loadVector<FloatVector>(from)));
    });
  if (half == Precision::F16)
    return forVectors(in, out, count, [mode](const float *from, uint16_t *to) {
      storeVector(to, narrow(encodeF16AnyMode(loadVector<FloatVector>(from), mode)));
    });
  if (mode == RoundMode::HalfEven)
    return forVectors(in, out, count, [](const float *from, uint16_t *to) {
      storeVector(to, encodeBF16(loadVector<FloatVector>(from)));
    });
  forVectors(in, out, count, [mode](const float *from, uint16_t *to) {
    storeVector(to, narrow(encodeBF16AnyMode(loadVector<FloatVector>(from), mode)));
  });
}

void decodeHalves(Precision half, const uint16_t *in, float *out, size_t count) {
  if (half == Precision::F16)
    return forVectors(in, out, count, [](const uint16_t *from, float *to) {
      storeVector(to, decodeF16(loadVector<HalfVector>(from)));
    });
  forVectors(in, out, count,
             [](const uint16_t *from, float *to) { storeVector(to, decodeBF16(loadVector<HalfVector>(from))); });
}

void roundToHalf(Precision half, float *values, size_t count) {
  if (half == Precision::F16)
    return forVectors(values, values, count, [](const float *from, float *to) {
      storeVector(to, roundTo<Precision::F16>(loadVector<FloatVector>(from)));
    });
  forVectors(values, values, count, [](const float *from, float *to) {
    storeVector(to, roundTo<Precision::BF16>(loadVector<FloatVector>(from)));
  });
}

void floatsToInts(const float *in, int32_t *out, size_t count, float low, float high, uint32_t highBits,
                  RoundMode mode) {
  forVectors(in, out, count, [=](const float *from, int32_t *to) {
    FloatVector value = loadVector<FloatVector>(from), rounded = roundIntegral(value, mode);
    // high is the first float that is too large, low the last one that fits.
    IntVector above = rounded >= splat(high);
    FloatVector bounded = rounded < splat(low) ? splat(low) : rounded;
    bounded = above | isNaN(value) ? splat(0.0f) : bounded;
    // 2^31 and more (unsigned 32-bit results) do not fit the signed conversion.
    IntVector large = bounded >= splat(0x1p31f);
    UIntVector result =
        (UIntVector)truncateToInt(large ? bounded - splat(0x1p31f) : bounded) ^ ((UIntVector)large & 0x80000000u);
    storeVector(to, above ? splat(highBits) : result);
  });
}

void intsToFloats(const int32_t *in, float *out, size_t count) {
  forVectors(in, out, count,
             [](const int32_t *from, float *to) { storeVector(to, toFloat(loadVector<IntVector>(from))); });
}

void roundFloatVector(const float *in, float *out, size_t count, RoundMode mode) {
  forVectors(in, out, count, [mode](const float *from, float *to) {
    storeVector(to, roundIntegral(loadVector<FloatVector>(from), mode));
  });
}

// Plain 64-bit arithmetic that the compiler vectorizes; one loop per mode, so that nothing in it branches.
namespace {
template <RoundMode mode> inline int64_t shiftRight(int64_t value, int count) {
  int64_t floor = value >> count, fraction = value - static_cast<int64_t>(static_cast<uint64_t>(floor) << count);
  int64_t half = int64_t{1} << (count - 1);
  if constexpr (mode == RoundMode::HalfEven)
    return floor + ((fraction > half) | ((fraction == half) & (floor & 1)));
  else if constexpr (mode == RoundMode::HalfAway)
    return floor + ((fraction > half) | ((fraction == half) & (value >= 0)));
  else if constexpr (mode == RoundMode::TowardZero)
    return floor + ((fraction != 0) & (value < 0));
  else if constexpr (mode == RoundMode::Down)
    return floor;
  else if constexpr (mode == RoundMode::Up)
    return floor + (fraction != 0);
  else if constexpr (mode == RoundMode::HalfUp)
    return floor + (fraction >= half);
  else
    return floor + (fraction > half);
}

template <RoundMode mode>
void requantizeRight(const int32_t *in, int32_t *out, size_t count, int64_t inZeroPoint, int32_t multiplier, int right,
                     int64_t outZeroPoint, IntRange limits) {
  for (size_t i = 0; i < count; ++i) {
    int64_t value = shiftRight<mode>((in[i] - inZeroPoint) * multiplier, right) + outZeroPoint;
    value = value < limits.low ? limits.low : value;
    out[i] = static_cast<int32_t>(value > limits.high ? limits.high : value);
  }
}
} // namespace

void requantizeVector(const int32_t *in, int32_t *out, size_t count, int64_t inZeroPoint, int32_t multiplier,
                      int shiftCount, int64_t outZeroPoint, IntRange limits, RoundMode mode) {
  if (shiftCount >= 0 || shiftCount < -62) {
    for (size_t i = 0; i < count; ++i) {
      int64_t value = kernels::shift((in[i] - inZeroPoint) * multiplier, shiftCount, mode);
      value = static_cast<int64_t>(static_cast<uint64_t>(value) + static_cast<uint64_t>(outZeroPoint));
      value = value < limits.low ? limits.low : value;
      out[i] = static_cast<int32_t>(value > limits.high ? limits.high : value);
    }
    return;
  }
  using Loop = void (*)(const int32_t *, int32_t *, size_t, int64_t, int32_t, int, int64_t, IntRange);
  constexpr Loop loops[] = {requantizeRight<RoundMode::HalfEven>,   requantizeRight<RoundMode::HalfAway>,
                            requantizeRight<RoundMode::TowardZero>, requantizeRight<RoundMode::Down>,
                            requantizeRight<RoundMode::Up>,         requantizeRight<RoundMode::HalfUp>,
                            requantizeRight<RoundMode::HalfDown>};
  loops[static_cast<int>(mode)](in, out, count, inZeroPoint, multiplier, -shiftCount, outZeroPoint, limits);
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
