// Matrix products of halves: a row of each matrix per lane, f32 accumulation over parts of K.
#include "MatMul.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::Mm2Form;

Slice HalfMatrixProduct::operandSlice(unsigned i, const Tile &tile) const {
  return i < 2 ? matrixSlice(i, tile) : Slice{{0, 1}, {0, 1}, {0, 1}, tile.out.w};
}

LocalTensor HalfMatrixProduct::operandBuffer(unsigned i, const Slice &slice, const Tile &, uint32_t offset) const {
  if (i < 2)
    return LocalTensor::matrix(offset, slice.c.size, slice.w.size, type);
  return LocalTensor::matrix(offset, std::min<int64_t>(64, m), slice.w.size, ElementType::F32);
}

LocalTensor HalfMatrixProduct::resultBuffer(unsigned, const Tile &tile, uint32_t offset) const {
  return LocalTensor::matrix(offset, tile.out.c.size, tile.out.w.size, tile.lastK ? type : ElementType::F32);
}

int64_t HalfMatrixProduct::resultBytes(unsigned, const Tile &tile) const {
  bool wide = (hasBias() && !sumsAreScratch) || isSplit(tile);
  return LocalTensor::matrix(0, tile.out.c.size, tile.out.w.size, wide ? ElementType::F32 : type).bytesPerLane();
}

int64_t HalfMatrixProduct::scratchBytes(const Tile &tile) const {
  int64_t bytes = 0;
  if (leftTransposed)
    bytes += LocalTensor::matrix(0, tile.out.c.size, tile.k.size, type).bytesPerLane();
  if (rightTransposed && isSplit(tile))
    bytes += LocalTensor::matrix(0, tile.k.size, tile.out.w.size, type).bytesPerLane();
  if (hasBias())
    bytes += LocalTensor::matrix(0, tile.out.c.size, tile.out.w.size, ElementType::F32).bytesPerLane() *
             (sumsAreScratch && !isSplit(tile) ? 2 : 1);
  return bytes;
}

void HalfMatrixProduct::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                             const LocalTensor &buffer) const {
  if (i < 2)
    return TiledOp::load(assembler, i, slice, tile, buffer);
  assembler.gdma.channelBroadcast(buffer, operands[2].global.slice({0, 0, 0, slice.w.begin}, {1, 1, 1, slice.w.size}));
}

void HalfMatrixProduct::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  LocalTensor left = buffers.operands[0], right = buffers.operands[1];
  const LocalTensor &out = buffers.results[0];
  int64_t rows = tile.out.c.size, cols = tile.out.w.size;
  uint32_t scratch = buffers.scratch;
  auto take = [&](const LocalTensor &tensor) {
    scratch += static_cast<uint32_t>(tensor.bytesPerLane());
    return tensor;
  };
  if (leftTransposed) {
    LocalTensor turned = take(LocalTensor::matrix(scratch, rows, tile.k.size, type));
    assembler.tiu.cwTranspose(turned, left);
    left = turned;
  }
  Mm2Form form = rightTransposed ? Mm2Form::Nt : Mm2Form::Nn;
  if (rightTransposed && isSplit(tile)) {
    // The form with a transposed right matrix cannot accumulate.
    LocalTensor turned = take(LocalTensor::matrix(scratch, tile.k.size, cols, type));
    assembler.tiu.cwTranspose(turned, right);
    right = turned;
    form = Mm2Form::Nn;
  }
  bool wide = hasBias() || !tile.lastK;
  LocalTensor sums = wide ? LocalTensor::matrix(out.offset, rows, cols, ElementType::F32) : out;
  if (wide && sumsAreScratch && !isSplit(tile))
    sums = take(LocalTensor::matrix(scratch, rows, cols, ElementType::F32));
  assembler.tiu.mm2(sums, left, right, form, !tile.firstK);
  if (!tile.lastK)
    return;
  if (hasBias()) {
    LocalTensor total = take(LocalTensor::matrix(scratch, rows, cols, ElementType::F32));
    LocalTensor bias = buffers.operands[2];
    if (rows < bias.c())
      bias = bias.slice({0, 0, 0, 0}, {1, rows, 1, cols});
    assembler.tiu.add(total, sums, bias.broadcast(total.shape));
    assembler.tiu.cast(out, total);
  }
  relu.emit(assembler, out);
}

int64_t HalfMatrixProduct::computeCycles(const Tile &tile) const {
  int64_t rows = ceilDiv(tile.out.c.size, 64), cols = tile.out.w.size;
  int64_t cycles = rows * ceilDiv(cols, 4) * ceilDiv(tile.k.size, 32);
  if (tile.lastK && hasBias())
    cycles += rows * ceilDiv(cols, 16) * 3;
  return cycles + (tile.lastK ? relu.cycles({1, tile.out.c.size, 1, cols}, 2) : 0);
}

int64_t HalfMatrixProduct::loadCycles(unsigned i, const Slice &slice) const {
  return i < 2 ? TiledOp::loadCycles(i, slice) : std::max<int64_t>(256, slice.w.size * 4) / 54;
}
