// Register-blocked loops: several rows share each load of a weight vector.
#include "Gemm.h"
#include "tpu_mlir/Kernels/Vector.h"

namespace tpu_mlir::sim::TPU_SIMD_NAMESPACE {
using namespace tpu_mlir::TPU_SIMD_NAMESPACE;

namespace {

constexpr int32_t magnitudeMask = 0x7FFFFFFF, infinityBits = 0x7F800000;
/// Below this exponent of the largest product the scale 2^(e−24) leaves the range of f32.
constexpr int32_t smallestFast = 25 << 23;

/// The sums of one group for the lanes whose largest product is too small or not finite.
[[gnu::noinline]] void slowGroup(const float *x, const float *weights, int count, IntVector lanes, FloatVector &sum) {
  for (int lane = 0; lane < lanesPerVector; ++lane) {
    if (!lanes[lane])
      continue;
    float column[32];
    for (int k = 0; k < count; ++k)
      column[k] = weights[k * gemmColumns + lane];
    sum[lane] = kernels::truncatedGroupSum(x, column, count);
  }
}

template <int rows> inline void groupStep(const float *const *x, const float *weights, int count, float *accumulators) {
  IntVector largest[rows];
  for (int r = 0; r < rows; ++r)
    largest[r] = IntVector{};
  for (int k = 0; k < count; ++k) {
    FloatVector w = loadVector<FloatVector>(weights + k * gemmColumns);
    for (int r = 0; r < rows; ++r)
      largest[r] = maxInt(largest[r], (IntVector)(w * x[r][k]) & magnitudeMask);
  }
  IntVector slow[rows], sum[rows];
  FloatVector scale[rows], unit[rows];
  IntVector anySlow{};
  for (int r = 0; r < rows; ++r) {
    // Groups of zeros are frequent: any scale will do for them.
    IntVector bits = largest[r] == 0 ? splat(smallestFast) : largest[r];
    slow[r] = (bits < smallestFast) | (bits >= infinityBits);
    anySlow |= slow[r];
    IntVector exponent = bits >> 23;
    scale[r] = (FloatVector)((278 - exponent) << 23); // 2^(24−e)
    unit[r] = (FloatVector)((exponent - 24) << 23);   // 2^(e−24)
    sum[r] = IntVector{};
  }
  for (int k = 0; k < count; ++k) {
    FloatVector w = loadVector<FloatVector>(weights + k * gemmColumns);
    for (int r = 0; r < rows; ++r)
      sum[r] += truncateToInt(w * x[r][k] * scale[r]);
  }
  bool special = anyLane(anySlow);
  for (int r = 0; r < rows; ++r) {
    FloatVector value = toFloat(sum[r]) * unit[r];
    if (__builtin_expect(special, 0))
      slowGroup(x[r], weights, count, slow[r], value);
    float *accumulator = accumulators + r * gemmColumns;
    storeVector(accumulator, loadVector<FloatVector>(accumulator) + value);
  }
}

/// a op b where the first NaN operand goes through, made quiet; an operation of numbers that gives NaN gives
/// 0xffc00000.
template <typename Operation> inline float orderedNaN(float a, float b, Operation operation) {
  if (a != a || b != b)
    return kernels::floatOf(kernels::bitsOf(a != a ? a : b) | 0x400000u);
  return operation(a, b);
}

/// One result whose NaN has to have the right payload, term by term.
[[gnu::noinline]] float f32Slow(const float *x, const int64_t *offsets, int64_t terms, const float *weights, float odd,
                                float even, bool oddFirst) {
  auto add = [](float a, float b) { return orderedNaN(a, b, [](float u, float v) { return u + v; }); };
  auto multiply = [](float a, float b) { return orderedNaN(a, b, [](float u, float v) { return u * v; }); };
  for (int64_t t = 0; t < terms; ++t) {
    float &sum = t & 1 ? odd : even;
    sum = add(sum, multiply(x[offsets[t]], weights[t * gemmColumns]));
  }
  return oddFirst ? add(odd, even) : add(even, odd);
}

template <int rows>
inline void f32Rows(const float *const *x, const int64_t *offsets, int64_t terms, const float *weights,
                    const float *evenStart, bool oddFirst, float *results) {
  FloatVector odd[rows], even[rows], firstEven = loadVector<FloatVector>(evenStart);
  for (int r = 0; r < rows; ++r) {
    odd[r] = loadVector<FloatVector>(results + r * gemmColumns);
    even[r] = firstEven;
  }
  int64_t t = 0;
  for (; t + 2 <= terms; t += 2) {
    FloatVector w = loadVector<FloatVector>(weights + t * gemmColumns);
    int64_t offset = offsets[t];
    for (int r = 0; r < rows; ++r)
      even[r] += w * x[r][offset];
    w = loadVector<FloatVector>(weights + (t + 1) * gemmColumns);
    offset = offsets[t + 1];
    for (int r = 0; r < rows; ++r)
      odd[r] += w * x[r][offset];
  }
  if (t < terms) {
    FloatVector w = loadVector<FloatVector>(weights + t * gemmColumns);
    for (int r = 0; r < rows; ++r)
      even[r] += w * x[r][offsets[t]];
  }
  for (int r = 0; r < rows; ++r) {
    FloatVector sum = odd[r] + even[r];
    float *result = results + r * gemmColumns;
    if (__builtin_expect(anyLane(isNaN(sum)), 0))
      for (int lane = 0; lane < lanesPerVector; ++lane)
        if (sum[lane] != sum[lane])
          sum[lane] = f32Slow(x[r], offsets, terms, weights + lane, result[lane], evenStart[lane], oddFirst);
    storeVector(result, sum);
  }
}

template <int rows>
inline void pairRows(const int32_t *const *x, const int64_t *offsets, int64_t pairs, const int32_t *weights,
                     int64_t *sums) {
  IntVector sum[rows];
  for (int r = 0; r < rows; ++r)
    sum[r] = IntVector{};
  for (int64_t t = 0; t < pairs; ++t) {
    IntVector w = loadVector<IntVector>(weights + t * gemmColumns);
    int64_t offset = offsets[t];
    for (int r = 0; r < rows; ++r)
      sum[r] += multiplyPairs(w, splat(x[r][offset]));
  }
  for (int r = 0; r < rows; ++r)
    for (int lane = 0; lane < lanesPerVector; ++lane)
      sums[r * gemmColumns + lane] += sum[r][lane];
}

// As many rows as the registers hold: AVX-512 has 32, the others 16.
constexpr int wideRows = TPU_SIMD_LEVEL == 2 ? 8 : 4;
constexpr int groupRows = TPU_SIMD_LEVEL == 2 ? 6 : 3;

} // namespace

void multiplyHalf(const float *x, const int64_t *rowBase, int64_t rows, const TermGroup *groups, int64_t groupCount,
                  const float *weights, float *accumulators) {
  for (int64_t g = 0; g < groupCount; ++g, weights += groups[g - 1].count * gemmColumns) {
    const float *base = x + groups[g].offset;
    int count = groups[g].count;
    int64_t row = 0;
    for (; row + groupRows <= rows; row += groupRows) {
      const float *from[groupRows];
      for (int r = 0; r < groupRows; ++r)
        from[r] = base + rowBase[row + r];
      for (int c = 0; c < gemmColumns; c += lanesPerVector)
        groupStep<groupRows>(from, weights + c, count, accumulators + row * gemmColumns + c);
    }
    for (; row < rows; ++row) {
      const float *from = base + rowBase[row];
      for (int c = 0; c < gemmColumns; c += lanesPerVector)
        groupStep<1>(&from, weights + c, count, accumulators + row * gemmColumns + c);
    }
  }
}

void multiplyF32(const float *x, const int64_t *rowBase, int64_t rows, const int64_t *offsets, int64_t terms,
                 const float *weights, const float *evenStart, bool oddFirst, float *results) {
  int64_t row = 0;
  for (; row + wideRows <= rows; row += wideRows) {
    const float *from[wideRows];
    for (int r = 0; r < wideRows; ++r)
      from[r] = x + rowBase[row + r];
    for (int c = 0; c < gemmColumns; c += lanesPerVector)
      f32Rows<wideRows>(from, offsets, terms, weights + c, evenStart + c, oddFirst, results + row * gemmColumns + c);
  }
  for (; row < rows; ++row) {
    const float *from = x + rowBase[row];
    for (int c = 0; c < gemmColumns; c += lanesPerVector)
      f32Rows<1>(&from, offsets, terms, weights + c, evenStart + c, oddFirst, results + row * gemmColumns + c);
  }
}

void multiplyPairs8(const int32_t *x, const int64_t *rowBase, int64_t rows, const int64_t *offsets, int64_t pairs,
                    const int32_t *weights, int64_t *sums) {
  int64_t row = 0;
  for (; row + wideRows <= rows; row += wideRows) {
    const int32_t *from[wideRows];
    for (int r = 0; r < wideRows; ++r)
      from[r] = x + rowBase[row + r];
    for (int c = 0; c < gemmColumns; c += lanesPerVector)
      pairRows<wideRows>(from, offsets, pairs, weights + c, sums + row * gemmColumns + c);
  }
  for (; row < rows; ++row) {
    const int32_t *from = x + rowBase[row];
    for (int c = 0; c < gemmColumns; c += lanesPerVector)
      pairRows<1>(&from, offsets, pairs, weights + c, sums + row * gemmColumns + c);
  }
}

} // namespace tpu_mlir::sim::TPU_SIMD_NAMESPACE
