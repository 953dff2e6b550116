// Widening of integer weights before their product.
#include "IntegerMatMul.h"

#include <numeric>

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::ArOp;
using bm1684x::Dims;
using bm1684x::Rounding;

IterationSpace IntegerWeightProduct::space() const {
  IterationSpace space = HalfMatrixProduct::space();
  // Parts of the inner axis are whole groups.
  space.k.grain = std::min(k, std::lcm(space.k.grain, layout.groupSize()));
  return space;
}

Slice IntegerWeightProduct::operandSlice(unsigned i, const Tile &tile) const {
  if (i != 1)
    return HalfMatrixProduct::operandSlice(i, tile);
  int64_t record = layout.recordBytes(), first = tile.k.begin / layout.groupSize();
  return {{0, 1}, tile.out.w, {0, 1}, {first * record, groupsOf(tile) * record}};
}

LocalTensor IntegerWeightProduct::operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t at) const {
  if (i != 1)
    return HalfMatrixProduct::operandBuffer(i, slice, tile, at);
  return LocalTensor::matrix(at, slice.c.size, slice.w.size, ElementType::U8);
}

LocalTensor IntegerWeightProduct::widened(const Tile &tile, uint32_t at) const {
  return LocalTensor::aligned(at, {1, tile.out.w.size, groupsOf(tile), layout.groupSize()}, type);
}

LocalTensor IntegerWeightProduct::nibbles(const Tile &tile, uint32_t at) const {
  return LocalTensor::aligned(at, {1, tile.out.w.size, groupsOf(tile), layout.valueBytes()}, ElementType::U8);
}

int64_t IntegerWeightProduct::scratchBytes(const Tile &tile) const {
  int64_t bytes = 2 * widenedBytes(tile) + HalfMatrixProduct::scratchBytes(tile);
  return bytes + (layout.bits == 4 ? 2 * nibbles(tile, 0).bytesPerLane() : 0);
}

/// `count` columns of each group of a tensor [1, N, groups, group size], from column `first` on.
static LocalTensor columnsOf(const LocalTensor &tensor, int64_t first, int64_t count) {
  return tensor.slice({0, 0, 0, first}, {1, tensor.c(), tensor.h(), count});
}

/// The values as halves in `out`.
void IntegerWeightProduct::unpack(Assembler &assembler, const LocalTensor &out, const LocalTensor &rows,
                                  const Tile &tile, uint32_t scratch) const {
  Dims strides = rows.strides;
  strides[2] = layout.recordBytes(), strides[3] = 1;
  int64_t width = layout.valueBytes(), size = layout.groupSize();
  LocalTensor values =
      LocalTensor::free(rows.offset + static_cast<uint32_t>(layout.headBytes()), {1, rows.c(), groupsOf(tile), width},
                        strides, isSigned ? ElementType::I8 : ElementType::U8, rows.lane);
  if (layout.bits == 8)
    return assembler.tiu.cast(out, values);
  LocalTensor low = nibbles(tile, scratch), high = nibbles(tile, scratch + static_cast<uint32_t>(low.bytesPerLane()));
  assembler.tiu.bitAnd(low, values, Constant::integer(15, ElementType::U8));
  assembler.tiu.shift(ArOp::LogicShift, high, values, Constant::integer(-4, ElementType::I8), Rounding::TowardZero);
  assembler.tiu.cast(columnsOf(out, 0, width), low);
  if (size > width)
    assembler.tiu.cast(columnsOf(out, width, size - width), columnsOf(high, 0, size - width));
}

void IntegerWeightProduct::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  const LocalTensor &rows = buffers.operands[1];
  uint32_t first = buffers.scratch, second = first + static_cast<uint32_t>(widenedBytes(tile));
  uint32_t rest = second + static_cast<uint32_t>(widenedBytes(tile));
  LocalTensor values = widened(tile, first), other = widened(tile, second);
  unpack(assembler, values, rows, tile, rest);
  Dims strides = rows.strides;
  for (int64_t &stride : strides)
    stride /= 2;
  strides[2] = layout.recordBytes() / 2, strides[3] = 1;
  auto head = [&](int64_t word) {
    return LocalTensor::free(rows.offset + static_cast<uint32_t>(2 * word), {1, rows.c(), groupsOf(tile), 1}, strides,
                             type, rows.lane)
        .broadcast(values.shape);
  };
  // Between two buffers, since a step in place takes twice as long.
  if (layout.hasZeroPoint || offset) {
    bm1684x::Operand zeroPoint = constantOf(static_cast<double>(offset), type);
    if (layout.hasZeroPoint)
      zeroPoint = head(1);
    assembler.tiu.sub(other, values, zeroPoint);
    std::swap(values, other);
  }
  assembler.tiu.mul(other, values, head(0));
  llvm::SmallVector<LocalTensor, 4> operands(buffers.operands);
  operands[1] = LocalTensor::matrix(other.offset, rows.c(), tile.k.size, type);
  if (layout.bits == 4)
    rest += static_cast<uint32_t>(2 * nibbles(tile, 0).bytesPerLane());
  HalfMatrixProduct::emit(assembler, tile, {operands, buffers.results, rest});
}

int64_t IntegerWeightProduct::computeCycles(const Tile &tile) const {
  int64_t pass = elementwiseCycles({1, tile.out.w.size, 1, tile.k.size}, 2);
  int64_t passes = 2 + (layout.hasZeroPoint || offset) + (layout.bits == 4 ? 1 : 0);
  return HalfMatrixProduct::computeCycles(tile) + passes * pass;
}
