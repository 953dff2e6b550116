// Tiles of pooling.
#include "Pool.h"

#include "Depthwise.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

IterationSpace Pool::space() const {
  const GlobalTensor &out = results[0];
  return {{out.n()},
          {out.c(), 64},
          {out.h(), 1, maxTileOf(window.h)},
          {out.w(), 1, maxTileOf(window.w)},
          {window.h.kernel}};
}

PlaneWindow Pool::part(const Tile &tile) const {
  PlaneWindow plane = window;
  plane.h.kernel = tile.k.size;
  plane.h.padBefore = window.h.padBefore - tile.k.begin * window.h.dilation;
  return plane;
}

Slice Pool::operandSlice(unsigned, const Tile &tile) const {
  return {tile.out.n, tile.out.c, fitH(tile).needed(), fitW(tile).needed()};
}

LocalTensor Pool::operandBuffer(unsigned, const Slice &slice, const Tile &tile, uint32_t offset) const {
  return LocalTensor::aligned(offset, {slice.n.size, slice.c.size, fitH(tile).localSize(), fitW(tile).localSize()},
                              type);
}

LocalTensor Pool::resultBuffer(unsigned, const Tile &tile, uint32_t offset) const {
  return LocalTensor::aligned(offset, tile.out.shape(), sumsWide() && !tile.lastK ? ElementType::F32 : results[0].type);
}

int64_t Pool::resultBytes(unsigned, const Tile &tile) const {
  bool wide = sumsWide() && !(tile.firstK && tile.lastK);
  int64_t bytes = LocalTensor::aligned(0, tile.out.shape(), wide ? ElementType::F32 : results[0].type).bytesPerLane();
  return bytes + (sumsBehindResult(tile) ? sumsTensor(0, tile.out.shape()).bytesPerLane() : 0);
}

static LocalTensor wideTensor(uint32_t offset, std::array<int64_t, 4> shape) {
  return LocalTensor::aligned(offset, shape, ElementType::F32);
}

int64_t Pool::scratchBytes(const Tile &tile) const {
  bool split = !(tile.firstK && tile.lastK);
  int64_t bytes = 0;
  if (sumsWide())
    bytes += wideTensor(0, {tile.out.n.size, tile.out.c.size, fitH(tile).localSize(), fitW(tile).localSize()})
                 .bytesPerLane();
  if (requantization && !isMax)
    return sumsTensor(0, tile.out.shape()).bytesPerLane();
  if (splitsWindow(tile))
    return LocalTensor::aligned(0, betweenShape(tile), type).bytesPerLane() +
           (split ? LocalTensor::aligned(0, tile.out.shape(), type).bytesPerLane() : 0);
  if (sumsWide() || split)
    bytes += LocalTensor::aligned(0, tile.out.shape(), isMax ? type : ElementType::F32).bytesPerLane();
  return bytes;
}

Constant Pool::padding() const {
  if (requantization)
    return Constant::integer(!isMax ? inputZeroPoint : bm1684x::isSigned(type) ? -128 : 0, type);
  if (!isMax)
    return constantOf(0, type);
  if (type == ElementType::F32)
    return Constant::raw(0xFF7FFFFF, type);
  return Constant::raw(type == ElementType::F16 ? 0xFBFF : 0xFF7F, type);
}

void Pool::load(Assembler &assembler, unsigned, const Slice &slice, const Tile &tile, const LocalTensor &buffer) const {
  loadPlane(assembler, operands[0].global, slice, fitH(tile), fitW(tile), padding(), buffer);
}

void Pool::emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  if (isMax)
    return emitMax(assembler, tile, buffers);
  requantization ? emitByteAverage(assembler, tile, buffers) : emitAverage(assembler, tile, buffers);
}

std::array<int64_t, 4> Pool::betweenShape(const Tile &tile) const {
  return {tile.out.n.size, tile.out.c.size, fitH(tile).localSize(), tile.out.w.size};
}

/// The maximum along rows, then along columns: fewer taps, and two strides in one instruction cost three times as much.
bool Pool::splitsWindow(const Tile &tile) const {
  if (!isMax || window.w.kernel == 1 || part(tile).h.kernel == 1)
    return false;
  int64_t item = static_cast<int64_t>(byteSize(type));
  return splitCycles(tile) < planeCycles(tile.out, part(tile), item);
}

int64_t Pool::splitCycles(const Tile &tile) const {
  int64_t item = static_cast<int64_t>(byteSize(type));
  PlaneWindow columns = window, rows = part(tile);
  columns.h = Window();
  rows.w = Window();
  Slice between = tile.out;
  between.h.size = fitH(tile).localSize();
  return planeCycles(between, columns, item) + planeCycles(tile.out, rows, item);
}

bool Pool::sumsBehindResult(const Tile &tile) const { return requantization && !isMax && !(tile.firstK && tile.lastK); }

void Pool::emitMax(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  const LocalTensor &out = buffers.results[0];
  Window2d w = part(tile).instruction(tile.out, fitH(tile), fitW(tile));
  uint32_t scratch = buffers.scratch;
  LocalTensor between;
  if (splitsWindow(tile)) {
    between = LocalTensor::aligned(scratch, betweenShape(tile), type);
    scratch += static_cast<uint32_t>(between.bytesPerLane());
  }
  LocalTensor target = tile.firstK ? out : LocalTensor::aligned(scratch, out.shape, type);
  if (splitsWindow(tile)) {
    Window2d rows = w, columns = w;
    columns.kernel.h = columns.stride.h = columns.dilation.h = 1;
    columns.pad.top = columns.pad.bottom = 0;
    rows.kernel.w = rows.stride.w = rows.dilation.w = 1;
    rows.pad.left = rows.pad.right = 0;
    assembler.tiu.maxPool(between, buffers.operands[0], columns, padding().bits);
    assembler.tiu.maxPool(target, between, rows, padding().bits);
  } else {
    assembler.tiu.maxPool(target, buffers.operands[0], w, padding().bits);
  }
  if (!tile.firstK)
    assembler.tiu.max(out, out, target);
  if (!tile.lastK)
    return;
  requantization ? requantization->clamp(assembler, out) : relu.emit(assembler, out);
}

namespace {
/// How many values are under the window of output `o`.
int64_t countOf(const Window &window, int64_t o, int64_t extent, bool countPadding, int64_t padAfter) {
  int64_t begin = o * window.stride - window.padBefore, end = begin + window.kernel;
  int64_t low = countPadding ? -window.padBefore : 0, high = countPadding ? extent + padAfter : extent;
  return std::max<int64_t>(1, std::min(end, high) - std::max(begin, low));
}

/// Runs of outputs with equal counts.
struct Run {
  Range out;
  int64_t count;
};
std::vector<Run> runsOf(const Window &window, Range out, int64_t extent, bool countPadding, int64_t padAfter) {
  std::vector<Run> runs;
  for (int64_t o = out.begin; o < out.end(); ++o) {
    int64_t count = countOf(window, o, extent, countPadding, padAfter);
    if (runs.empty() || runs.back().count != count)
      runs.push_back({{o - out.begin, 0}, count});
    ++runs.back().out.size;
  }
  return runs;
}
} // namespace

bool Pool::uniformCount(const Tile &tile) const {
  const GlobalTensor &in = operands[0].global;
  return runsOf(window.h, tile.out.h, in.h(), countPadding, padAfterH).size() == 1 &&
         runsOf(window.w, tile.out.w, in.w(), countPadding, padAfterW).size() == 1;
}

void Pool::divide(Assembler &assembler, const Tile &tile, const LocalTensor &sums) const {
  const GlobalTensor &in = operands[0].global;
  for (const Run &h : runsOf(window.h, tile.out.h, in.h(), countPadding, padAfterH))
    for (const Run &w : runsOf(window.w, tile.out.w, in.w(), countPadding, padAfterW)) {
      LocalTensor part = sums.slice({0, 0, h.out.begin, w.out.begin}, {sums.n(), sums.c(), h.out.size, w.out.size});
      assembler.tiu.mul(part, part, Constant::f32(1.0f / static_cast<float>(h.count * w.count)));
    }
}

void Pool::emitAverage(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  LocalTensor in = buffers.operands[0];
  const LocalTensor &out = buffers.results[0];
  uint32_t scratch = buffers.scratch;
  if (sumsWide()) {
    LocalTensor wide = wideTensor(scratch, in.shape);
    assembler.tiu.cast(wide, in);
    scratch += static_cast<uint32_t>(wide.bytesPerLane());
    in = wide;
  }
  LocalTensor inResult = wideTensor(out.offset, out.shape), inScratch = wideTensor(scratch, out.shape);
  bool whole = tile.firstK && tile.lastK, uniform = whole && uniformCount(tile);
  const GlobalTensor &global = operands[0].global;
  float scale = 1;
  if (uniform)
    scale = 1.0f / static_cast<float>(countOf(window.h, tile.out.h.begin, global.h(), countPadding, padAfterH) *
                                      countOf(window.w, tile.out.w.begin, global.w(), countPadding, padAfterW));
  bool direct = tile.firstK && !(sumsWide() && tile.lastK);
  LocalTensor sums = direct ? inResult : inScratch;
  Window2d w = part(tile).instruction(tile.out, fitH(tile), fitW(tile));
  assembler.tiu.avgPool(sums, in, Constant::f32(scale), w);
  if (!tile.firstK) {
    // The narrow result takes the place of the partial sums, so the last addition leaves them.
    LocalTensor total = sumsWide() && tile.lastK ? inScratch : inResult;
    assembler.tiu.add(total, inResult, inScratch);
    sums = total;
  }
  if (!tile.lastK)
    return;
  if (!uniform)
    divide(assembler, tile, sums);
  relu.emit(assembler, sums);
  if (sumsWide())
    assembler.tiu.cast(out, sums);
}

std::pair<float, float> Pool::factors(int64_t count) const {
  float scale = static_cast<float>(inputScale / (static_cast<double>(count) * resultScale));
  double taps = static_cast<double>(window.h.kernel * window.w.kernel);
  double zeros = static_cast<double>(inputZeroPoint) * taps * static_cast<double>(scale);
  return {scale, static_cast<float>(static_cast<double>(resultZeroPoint) - zeros)};
}

void Pool::rescale(Assembler &assembler, const Tile &tile, const LocalTensor &sums) const {
  const GlobalTensor &in = operands[0].global;
  for (const Run &h : runsOf(window.h, tile.out.h, in.h(), countPadding, padAfterH))
    for (const Run &w : runsOf(window.w, tile.out.w, in.w(), countPadding, padAfterW)) {
      LocalTensor part = sums.slice({0, 0, h.out.begin, w.out.begin}, {sums.n(), sums.c(), h.out.size, w.out.size});
      auto [scale, offset] = factors(h.count * w.count);
      assembler.tiu.mul(part, part, Constant::f32(scale));
      assembler.tiu.add(part, part, Constant::f32(offset));
    }
}

void Pool::emitByteAverage(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const {
  const LocalTensor &out = buffers.results[0];
  // What lasts from one part of the window to the next is with the result.
  LocalTensor sums = sumsTensor(buffers.scratch, out.shape), part = sums;
  if (sumsBehindResult(tile))
    sums = sumsTensor(out.offset + static_cast<uint32_t>(out.bytesPerLane()), out.shape);
  if (tile.firstK)
    part = sums;
  Window2d w = this->part(tile).instruction(tile.out, fitH(tile), fitW(tile));
  assembler.tiu.depthwise(part, buffers.operands[0], Constant::integer(1, ElementType::I8), std::nullopt, w,
                          {.padValue = padding().bits});
  if (!tile.firstK)
    assembler.tiu.integer(bm1684x::ArOp::Add, sums, sums, part, {.saturate = false});
  if (!tile.lastK)
    return;
  if (uniformCount(tile)) {
    const GlobalTensor &in = operands[0].global;
    auto [scale, offset] = factors(countOf(window.h, tile.out.h.begin, in.h(), countPadding, padAfterH) *
                                   countOf(window.w, tile.out.w.begin, in.w(), countPadding, padAfterW));
    return requantization->emit(assembler, out, sums, scale, offset);
  }
  // Requantization takes whole tensors only; the same steps on parts of them.
  LocalTensor real = requantization->toReal ? out : sums.as(ElementType::F32);
  assembler.tiu.cast(real, sums);
  rescale(assembler, tile, real);
  if (!requantization->toReal)
    assembler.tiu.cast(out, real);
  requantization->clamp(assembler, out);
}

int64_t Pool::computeCycles(const Tile &tile) const {
  if (requantization && !isMax)
    return planeCycles(tile.out, part(tile), 4) +
           elementwiseCycles(tile.out.shape(), 4) * ((tile.firstK ? 0 : 2) + (uniformCount(tile) ? 1 : 7));
  bool wide = !isMax;
  int64_t item = wide ? 4 : static_cast<int64_t>(byteSize(type));
  int64_t cycles = splitsWindow(tile) ? splitCycles(tile) : planeCycles(tile.out, part(tile), item);
  if (sumsWide())
    cycles += elementwiseCycles({tile.out.n.size, tile.out.c.size, fitH(tile).localSize(), fitW(tile).localSize()}, 4) +
              elementwiseCycles(tile.out.shape(), 4);
  return cycles + relu.cycles(tile.out.shape(), item);
}
