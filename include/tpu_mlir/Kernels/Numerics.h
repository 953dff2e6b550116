// The chips' arithmetic, once: rounding, saturation, half precision, requantization, truncated group sums. First scalar
// functions that say what happens to one value (slow, exact, independent of the thread's floating point flags), then
// vector versions that give the same bits. Both the evaluation of the Tpu dialect and the simulator call these.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tpu_mlir::kernels {

/// Element formats of the chip, with the codes of its instruction fields.
enum class Precision : uint8_t { I8 = 0, F16 = 1, F32 = 2, I16 = 3, I32 = 4, BF16 = 5 };

constexpr bool isFloat(Precision p) { return p == Precision::F16 || p == Precision::F32 || p == Precision::BF16; }
constexpr bool isHalf(Precision p) { return p == Precision::F16 || p == Precision::BF16; }
constexpr int bitWidth(Precision p) {
  return p == Precision::I8 ? 8 : (p == Precision::F32 || p == Precision::I32) ? 32 : 16;
}
constexpr int byteWidth(Precision p) { return bitWidth(p) / 8; }

/// Rounding modes, with the codes of the instruction fields. The Half modes round to nearest and differ on ties: to the
/// even neighbour, away from zero, up, down.
enum class RoundMode : uint8_t { HalfEven, HalfAway, TowardZero, Down, Up, HalfUp, HalfDown };

// ---------------------------------------------------------------------------------------------- scalar functions

uint32_t bitsOf(float value);
float floatOf(uint32_t bits);

/// f32 denormals become zero of the same sign.
float flushDenormal(float value);

/// The value of a half; denormal f16 keep their value, every NaN becomes sign | 0x7fffffff.
float f16ToFloat(uint16_t bits);
/// The value of a bf16: a shift, denormals and NaN payloads stay.
float bf16ToFloat(uint16_t bits);
float halfToFloat(Precision half, uint16_t bits);

/// An f32 rounded to f16 or bf16. Denormal f32 become zero first; gradual underflow in f16; overflow gives infinity in
/// every mode; NaN gives sign | 0x7fff. HalfUp and HalfDown act on the magnitude (away from, towards zero).
uint16_t floatToHalf(Precision half, float value, RoundMode mode = RoundMode::HalfEven);

/// A 32-bit integer rounded once to f16 or bf16: modes by value, and the directed modes stop at the largest finite
/// value where the others overflow to infinity.
uint16_t int32ToHalf(Precision half, int64_t value, RoundMode mode);
/// An 8- or 16-bit integer rounded to f16 or bf16: as floatToHalf.
uint16_t smallIntToHalf(Precision half, int64_t value, RoundMode mode);

/// A finite or infinite real rounded to an integral value, modes by value; the sign of a zero result is not defined.
double roundReal(double value, RoundMode mode);
/// Rounding to an integral value of the same float type (the cast f32 → f32): sign of zero kept, NaN and infinity pass.
float roundFloat(float value, RoundMode mode);

/// An integer of at most 33 bits rounded to f32, modes by value.
float intToFloat(int64_t value, RoundMode mode = RoundMode::HalfEven);

struct IntRange {
  int64_t low, high;
};
/// Smallest and largest value of an integer format.
IntRange rangeOf(Precision integer, bool isSigned);
int64_t saturate(int64_t value, Precision integer, bool isSigned);

/// A float rounded to an integer and saturated; NaN gives 0. Denormals are values (Up of 1e-45 is 1).
int64_t floatToInt(float value, Precision integer, bool isSigned, RoundMode mode);

/// value / 2^count rounded, count ≥ 0 (any size).
int64_t roundingShiftRight(int64_t value, int count, RoundMode mode);
/// count > 0: left, wrapping in 64 bits, count modulo 64; otherwise a rounded right shift by -count.
int64_t shift(int64_t value, int count, RoundMode mode);

/// Integer requantization: sat(round(x·multiplier · 2^shift) + zeroPoint), negative shift = right.
int64_t requantizeInt(int64_t x, int32_t multiplier, int shiftCount, int64_t zeroPoint, Precision out, bool outSigned,
                      RoundMode mode);
/// Float requantization: sat(round(float(x)·scale + offset)), product and sum rounded to f32.
int64_t requantizeFloat(int64_t x, float scale, float offset, Precision out, bool outSigned, RoundMode intToFloatMode,
                        RoundMode floatToIntMode);
/// (x − zeroPoint)·scale in f32.
float dequantizeFloat(int64_t x, int64_t zeroPoint, float scale);
/// sat(round((x − zeroPoint)·multiplier · 2^shift)).
int64_t dequantizeInt(int64_t x, int64_t zeroPoint, int32_t multiplier, int shiftCount, Precision out, bool outSigned,
                      RoundMode mode);

/// f32 arithmetic of the chip: operands flushed, result rounded half to even, then flushed (products and sums).
float addFlush(float a, float b);
float mulFlush(float a, float b);

/// The sum that f16 and bf16 convolutions and matrix products add to their f32 accumulator: at most 32 products
/// a[i]·b[i] (values of one half type, bf16 denormals already flushed), each truncated toward zero to a multiple of
/// 2^(e−24), where e is the exponent of the largest one; the exact sum is rounded once. One infinity wins; opposite
/// ones and NaN give 0xffc00000.
float truncatedGroupSum(const float *a, const float *b, int count);

// ---------------------------------------------------------------------------------------------- vector functions
// Single-threaded; call them on pieces from parallelFor. Input and output may be the same array, otherwise they must
// not overlap. They set the floating point flags they need themselves.

void convertF32ToF16(const float *in, uint16_t *out, size_t count, RoundMode mode = RoundMode::HalfEven);
void convertF32ToBF16(const float *in, uint16_t *out, size_t count, RoundMode mode = RoundMode::HalfEven);
void convertF32ToHalf(Precision half, const float *in, uint16_t *out, size_t count,
                      RoundMode mode = RoundMode::HalfEven);
void convertF16ToF32(const uint16_t *in, float *out, size_t count);
void convertBF16ToF32(const uint16_t *in, float *out, size_t count);
void convertHalfToF32(Precision half, const uint16_t *in, float *out, size_t count);

/// values[i] = value of floatToHalf(half, values[i]); nothing for F32.
void roundToPrecision(Precision precision, float *values, size_t count);

void convertF32ToInt32(const float *in, int32_t *out, size_t count, Precision integer, bool isSigned, RoundMode mode);
void convertInt32ToF32(const int32_t *in, float *out, size_t count, RoundMode mode = RoundMode::HalfEven);
void roundFloats(const float *in, float *out, size_t count, RoundMode mode);

/// out[i] = requantizeInt(in[i], …), dequantizeInt with zeroPoint before (inZeroPoint) instead of after.
void requantizeInt(const int32_t *in, int32_t *out, size_t count, int64_t inZeroPoint, int32_t multiplier,
                   int shiftCount, int64_t outZeroPoint, IntRange limits, RoundMode mode);

} // namespace tpu_mlir::kernels
