// Products of a vector over channels and a constant matrix.
#include "TokenMatMul.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

Tile VectorProduct::innerTile(const Tile &tile) {
  Tile result = tile;
  result.out = {{0, 1}, {0, 1}, {0, 1}, tile.out.c};
  return result;
}

IterationSpace VectorProduct::space() const {
  IterationSpace rules = inner->space(), space;
  space.c = rules.w;
  space.k = rules.k;
  return space;
}

Slice VectorProduct::operandSlice(unsigned i, const Tile &tile) const {
  return i == 0 ? Slice{{0, 1}, tile.k, {0, 1}, {0, 1}} : inner->operandSlice(i, innerTile(tile));
}

LocalTensor VectorProduct::operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const {
  return i == 0 ? TiledOp::operandBuffer(i, slice, tile, offset)
                : inner->operandBuffer(i, slice, innerTile(tile), offset);
}

LocalTensor VectorProduct::resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const {
  return inner->resultBuffer(i, innerTile(tile), offset);
}

void VectorProduct::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                         const LocalTensor &buffer) const {
  if (i == 0)
    TiledOp::load(assembler, i, slice, tile, buffer);
  else
    inner->load(assembler, i, slice, innerTile(tile), buffer);
}
