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
  return keepsWidened() ? joinedBuffer(widened(tile, at), stored(tile, at)) : stored(tile, at);
}

LocalTensor IntegerWeightProduct::stored(const Tile &tile, uint32_t buffer) const {
  uint32_t at = buffer + (keepsWidened() ? static_cast<uint32_t>(widenedBytes(tile)) : 0);
  return LocalTensor::matrix(at, tile.out.w.size, groupsOf(tile) * layout.recordBytes(), ElementType::U8);
}

void IntegerWeightProduct::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                                const LocalTensor &buffer) const {
  if (i != 1)
    return HalfMatrixProduct::load(assembler, i, slice, tile, buffer);
  fresh.loaded(buffer);
  TiledOp::load(assembler, i, slice, tile, stored(tile, buffer.offset));
}

LocalTensor IntegerWeightProduct::widened(const Tile &tile, uint32_t at) const {
  return LocalTensor::aligned(at, {1, tile.out.w.size, groupsOf(tile), layout.groupSize()}, type);
}

LocalTensor IntegerWeightProduct::nibbles(const Tile &tile, uint32_t at) const {
  return LocalTensor::aligned(at, {1, tile.out.w.size, groupsOf(tile), layout.valueBytes()}, ElementType::U8);
}

int64_t IntegerWeightProduct::scratchBytes(const Tile &tile) const {
  int64_t bytes = widenedBytes(tile) + (layout.bits == 4 ? 2 * nibbles(tile, 0).bytesPerLane() : 0);
  return std::max(bytes, HalfMatrixProduct::scratchBytes(tile)) + (keepsWidened() ? 0 : widenedBytes(tile));
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

void IntegerWeightProduct::widen(Assembler &assembler, const LocalTensor &out, const LocalTensor &rows,
                                 const Tile &tile, uint32_t scratch) const {
  // To and fro between two buffers, since a step in place takes twice as long.
  bool shifts = layout.hasZeroPoint || offset;
  LocalTensor other = widened(tile, scratch), values = shifts ? out : other;
  unpack(assembler, values, rows, tile, scratch + static_cast<uint32_t>(widenedBytes(tile)));
  Dims strides = rows.strides;
  for (int64_t &stride : strides)
    stride /= 2;
  strides[2] = layout.recordBytes() / 2, strides[3] = 1;
  auto head = [&](int64_t word) {
    return LocalTensor::free(rows.offset + static_cast<uint32_t>(2 * word), {1, rows.c(), groupsOf(tile), 1}, strides,
                             type, rows.lane)
        .broadcast(values.shape);
  };
  if (shifts) {
    bm1684x::Operand zeroPoint = constantOf(static_cast<double>(offset), type);
    if (layout.hasZeroPoint)
      zeroPoint = head(1);
    assembler.tiu.sub(other, values, zeroPoint);
  }
  assembler.tiu.mul(out, other, head(0));
}

void IntegerWeightProduct::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  uint32_t buffer = buffers.operands[1].offset, scratch = buffers.scratch;
  uint32_t at = keepsWidened() ? buffer : scratch;
  if (!keepsWidened())
    scratch += static_cast<uint32_t>(widenedBytes(tile));
  if (fresh.take(buffers.operands[1]) || !keepsWidened())
    widen(assembler, widened(tile, at), stored(tile, buffer), tile, scratch);
  llvm::SmallVector<LocalTensor, 4> operands(buffers.operands);
  operands[1] = LocalTensor::matrix(at, tile.out.w.size, tile.k.size, type);
  HalfMatrixProduct::emit(assembler, tile, {operands, buffers.results, scratch});
}

int64_t IntegerWeightProduct::computeCycles(const Tile &tile) const {
  int64_t pass = elementwiseCycles({1, tile.out.w.size, 1, tile.k.size}, 2);
  int64_t passes = 2 + (layout.hasZeroPoint || offset) + (layout.bits == 4 ? 1 : 0);
  return HalfMatrixProduct::computeCycles(tile) + passes * pass;
}
