// Arithmetic of tiling: ranges and slices of tensors seen as [n, c, h, w], and the input window of an output range.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

namespace tpu_mlir::codegen {

inline constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline constexpr int64_t alignTo(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }

/// `size` positions from `begin` on.
struct Range {
  int64_t begin = 0;
  int64_t size = 1;
  int64_t end() const { return begin + size; }
  bool operator==(const Range &) const = default;
  bool overlaps(Range other) const { return begin < other.end() && other.begin < end(); }
};

/// A box of a tensor that is seen as [n, c, h, w].
struct Slice {
  Range n, c, h, w;
  bool operator==(const Slice &) const = default;
  std::array<int64_t, 4> shape() const { return {n.size, c.size, h.size, w.size}; }
  int64_t elements() const { return n.size * c.size * h.size * w.size; }
  bool overlaps(const Slice &o) const {
    return n.overlaps(o.n) && c.overlaps(o.c) && h.overlaps(o.h) && w.overlaps(o.w);
  }
};

/// The whole of a tensor.
inline Slice wholeOf(std::array<int64_t, 4> shape) {
  return {{0, shape[0]}, {0, shape[1]}, {0, shape[2]}, {0, shape[3]}};
}

/// A sliding window along one axis: kernel, stride, dilation, padding before, and `insert` zeros between input
/// positions.
struct Window {
  int64_t kernel = 1, stride = 1, dilation = 1, padBefore = 0, insert = 0;
};

/// What an output range needs of the input: the positions that exist, and how many positions of padding (counted
/// between inserted zeros) stand before and after them. `input.size` is 0 when only padding is needed.
struct WindowSlice {
  Range input;
  int64_t padBefore = 0, padAfter = 0;
};

/// Input positions under the windows of `out` on an axis of `extent` positions.
inline WindowSlice inputOf(const Window &window, Range out, int64_t extent) {
  int64_t step = window.insert + 1;
  int64_t low = out.begin * window.stride - window.padBefore;
  int64_t high = (out.end() - 1) * window.stride - window.padBefore + window.dilation * (window.kernel - 1);
  int64_t first = std::max<int64_t>(0, low <= 0 ? 0 : ceilDiv(low, step));
  int64_t last = high < 0 ? -1 : std::min(extent - 1, high / step);
  if (last < first)
    return {{std::min(first, extent - 1), 0}, 0, high - low + 1};
  return {{first, last - first + 1}, first * step - low, high - last * step};
}

} // namespace tpu_mlir::codegen
