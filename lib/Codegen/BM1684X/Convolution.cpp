// Tiles of convolutions: what they need, and their instructions.
#include "Convolution.h"

#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::convChannelPack;

IterationSpace Convolution::space() const {
  const GlobalTensor &out = results[0];
  IterationSpace space;
  space.n = {out.n(), 1, groups > 1 ? 1 : bm1684x::maxExtent};
  space.c = {oc, 64};
  space.h = {out.h(), 1, maxTileOf(window.h)};
  space.w = {out.w(), 1, maxTileOf(window.w)};
  int64_t grain = type == ElementType::F32 ? 16 : convChannelPack(type);
  space.k = {ic, byRow || filterByLane ? ic : grain};
  if (requantization) // rows of the packed weights
    space.k.maxTile = std::max<int64_t>(1, bm1684x::maxExtent / kernelArea()) * convChannelPack(type);
  return space;
}

Slice Convolution::operandSlice(unsigned i, const Tile &tile) const {
  Range group{tile.out.n.begin % groups, 1};
  if (i == 0) {
    Range rows = fitH(tile).input;
    if (byRow) // what is stored depends on where the windows stand, also beyond the input
      rows = {tile.out.h.begin * window.h.stride - window.h.padBefore,
              (tile.out.h.size - 1) * window.h.stride + window.h.kernel};
    return {tile.out.n, tile.k, rows, fitW(tile).input};
  }
  const GlobalTensor &global = operands[i].global;
  if (i == 1 && filterByLane)
    return {group, {0, global.c()}, {tile.out.c.begin / 64, ceilDiv(tile.out.c.size, 64)}, {0, global.w()}};
  if (i == 1) {
    int64_t pack = convChannelPack(type);
    Range chunks = byRow ? Range{0, global.h()} : Range{tile.k.begin / pack, ceilDiv(tile.k.size, pack)};
    if (requantization && !byRow)
      chunks = {chunks.begin * kernelArea(), chunks.size * kernelArea()};
    return {group, tile.out.c, chunks, {0, global.w()}};
  }
  return {group, {0, global.c()}, {0, 1}, {0, global.w()}};
}

LocalTensor Convolution::operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const {
  if (i == 0) {
    int64_t rows = byRow ? tile.out.h.size : fitH(tile).localSize();
    int64_t channels = byRow ? ic * window.h.kernel : slice.c.size;
    return LocalTensor::aligned(offset, {slice.n.size, channels, rows, fitW(tile).localSize()}, type);
  }
  if (i == 1)
    return LocalTensor::compact(offset, slice.shape(), operands[i].global.type);
  if (requantization)
    return requantization->buffer(offset, slice.w.size);
  return LocalTensor::aligned(offset, slice.shape(), operands[i].global.type);
}

LocalTensor Convolution::resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const {
  bool narrow = tile.lastK || requantization;
  return LocalTensor::aligned(offset, tile.out.shape(), narrow ? results[i].type : ElementType::F32);
}

int64_t Convolution::resultBytes(unsigned i, const Tile &tile) const {
  // Partial sums are f32; those of bytes are in the scratch area.
  bool whole = (tile.firstK && tile.lastK) || requantization;
  return LocalTensor::aligned(0, tile.out.shape(), whole ? results[i].type : ElementType::F32).bytesPerLane();
}

int64_t Convolution::scratchBytes(const Tile &tile) const {
  return requantization ? sumsTensor(0, tile.out.shape()).bytesPerLane() : 0;
}

Constant Convolution::padding() const {
  return requantization ? Constant::integer(inputZeroPoint, type) : constantOf(0, type);
}

void Convolution::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                       const LocalTensor &buffer) const {
  if (i == 2 && requantization)
    return requantization->load(assembler, operands[2].global, slice.n.begin, buffer);
  if (i == 2)
    return loadPerChannel(assembler, operands[2].global, slice.n.begin, buffer.offset);
  if (i == 1)
    return loadFilter(assembler, operands[1].global, slice, buffer);
  if (byRow)
    return loadRows(assembler, slice, tile, buffer);
  loadPlane(assembler, operands[0].global, slice, fitH(tile), fitW(tile), padding(), buffer);
}

/// Channel y * ic + i of the buffer holds, for each output row, the input row of channel i under kernel row y.
void Convolution::loadRows(Assembler &assembler, const Slice &slice, const Tile &tile,
                           const LocalTensor &buffer) const {
  const GlobalTensor &input = operands[0].global;
  AxisFit w = fitW(tile);
  int64_t stride = window.h.stride, kernel = window.h.kernel, rows = tile.out.h.size;
  int64_t top = tile.out.h.begin * stride - window.h.padBefore;
  bool inside = top >= 0 && top + (rows - 1) * stride + kernel <= input.h();
  if (w.needsFill())
    assembler.gdma.fill(buffer, padding());
  if (w.isPadding)
    return;
  auto rowsFrom = [&](int64_t row, int64_t count) {
    GlobalTensor from = input.slice({slice.n.begin, 0, row, w.input.begin}, {slice.n.size, ic, 1, w.input.size});
    from.shape[2] = count;
    from.strides[2] *= stride;
    return from;
  };
  if (inside && slice.n.size == 1 && !w.needsFill()) {
    // One move: the kernel row is the batch of the source, one input row apart.
    GlobalTensor from = rowsFrom(top, rows);
    from.shape[0] = kernel;
    from.strides[0] = input.strides[2];
    assembler.gdma.copy(buffer, from);
    return;
  }
  for (int64_t y = 0; y < kernel; ++y) {
    // Output rows [first, end) have an input row under this kernel row; the others get the padding's value.
    int64_t first = std::clamp<int64_t>(ceilDiv(std::max<int64_t>(0, -(top + y)), stride), 0, rows);
    int64_t below = input.h() - 1 - top - y, end = std::clamp(below < 0 ? 0 : below / stride + 1, first, rows);
    auto part = [&](int64_t begin, int64_t count) {
      return buffer.slice({0, y * ic, begin, 0}, {slice.n.size, ic, count, buffer.w()});
    };
    for (Range outside : {Range{0, first}, Range{end, rows - end}})
      if (outside.size > 0 && !w.needsFill())
        assembler.gdma.fill(part(outside.begin, outside.size), padding());
    if (end == first)
      continue;
    LocalTensor to = buffer.slice({0, y * ic, first, w.storedBefore}, {slice.n.size, ic, end - first, w.input.size});
    assembler.gdma.copy(to, rowsFrom(top + y + first * stride, end - first));
  }
}

Window2d Convolution::instructionWindow(const Tile &tile) const {
  Window2d result = window.instruction(tile.out, fitH(tile), fitW(tile));
  result.rotateKernel = rotateKernel;
  if (byRow) {
    result.kernel.h = result.stride.h = result.dilation.h = 1;
    result.pad.top = result.pad.bottom = 0;
  }
  return result;
}

void Convolution::emitIntegers(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  const LocalTensor &in = buffers.operands[0], &out = buffers.results[0];
  ElementType filter = operands[1].global.type;
  Window2d w = instructionWindow(tile);
  LocalTensor weight =
      LocalTensor::convWeight(buffers.operands[1].offset, {out.c(), in.c(), w.kernel.h, w.kernel.w}, filter);
  LocalTensor sums = sumsTensor(buffers.scratch, out.shape);
  uint32_t border = padding().bits;
  assembler.tiu.convInt8(sums, in, weight, Constant::integer(kernelZeroPoint, filter), w,
                         {.accumulate = !tile.firstK, .padValue = border, .insertValue = border});
  if (tile.lastK)
    requantization->emit(assembler, out, sums, buffers.operands[2], tile.out.c.begin);
}

void Convolution::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  if (requantization)
    return emitIntegers(assembler, tile, buffers);
  const LocalTensor &in = buffers.operands[0], &out = buffers.results[0];
  Window2d w = instructionWindow(tile);
  LocalTensor weight =
      LocalTensor::convWeight(buffers.operands[1].offset, {out.c(), in.c(), w.kernel.h, w.kernel.w}, type);
  std::optional<bm1684x::Operand> bias;
  if (operands.size() > 2 && tile.firstK)
    bias = LocalTensor::compact(buffers.operands[2].offset + static_cast<uint32_t>(tile.out.c.begin / 64 * 4),
                                {1, out.c(), 1, 1}, ElementType::F32);
  assembler.tiu.conv(out, in, weight, bias, w, {.accumulate = !tile.firstK});
  if (tile.lastK)
    relu.emit(assembler, out);
}

int64_t Convolution::computeCycles(const Tile &tile) const {
  auto [n, c, h, w] = tile.out.shape();
  bool wide = type == ElementType::F32;
  int64_t channels = byRow ? ic * window.h.kernel : tile.k.size;
  int64_t cycles =
      n * ceilDiv(c, 64) * ceilDiv(h * w, wide ? 16 : 4) * ceilDiv(channels, convChannelPack(type)) * kernelArea();
  if (!tile.lastK)
    return cycles;
  return cycles + (requantization ? requantization->cycles(tile.out.shape())
                                  : relu.cycles(tile.out.shape(), byteSize(results[0].type)));
}

int64_t Convolution::loadCycles(unsigned i, const Slice &slice) const {
  if (i == 1)
    return filterCycles(operands[1].global, slice);
  if (i == 2)
    return requantization ? requantization->loadCycles(slice.w.size) : perChannelCycles(operands[2].global);
  if (i == 0 && byRow) {
    // Every output row brings its kernel rows.
    int64_t rows = ((slice.h.size - window.h.kernel) / window.h.stride + 1) * window.h.kernel;
    int64_t run = std::max<int64_t>(256, slice.w.size * static_cast<int64_t>(byteSize(type)));
    return slice.n.size * ic * rows * run / 54;
  }
  return TiledOp::loadCycles(i, slice);
}
