// Matrix products of bytes: a column of the result per lane, 32-bit sums over parts of K.
#include "MatMul.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

Slice ByteMatrixProduct::operandSlice(unsigned i, const Tile &tile) const {
  return i < 2 ? matrixSlice(i, tile) : wholeOf(operands[i].global.shape);
}

LocalTensor ByteMatrixProduct::operandBuffer(unsigned i, const Slice &slice, const Tile &, uint32_t offset) const {
  if (i < 2)
    return LocalTensor::matrix(offset, slice.c.size, slice.w.size, operands[i].global.type);
  return requantization.buffer(offset, slice.w.size);
}

LocalTensor ByteMatrixProduct::resultBuffer(unsigned, const Tile &tile, uint32_t offset) const {
  return keepsColumns ? columns(offset, tile, results[0].type)
                      : LocalTensor::matrix(offset, tile.out.c.size, tile.out.w.size, results[0].type);
}

int64_t ByteMatrixProduct::resultBytes(unsigned i, const Tile &tile) const {
  // Sums of parts of k stay in the result's buffer, others are scratch.
  int64_t bytes = resultBuffer(i, tile, 0).bytesPerLane();
  return isSplit(tile) ? std::max(bytes, columns(0, tile, ElementType::I32).bytesPerLane()) : bytes;
}

int64_t ByteMatrixProduct::scratchBytes(const Tile &tile) const {
  int64_t bytes = isSplit(tile) ? 0 : columns(0, tile, ElementType::I32).bytesPerLane(), turned = 0;
  if (!leftTransposed)
    turned += LocalTensor::matrix(0, tile.k.size, tile.out.c.size, type).bytesPerLane();
  if (!rightTransposed)
    turned += LocalTensor::matrix(0, tile.out.w.size, tile.k.size, type).bytesPerLane();
  // The turned operands are done with when the columns are made.
  return bytes + std::max(turned, columns(0, tile, results[0].type).bytesPerLane());
}

void ByteMatrixProduct::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                             const LocalTensor &buffer) const {
  if (i == 1)
    return loadFilter(assembler, operands[1].global, slice, buffer);
  if (i == 0)
    return TiledOp::load(assembler, i, slice, tile, buffer);
  requantization.load(assembler, operands[2].global, 0, buffer);
}

void ByteMatrixProduct::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  LocalTensor left = buffers.operands[0], right = buffers.operands[1];
  LocalTensor total = columns(isSplit(tile) ? buffers.results[0].offset : buffers.scratch, tile, ElementType::I32);
  uint32_t behindSums = buffers.scratch + (isSplit(tile) ? 0 : static_cast<uint32_t>(total.bytesPerLane()));
  uint32_t scratch = behindSums;
  auto turn = [&](LocalTensor &matrix) {
    LocalTensor turned = LocalTensor::matrix(scratch, matrix.w(), matrix.c(), matrix.type);
    scratch += static_cast<uint32_t>(turned.bytesPerLane());
    assembler.tiu.cwTranspose(turned, matrix);
    matrix = turned;
  };
  if (!leftTransposed)
    turn(left);
  if (!rightTransposed)
    turn(right);
  assembler.tiu.mm2(total, left, right, bm1684x::Mm2Form::Tt, !tile.firstK,
                    Constant::integer(rightZeroPoint, right.type));
  if (!tile.lastK)
    return;
  const LocalTensor &out = buffers.results[0];
  LocalTensor done = keepsColumns && !isSplit(tile) ? out : columns(behindSums, tile, out.type);
  requantization.emit(assembler, done, total, buffers.operands[2], tile.out.w.begin);
  if (!keepsColumns)
    assembler.tiu.cwTranspose(out, done);
  else if (isSplit(tile))
    assembler.tiu.copy(out, done);
}

int64_t ByteMatrixProduct::computeCycles(const Tile &tile) const {
  int64_t rows = tile.out.c.size, cols = tile.out.w.size, inner = tile.k.size;
  int64_t cycles = ceilDiv(cols, 64) * ceilDiv(rows, 4) * ceilDiv(inner, 64);
  if (!leftTransposed)
    cycles += ceilDiv(inner, 64);
  if (!rightTransposed)
    cycles += ceilDiv(cols, 64);
  if (tile.lastK)
    cycles += requantization.cycles({1, cols, 1, rows}) + ceilDiv(rows, 64);
  return cycles;
}

int64_t ByteMatrixProduct::loadCycles(unsigned i, const Slice &slice) const {
  if (i == 1)
    return filterCycles(operands[1].global, slice);
  return i == 0 ? TiledOp::loadCycles(i, slice) : requantization.loadCycles(slice.w.size);
}
