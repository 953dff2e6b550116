// Tiles of depthwise convolutions.
#include "Depthwise.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

IterationSpace Depthwise::space() const {
  const GlobalTensor &out = results[0];
  return {{out.n()}, {out.c(), 64}, {out.h(), 1, maxTileOf(window.h)}, {out.w(), 1, maxTileOf(window.w)}, {}};
}

Slice Depthwise::operandSlice(unsigned i, const Tile &tile) const {
  if (i == 0)
    return {tile.out.n, tile.out.c, fitH(tile).input, fitW(tile).input};
  // Parameters are small and stay whole.
  return wholeOf(operands[i].global.shape);
}

LocalTensor Depthwise::operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const {
  if (i == 0)
    return LocalTensor::aligned(offset, {slice.n.size, slice.c.size, fitH(tile).localSize(), fitW(tile).localSize()},
                                type);
  if (i == 2 && requantization)
    return requantization->buffer(offset, slice.w.size);
  return LocalTensor::aligned(offset, slice.shape(), operands[i].global.type);
}

int64_t Depthwise::scratchBytes(const Tile &tile) const {
  return requantization ? sumsTensor(0, tile.out.shape()).bytesPerLane() : 0;
}

Constant Depthwise::padding() const {
  return requantization ? Constant::integer(inputZeroPoint, type) : constantOf(0, type);
}

void Depthwise::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                     const LocalTensor &buffer) const {
  if (i == 2 && requantization)
    return requantization->load(assembler, operands[2].global, 0, buffer);
  if (i > 0)
    return loadPerChannel(assembler, operands[i].global, 0, buffer.offset);
  loadPlane(assembler, operands[0].global, slice, fitH(tile), fitW(tile), padding(), buffer);
}

void Depthwise::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  const LocalTensor &in = buffers.operands[0], &out = buffers.results[0];
  Window2d w = window.instruction(tile.out, fitH(tile), fitW(tile));
  w.rotateKernel = rotateKernel;
  int64_t slot = tile.out.c.begin / 64, item = static_cast<int64_t>(byteSize(type));
  auto behind = [&](const LocalTensor &whole, int64_t elements) {
    return whole.offset + static_cast<uint32_t>(slot * elements * item);
  };
  LocalTensor weight = LocalTensor::compact(behind(buffers.operands[1], w.kernel.h * w.kernel.w),
                                            {1, out.c(), w.kernel.h, w.kernel.w}, operands[1].global.type);
  if (requantization) {
    LocalTensor sums = sumsTensor(buffers.scratch, out.shape);
    uint32_t border = padding().bits;
    assembler.tiu.depthwise(sums, in, weight, std::nullopt, w, {.padValue = border, .insertValue = border});
    return requantization->emit(assembler, out, sums, buffers.operands[2], tile.out.c.begin);
  }
  std::optional<bm1684x::Operand> bias;
  if (operands.size() > 2)
    bias = LocalTensor::compact(behind(buffers.operands[2], 1), {1, out.c(), 1, 1}, type);
  assembler.tiu.depthwise(out, in, weight, bias, w);
  relu.emit(assembler, out);
}

int64_t codegen::planeCycles(const Slice &out, const PlaneWindow &window, int64_t itemBytes) {
  auto [n, c, h, w] = out.shape();
  int64_t line = 64 / itemBytes;
  int64_t lines = window.h.kernel == 1 ? h * ceilDiv(w, line) : ceilDiv(h * w, line);
  bool strided = h > 1 && w > 1 && window.h.stride >= 2 && window.w.stride >= 2;
  return n * ceilDiv(c, 64) * lines * window.h.kernel * window.w.kernel * (strided ? 3 : 1);
}

int64_t Depthwise::computeCycles(const Tile &tile) const {
  if (requantization)
    return planeCycles(tile.out, window, 4) + requantization->cycles(tile.out.shape());
  int64_t item = static_cast<int64_t>(byteSize(type));
  return planeCycles(tile.out, window, item) + relu.cycles(tile.out.shape(), item);
}

int64_t Depthwise::loadCycles(unsigned i, const Slice &slice) const {
  if (i == 2 && requantization)
    return requantization->loadCycles(slice.w.size);
  return i ? perChannelCycles(operands[i].global) : TiledOp::loadCycles(i, slice);
}
