#include "GemmResult.h"
#include "Elements.h"

#include <algorithm>
#include <cstring>

using namespace tpu_mlir;
using namespace tpu_mlir::sim;

ResultStore::ResultStore(const Operation &op, const Context &context, Arrangement arrangement, Precision result,
                         int64_t rows, int64_t columns)
    : op(op), context(context), region(op.writes[0]), arrangement(arrangement), result(result), rows(rows),
      columns(columns) {}

uint8_t *ResultStore::address(const Region &where, uint8_t *base, int64_t row, int64_t column) const {
  int64_t plane = where.plane(), width = where.shape[3];
  switch (arrangement) {
  case Arrangement::Pixels:
    return base + where.planeOffset(row / plane, column) + row % plane * where.elementBytes;
  case Arrangement::Rows:
    return base + where.planeOffset(0, row) + column * where.elementBytes;
  case Arrangement::Folded:
    break;
  }
  return base + where.planeOffset(row, column / width) + column % width * where.elementBytes;
}

int64_t ResultStore::runLength(int64_t row, int64_t column, int64_t count) const {
  switch (arrangement) {
  case Arrangement::Pixels:
    return std::min(count, region.plane() - row % region.plane());
  case Arrangement::Rows:
    return count;
  case Arrangement::Folded:
    break;
  }
  return std::min(count, region.shape[3] - column % region.shape[3]);
}

void ResultStore::put(int64_t row, int64_t column, int64_t count, const void *values) const {
  auto *from = static_cast<const uint8_t *>(values);
  while (count > 0) {
    int64_t run = runLength(row, column, count);
    std::memcpy(address(region, context.writes[0], row, column), from, run * region.elementBytes);
    (arrangement == Arrangement::Pixels ? row : column) += run;
    from += run * region.elementBytes, count -= run;
  }
}

void ResultStore::readOld(int index, Precision precision, bool isSigned) {
  const Region &where = op.reads[index];
  // Reading through the same arithmetic as writing; the operand is not changed.
  auto *base = const_cast<uint8_t *>(context.reads[index]);
  old.resize(rows * columns);
  parallelFor(rows, 64, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      for (int64_t column = 0; column < columns; ++column) {
        uint32_t bits = 0;
        std::memcpy(&bits, address(where, base, row, column), byteWidth(precision));
        old[row * columns + column] = static_cast<uint32_t>(signExtend(bits, precision, isSigned));
      }
  });
}

void ResultStore::startSums(int64_t block, int64_t first, int64_t count, float *sums, float *evenStart) const {
  int64_t firstColumn = block * gemmColumns, width = std::min<int64_t>(gemmColumns, columns - firstColumn);
  float start[gemmColumns] = {};
  if (!bias.empty())
    std::copy_n(bias.data() + firstColumn, width, start);
  if (evenStart)
    std::fill_n(evenStart, gemmColumns, 0.0f);
  if (old.empty()) {
    for (int64_t r = 0; r < count; ++r)
      std::copy_n(start, gemmColumns, sums + r * gemmColumns);
    return;
  }
  if (evenStart)
    std::copy_n(start, gemmColumns, evenStart);
  std::fill_n(sums, count * gemmColumns, 0.0f);
  for (int64_t r = 0; r < count; ++r)
    for (int64_t c = 0; c < width; ++c) {
      float value = kernels::floatOf(old[(firstRow + first + r) * columns + firstColumn + c]);
      sums[r * gemmColumns + c] = evenStart ? value : value + start[c];
    }
}

void ResultStore::storeFloats(int64_t block, int64_t first, int64_t count, const float *sums) const {
  int64_t firstColumn = block * gemmColumns, width = std::min<int64_t>(gemmColumns, columns - firstColumn);
  uint16_t halves[64];
  auto store = [&](int64_t row, int64_t column, int64_t length, const float *values) {
    if (result == Precision::F32)
      return put(row, column, length, values);
    kernels::convertF32ToHalf(result, values, halves, length);
    put(row, column, length, halves);
  };
  if (arrangement != Arrangement::Pixels) {
    for (int64_t r = 0; r < count; ++r)
      store(firstRow + first + r, firstColumn, width, sums + r * gemmColumns);
    return;
  }
  float column[64];
  for (int64_t c = 0; c < width; ++c) {
    for (int64_t r = 0; r < count; ++r)
      column[r] = sums[r * gemmColumns + c];
    store(firstRow + first, firstColumn + c, count, column);
  }
}

int64_t ResultStore::finished(int64_t sum, int64_t row, int64_t column) const {
  if (!integerBias.empty())
    sum += integerBias[column];
  if (!old.empty())
    sum = static_cast<int64_t>(
        static_cast<uint64_t>(sum) +
        (static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(old[row * columns + column])))
         << finish.leftShift));
  if (!columnShifts.empty())
    return kernels::saturate(kernels::shift(sum, columnShifts[column], shiftMode), Precision::I32, true);
  switch (finish.kind) {
  case IntegerFinish::Wrap:
    return sum;
  case IntegerFinish::Saturate:
    break;
  case IntegerFinish::ShiftRight:
    sum = kernels::roundingShiftRight(sum, finish.rightShift, RoundMode::HalfUp);
    break;
  }
  if (finish.relu)
    sum = std::max<int64_t>(sum, 0);
  return kernels::saturate(sum, result, finish.isSigned);
}

void ResultStore::storeInts(int64_t block, int64_t first, int64_t count, const int64_t *sums) const {
  int64_t firstColumn = block * gemmColumns, width = std::min<int64_t>(gemmColumns, columns - firstColumn);
  bool pixels = arrangement == Arrangement::Pixels;
  auto storeAs = [&](auto zero) {
    using T = decltype(zero);
    T values[64];
    if (pixels) {
      for (int64_t c = 0; c < width; ++c) {
        for (int64_t r = 0; r < count; ++r)
          values[r] = static_cast<T>(finished(sums[r * gemmColumns + c], firstRow + first + r, firstColumn + c));
        put(firstRow + first, firstColumn + c, count, values);
      }
      return;
    }
    for (int64_t r = 0; r < count; ++r) {
      for (int64_t c = 0; c < width; ++c)
        values[c] = static_cast<T>(finished(sums[r * gemmColumns + c], firstRow + first + r, firstColumn + c));
      put(firstRow + first + r, firstColumn, width, values);
    }
  };
  switch (byteWidth(result)) {
  case 1:
    return storeAs(uint8_t{});
  case 2:
    return storeAs(uint16_t{});
  default:
    return storeAs(uint32_t{});
  }
}
