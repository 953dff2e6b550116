// Integer arithmetic beyond 64 bits: products of 32-bit operands and their shifts.
#pragma once
#include "tpu_mlir/Kernels/Numerics.h"

#include <algorithm>

namespace tpu_mlir::sim {

using Wide = __int128;

/// v · 2^count, rounded when count is negative; bits beyond 127 are lost. |v| < 2^66.
inline Wide shiftWide(Wide value, int count, kernels::RoundMode mode) {
  using kernels::RoundMode;
  if (count >= 0)
    return count > 126 ? 0 : static_cast<Wide>(static_cast<unsigned __int128>(value) << count);
  int right = std::min(-count, 100);
  Wide floor = value >> right, fraction = value - (floor << right), half = Wide{1} << (right - 1);
  bool up = false;
  switch (mode) {
  case RoundMode::HalfEven:
    up = fraction > half || (fraction == half && (floor & 1));
    break;
  case RoundMode::HalfAway:
    up = fraction > half || (fraction == half && value >= 0);
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
    up = fraction >= half;
    break;
  case RoundMode::HalfDown:
    up = fraction > half;
    break;
  }
  return floor + up;
}

/// shiftWide, saturated by the true value.
inline int64_t shiftSaturated(Wide value, int count, kernels::RoundMode mode, kernels::IntRange range) {
  if (count > 40 && value != 0) // any bit is far above 32 bits then
    return value > 0 ? range.high : range.low;
  return static_cast<int64_t>(std::clamp<Wide>(shiftWide(value, count, mode), range.low, range.high));
}

} // namespace tpu_mlir::sim
