// Products of tensors with a token per channel, done by products of plain matrices.
#include "TokenMatMul.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

IterationSpace TokenProduct::space() const {
  IterationSpace rules = inner->space(), space;
  space.n = {results[0].n(), 1, 1};
  space.c = rules.c;
  if (heads) {
    space.h = {heads, 1};
    space.w = {inner->n, inner->n};
    space.k = {inner->k, inner->k};
  } else {
    space.h = rules.w;
    space.k = rules.k;
    if (isArranged(0) || isArranged(1))
      space.k.grain = space.k.extent;
  }
  return space;
}

bool TokenProduct::isArranged(unsigned i) const {
  return loadsPlainly(i) &&
         (heads ? operands[i].global.w() == 1 && inner->operands[i].global.w() > 1 : operands[i].global.w() > 1);
}

Tile TokenProduct::innerTile(const Tile &tile) const {
  Tile result = tile;
  result.out = {{0, 1}, tile.out.c, {0, 1}, columnsOf(tile)};
  return result;
}

Slice TokenProduct::operandSlice(unsigned i, const Tile &tile) const {
  Tile matrix = innerTile(tile);
  Slice slice = inner->operandSlice(i, matrix);
  if (!loadsPlainly(i))
    return slice;
  const GlobalTensor &seen = operands[i].global;
  if (!heads && isArranged(i))
    return {tile.out.n, slice.c, {0, seen.h()}, {0, seen.w()}};
  if (heads && isArranged(i))
    return {tile.out.n, slice.c, {tile.out.h.begin * slice.w.size, tile.out.h.size * slice.w.size}, {0, 1}};
  return heads ? Slice{tile.out.n, slice.c, tile.out.h, slice.w} : Slice{tile.out.n, slice.c, slice.w, {0, 1}};
}

LocalTensor TokenProduct::operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const {
  return loadsPlainly(i) ? TiledOp::operandBuffer(i, slice, tile, offset)
                         : inner->operandBuffer(i, slice, innerTile(tile), offset);
}

LocalTensor TokenProduct::resultBuffer(unsigned, const Tile &tile, uint32_t offset) const {
  return LocalTensor::aligned(offset, tile.out.shape(), headResult(tile, 0).type);
}

int64_t TokenProduct::resultBytes(unsigned i, const Tile &tile) const {
  return heads ? TiledOp::resultBytes(i, tile) : inner->resultBytes(i, innerTile(tile));
}

LocalTensor TokenProduct::headMatrix(unsigned i, const Tile &tile, uint32_t offset) const {
  Slice slice = inner->operandSlice(i, innerTile(tile));
  return LocalTensor::matrix(offset, slice.c.size, slice.w.size, operands[i].global.type);
}

int64_t TokenProduct::scratchBytes(const Tile &tile) const {
  int64_t bytes = inner->scratchBytes(innerTile(tile));
  if (heads)
    bytes += headMatrix(0, tile, 0).bytesPerLane() + headMatrix(1, tile, 0).bytesPerLane() +
             headResult(tile, 0).bytesPerLane();
  return bytes;
}

void TokenProduct::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                        const LocalTensor &buffer) const {
  if (loadsPlainly(i))
    TiledOp::load(assembler, i, slice, tile, buffer);
  else
    inner->load(assembler, i, slice, innerTile(tile), buffer);
}

void TokenProduct::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  if (heads) {
    for (int64_t head = 0; head < tile.out.h.size; ++head)
      emitHead(assembler, head, tile, buffers);
    return;
  }
  auto matrix = [](const LocalTensor &tensor) { return tensor.reshapedPlane(1, tensor.h() * tensor.w()); };
  llvm::SmallVector<LocalTensor, 4> matrices(buffers.operands);
  for (unsigned i : {0u, 1u})
    matrices[i] = matrix(matrices[i]);
  LocalTensor out = matrix(buffers.results[0]);
  inner->emit(assembler, innerTile(tile), {matrices, out, buffers.scratch});
}

void TokenProduct::emitHead(Assembler &assembler, int64_t head, const Tile &tile, const TileBuffers &buffers) const {
  auto rowOf = [&](const LocalTensor &tensor) { return tensor.slice({0, 0, head, 0}, {1, tensor.c(), 1, tensor.w()}); };
  uint32_t scratch = buffers.scratch;
  auto take = [&](const LocalTensor &tensor) {
    scratch += static_cast<uint32_t>(tensor.bytesPerLane());
    return tensor;
  };
  // Matrices have no gaps between the rows of a lane.
  bool isWhole = buffers.results[0].h() == 1;
  llvm::SmallVector<LocalTensor, 4> matrices(buffers.operands);
  for (unsigned i : {0u, 1u})
    if (isArranged(i))
      matrices[i] = matrices[i].reshapedPlane(tile.out.h.size, matrices[i].h() / tile.out.h.size);
  for (unsigned i : {0u, 1u})
    if (matrices[i].h() > 1 || matrices[i].layout != bm1684x::Layout::Aligned) {
      LocalTensor copy = take(headMatrix(i, tile, scratch));
      assembler.tiu.copy(copy, rowOf(matrices[i]));
      matrices[i] = copy;
    }
  LocalTensor out = isWhole ? buffers.results[0] : take(headResult(tile, scratch));
  inner->emit(assembler, innerTile(tile), {matrices, out, scratch});
  if (!isWhole)
    assembler.tiu.copy(rowOf(buffers.results[0]), out);
}

int64_t TokenProduct::computeCycles(const Tile &tile) const {
  int64_t cycles = inner->computeCycles(innerTile(tile));
  if (!heads)
    return cycles;
  for (const LocalTensor &copied : {headMatrix(0, tile, 0), headMatrix(1, tile, 0), headResult(tile, 0)})
    cycles += 2 * elementwiseCycles(copied.shape, copied.itemBytes());
  return tile.out.h.size * cycles;
}

int64_t TokenProduct::loadCycles(unsigned i, const Slice &slice) const {
  return loadsPlainly(i) ? TiledOp::loadCycles(i, slice) : inner->loadCycles(i, slice);
}
