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
    return {tile.out.n, tile.out.c, fitH(tile).needed(), fitW(tile).needed()};
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
  int64_t sums = requantization ? sumsTensor(0, tile.out.shape()).bytesPerLane() : 0;
  return sumsByRows(tile) ? 2 * sums + classBytes(tile) + classWeightBytes() : sums;
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
    if (sumsByRows(tile))
      emitByRows(assembler, tile, buffers, weight, sums);
    else
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

Depthwise::RowClass Depthwise::rowClass(const Tile &tile, int64_t r) const {
  AxisFit fit = fitH(tile);
  int64_t stride = window.h.stride, height = fit.localSize(), before = fit.padBefore - r;
  RowClass rows;
  rows.taps = ceilDiv(window.h.kernel - r, stride);
  int64_t count = tile.out.h.size + rows.taps - 1;
  int64_t begin = std::clamp<int64_t>(before > 0 ? ceilDiv(before, stride) : 0, 0, count);
  int64_t end = std::clamp<int64_t>(height - 1 + before < 0 ? 0 : (height - 1 + before) / stride + 1, begin, count);
  rows.rows = {begin, end - begin};
  rows.first = begin * stride - before;
  rows.padBefore = begin;
  rows.padAfter = count - end;
  return rows;
}

bool Depthwise::sumsByRows(const Tile &tile) const {
  bool strided = tile.out.h.size > 1 && tile.out.w.size > 1 && window.h.stride > 1 && window.w.stride > 1;
  if (!requantization || !strided || rotateKernel || window.h.dilation > 1 || window.h.insert || window.w.insert ||
      window.h.kernel < window.h.stride)
    return false;
  for (int64_t r = 0; r < window.h.stride; ++r) {
    RowClass rows = rowClass(tile, r);
    if (rows.rows.size == 0 || rows.padBefore > 15 || rows.padAfter > 15)
      return false;
  }
  return cyclesByRows(tile) < planeCycles(tile.out, window, 4);
}

int64_t Depthwise::cyclesByRows(const Tile &tile) const {
  int64_t cycles = 0, rounds = ceilDiv(tile.out.c.size, bm1684x::numLanes), width = fitW(tile).localSize();
  for (int64_t r = 0; r < window.h.stride; ++r) {
    PlaneWindow part = window;
    RowClass rows = rowClass(tile, r);
    part.h.kernel = rows.taps;
    part.h.stride = 1;
    cycles += planeCycles(tile.out, part, 4) + (r ? 2 * elementwiseCycles(tile.out.shape(), 4) : 0);
    cycles += tile.out.n.size * rounds * rows.rows.size * ceilDiv(width + bm1684x::lineBytes - 1, bm1684x::lineBytes);
  }
  return cycles;
}

int64_t Depthwise::classBytes(const Tile &tile) const {
  int64_t rows = tile.out.h.size + ceilDiv(window.h.kernel, window.h.stride) - 1;
  return LocalTensor::aligned(0, {tile.out.n.size, tile.out.c.size, rows, fitW(tile).localSize()}, type).bytesPerLane();
}

int64_t Depthwise::classWeightBytes() const {
  int64_t area = ceilDiv(window.h.kernel, window.h.stride) * window.w.kernel;
  return LocalTensor::compact(0, {1, results[0].c(), 1, area}, type).bytesPerLane();
}

void Depthwise::emitByRows(Assembler &assembler, const Tile &tile, const TileBuffers &buffers,
                           const LocalTensor &weight, const LocalTensor &sums) const {
  const LocalTensor &in = buffers.operands[0];
  LocalTensor part = sumsTensor(sums.offset + static_cast<uint32_t>(sums.bytesPerLane()), sums.shape);
  uint32_t rowsAt = part.offset + static_cast<uint32_t>(part.bytesPerLane());
  uint32_t weightsAt = rowsAt + static_cast<uint32_t>(classBytes(tile)), border = padding().bits;
  Window2d w = window.instruction(tile.out, fitH(tile), fitW(tile));
  int64_t stride = w.stride.h;
  auto everyRow = [&](LocalTensor from, int64_t first, int64_t count) {
    from = from.slice({0, 0, first, 0}, {from.n(), from.c(), 1, from.w()});
    from.shape[2] = count;
    from.strides[2] *= stride;
    from.layout = bm1684x::Layout::Free;
    return from;
  };
  for (int64_t r = 0; r < stride; ++r) {
    RowClass rows = rowClass(tile, r);
    LocalTensor input = LocalTensor::aligned(rowsAt, {in.n(), in.c(), rows.rows.size, in.w()}, type);
    LocalTensor taps = LocalTensor::compact(weightsAt, {1, in.c(), rows.taps, w.kernel.w}, weight.type);
    assembler.tiu.copy(input, everyRow(in, rows.first, rows.rows.size));
    assembler.tiu.copy(taps, everyRow(weight, r, rows.taps));
    Window2d each = w;
    each.kernel.h = rows.taps;
    each.stride.h = 1;
    each.pad.top = rows.padBefore;
    each.pad.bottom = rows.padAfter;
    assembler.tiu.depthwise(r ? part : sums, input, taps, std::nullopt, each,
                            {.padValue = border, .insertValue = border});
    if (r)
      assembler.tiu.integer(bm1684x::ArOp::Add, sums, sums, part, {.saturate = false});
  }
}

int64_t Depthwise::computeCycles(const Tile &tile) const {
  if (requantization)
    return (sumsByRows(tile) ? cyclesByRows(tile) : planeCycles(tile.out, window, 4)) +
           requantization->cycles(tile.out.shape());
  int64_t item = static_cast<int64_t>(byteSize(type));
  return planeCycles(tile.out, window, item) + relu.cycles(tile.out.shape(), item);
}

int64_t Depthwise::loadCycles(unsigned i, const Slice &slice) const {
  if (i == 2 && requantization)
    return requantization->loadCycles(slice.w.size);
  return i ? perChannelCycles(operands[i].global) : TiledOp::loadCycles(i, slice);
}
