// Matrix products in f32: matrices folded into channels.
#include "MatMul.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

IterationSpace FloatMatrixProduct::space() const {
  IterationSpace space;
  space.n = {batch, 1, 1};
  space.h = {m, 1};
  space.w = {n, 64};
  // The chip joins two partial sums at the end of an instruction, so results depend on where the sum is cut: always at
  // the same places, whatever memory a plan leaves.
  constexpr int64_t sumLength = 128;
  space.k = {k, std::min(k, sumLength), sumLength};
  space.splitsRowsFreely = true;
  return space;
}

Slice FloatMatrixProduct::operandSlice(unsigned i, const Tile &tile) const {
  // Left and right as [batch, 1, rows, cols] of their stored form.
  size_t b = static_cast<size_t>(tile.out.n.begin);
  Range one{0, 1};
  if (i == 0)
    return leftTransposed ? Slice{{leftOf[b], 1}, one, tile.k, tile.out.h}
                          : Slice{{leftOf[b], 1}, one, tile.out.h, tile.k};
  if (i == 1)
    return rightTransposed ? Slice{{rightOf[b], 1}, one, tile.out.w, tile.k}
                           : Slice{{rightOf[b], 1}, one, tile.k, tile.out.w};
  return {one, one, one, tile.out.w};
}

int64_t FloatMatrixProduct::widthOf(int64_t cols) const {
  // Per row of the right matrix: its pieces are moved once, every row of the result computes with them.
  int64_t best = 0, bestCycles = 0;
  for (int64_t width : {16, 32, 64, 128, 256}) {
    int64_t channels = ceilDiv(cols, width);
    int64_t compute = m * ceilDiv(channels, 64) * ceilDiv(width, 16);
    int64_t moves = matrixMoveCycles(channels, width * 4, true);
    int64_t cycles = std::max(compute, moves);
    if (!best || cycles < bestCycles)
      best = width, bestCycles = cycles;
  }
  return std::min(best, cols);
}

FoldedMatrix FloatMatrixProduct::left(uint32_t offset, const Tile &tile) const {
  int64_t rows = leftTransposed ? tile.k.size : tile.out.h.size, cols = leftTransposed ? tile.out.h.size : tile.k.size;
  int64_t width = std::max(std::min<int64_t>(cols, 64), alignTo(ceilDiv(cols, 64), 16));
  return FoldedMatrix::at(offset, rows, cols, std::min(width, cols), ElementType::F32);
}

FoldedMatrix FloatMatrixProduct::right(uint32_t offset, const Tile &tile) const {
  return FoldedMatrix::at(offset, tile.k.size, tile.out.w.size, widthOf(tile.out.w.size), ElementType::F32);
}

FoldedMatrix FloatMatrixProduct::result(uint32_t offset, const Tile &tile) const {
  return FoldedMatrix::at(offset, tile.out.h.size, tile.out.w.size, widthOf(tile.out.w.size), ElementType::F32);
}

LocalTensor FloatMatrixProduct::operandBuffer(unsigned i, const Slice &, const Tile &tile, uint32_t offset) const {
  if (i == 0)
    return left(offset, tile).tensor;
  if (i == 1)
    return right(offset, tile).tensor;
  return FoldedMatrix::at(offset, 1, tile.out.w.size, widthOf(tile.out.w.size), ElementType::F32).tensor;
}

LocalTensor FloatMatrixProduct::resultBuffer(unsigned, const Tile &tile, uint32_t offset) const {
  return result(offset, tile).tensor;
}

/// The box of a matrix in global memory; `global` is [batch, 1, rows, cols].
static GlobalMatrix matrixOf(const GlobalTensor &global, const Slice &slice) {
  int64_t element = (slice.n.begin * global.h() + slice.h.begin) * global.w() + slice.w.begin;
  return {global.address + static_cast<uint64_t>(element * global.itemBytes()), slice.h.size, slice.w.size, global.w(),
          global.type};
}

void FloatMatrixProduct::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                              const LocalTensor &buffer) const {
  GlobalMatrix matrix = matrixOf(operands[i].global, slice);
  if (i == 0)
    return assembler.gdma.loadMatrix(left(buffer.offset, tile), matrix);
  if (i == 1)
    return assembler.gdma.loadMatrix(right(buffer.offset, tile), matrix, rightTransposed);
  assembler.gdma.loadMatrix(
      FoldedMatrix::at(buffer.offset, 1, tile.out.w.size, widthOf(tile.out.w.size), ElementType::F32), matrix);
}

void FloatMatrixProduct::store(Assembler &assembler, unsigned, const Tile &tile, const LocalTensor &buffer) const {
  assembler.gdma.storeMatrix(matrixOf(results[0], {tile.out.n, {0, 1}, tile.out.h, tile.out.w}),
                             result(buffer.offset, tile));
}

void FloatMatrixProduct::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  FoldedMatrix out = result(buffers.results[0].offset, tile);
  std::optional<FoldedMatrix> bias;
  if (hasBias() && tile.firstK)
    bias = FoldedMatrix::at(buffers.operands[2].offset, 1, out.cols, out.width, ElementType::F32);
  assembler.tiu.mm(out, left(buffers.operands[0].offset, tile), right(buffers.operands[1].offset, tile), bias,
                   {.leftTransposed = leftTransposed, .accumulate = !tile.firstK});
  if (tile.lastK)
    relu.emit(assembler, out.tensor);
}

int64_t FloatMatrixProduct::computeCycles(const Tile &tile) const {
  FoldedMatrix out = result(0, tile);
  return out.rows * ceilDiv(out.tensor.c(), 64) * ceilDiv(out.width, 16) * (tile.k.size + 1) +
         (tile.lastK ? relu.cycles(out.tensor.shape, 4) : 0);
}

int64_t FloatMatrixProduct::loadCycles(unsigned i, const Slice &slice) const {
  int64_t width = i == 1 && !rightTransposed ? widthOf(slice.w.size) : std::min<int64_t>(slice.w.size, 64);
  return matrixMoveCycles(slice.h.size * ceilDiv(slice.w.size, width), width * 4, true);
}

int64_t FloatMatrixProduct::storeCycles(unsigned, const Tile &tile) const {
  FoldedMatrix out = result(0, tile);
  return matrixMoveCycles(out.rows * out.tensor.c(), out.width * 4, false);
}
