// Rounding in all modes of the Top dialect: of reals to integers, of integers divided by powers of two, exactly.
#pragma once
#include "llvm/ADT/StringSwitch.h"

#include <bit>
#include <cmath>
#include <cstdint>

namespace tpu_mlir::evaluation {

enum class Rounding {
  HalfAwayFromZero,
  HalfUp,
  HalfDown,
  HalfToEven,
  HalfToOdd,
  HalfTowardsZero,
  TowardsZero,
  Up,
  Down
};

inline Rounding roundingOf(llvm::StringRef mode) {
  return llvm::StringSwitch<Rounding>(mode)
      .Case("HalfUp", Rounding::HalfUp)
      .Case("HalfDown", Rounding::HalfDown)
      .Case("HalfToEven", Rounding::HalfToEven)
      .Case("HalfToOdd", Rounding::HalfToOdd)
      .Case("HalfTowardsZero", Rounding::HalfTowardsZero)
      .Case("TowardsZero", Rounding::TowardsZero)
      .Case("Up", Rounding::Up)
      .Case("Down", Rounding::Down)
      .Default(Rounding::HalfAwayFromZero);
}

/// Whether a value between `floor` and floor + 1 becomes the latter. `half`: -1, 0, 1 as its distance from `floor` is
/// below, equal to or above 1/2; that distance is not 0.
inline bool roundsUp(Rounding rounding, bool negative, bool floorIsOdd, int half) {
  switch (rounding) {
  case Rounding::Up:
    return true;
  case Rounding::Down:
    return false;
  case Rounding::TowardsZero:
    return negative;
  default:
    break;
  }
  if (half != 0)
    return half > 0;
  switch (rounding) {
  case Rounding::HalfUp:
    return true;
  case Rounding::HalfDown:
    return false;
  case Rounding::HalfToEven:
    return floorIsOdd;
  case Rounding::HalfToOdd:
    return !floorIsOdd;
  case Rounding::HalfTowardsZero:
    return negative;
  default:
    return !negative;
  }
}

inline double rounded(double value, Rounding rounding) {
  const double floor = std::floor(value), rest = value - floor;
  if (rest == 0)
    return value;
  const bool floorIsOdd = rest == 0.5 && std::fmod(floor, 2) != 0; // asked for halves only
  return floor + roundsUp(rounding, value < 0, floorIsOdd, rest < 0.5 ? -1 : rest > 0.5 ? 1 : 0);
}

using Wide = __int128;

/// value · 2^shift.
inline Wide shifted(Wide value, int shift, Rounding rounding) {
  if (shift >= 0)
    return value * (Wide{1} << shift);
  const Wide unit = Wide{1} << -shift, floor = value >> -shift, rest = value - floor * unit;
  if (rest == 0)
    return floor;
  return floor + roundsUp(rounding, value < 0, floor & 1, rest < unit / 2 ? -1 : rest > unit / 2 ? 1 : 0);
}

/// An integer of up to 62 bits as f32.
inline float toFloatRounded(int64_t value, Rounding rounding) {
  const int excess = static_cast<int>(std::bit_width(static_cast<uint64_t>(value < 0 ? -value : value))) - 24;
  if (excess <= 0)
    return static_cast<float>(value);
  return std::ldexp(static_cast<float>(static_cast<int64_t>(shifted(value, -excess, rounding))), excess);
}

} // namespace tpu_mlir::evaluation
