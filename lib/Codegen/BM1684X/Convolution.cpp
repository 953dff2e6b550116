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
  if (folding) {
    auto axis = [](int64_t extent, const bm1684x::FoldedAxis &folded) {
      int64_t blocks = (bm1684x::maxExtent - folded.span()) / (folded.stride * folded.block());
      return AxisRule{extent, std::min(extent, folded.block()), std::max<int64_t>(1, blocks) * folded.block()};
    };
    space.h = axis(out.h(), folding->h);
    space.w = axis(out.w(), folding->w);
    space.k = {ic, ic};
    return space;
  }
  int64_t grain = type == ElementType::F32 ? 16 : convChannelPack(type);
  space.k = {ic, filterByLane ? ic : grain};
  if (type == ElementType::F32 && !filterByLane)
    space.k = {ic, std::min(ic, sumLength()), sumLength()};
  if (requantization) // rows of the packed weights
    space.k.maxTile = std::max<int64_t>(1, bm1684x::maxExtent / kernelArea()) * convChannelPack(type);
  return space;
}

int64_t Convolution::sumLength() const {
  constexpr int64_t weightBytes = 24 * 1024; // per lane
  int64_t channels = weightBytes / (window.h.kernel * window.w.kernel * 4);
  return std::max<int64_t>(16, channels / (channels < 64 ? 16 : 64) * (channels < 64 ? 16 : 64));
}

Slice Convolution::operandSlice(unsigned i, const Tile &tile) const {
  Range group{tile.out.n.begin % groups, 1};
  if (i == 0)
    return {tile.out.n, tile.k, fitH(tile).needed(), fitW(tile).needed()};
  const GlobalTensor &global = operands[i].global;
  if (i == 1 && filterByLane)
    return {group, {0, global.c()}, {tile.out.c.begin / 64, ceilDiv(tile.out.c.size, 64)}, {0, global.w()}};
  if (i == 1 && folding)
    return {{0, global.n()}, folding->rows() > 1 ? Range{0, global.c()} : tile.out.c, {0, global.h()}, {0, global.w()}};
  if (i == 1) {
    int64_t pack = convChannelPack(type);
    Range chunks{tile.k.begin / pack, ceilDiv(tile.k.size, pack)};
    if (requantization)
      chunks = {chunks.begin * kernelArea(), chunks.size * kernelArea()};
    return {group, tile.out.c, chunks, {0, global.w()}};
  }
  return {group, {0, global.c()}, {0, 1}, {0, global.w()}};
}

LocalTensor Convolution::operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const {
  if (i == 0)
    return LocalTensor::aligned(offset, {slice.n.size, slice.c.size, fitH(tile).localSize(), fitW(tile).localSize()},
                                type);
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
  // Partial sums are f32; those of bytes stand behind the result, for whose type they are too large.
  bool whole = tile.firstK && tile.lastK;
  int64_t bytes =
      LocalTensor::aligned(0, tile.out.shape(), whole || requantization ? results[i].type : ElementType::F32)
          .bytesPerLane();
  return whole || !requantization ? bytes : bytes + sumsTensor(0, tile.out.shape()).bytesPerLane();
}

int64_t Convolution::scratchBytes(const Tile &tile) const {
  if (folding)
    return FoldedTile(*this, tile).scratchBytes();
  bool needed = requantization && tile.firstK && tile.lastK; // else with the result
  return needed ? sumsTensor(0, tile.out.shape()).bytesPerLane() : 0;
}

/// The window under the blocks that a tile's part of a folded axis needs, counted from its first block.
static AxisFit fitFolded(const bm1684x::FoldedAxis &axis, Range out, int64_t grain, int64_t extent) {
  int64_t first = out.begin - out.begin % grain, step = axis.source.insert + 1;
  int64_t moved = first * axis.source.stride / step;
  return fitAxis({axis.span(), axis.stride, 1, -(axis.firstBegin() + moved), 0},
                 {0, ceilDiv(out.end() - first, axis.block())}, extent);
}

AxisFit Convolution::fitH(const Tile &tile) const {
  int64_t extent = operands[0].global.h();
  return folding ? fitFolded(folding->h, tile.out.h, blockGrain(folding->h), extent)
                 : fitAxis(window.h, tile.out.h, extent);
}

AxisFit Convolution::fitW(const Tile &tile) const {
  int64_t extent = operands[0].global.w();
  return folding ? fitFolded(folding->w, tile.out.w, blockGrain(folding->w), extent)
                 : fitAxis(window.w, tile.out.w, extent);
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
  if (i == 1) {
    for (int64_t phase = slice.n.begin; phase < slice.n.end(); ++phase) {
      Slice part = slice;
      part.n = {phase, 1};
      int64_t bytes = (phase - slice.n.begin) * buffer.strides[0] * buffer.itemBytes();
      loadFilter(assembler, operands[1].global, part,
                 LocalTensor::compact(buffer.offset + static_cast<uint32_t>(bytes), part.shape(), buffer.type));
    }
    return;
  }
  loadPlane(assembler, operands[0].global, slice, fitH(tile), fitW(tile), padding(), buffer);
}

Window2d Convolution::instructionWindow(const Tile &tile) const {
  Window2d result = window.instruction(tile.out, fitH(tile), fitW(tile));
  result.rotateKernel = rotateKernel;
  return result;
}

void Convolution::compute(Assembler &assembler, const LocalTensor &out, const LocalTensor &in,
                          const LocalTensor &weight, const Window2d &w, const Tile &tile, const TileBuffers &buffers,
                          uint32_t sumsAt) const {
  int64_t channel = folding && folding->rows() > 1 ? 0 : tile.out.c.begin;
  if (!requantization) {
    std::optional<bm1684x::Operand> bias;
    if (operands.size() > 2 && tile.firstK)
      bias = LocalTensor::compact(buffers.operands[2].offset + static_cast<uint32_t>(channel / 64 * 4),
                                  {1, out.c(), 1, 1}, ElementType::F32);
    assembler.tiu.conv(out, in, weight, bias, w, {.accumulate = !tile.firstK});
    if (tile.lastK)
      relu.emit(assembler, out);
    return;
  }
  LocalTensor sums = sumsTensor(sumsAt, out.shape);
  uint32_t border = padding().bits;
  assembler.tiu.convInt8(sums, in, weight, Constant::integer(kernelZeroPoint, weight.type), w,
                         {.accumulate = !tile.firstK, .padValue = border, .insertValue = border});
  if (tile.lastK)
    requantization->emit(assembler, out, sums, buffers.operands[2], channel);
}

void Convolution::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  if (folding)
    return FoldedTile(*this, tile).emit(assembler, buffers);
  const LocalTensor &in = buffers.operands[0], &out = buffers.results[0];
  Window2d w = instructionWindow(tile);
  ElementType filter = requantization ? operands[1].global.type : type;
  LocalTensor weight =
      LocalTensor::convWeight(buffers.operands[1].offset, {out.c(), in.c(), w.kernel.h, w.kernel.w}, filter);
  bool whole = tile.firstK && tile.lastK;
  uint32_t sums = whole ? buffers.scratch : out.offset + static_cast<uint32_t>(out.bytesPerLane());
  compute(assembler, out, in, weight, w, tile, buffers, sums);
}

int64_t Convolution::computeCycles(const Tile &tile) const {
  if (folding)
    return FoldedTile(*this, tile).cycles();
  auto [n, c, h, w] = tile.out.shape();
  bool wide = type == ElementType::F32;
  int64_t cycles =
      n * ceilDiv(c, 64) * ceilDiv(h * w, wide ? 16 : 4) * ceilDiv(tile.k.size, convChannelPack(type)) * kernelArea();
  if (!tile.lastK)
    return cycles;
  return cycles + (requantization ? requantization->cycles(tile.out.shape())
                                  : relu.cycles(tile.out.shape(), byteSize(results[0].type)));
}

int64_t Convolution::loadCycles(unsigned i, const Slice &slice) const {
  if (i == 1) {
    Slice phase = slice;
    phase.n.size = 1;
    return slice.n.size * filterCycles(operands[1].global, phase);
  }
  if (i == 2)
    return requantization ? requantization->loadCycles(slice.w.size) : perChannelCycles(operands[2].global);
  return TiledOp::loadCycles(i, slice);
}
