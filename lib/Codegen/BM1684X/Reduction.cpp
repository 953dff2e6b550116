// Views, loads and trees of reductions.
#include "Reduction.h"

namespace tpu_mlir::codegen {
using bm1684x::Dims;
using bm1684x::laneBytes;
using bm1684x::numLanes;

namespace {

/// The largest divisor of `value` up to `limit`.
int64_t divisorUpTo(int64_t value, int64_t limit) {
  int64_t divisor = std::min(value, limit);
  while (value % divisor)
    --divisor;
  return divisor;
}

constexpr int64_t usableBytes = laneBytes - 16 * 1024; // coefficient tables and small tensors aside

/// The axis cut into `count` equal parts, first the index of the part, then the position in it.
std::pair<CompositeAxis, CompositeAxis> cut(const CompositeAxis &axis, int64_t count) {
  int64_t rest = axis.extent() / count;
  return {{{{count, rest * axis.stride()}}}, {{{rest, axis.stride()}}}};
}

ReductionView viewOf(ReductionView::Form form, std::array<CompositeAxis, 4> axes) {
  ReductionView view{form, std::move(axes), {}, {}};
  for (int i = 0; i < 4; ++i)
    view.shape[i] = view.axes[i].extent();
  view.reduced = view.shape;
  view.reduced[view.laneAxis()] = 1;
  if (form == ReductionView::Wide)
    view.reduced[1] = 1;
  return view;
}

} // namespace

std::optional<ReductionView> ReductionView::choose(const CompositeAxis &outer, const CompositeAxis &axis,
                                                   const CompositeAxis &inner, int64_t tilesOfAxis) {
  int64_t length = axis.extent(), longest = usableBytes / (4 * tilesOfAxis);
  if (inner.extent() == 1) {
    int64_t lanes = axis.isSimple() ? divisorUpTo(length, numLanes) : 1;
    bool fewRows = outer.extent() < 16 && length >= 1024 && lanes >= 16;
    if (lanes > 1 && (length > longest || fewRows) && length / lanes <= longest) {
      auto [part, rest] = cut(axis, lanes);
      return viewOf(Wide, {outer, part, {}, rest});
    }
    if (length > longest)
      return std::nullopt;
    return viewOf(Rows, {CompositeAxis{}, outer, {}, axis});
  }
  if (length > longest)
    return std::nullopt;
  // Many outer positions fill the lanes by themselves; else part of the inner axis does.
  if (outer.extent() >= 32 || !inner.isSimple() || inner.extent() < 32)
    return viewOf(Columns, {CompositeAxis{}, outer, axis, inner});
  int64_t lanes = 1;
  double bestCost = 1e30;
  for (int64_t candidate = 1; candidate <= std::min<int64_t>(inner.extent(), 4096); ++candidate) {
    if (inner.extent() % candidate)
      continue;
    int64_t run = inner.extent() / candidate;
    // Bursts shorter than 256 bytes and lanes without work both cost.
    double cost = std::max(1.0, 64.0 / static_cast<double>(run)) +
                  0.3 * static_cast<double>(ceilDiv(candidate, numLanes) * numLanes) / static_cast<double>(candidate);
    if (cost < bestCost)
      bestCost = cost, lanes = candidate;
  }
  auto [part, rest] = cut(inner, lanes);
  return viewOf(Columns, {outer, part, axis, rest});
}

GlobalTensor ReductionView::reducedGlobal(uint64_t address, ElementType type) const {
  return GlobalTensor::contiguous(address, reduced, type);
}

/// The two buffers that the steps of a tree write in turn.
static std::array<LocalTensor, 2> treeBuffers(Shape4 shape, ElementType type, int axis, uint32_t scratch,
                                              uint8_t lane = 0) {
  std::array<LocalTensor, 2> buffers;
  for (LocalTensor &buffer : buffers) {
    shape[axis] = ceilDiv(shape[axis], 2);
    buffer = LocalTensor::aligned(scratch, shape, type, lane);
    scratch += static_cast<uint32_t>(buffer.bytesPerLane());
  }
  return buffers;
}

int64_t reduceTreeBytes(Shape4 shape, ElementType type, int axis) {
  auto [first, second] = treeBuffers(shape, type, axis, 0);
  return first.bytesPerLane() + second.bytesPerLane();
}

LocalTensor reduceTree(Assembler &assembler, ArOp op, const LocalTensor &in, int axis, uint32_t scratch) {
  auto part = [&](const LocalTensor &tensor, int64_t begin, int64_t count) {
    Dims start{0, 0, 0, 0}, extent = tensor.shape;
    start[axis] = begin, extent[axis] = count;
    return tensor.slice(start, extent);
  };
  // In place a step would take twice as long.
  std::array<LocalTensor, 2> buffers = treeBuffers(in.shape, in.type, axis, scratch, in.lane);
  LocalTensor from = in;
  int64_t length = in.shape[axis];
  for (unsigned step = 0; length > 1; ++step) {
    const LocalTensor &to = buffers[step % 2];
    bool isExtremum = op == ArOp::Max || op == ArOp::Min, isOdd = length % 2;
    int64_t half = isExtremum ? ceilDiv(length, 2) : length / 2;
    // Extrema may count the position in the middle twice; in a sum the one that is left over joins the first.
    assembler.tiu.binary(op, part(to, 0, half), part(from, 0, half),
                         part(from, isExtremum ? length - half : half, half));
    if (isOdd && !isExtremum)
      assembler.tiu.binary(op, part(to, 0, 1), part(to, 0, 1), part(from, length - 1, 1));
    from = to, length = half;
  }
  return part(from, 0, 1);
}

int64_t reduceTileBytes(Shape4 shape, ElementType type, ReductionView::Form form) {
  int64_t bytes = reduceTreeBytes(shape, type, form == ReductionView::Columns ? 2 : 3);
  if (form != ReductionView::Wide)
    return bytes;
  int64_t small = LocalTensor::aligned(0, {shape[0], 1, 1, shape[1]}, type).bytesPerLane();
  int64_t values = LocalTensor::aligned(0, {shape[0], shape[1], 1, 1}, type).bytesPerLane();
  return bytes + 2 * values + small + reduceTreeBytes({shape[0], 1, 1, shape[1]}, type, 3);
}

LocalTensor reduceTile(Assembler &assembler, ArOp op, const LocalTensor &in, ReductionView::Form form, bool spread,
                       uint32_t scratch) {
  LocalTensor sums = reduceTree(assembler, op, in, form == ReductionView::Columns ? 2 : 3, scratch);
  if (form != ReductionView::Wide)
    return sums;
  // One value per lane: brought into one lane, combined there, and given to all lanes again.
  uint32_t at = scratch + static_cast<uint32_t>(reduceTreeBytes(in.shape, in.type, 3));
  auto take = [&](Dims shape, bool lines) {
    LocalTensor tensor =
        lines ? LocalTensor::lineAligned(at, shape, in.type) : LocalTensor::aligned(at, shape, in.type);
    at += static_cast<uint32_t>(tensor.bytesPerLane());
    return tensor;
  };
  LocalTensor values = take({in.n(), in.c(), 1, 1}, false);
  assembler.tiu.copy(values, sums);
  LocalTensor row = take({in.n(), 1, 1, in.c()}, true);
  assembler.tiu.cwTranspose(row, values);
  LocalTensor result = reduceTree(assembler, op, row, 3, at);
  if (!spread)
    return result;
  at += static_cast<uint32_t>(reduceTreeBytes(row.shape, in.type, 3));
  LocalTensor one = LocalTensor::aligned(values.offset, {in.n(), 1, 1, 1}, in.type);
  assembler.tiu.copy(one, result);
  LocalTensor all = LocalTensor::aligned(at, {in.n(), in.c(), 1, 1}, in.type);
  assembler.tiu.laneBroadcast(all, one);
  return all;
}

int64_t reduceTileCycles(Shape4 shape, ReductionView::Form form) {
  return 3 * elementwiseCycles(shape, 4) + (form == ReductionView::Wide ? 200 : 20);
}

} // namespace tpu_mlir::codegen
