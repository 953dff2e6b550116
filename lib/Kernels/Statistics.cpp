// Drivers of the statistics: extremes first, which give the bin width, then the histogram; both cut for threads.
#include "tpu_mlir/Kernels/Statistics.h"

#include "StatisticsLoops.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <mutex>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Values that are worth a thread; pieces whose counters of 32 bits cannot overflow, and pieces of sums.
constexpr int64_t extremesGrain = 65536, countGrain = 131072, countPiece = int64_t{1} << 30, sumPiece = 65536;

Extremes joined(const Extremes &a, const Extremes &b) {
  return {std::min(a.minimum, b.minimum), std::max(a.maximum, b.maximum), a.notFinite || b.notFinite};
}

Extremes extremesOf(const float *values, int64_t count) {
  Extremes all{values[0], values[0], false};
  std::mutex mutex;
  parallelFor(count, extremesGrain, [&](int64_t begin, int64_t end) {
    const Extremes part = TPU_SIMD_DISPATCH(kernels, extremesLoop)(values + begin, end - begin);
    std::lock_guard lock(mutex);
    all = joined(all, part);
  });
  return all;
}

void addTo(std::vector<int64_t> &counts, const std::vector<int64_t> &other) {
  for (size_t i = 0; i < counts.size(); ++i)
    counts[i] += other[i];
}

void joinPairs(std::vector<int64_t> &counts) {
  const size_t half = counts.size() / 2;
  for (size_t i = 0; i < half; ++i)
    counts[i] = counts[2 * i] + counts[2 * i + 1];
  std::fill(counts.begin() + half, counts.end(), 0);
}

} // namespace

TensorStatistics::TensorStatistics(int wanted) {
  int bins = 16;
  while (bins < wanted && bins < (1 << 20))
    bins *= 2;
  positive.assign(2 * bins, 0);
  negative.assign(2 * bins, 0);
}

int TensorStatistics::exponentFor(float magnitude) const {
  int above; // magnitude < 2^above
  std::frexp(magnitude, &above);
  const int bitsOfBins = std::ilogb(bins());
  return magnitude == 0 ? smallestExponent : std::max(above - bitsOfBins, smallestExponent);
}

void TensorStatistics::widen(int wanted) {
  // After as many steps as there are bits in a bin's number, everything lies in the first bin.
  for (int steps = std::min(wanted - exponent, std::ilogb(bins()) + 1); steps > 0; --steps) {
    joinPairs(positive);
    joinPairs(negative);
  }
  exponent = std::max(exponent, wanted);
}

void TensorStatistics::add(const float *values, int64_t size) {
  if (size == 0)
    return;
  const Extremes extremes = extremesOf(values, size);
  if (extremes.notFinite) { // rare: the finite ones are sorted out
    std::vector<float> finite;
    std::copy_if(values, values + size, std::back_inserter(finite), [](float x) { return std::isfinite(x); });
    notFinite += size - static_cast<int64_t>(finite.size());
    return add(finite.data(), static_cast<int64_t>(finite.size()));
  }
  widen(exponentFor(std::max(std::fabs(extremes.minimum), std::fabs(extremes.maximum))));
  minimum = count ? std::min(minimum, extremes.minimum) : extremes.minimum;
  maximum = count ? std::max(maximum, extremes.maximum) : extremes.maximum;
  count += size;
  const float perWidth = std::ldexp(1.0f, -exponent);
  std::mutex mutex;
  parallelFor(size, countGrain, [&](int64_t begin, int64_t end) {
    std::vector<uint32_t> tables(4 * bins());
    for (int64_t start = begin; start < end; start += countPiece) {
      std::fill(tables.begin(), tables.end(), 0);
      const int64_t found = TPU_SIMD_DISPATCH(kernels, countLoop)(values + start, std::min(countPiece, end - start),
                                                                  perWidth, bins(), tables.data());
      std::lock_guard lock(mutex);
      zeros += found;
      for (int i = 0; i < bins(); ++i) {
        positive[i] += int64_t{tables[i]} + tables[2 * bins() + i];
        negative[i] += int64_t{tables[bins() + i]} + tables[3 * bins() + i];
      }
    }
  });
}

void TensorStatistics::merge(const TensorStatistics &other) {
  assert(bins() == other.bins());
  notFinite += other.notFinite;
  if (other.count == 0)
    return;
  if (other.exponent < exponent) {
    TensorStatistics wider = other;
    wider.widen(exponent);
    addTo(positive, wider.positive);
    addTo(negative, wider.negative);
  } else {
    widen(other.exponent);
    addTo(positive, other.positive);
    addTo(negative, other.negative);
  }
  minimum = count ? std::min(minimum, other.minimum) : other.minimum;
  maximum = count ? std::max(maximum, other.maximum) : other.maximum;
  count += other.count;
  zeros += other.zeros;
}

void kernels::roundToGrid(const float *in, float *out, int64_t count, float scale, int zeroPoint, int low, int high) {
  parallelFor(count, extremesGrain, [&](int64_t begin, int64_t end) {
    TPU_SIMD_DISPATCH(kernels, roundLoop)(in + begin, out + begin, end - begin, scale, 1.0f / scale,
                                          static_cast<float>(low - zeroPoint), static_cast<float>(high - zeroPoint));
  });
}

SquaredError kernels::squaredError(const float *a, const float *b, int64_t count) {
  // Pieces of fixed size, added in order: the number of threads does not show in the result.
  std::vector<SquaredError> sums((count + sumPiece - 1) / sumPiece);
  parallelFor(static_cast<int64_t>(sums.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      sums[i] = TPU_SIMD_DISPATCH(kernels, squaredErrorLoop)(a + i * sumPiece, b + i * sumPiece,
                                                             std::min(sumPiece, count - i * sumPiece));
  });
  SquaredError total;
  for (const SquaredError &sum : sums) {
    total.error += sum.error;
    total.energy += sum.energy;
  }
  return total;
}
