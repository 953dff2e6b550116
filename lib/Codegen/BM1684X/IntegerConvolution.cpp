// Widening of integer filters before their convolution.
#include "IntegerConvolution.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::ArOp;
using bm1684x::Rounding;

/// Values that one step of a half convolution takes.
static constexpr int64_t unit = bm1684x::convChannelPack(ElementType::F16);

IntegerFilterConvolution::IntegerFilterConvolution(const Convolution &halves, int64_t bits)
    : Convolution(halves), bits(bits) {
  GlobalTensor &values = operands[1].global, &bias = operands[2].global;
  int64_t width = kernelArea() * unit, chunks = ceilDiv(channelsOf({0, ic}), unit);
  values = GlobalTensor::contiguous(values.address, {groups, oc, chunks, width * bits / 8},
                                    bits == 4 ? ElementType::U8 : ElementType::I8);
  filterByLane = false;
  GlobalTensor scales = GlobalTensor::contiguous(bias.address, {groups, records.words(), 1, oc}, ElementType::F32);
  bias.address += static_cast<uint64_t>(scales.bytes());
  operands.push_back({scales, true});
}

Slice IntegerFilterConvolution::operandSlice(unsigned i, const Tile &tile) const {
  if (i == 3)
    return {{tile.out.n.begin % groups, 1}, {0, records.words()}, {0, 1}, {0, oc}};
  return Convolution::operandSlice(i, tile);
}

LocalTensor IntegerFilterConvolution::operandBuffer(unsigned i, const Slice &slice, const Tile &tile,
                                                    uint32_t at) const {
  if (i == 1)
    return joinedBuffer(filter(tile, type, at), stored(slice, tile, at));
  if (i == 3)
    return records.buffer(at, slice.w.size);
  return Convolution::operandBuffer(i, slice, tile, at);
}

void IntegerFilterConvolution::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                                    const LocalTensor &buffer) const {
  if (i == 1) {
    fresh.loaded(buffer);
    return TiledOp::load(assembler, i, slice, tile, stored(slice, tile, buffer.offset));
  }
  if (i == 3)
    return records.load(assembler, operands[3].global, slice.n.begin, buffer);
  Convolution::load(assembler, i, slice, tile, buffer);
}

int64_t IntegerFilterConvolution::loadCycles(unsigned i, const Slice &slice) const {
  if (i == 1)
    return TiledOp::loadCycles(i, slice);
  return i == 3 ? records.loadCycles(slice.w.size) : Convolution::loadCycles(i, slice);
}

LocalTensor IntegerFilterConvolution::filter(const Tile &tile, ElementType type, uint32_t at) const {
  Slice bytes = Convolution::operandSlice(1, tile);
  return LocalTensor::aligned(at, {1, bytes.c.size, bytes.h.size * kernelArea(), unit}, type);
}

LocalTensor IntegerFilterConvolution::stored(const Slice &slice, const Tile &tile, uint32_t buffer) const {
  uint32_t at = buffer + static_cast<uint32_t>(filter(tile, type, 0).bytesPerLane());
  return LocalTensor::aligned(at, slice.shape(), operands[1].global.type);
}

LocalTensor IntegerFilterConvolution::round(const Tile &tile, ElementType type, uint32_t at) const {
  LocalTensor all = filter(tile, type, at);
  all.shape[1] = std::min(all.shape[1], bm1684x::numLanes);
  return LocalTensor::aligned(at, all.shape, type);
}

int64_t IntegerFilterConvolution::wideningBytes(const Tile &tile) const {
  int64_t bytes = round(tile, ElementType::F32, 0).bytesPerLane();
  return bytes + (bits == 4 ? round(tile, ElementType::U8, 0).bytesPerLane() : 0);
}

int64_t IntegerFilterConvolution::scratchBytes(const Tile &tile) const {
  return wideningBytes(tile) + Convolution::scratchBytes(tile);
}

void IntegerFilterConvolution::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  LocalTensor half = filter(tile, type, buffers.operands[1].offset);
  if (fresh.take(buffers.operands[1]))
    widen(assembler, half, tile, buffers);
  llvm::SmallVector<LocalTensor, 4> widened(buffers.operands);
  widened[1] = half;
  auto behind = buffers.scratch + static_cast<uint32_t>(wideningBytes(tile));
  Convolution::emit(assembler, tile, {widened, buffers.results, behind});
}

void IntegerFilterConvolution::widen(Assembler &assembler, const LocalTensor &half, const Tile &tile,
                                     const TileBuffers &buffers) const {
  auto &tiu = assembler.tiu;
  LocalTensor all = stored(operandSlice(1, tile), tile, half.offset).reshapedPlane(half.h(), unit * bits / 8);
  for (int64_t c = 0; c < half.c(); c += bm1684x::numLanes) {
    auto channels = [&](LocalTensor tensor) {
      bm1684x::Dims shape = tensor.shape;
      shape[1] = std::min(bm1684x::numLanes, half.c() - c);
      return tensor.slice({0, tensor.c() > bm1684x::numLanes ? c : 0, 0, 0}, shape);
    };
    LocalTensor values = channels(all), real = channels(round(tile, ElementType::F32, buffers.scratch));
    if (bits == 4) {
      auto behind = static_cast<uint32_t>(round(tile, ElementType::F32, 0).bytesPerLane());
      LocalTensor bytes = channels(round(tile, ElementType::U8, buffers.scratch + behind));
      auto part = [&](int64_t first) { return bytes.slice({0, 0, 0, first}, values.shape); };
      tiu.bitAnd(part(0), values, Constant::integer(15, ElementType::U8));
      tiu.shift(ArOp::LogicShift, part(unit / 2), values, Constant::integer(-4, ElementType::I8), Rounding::TowardZero);
      values = bytes;
    }
    uint32_t record = buffers.operands[3].offset + static_cast<uint32_t>(tile.out.c.begin + c);
    tiu.dequantFloat(real, values, LocalTensor::aligned(record, {1, real.c(), 1, 2}, ElementType::F32));
    tiu.cast(channels(half), real);
  }
}

int64_t IntegerFilterConvolution::computeCycles(const Tile &tile) const {
  // The filter serves all tiles of a plane.
  if (tile.out.h.size < results[0].h() || tile.out.w.size < results[0].w())
    return Convolution::computeCycles(tile);
  int64_t passes = bits == 4 ? 3 : 2;
  return Convolution::computeCycles(tile) + passes * elementwiseCycles(filter(tile, ElementType::F32, 0).shape, 4);
}

std::unique_ptr<TiledOp> codegen::withIntegerFilter(const Convolution &halves, int64_t bits) {
  return std::make_unique<IntegerFilterConvolution>(halves, bits);
}
