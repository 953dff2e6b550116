// Geometry that convolution and pooling share: padding, pixels inserted between input pixels, stride, dilation.
#pragma once
#include "Operation.h"
#include <vector>

namespace tpu_mlir::sim {

/// Where a row or column of the padded image comes from.
constexpr int32_t fromPadding = -1, fromInsertion = -2;

struct WindowGeometry {
  explicit WindowGeometry(FieldReader &fields);

  /// Padded height and width.
  int64_t height() const { return static_cast<int64_t>(rows.size()); }
  int64_t width() const { return static_cast<int64_t>(columns.size()); }
  int64_t taps() const { return int64_t{kernelH} * kernelW; }

  int kernelH, kernelW, strideY, strideX, dilationY, dilationX;
  bool rotated;
  /// Source row and column, or fromPadding or fromInsertion.
  std::vector<int32_t> rows, columns;
};

/// Values of pixels that have no source, per channel or the same for all.
template <typename T> struct BorderValues {
  T padding{}, insertion{};
};

/// Writes the padded image of one channel: out[y·pitch + x·step] from source rows of the input type.
/// fetchRow(sourceRow, T *values) loads one input row.
template <typename T, typename FetchRow>
void padPlane(const WindowGeometry &geometry, int64_t inputWidth, BorderValues<T> border, FetchRow fetchRow, T *out,
              int64_t pitch, int64_t step) {
  std::vector<T> row(inputWidth + 64);
  int64_t width = geometry.width();
  for (int64_t y = 0; y < geometry.height(); ++y, out += pitch) {
    int32_t sourceRow = geometry.rows[y];
    if (sourceRow >= 0)
      fetchRow(sourceRow, row.data());
    for (int64_t x = 0; x < width; ++x) {
      int32_t column = geometry.columns[x];
      T value;
      if (sourceRow == fromPadding || column == fromPadding)
        value = border.padding;
      else if (sourceRow == fromInsertion || column == fromInsertion)
        value = border.insertion;
      else
        value = row[column];
      out[x * step] = value;
    }
  }
}

} // namespace tpu_mlir::sim
