// Scalar numerics: one value at a time, exact in double or 64-bit integers, whatever the thread's floating point flags.
#include "tpu_mlir/Kernels/Numerics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

using namespace tpu_mlir::kernels;

namespace {

constexpr uint32_t signBit = 0x80000000u, exponentBits = 0x7F800000u;
constexpr double infinity = std::numeric_limits<double>::infinity();

bool isNaN(uint32_t bits) { return (bits & ~signBit) > exponentBits; }

/// The exact value as double. Not a plain conversion: with denormals-are-zero set the hardware would drop them.
double exactValue(float value) {
  uint32_t bits = bitsOf(value);
  if ((bits & exponentBits) != 0)
    return value;
  double magnitude = std::ldexp(static_cast<double>(bits & 0x7FFFFF), -149);
  return bits & signBit ? -magnitude : magnitude;
}

/// An exact double (a product or sum of two f32) rounded half to even to f32 and flushed: zero when the value rounded
/// to 24 bits with unbounded exponent lies below 2^-126.
float roundFlush(double exact) {
  constexpr double smallest = 0x1p-126 * (1 - 0x1p-25);
  double magnitude = std::fabs(exact);
  if (magnitude < smallest)
    return std::copysign(0.0f, static_cast<float>(std::copysign(1.0, exact)));
  if (magnitude < 0x1p-126)
    return std::copysign(0x1p-126f, static_cast<float>(std::copysign(1.0, exact)));
  return static_cast<float>(exact);
}

/// Rounding for conversions to floats: HalfUp and HalfDown act on the magnitude.
double roundMagnitude(double value, RoundMode mode) {
  if (mode == RoundMode::HalfUp)
    mode = RoundMode::HalfAway;
  if (mode == RoundMode::HalfDown)
    return std::copysign(roundReal(std::fabs(value), RoundMode::HalfDown), value);
  return roundReal(value, mode);
}

struct HalfFormat {
  int precision;   // significant bits
  int minExponent; // of normal numbers
  double largest;
};
HalfFormat formatOf(Precision half) {
  return half == Precision::F16 ? HalfFormat{11, -14, 65504.0} : HalfFormat{8, -126, 0x1.FEp127};
}

/// The bits of a value that the format represents, infinities included.
uint16_t encodeHalf(Precision half, double value, bool negative) {
  uint16_t sign = negative ? 0x8000 : 0;
  double magnitude = std::fabs(value);
  HalfFormat format = formatOf(half);
  int mantissaBits = format.precision - 1;
  uint16_t infinityBits = half == Precision::F16 ? 0x7C00 : 0x7F80;
  if (magnitude > format.largest)
    return sign | infinityBits;
  if (magnitude == 0)
    return sign;
  int exponent = std::max(std::ilogb(magnitude), format.minExponent);
  int64_t significand = static_cast<int64_t>(std::ldexp(magnitude, mantissaBits - exponent));
  // A normal number carries its leading one into the exponent field.
  int64_t field = static_cast<int64_t>(exponent - format.minExponent) << mantissaBits;
  return sign | static_cast<uint16_t>(field + significand);
}

uint16_t realToHalf(Precision half, double value, RoundMode mode, bool stopAtLargest, bool byValue) {
  bool negative = std::signbit(value);
  if (std::isnan(value))
    return negative ? 0xFFFF : 0x7FFF;
  if (std::isinf(value) || value == 0)
    return encodeHalf(half, value, negative);
  HalfFormat format = formatOf(half);
  int exponent = std::max(std::ilogb(value), format.minExponent);
  double unit = std::ldexp(1.0, exponent - (format.precision - 1));
  double rounded = (byValue ? roundReal(value / unit, mode) : roundMagnitude(value / unit, mode)) * unit;
  if (std::fabs(rounded) > format.largest && stopAtLargest) {
    bool keep =
        mode == RoundMode::TowardZero || (mode == RoundMode::Down && !negative) || (mode == RoundMode::Up && negative);
    rounded = keep ? format.largest : infinity;
  }
  return encodeHalf(half, rounded, negative);
}

/// Whether the floor of a right shift must go up by one.
template <typename Int> bool roundsUp(Int value, Int floor, Int fraction, Int half, RoundMode mode) {
  switch (mode) {
  case RoundMode::HalfEven:
    return fraction > half || (fraction == half && (floor & 1));
  case RoundMode::HalfAway:
    return fraction > half || (fraction == half && value >= 0);
  case RoundMode::TowardZero:
    return fraction != 0 && value < 0;
  case RoundMode::Down:
    return false;
  case RoundMode::Up:
    return fraction != 0;
  case RoundMode::HalfUp:
    return fraction >= half;
  case RoundMode::HalfDown:
    return fraction > half;
  }
  return false;
}

} // namespace

namespace tpu_mlir::kernels {

uint32_t bitsOf(float value) { return std::bit_cast<uint32_t>(value); }
float floatOf(uint32_t bits) { return std::bit_cast<float>(bits); }

float flushDenormal(float value) {
  uint32_t bits = bitsOf(value);
  return (bits & exponentBits) == 0 ? floatOf(bits & signBit) : value;
}

float f16ToFloat(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, exponent = bits >> 10 & 31, mantissa = bits & 0x3FF;
  if (exponent == 31)
    return floatOf(mantissa ? sign | 0x7FFFFFFF : sign | exponentBits);
  if (exponent == 0) {
    float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign ? -magnitude : magnitude;
  }
  return floatOf(sign | (exponent + 112) << 23 | mantissa << 13);
}

float bf16ToFloat(uint16_t bits) { return floatOf(static_cast<uint32_t>(bits) << 16); }

float halfToFloat(Precision half, uint16_t bits) {
  return half == Precision::F16 ? f16ToFloat(bits) : bf16ToFloat(bits);
}

uint16_t floatToHalf(Precision half, float value, RoundMode mode) {
  uint32_t bits = bitsOf(value);
  if (isNaN(bits))
    return bits & signBit ? 0xFFFF : 0x7FFF;
  return realToHalf(half, flushDenormal(value), mode, false, false);
}

uint16_t int32ToHalf(Precision half, int64_t value, RoundMode mode) {
  return realToHalf(half, static_cast<double>(value), mode, true, true);
}
uint16_t smallIntToHalf(Precision half, int64_t value, RoundMode mode) {
  return realToHalf(half, static_cast<double>(value), mode, false, false);
}

double roundReal(double value, RoundMode mode) {
  if (std::isinf(value))
    return value;
  double floor = std::floor(value), fraction = value - floor;
  bool up = false;
  switch (mode) {
  case RoundMode::HalfEven:
    up = fraction > 0.5 || (fraction == 0.5 && std::fmod(floor, 2.0) != 0);
    break;
  case RoundMode::HalfAway:
    up = fraction > 0.5 || (fraction == 0.5 && value >= 0);
    break;
  case RoundMode::TowardZero:
    up = fraction != 0 && value < 0;
    break;
  case RoundMode::Down:
    break;
  case RoundMode::Up:
    up = fraction != 0;
    break;
  case RoundMode::HalfUp:
    up = fraction >= 0.5;
    break;
  case RoundMode::HalfDown:
    up = fraction > 0.5;
    break;
  }
  return floor + (up ? 1 : 0);
}

float roundFloat(float value, RoundMode mode) {
  uint32_t bits = bitsOf(value);
  if ((bits & exponentBits) == exponentBits)
    return value;
  float rounded = static_cast<float>(std::fabs(roundReal(exactValue(value), mode)));
  return floatOf(bitsOf(rounded) | (bits & signBit));
}

float intToFloat(int64_t value, RoundMode mode) {
  // A double holds the integer exactly; the neighbours in f32 follow from the number of bits to drop.
  uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  int drop = std::max(0, static_cast<int>(std::bit_width(magnitude)) - 24);
  return static_cast<float>(static_cast<double>(roundingShiftRight(value, drop, mode)) * std::ldexp(1.0, drop));
}

IntRange rangeOf(Precision integer, bool isSigned) {
  int64_t size = int64_t{1} << bitWidth(integer);
  return isSigned ? IntRange{-size / 2, size / 2 - 1} : IntRange{0, size - 1};
}

int64_t saturate(int64_t value, Precision integer, bool isSigned) {
  IntRange range = rangeOf(integer, isSigned);
  return std::clamp(value, range.low, range.high);
}

int64_t floatToInt(float value, Precision integer, bool isSigned, RoundMode mode) {
  if (isNaN(bitsOf(value)))
    return 0;
  IntRange range = rangeOf(integer, isSigned);
  double rounded = roundReal(exactValue(value), mode);
  return static_cast<int64_t>(std::clamp(rounded, static_cast<double>(range.low), static_cast<double>(range.high)));
}

int64_t roundingShiftRight(int64_t value, int count, RoundMode mode) {
  if (count == 0)
    return value;
  if (count > 63) {
    if (mode == RoundMode::Down)
      return value < 0 ? -1 : 0;
    return mode == RoundMode::Up && value > 0 ? 1 : 0;
  }
  __int128 wide = value, floor = wide >> count, fraction = wide - (floor << count);
  return static_cast<int64_t>(floor + roundsUp<__int128>(wide, floor, fraction, __int128{1} << (count - 1), mode));
}

int64_t shift(int64_t value, int count, RoundMode mode) {
  if (count > 0)
    return static_cast<int64_t>(static_cast<uint64_t>(value) << (count & 63));
  return roundingShiftRight(value, -count, mode);
}

int64_t requantizeInt(int64_t x, int32_t multiplier, int shiftCount, int64_t zeroPoint, Precision out, bool outSigned,
                      RoundMode mode) {
  return saturate(static_cast<int64_t>(static_cast<uint64_t>(shift(x * multiplier, shiftCount, mode)) +
                                       static_cast<uint64_t>(zeroPoint)),
                  out, outSigned);
}

int64_t requantizeFloat(int64_t x, float scale, float offset, Precision out, bool outSigned, RoundMode intToFloatMode,
                        RoundMode floatToIntMode) {
  return floatToInt(addFlush(mulFlush(intToFloat(x, intToFloatMode), scale), offset), out, outSigned, floatToIntMode);
}

float dequantizeFloat(int64_t x, int64_t zeroPoint, float scale) { return mulFlush(intToFloat(x - zeroPoint), scale); }

int64_t dequantizeInt(int64_t x, int64_t zeroPoint, int32_t multiplier, int shiftCount, Precision out, bool outSigned,
                      RoundMode mode) {
  return saturate(shift((x - zeroPoint) * multiplier, shiftCount, mode), out, outSigned);
}

float addFlush(float a, float b) {
  a = flushDenormal(a), b = flushDenormal(b);
  // f32 sums round the same through double; a sum below 2^-126 is exact and flushed.
  float sum = static_cast<float>(static_cast<double>(a) + static_cast<double>(b));
  return flushDenormal(sum);
}

float mulFlush(float a, float b) {
  a = flushDenormal(a), b = flushDenormal(b);
  double exact = static_cast<double>(a) * static_cast<double>(b);
  return std::isfinite(exact) ? roundFlush(exact) : static_cast<float>(exact);
}

float truncatedGroupSum(const float *a, const float *b, int count) {
  constexpr int maxCount = 32;
  double products[maxCount];
  bool positive = false, negative = false, nan = false;
  int exponent = std::numeric_limits<int>::min();
  for (int i = 0; i < count; ++i) {
    double product = mulFlush(a[i], b[i]);
    products[i] = product;
    positive |= product == infinity;
    negative |= product == -infinity;
    nan |= std::isnan(product);
    if (product != 0 && std::isfinite(product))
      exponent = std::max(exponent, std::ilogb(product));
  }
  if (positive || negative || nan)
    return positive && !negative   ? std::numeric_limits<float>::infinity()
           : negative && !positive ? -std::numeric_limits<float>::infinity()
                                   : floatOf(0xFFC00000);
  if (exponent == std::numeric_limits<int>::min())
    return 0;
  int64_t sum = 0;
  for (int i = 0; i < count; ++i)
    sum += static_cast<int64_t>(std::ldexp(products[i], 24 - exponent)); // conversion truncates
  // |sum| ≤ 2^30: one rounding to f32, then exact scaling.
  double rounded = static_cast<double>(static_cast<float>(sum));
  return flushDenormal(static_cast<float>(std::ldexp(rounded, exponent - 24)));
}

} // namespace tpu_mlir::kernels
