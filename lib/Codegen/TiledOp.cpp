// Defaults of TiledOp and the price estimates that tile search uses (the formulas of the cycle model, docs/cycles.md).
#include "tpu_mlir/Codegen/TiledOp.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

static Range clipped(Range range, int64_t extent) {
  if (extent == 1)
    return {0, 1};
  int64_t begin = std::min(range.begin, extent);
  return {begin, std::min(range.end(), extent) - begin};
}

Slice TiledOp::operandSlice(unsigned i, const Tile &tile) const {
  const GlobalTensor &global = operands[i].global;
  return {clipped(tile.out.n, global.n()), clipped(tile.out.c, global.c()), clipped(tile.out.h, global.h()),
          clipped(tile.out.w, global.w())};
}

LocalTensor TiledOp::operandBuffer(unsigned i, const Slice &slice, const Tile &, uint32_t offset) const {
  return LocalTensor::aligned(offset, slice.shape(), operands[i].global.type);
}

LocalTensor TiledOp::resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const {
  return LocalTensor::aligned(offset, tile.out.shape(), results[i].type);
}

int64_t TiledOp::resultBytes(unsigned i, const Tile &tile) const { return resultBuffer(i, tile, 0).bytesPerLane(); }

static GlobalTensor sliceOf(const GlobalTensor &global, const Slice &slice) {
  return global.slice({slice.n.begin, slice.c.begin, slice.h.begin, slice.w.begin}, slice.shape());
}

void TiledOp::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &, const LocalTensor &buffer) const {
  assembler.gdma.copy(buffer, sliceOf(operands[i].global, slice));
}

void TiledOp::store(Assembler &assembler, unsigned i, const Tile &tile, const LocalTensor &buffer) const {
  assembler.gdma.copy(sliceOf(results[i], tile.out), buffer);
}

int64_t TiledOp::loadCycles(unsigned i, const Slice &slice) const {
  return tensorMoveCycles(operands[i].global, slice.shape(), /*toLocal=*/true);
}

int64_t TiledOp::storeCycles(unsigned i, const Tile &tile) const {
  return tensorMoveCycles(results[i], tile.out.shape(), /*toLocal=*/false);
}

int64_t codegen::matrixMoveCycles(int64_t runs, int64_t runBytes, bool toLocal) {
  return runs * std::max<int64_t>(256, runBytes) / (toLocal ? 58 : 44);
}

int64_t codegen::tensorMoveCycles(const GlobalTensor &global, std::array<int64_t, 4> shape, bool toLocal) {
  auto [n, c, h, w] = shape;
  int64_t bytes = global.itemBytes();
  // A run is a whole h*w plane when rows are contiguous, else a row.
  bool planes = h == 1 || global.strides[2] == w;
  int64_t run = (planes ? h * w : w) * bytes, runs = n * c * (planes ? 1 : h);
  // Bytes per cycle of tensor moves: 58 (44) GiB/s at 1 GHz.
  double price = static_cast<double>(runs) * std::max<int64_t>(256, run) / (toLocal ? 54.0 : 41.0);
  // DDR has four channels interleaved by 4 KiB; a move that stays within a few pages uses only some of them.
  int64_t span = (n - 1) * global.strides[0] + (c - 1) * global.strides[1] + (h - 1) * global.strides[2] + w;
  int64_t channels = std::clamp<int64_t>(ceilDiv(span * bytes, 4096), 1, 4);
  return static_cast<int64_t>(price * 4 / static_cast<double>(channels));
}

int64_t codegen::elementwiseCycles(std::array<int64_t, 4> shape, int64_t itemBytes) {
  return shape[0] * ceilDiv(shape[1], 64) * ceilDiv(shape[2] * shape[3], 64 / itemBytes);
}
