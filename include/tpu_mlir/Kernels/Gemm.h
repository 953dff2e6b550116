// Matrix product in f32, the engine under convolutions and matrix multiplications. Operands may be strided views or,
// for the right one, made on the fly (a convolution's patches), so that nothing large is materialized.
#pragma once
#include <cstdint>
#include <limits>

namespace tpu_mlir::kernels {

/// Element (row, column) of a matrix is data[row * rowStride + column * columnStride].
struct MatrixView {
  const float *data;
  int64_t rowStride, columnStride;
};

/// What happens to each finished element: biases are added (null: none), then the value is clamped; NaN stays.
struct Epilogue {
  const float *rowBias = nullptr, *columnBias = nullptr;
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
};

/// The right operand of a product, packed piece by piece.
class PanelSource {
public:
  virtual ~PanelSource() = default;
  /// Writes rows [row, row + rows) and columns [column, column + columns) in panels of `width` columns: panel p holds
  /// rows × width values, row by row; columns past the end are zero.
  virtual void pack(int64_t row, int64_t rows, int64_t column, int64_t columns, int width, float *to) const = 0;
};

/// One product c (m × n, rows `cStride` apart) = a (m × k) · b (k × n), then the epilogue.
struct Product {
  MatrixView a{nullptr, 0, 0};
  /// Either a view, or a source that outlives the call.
  MatrixView b{nullptr, 0, 0};
  const PanelSource *source = nullptr;
  float *c = nullptr;
  int64_t cStride = 0;
  Epilogue epilogue = {};
};

/// `count` products of one shape; get(i) describes product i. Accumulates in f32, on all threads.
class ProductList {
public:
  virtual ~ProductList() = default;
  virtual Product get(int64_t index) const = 0;
};
void gemm(int64_t count, int64_t m, int64_t n, int64_t k, const ProductList &products);

/// A single product.
void gemm(int64_t m, int64_t n, int64_t k, const Product &product);

} // namespace tpu_mlir::kernels
