// Inner loops of the statistics.
#include "StatisticsLoops.h"
#include "tpu_mlir/Kernels/Vector.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {

using namespace tpu_mlir::TPU_SIMD_NAMESPACE;

namespace {

constexpr uint32_t signBit = 0x80000000u, largestFinite = 0x7F7FFFFFu;

// Calls step with every full vector and, for the rest, with a vector that repeats the last value.
template <typename Step> void everyVector(const float *in, int64_t count, Step step) {
  int64_t i = 0;
  for (; i + lanesPerVector <= count; i += lanesPerVector)
    step(loadVector<FloatVector>(in + i));
  if (i == count)
    return;
  float rest[lanesPerVector];
  std::fill(std::begin(rest), std::end(rest), in[count - 1]);
  std::copy(in + i, in + count, rest);
  step(loadVector<FloatVector>(rest));
}

} // namespace

Extremes extremesLoop(const float *in, int64_t count) {
  FloatVector low = splat(in[0]), high = low;
  UIntVector magnitude = splat(0u);
  everyVector(in, count, [&](FloatVector x) {
    const UIntVector bits = (UIntVector)x & ~signBit;
    low = x < low ? x : low;
    high = x > high ? x : high;
    magnitude = bits > magnitude ? bits : magnitude; // as integers NaN is above infinity, that above all numbers
  });
  Extremes result{low[0], high[0], false};
  for (int lane = 0; lane < lanesPerVector; ++lane) {
    result.minimum = std::min(result.minimum, float(low[lane]));
    result.maximum = std::max(result.maximum, float(high[lane]));
    result.notFinite |= magnitude[lane] > largestFinite;
  }
  return result;
}

int64_t countLoop(const float *in, int64_t count, float perWidth, int bins, uint32_t *tables) {
  constexpr int64_t piece = 512;
  int32_t index[piece];
  uint32_t *other = tables + 2 * bins;
  int64_t zeros = 0;
  for (int64_t start = 0; start < count; start += piece) {
    const int64_t length = std::min(piece, count - start);
    int64_t i = 0;
    IntVector zeroLanes = splat(0);
    for (; i + lanesPerVector <= length; i += lanesPerVector) {
      const FloatVector x = loadVector<FloatVector>(in + start + i);
      const FloatVector magnitude = (FloatVector)((UIntVector)x & ~signBit);
      const IntVector bin = truncateToInt(magnitude * perWidth);
      zeroLanes += x == 0.0f;
      storeVector(index + i, IntVector(bin + ((x < 0.0f) & bins)));
    }
    for (int lane = 0; lane < lanesPerVector; ++lane)
      zeros -= zeroLanes[lane];
    for (; i < length; ++i) {
      const float x = in[start + i];
      zeros += x == 0.0f;
      index[i] = static_cast<int32_t>(std::fabs(x) * perWidth) + (x < 0 ? bins : 0);
    }
    for (i = 0; i + 2 <= length; i += 2) {
      ++tables[index[i]];
      ++other[index[i + 1]];
    }
    if (i < length)
      ++tables[index[i]];
  }
  return zeros;
}

void roundLoop(const float *in, float *out, int64_t count, float scale, float perScale, float low, float high) {
  // Adding 1.5 · 2^23 leaves no bits for fractions: the addition itself rounds half to even.
  constexpr float whole = 12582912.0f;
  const auto step = [&](FloatVector x) {
    FloatVector y = x * perScale;
    y = y >= low ? y : (y < low ? splat(low) : splat(0.0f));
    y = y > high ? splat(high) : y;
    return FloatVector(((y + whole) - whole) * scale);
  };
  int64_t i = 0;
  for (; i + lanesPerVector <= count; i += lanesPerVector)
    storeVector(out + i, step(loadVector<FloatVector>(in + i)));
  if (i == count)
    return;
  float rest[lanesPerVector] = {};
  std::copy(in + i, in + count, rest);
  storeVector(rest, step(loadVector<FloatVector>(rest)));
  std::copy(rest, rest + (count - i), out + i);
}

SquaredError squaredErrorLoop(const float *a, const float *b, int64_t count) {
  constexpr int parts = 16;
  double error[parts] = {}, energy[parts] = {};
  int64_t i = 0;
  for (; i + parts <= count; i += parts)
    for (int part = 0; part < parts; ++part) {
      const double x = a[i + part], difference = x - b[i + part];
      error[part] += difference * difference;
      energy[part] += x * x;
    }
  for (; i < count; ++i) {
    const double x = a[i], difference = x - b[i];
    error[i % parts] += difference * difference;
    energy[i % parts] += x * x;
  }
  SquaredError sum;
  for (int part = 0; part < parts; ++part) {
    sum.error += error[part];
    sum.energy += energy[part];
  }
  return sum;
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
