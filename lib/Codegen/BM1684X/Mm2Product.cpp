// What matrix products by MM2 share, of halves and of bytes.
#include "MatMul.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

IterationSpace Mm2Product::space() const {
  IterationSpace space;
  space.n = {batch, 1, 1};
  space.c = {m, 64};
  space.w = {n, 64};
  space.k = {k, 64};
  return space;
}

void Mm2Product::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                      const LocalTensor &buffer) const {
  if (i < 2)
    return TiledOp::load(assembler, i, slice, tile, buffer);
  assembler.gdma.channelBroadcast(buffer, operands[2].global.slice({0, 0, 0, slice.w.begin}, {1, 1, 1, slice.w.size}));
}

Slice Mm2Product::matrixSlice(unsigned i, const Tile &tile) const {
  size_t b = static_cast<size_t>(tile.out.n.begin);
  Range one{0, 1}, batchOf{(i == 0 ? leftOf : rightOf)[b], 1};
  Range rows = i == 0 ? tile.out.c : tile.k, columns = i == 0 ? tile.k : tile.out.w;
  return (i == 0 ? leftTransposed : rightTransposed) ? Slice{batchOf, columns, one, rows}
                                                     : Slice{batchOf, rows, one, columns};
}
