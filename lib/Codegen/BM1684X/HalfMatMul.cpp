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
  // Every lane has all values, or the first one, from which they are spread.
  return LocalTensor::matrix(offset, keepsColumns ? 1 : std::min<int64_t>(64, m), slice.w.size, ElementType::F32);
}

LocalTensor HalfMatrixProduct::resultBuffer(unsigned, const Tile &tile, uint32_t offset) const {
  if (keepsColumns)
    return columns(offset, tile, tile.lastK ? type : ElementType::F32);
  return LocalTensor::matrix(offset, tile.out.c.size, tile.out.w.size, tile.lastK ? type : ElementType::F32);
}

int64_t HalfMatrixProduct::resultBytes(unsigned, const Tile &tile) const {
  // Sums of parts of k stay in the result's buffer, others are scratch.
  if (keepsColumns)
    return columns(0, tile, isSplit(tile) ? ElementType::F32 : type).bytesPerLane();
  return LocalTensor::matrix(0, tile.out.c.size, tile.out.w.size, isSplit(tile) ? ElementType::F32 : type)
      .bytesPerLane();
}

int64_t HalfMatrixProduct::productCycles(int64_t inLanes, int64_t inRows, const Tile &tile) const {
  int64_t cycles = ceilDiv(inLanes, 64) * ceilDiv(inRows, 4) * ceilDiv(tile.k.size, 32);
  return hasBias() && tile.lastK ? cycles + 2 * elementwiseCycles({1, inLanes, 1, inRows}, 4) : cycles;
}

/// Turning the operands and the result takes a few cycles, and at most as many as copies would: 32 elements a lane.
bool HalfMatrixProduct::columnsInLanes(const Tile &tile) const {
  if (keepsColumns || isSplit(tile))
    return keepsColumns;
  int64_t rows = tile.out.c.size, cols = tile.out.w.size, inner = tile.k.size;
  int64_t turned = rows * cols + (leftTransposed ? 0 : rows * inner) + (rightTransposed ? 0 : cols * inner);
  return productCycles(cols, rows, tile) + turned / (64 * 32) < productCycles(rows, cols, tile);
}

int64_t HalfMatrixProduct::scratchBytes(const Tile &tile) const {
  int64_t bytes = 0;
  if (columnsInLanes(tile)) {
    int64_t rows = tile.out.c.size, cols = tile.out.w.size;
    auto add = [&](int64_t count, int64_t width, ElementType of) {
      bytes += LocalTensor::matrix(0, count, width, of).bytesPerLane();
    };
    if (!leftTransposed)
      add(tile.k.size, rows, type);
    if (!rightTransposed)
      add(cols, tile.k.size, type);
    if (!keepsColumns)
      add(cols, rows, type);
    if (hasBias()) {
      add(cols, rows, ElementType::F32);
      add(cols, rows, ElementType::F32);
      add(cols, 1, ElementType::F32);
    }
    return bytes;
  }
  if (leftTransposed)
    bytes += LocalTensor::matrix(0, tile.out.c.size, tile.k.size, type).bytesPerLane();
  if (rightTransposed && isSplit(tile))
    bytes += LocalTensor::matrix(0, tile.k.size, tile.out.w.size, type).bytesPerLane();
  if (hasBias())
    bytes += LocalTensor::matrix(0, tile.out.c.size, tile.out.w.size, ElementType::F32).bytesPerLane() *
             (isSplit(tile) ? 1 : 2);
  return bytes;
}

void HalfMatrixProduct::emitColumns(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  LocalTensor left = buffers.operands[0], right = buffers.operands[1];
  int64_t rows = tile.out.c.size, cols = tile.out.w.size;
  uint32_t scratch = buffers.scratch;
  auto take = [&](int64_t count, int64_t width, ElementType of) {
    LocalTensor matrix = LocalTensor::matrix(scratch, count, width, of);
    scratch += static_cast<uint32_t>(matrix.bytesPerLane());
    return matrix;
  };
  auto turn = [&](const LocalTensor &matrix) {
    LocalTensor turned = take(matrix.w(), matrix.c(), matrix.type);
    assembler.tiu.cwTranspose(turned, matrix);
    return turned;
  };
  if (!leftTransposed)
    left = turn(left);
  if (!rightTransposed)
    right = turn(right);
  LocalTensor done = keepsColumns ? buffers.results[0] : take(cols, rows, type), sums = done;
  if (isSplit(tile) && (hasBias() || !tile.lastK))
    sums = columns(done.offset, tile, ElementType::F32);
  else if (hasBias())
    sums = take(cols, rows, ElementType::F32);
  assembler.tiu.mm2(sums, left, right, Mm2Form::Tt, !tile.firstK);
  if (!tile.lastK)
    return;
  if (hasBias()) {
    LocalTensor bias = turn(buffers.operands[2].slice({0, 0, 0, 0}, {1, 1, 1, cols}));
    LocalTensor total = take(cols, rows, ElementType::F32);
    assembler.tiu.add(total, sums, bias.broadcast(total.shape));
    assembler.tiu.cast(done, total);
  }
  relu.emit(assembler, done);
  if (!keepsColumns)
    assembler.tiu.cwTranspose(buffers.results[0], done);
}

void HalfMatrixProduct::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  if (columnsInLanes(tile))
    return emitColumns(assembler, tile, buffers);
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
  if (wide && !isSplit(tile))
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
  int64_t rows = tile.out.c.size, cols = tile.out.w.size;
  if (columnsInLanes(tile)) {
    int64_t turns = ceilDiv(rows, 32) + ceilDiv(tile.k.size, 32) + ceilDiv(cols, 32);
    return productCycles(cols, rows, tile) + turns + (tile.lastK ? relu.cycles({1, cols, 1, rows}, 2) : 0);
  }
  return productCycles(rows, cols, tile) + (tile.lastK ? relu.cycles({1, rows, 1, cols}, 2) : 0);
}

int64_t HalfMatrixProduct::loadCycles(unsigned i, const Slice &slice) const {
  return i < 2 ? TiledOp::loadCycles(i, slice) : std::max<int64_t>(256, slice.w.size * 4) / 54;
}
