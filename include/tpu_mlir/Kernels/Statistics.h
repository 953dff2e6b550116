// Statistics of tensors for calibration: extremes and a histogram that can be taken in any order and in any parts.
#pragma once
#include <cstdint>
#include <vector>

namespace tpu_mlir::kernels {

/// What is known of all values that a tensor has had. The result depends on the values alone and not on their order or
/// on how they were divided between objects that are merged: everything counts integers or takes extremes, and the
/// histogram's bin width is the smallest power of two with which all values fit, so that a wider one follows exactly
/// from a narrower one by joining pairs of bins. A value x lies in bin floor(|x| / width) of its sign's half.
class TensorStatistics {
public:
  /// Bins of each half: at least `wanted`, rounded up to a power of two (16 … 2^20), between 0 and the largest
  /// magnitude once values have been added. Twice as many are kept, so that this holds after every doubling of the
  /// width.
  explicit TensorStatistics(int wanted = 2048);

  /// Counts the values, on several threads. Values that are NaN or infinite are only counted as such.
  void add(const float *values, int64_t count);
  /// Adds all that `other` has seen; it has as many bins.
  void merge(const TensorStatistics &other);

  /// Finite values seen, those among them that are zero, and values that are not finite.
  int64_t count = 0, zeros = 0, notFinite = 0;
  /// Of the finite values; 0 where there are none.
  float minimum = 0, maximum = 0;
  /// The bin width is 2^exponent.
  int exponent = smallestExponent;
  /// Values with x >= 0 (zeros too) and with x < 0, by magnitude.
  std::vector<int64_t> positive, negative;

  static constexpr int smallestExponent = -100;
  int bins() const { return static_cast<int>(positive.size()); }

private:
  void widen(int wanted);
  int exponentFor(float magnitude) const;
};

/// out = (q − zeroPoint) · scale with q = clamp(round(in / scale) + zeroPoint, low, high): a tensor as its 8-bit form
/// represents it. NaN becomes the zero point's value.
void roundToGrid(const float *in, float *out, int64_t count, float scale, int zeroPoint, int low, int high);
/// Σ (a − b)² and Σ a², in double; the same on every instruction set.
struct SquaredError {
  double error = 0, energy = 0;
};
SquaredError squaredError(const float *a, const float *b, int64_t count);

} // namespace tpu_mlir::kernels
