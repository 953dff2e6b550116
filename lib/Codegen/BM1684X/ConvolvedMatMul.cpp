// F32 matrix products as 1x1 convolutions.
#include "TokenMatMul.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

IterationSpace ConvolvedMatrixProduct::space() const {
  IterationSpace space = Mm2Product::space();
  space.k = {k, k};
  return space;
}

Slice ConvolvedMatrixProduct::operandSlice(unsigned i, const Tile &tile) const {
  return i < 2 ? matrixSlice(i, tile) : Slice{{0, 1}, {0, 1}, {0, 1}, tile.out.w};
}

LocalTensor ConvolvedMatrixProduct::operandBuffer(unsigned i, const Slice &slice, const Tile &, uint32_t offset) const {
  if (i < 2)
    return LocalTensor::matrix(offset, slice.c.size, slice.w.size, type);
  return LocalTensor::matrix(offset, keepsColumns ? 1 : std::min<int64_t>(bm1684x::numLanes, m), slice.w.size, type);
}

LocalTensor ConvolvedMatrixProduct::resultBuffer(unsigned, const Tile &tile, uint32_t offset) const {
  return keepsColumns ? columns(offset, tile, type)
                      : LocalTensor::matrix(offset, tile.out.c.size, tile.out.w.size, type);
}

int64_t ConvolvedMatrixProduct::scratchBytes(const Tile &tile) const {
  int64_t rows = tile.out.c.size, cols = tile.out.w.size;
  int64_t bytes = LocalTensor::matrix(0, cols, rows, type).bytesPerLane();
  if (!leftTransposed)
    bytes += LocalTensor::matrix(0, k, rows, type).bytesPerLane();
  if (!rightTransposed)
    bytes += LocalTensor::matrix(0, cols, k, type).bytesPerLane();
  if (hasBias())
    bytes += LocalTensor::matrix(0, keepsColumns ? cols : rows, keepsColumns ? 1 : cols, type).bytesPerLane();
  return bytes;
}

void ConvolvedMatrixProduct::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  LocalTensor left = buffers.operands[0], right = buffers.operands[1];
  const LocalTensor &out = buffers.results[0];
  int64_t rows = tile.out.c.size, cols = tile.out.w.size;
  uint32_t scratch = buffers.scratch;
  auto take = [&](int64_t count, int64_t width) {
    LocalTensor matrix = LocalTensor::matrix(scratch, count, width, type);
    scratch += static_cast<uint32_t>(matrix.bytesPerLane());
    return matrix;
  };
  auto turn = [&](const LocalTensor &matrix) {
    LocalTensor turned = take(matrix.w(), matrix.c());
    assembler.tiu.cwTranspose(turned, matrix);
    return turned;
  };
  LocalTensor product = keepsColumns && !hasBias() ? out : take(cols, rows);
  if (!leftTransposed)
    left = turn(left);
  if (!rightTransposed)
    right = turn(right);
  convolve(assembler, product, left, right);
  if (keepsColumns && hasBias()) {
    assembler.tiu.add(out, product, turn(buffers.operands[2]).broadcast(out.shape));
  } else if (hasBias()) {
    LocalTensor turned = turn(product), bias = buffers.operands[2];
    if (rows < bias.c())
      bias = bias.slice({0, 0, 0, 0}, {1, rows, 1, cols});
    assembler.tiu.add(out, turned, bias.broadcast(out.shape));
  } else if (!keepsColumns) {
    assembler.tiu.cwTranspose(out, product);
  }
  relu.emit(assembler, out);
}

/// Filters have no gap between the slots of a lane, rows of a matrix begin with a line: slot by slot.
void ConvolvedMatrixProduct::convolve(Assembler &assembler, const LocalTensor &product, const LocalTensor &left,
                                      const LocalTensor &right) const {
  int64_t cols = product.c();
  for (int64_t first = 0; first < cols; first += bm1684x::numLanes) {
    int64_t count = std::min(bm1684x::numLanes, cols - first);
    auto slot = [&](const LocalTensor &matrix) {
      return matrix.slice({0, first, 0, 0}, {1, count, 1, matrix.w()}).offset;
    };
    LocalTensor filter = LocalTensor::convWeight(slot(right), {count, k, 1, 1}, type);
    assembler.tiu.conv(LocalTensor::matrix(slot(product), count, product.w(), type), left, filter, std::nullopt, {});
  }
}

int64_t ConvolvedMatrixProduct::computeCycles(const Tile &tile) const {
  int64_t rows = tile.out.c.size, cols = tile.out.w.size;
  int64_t cycles = ceilDiv(cols, 64) * ceilDiv(rows, 16) * k + ceilDiv(rows, 16) + 2 * ceilDiv(cols, 16);
  if (hasBias())
    cycles += elementwiseCycles({1, rows, 1, cols}, 4);
  return cycles + relu.cycles({1, rows, 1, cols}, 4);
}

int64_t ConvolvedMatrixProduct::loadCycles(unsigned i, const Slice &slice) const {
  return i < 2 ? TiledOp::loadCycles(i, slice) : std::max<int64_t>(256, slice.w.size * 4) / 54;
}
