// What surrounds the sums of a convolution or matrix product: start values (bias, old result), rounding, shift and
// saturation, and the places of the results.
#pragma once
#include "Gemm.h"
#include "Operation.h"
#include <vector>

namespace tpu_mlir::sim {

/// How rows and columns of a product lie in a tensor.
enum class Arrangement {
  Pixels, // row = (n, y, x), column = channel
  Rows,   // row = channel, column = x
  Folded  // row = n, column = channel · width + x
};

/// The last step of integer products.
struct IntegerFinish {
  enum Kind { Wrap, Saturate, ShiftRight } kind = Wrap;
  bool isSigned = true; // of the saturated result
  bool relu = false;
  int leftShift = 0; // of the old value
  int rightShift = 0;
};

class ResultStore {
public:
  ResultStore(const Operation &op, const Context &context, Arrangement arrangement, Precision result, int64_t rows,
              int64_t columns);

  /// Per-column start values; none: zero.
  std::vector<float> bias;
  std::vector<int64_t> integerBias;
  IntegerFinish finish;
  /// When not empty: shift (positive left, negative right) of each column's sum, then saturation to signed 32 bits.
  std::vector<int> columnShifts;
  RoundMode shiftMode = RoundMode::HalfEven;
  /// Rows of the following calls count from here.
  int64_t firstRow = 0;

  /// Reads the old results from read operand `index` of the given type.
  void readOld(int index, Precision precision, bool isSigned);

  bool accumulates() const { return !old.empty(); }

  /// f32 accumulators of rows [first, first + count) of a block of 16 columns. With evenStart (16 values) the bias goes
  /// there when there are old values: f32 convolution has two accumulators.
  void startSums(int64_t block, int64_t first, int64_t count, float *sums, float *evenStart) const;
  void storeFloats(int64_t block, int64_t first, int64_t count, const float *sums) const;
  void storeInts(int64_t block, int64_t first, int64_t count, const int64_t *sums) const;

private:
  uint8_t *address(const Region &region, uint8_t *base, int64_t row, int64_t column) const;
  /// Elements that follow each other in memory from (row, column) on: rows for Pixels, columns otherwise.
  int64_t runLength(int64_t row, int64_t column, int64_t count) const;
  void put(int64_t row, int64_t column, int64_t count, const void *values) const;
  int64_t finished(int64_t sum, int64_t row, int64_t column) const;

  const Operation &op;
  const Context &context;
  const Region &region;
  Arrangement arrangement;
  Precision result;
  int64_t rows, columns;
  std::vector<uint32_t> old; // [row][column], bits or sign-extended integers
};

} // namespace tpu_mlir::sim
