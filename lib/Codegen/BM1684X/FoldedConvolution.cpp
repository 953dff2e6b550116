// Tiles of convolutions that are computed in another form (Target/BM1684X/ConvFolding.h). Lanes and columns change
// places by transpositions: with c and w exchanged, what is spread over lanes is contiguous in one, so that rows become
// channels, and channels rows, by reading the same memory in another shape.
#include "Convolution.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

FoldedTile::FoldedTile(const Convolution &conv, const Tile &tile)
    : conv(conv), tile(tile), form(*conv.folding), fitH(conv.fitH(tile)), fitW(conv.fitW(tile)), n(tile.out.n.size),
      channels(form.rows() > 1 ? bm1684x::numLanes : tile.out.c.size), height(fitH.localSize()),
      width(fitW.localSize()), inType(conv.type), outType(conv.results[0].type) {
  skipDown = tile.out.h.begin % conv.blockGrain(form.h);
  int64_t skipAcross = tile.out.w.begin % conv.blockGrain(form.w);
  down = ceilDiv(skipDown + tile.out.h.size, form.h.block());
  across = ceilDiv(skipAcross + tile.out.w.size, form.w.block());
  isExact = skipDown == 0 && tile.out.h.size == down * form.rows() && tile.out.c.size == form.rowLanes();
  int64_t turned = 0, gathered = 0, phase = 0, joined = 0;
  auto need = [](int64_t &bytes, const LocalTensor &tensor) { bytes = std::max(bytes, tensor.bytesPerLane()); };
  if (form.rowsAsChannels) {
    int64_t inChannels = form.inChannels();
    need(turned, LocalTensor::lineAligned(0, {n, width, height, conv.ic}, inType));
    need(turned, LocalTensor::aligned(0, {n, inChannels, down, width}, inType));
    need(gathered, LocalTensor::aligned(0, {n, width, down, inChannels}, inType));
  }
  std::array<int64_t, 4> packed{n, channels, down, across};
  if (conv.requantization)
    need(gathered, sumsTensor(0, packed));
  if (form.rows() > 1 || form.phases() > 1)
    need(phase, LocalTensor::aligned(0, packed, outType));
  if (form.rows() > 1) {
    int64_t columns = tile.out.w.size;
    need(turned, LocalTensor::lineAligned(0, {n, columns, down, channels}, outType));
    if (form.phases() > 1)
      need(joined, LocalTensor::aligned(0, {n, channels, down, columns}, outType));
    if (!isExact)
      need(gathered, LocalTensor::aligned(0, {n, form.rowLanes(), down * form.rows(), columns}, outType));
  }
  if (conv.requantization &&
      phase > 0) // sums and result in different banks: in one, requantization takes twice as long
    gathered = std::max(gathered, bm1684x::bankBytes);
  gatheredAt = static_cast<uint32_t>(turnedAt + turned);
  phaseAt = static_cast<uint32_t>(gatheredAt + gathered);
  joinedAt = static_cast<uint32_t>(phaseAt + phase);
  scratch = joinedAt + joined;
}

/// Copies rows under the taps side by side, then exchanges lanes and columns back.
LocalTensor FoldedTile::rowsAsChannels(Assembler &assembler, const LocalTensor &in, uint32_t base) const {
  LocalTensor turned = LocalTensor::lineAligned(base + turnedAt, {n, width, height, conv.ic}, inType);
  assembler.tiu.cwTranspose(turned, in);
  int64_t inChannels = form.inChannels();
  LocalTensor gathered = LocalTensor::aligned(base + gatheredAt, {n, width, down, inChannels}, inType);
  for (int64_t t = 0; t < form.h.kernel; ++t) {
    // Row of the local input under this tap of the first block.
    int64_t first = t * form.h.dilation - fitH.padBefore, stride = form.h.stride;
    int64_t begin = std::clamp<int64_t>(first < 0 ? ceilDiv(-first, stride) : 0, 0, down);
    int64_t end = std::clamp<int64_t>(first >= height ? 0 : (height - 1 - first) / stride + 1, begin, down);
    fillOutside(assembler, gathered, t, {begin, end - begin});
    if (begin == end)
      continue;
    LocalTensor rows = turned.slice({0, 0, first + begin * stride, 0}, {n, width, 1, conv.ic});
    rows.shape[2] = end - begin;
    rows.strides[2] *= stride;
    rows.layout = bm1684x::Layout::Free;
    assembler.tiu.copy(gathered.slice({0, 0, begin, t * conv.ic}, {n, width, end - begin, conv.ic}), rows);
  }
  LocalTensor result = LocalTensor::aligned(base + turnedAt, {n, inChannels, down, width}, inType);
  assembler.tiu.wcTranspose(result, gathered);
  return result;
}

/// What a tap sees beyond the input.
void FoldedTile::fillOutside(Assembler &assembler, const LocalTensor &gathered, int64_t tap, Range inside) const {
  for (Range outside : {Range{0, inside.begin}, Range{inside.end(), down - inside.end()}})
    if (outside.size > 0)
      assembler.tiu.fill(gathered.slice({0, 0, outside.begin, tap * conv.ic}, {n, gathered.c(), outside.size, conv.ic}),
                         conv.padding());
}

namespace {
/// The part of the local input that a phase sees along an axis, and its padding.
struct PhaseFit {
  int64_t begin, size, padBefore, padAfter;
};
PhaseFit fitPhase(const bm1684x::FoldedAxis &axis, int64_t phase, int64_t blocks, const AxisFit &fit) {
  int64_t moved = axis.begin[static_cast<size_t>(phase)] - axis.firstBegin();
  int64_t needed = (blocks - 1) * axis.stride + axis.dilation * (axis.kernel - 1) + 1;
  PhaseFit part;
  part.padBefore = std::max<int64_t>(0, fit.padBefore - moved);
  part.begin = std::max<int64_t>(0, moved - fit.padBefore);
  int64_t rest = fit.localSize() - part.begin;
  part.size = std::min(rest, needed - part.padBefore);
  part.padAfter = needed - part.padBefore - part.size;
  // A plane that stays whole is aligned; the instruction does not look at what a stride leaves over.
  if (part.begin == 0 && part.padAfter == 0 && blocks > 1 && rest - part.size < axis.stride)
    part.size = rest;
  return part;
}
} // namespace

/// Computes one phase; `in` is the convolution's input, all channels.
void FoldedTile::phase(Assembler &assembler, int64_t index, const LocalTensor &in, const LocalTensor &out,
                       const TileBuffers &buffers) const {
  Window2d window;
  window.kernel = {form.kernelRows(), form.w.kernel};
  window.dilation.w = form.w.kernel == 1 ? 1 : form.w.dilation;
  window.stride.w = across == 1 ? 1 : form.w.stride;
  LocalTensor input = in, result = out;
  PhaseFit w = fitPhase(form.w, index % form.w.phases, across, fitW), h{0, in.h(), 0, 0};
  if (form.joinsPatches(conv.operands[0].global.w(), conv.results[0].w())) {
    window.stride.w = 1;
    input = in.reshapedPlane(in.h() * across, form.w.kernel);
    result = out.reshapedPlane(out.h() * across, 1);
    w = {0, input.w(), 0, 0};
    h.size = input.h();
  }
  if (!form.rowsAsChannels) {
    h = fitPhase(form.h, index / form.w.phases, down, fitH);
    window.dilation.h = form.h.kernel == 1 ? 1 : form.h.dilation;
    window.stride.h = down == 1 ? 1 : form.h.stride;
  }
  window.pad = {h.padBefore, h.padAfter, w.padBefore, w.padAfter};
  if (h.size != input.h() || w.size != input.w()) {
    input = input.slice({0, 0, h.begin, w.begin}, {n, input.c(), h.size, w.size});
    input.layout = bm1684x::Layout::Free;
  }
  const LocalTensor &filters = buffers.operands[1];
  auto filterAt = filters.offset + static_cast<uint32_t>(index * filters.strides[0] * filters.itemBytes());
  ElementType filter = conv.requantization ? conv.operands[1].global.type : conv.type;
  LocalTensor weight =
      LocalTensor::convWeight(filterAt, {channels, input.c(), window.kernel.h, window.kernel.w}, filter);
  conv.compute(assembler, result, input, weight, window, tile, buffers, buffers.scratch + gatheredAt);
}

/// Copies the part of a phase's blocks that lies in `rows` and `columns` (positions counted from the first block) to
/// its places.
void FoldedTile::placePhase(Assembler &assembler, int64_t index, const LocalTensor &from, const LocalTensor &to,
                            Range rows, Range columns) const {
  struct Part {
    int64_t first, count, place;
  };
  auto along = [](int64_t phase, int64_t phases, Range range) {
    int64_t first = std::max<int64_t>(0, ceilDiv(range.begin - phase, phases));
    int64_t end = ceilDiv(range.end() - phase, phases);
    return Part{first, end - first, first * phases + phase - range.begin};
  };
  Part h = along(index / form.w.phases, form.h.phases, rows), w = along(index % form.w.phases, form.w.phases, columns);
  if (h.count <= 0 || w.count <= 0)
    return;
  std::array<int64_t, 4> shape{n, from.c(), h.count, w.count};
  LocalTensor target = to.slice({0, 0, h.place, w.place}, {n, to.c(), 1, 1});
  target.shape = shape;
  target.strides[2] *= form.h.phases;
  target.strides[3] *= form.w.phases;
  target.layout = bm1684x::Layout::Free;
  assembler.tiu.copy(target, from.slice({0, 0, h.first, w.first}, shape));
}

/// Rows that were computed at once, in lanes of their own, become rows of planes.
void FoldedTile::unpack(Assembler &assembler, const LocalTensor &packed, const LocalTensor &out, uint32_t base) const {
  int64_t columns = packed.w(), lanes = form.rowLanes(), rows = down * form.rows();
  LocalTensor turned = LocalTensor::lineAligned(base + turnedAt, {n, columns, down, channels}, outType);
  assembler.tiu.cwTranspose(turned, packed);
  LocalTensor byRow = LocalTensor::aligned(base + turnedAt, {n, columns, rows, lanes}, outType);
  if (isExact)
    return assembler.tiu.wcTranspose(out, byRow);
  LocalTensor all = LocalTensor::aligned(base + gatheredAt, {n, lanes, rows, columns}, outType);
  assembler.tiu.wcTranspose(all, byRow);
  assembler.tiu.copy(out, all.slice({0, 0, skipDown, 0}, out.shape));
}

void FoldedTile::emit(Assembler &assembler, const TileBuffers &buffers) const {
  LocalTensor in = buffers.operands[0];
  const LocalTensor &out = buffers.results[0];
  if (form.rowsAsChannels)
    in = rowsAsChannels(assembler, in, buffers.scratch);
  if (form.rows() == 1 && form.phases() == 1)
    return phase(assembler, 0, in, out, buffers);
  Range columns{tile.out.w.begin % conv.blockGrain(form.w), tile.out.w.size};
  LocalTensor packed = LocalTensor::aligned(buffers.scratch + phaseAt, {n, channels, down, across}, outType);
  LocalTensor joined = packed;
  if (form.rows() > 1 && form.phases() > 1)
    joined = LocalTensor::aligned(buffers.scratch + joinedAt, {n, channels, down, columns.size}, outType);
  for (int64_t index = 0; index < form.phases(); ++index) {
    phase(assembler, index, in, packed, buffers);
    if (form.rows() == 1)
      placePhase(assembler, index, packed, out, {skipDown, tile.out.h.size}, columns);
    else if (form.phases() > 1)
      placePhase(assembler, index, packed, joined, {0, down}, columns);
  }
  if (form.rows() > 1)
    unpack(assembler, joined, out, buffers.scratch);
}

int64_t FoldedTile::cycles() const {
  bm1684x::ConvExtents part{.type = inType,
                            .n = n,
                            .ic = conv.ic,
                            .oc = tile.out.c.size,
                            .ih = height,
                            .iw = width,
                            .oh = skipDown + tile.out.h.size,
                            .ow = tile.out.w.size};
  std::array<int64_t, 4> packed{n, channels, down, across};
  int64_t more = conv.requantization ? conv.requantization->cycles(packed) - elementwiseCycles(packed, 4)
                                     : conv.relu.cycles(packed, static_cast<int64_t>(byteSize(outType)));
  return form.computeCycles(part) + form.phases() * more;
}
