// Windows, padding and per-channel parameters of convolutions and poolings.
#include "Spatial.h"

#include "tpu_mlir/Kernels/Numerics.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

static constexpr int64_t maxPad = 15;

AxisFit codegen::fitAxis(const Window &window, Range out, int64_t extent) {
  WindowSlice needed = inputOf(window, out, extent);
  int64_t step = window.insert + 1;
  AxisFit fit;
  fit.input = needed.input;
  fit.padBefore = needed.padBefore;
  fit.padAfter = needed.padAfter;
  if (needed.input.size == 0) {
    fit.isPadding = true;
    fit.input = {-1, 1}; // differs from every real position, whose buffers hold values
    fit.padAfter -= 1;   // the stored position stands for one
  }
  // Positions that a stride leaves over at the end are taken too where that makes the axis whole: rows and planes
  // without gaps move faster. The instruction does not look at them.
  int64_t left = extent - fit.input.end();
  if (window.insert == 0 && out.size > 1 && !fit.isPadding && fit.padAfter == 0 && fit.input.begin == 0 &&
      left < window.stride)
    fit.input.size = extent;
  auto store = [&](int64_t &pad) {
    int64_t stored = pad > maxPad ? ceilDiv(pad - maxPad, step) : 0;
    pad -= stored * step;
    return stored;
  };
  fit.storedBefore = store(fit.padBefore);
  fit.storedAfter = store(fit.padAfter);
  return fit;
}

int64_t codegen::maxTileOf(const Window &window) {
  if (window.stride > 15)
    return 1;
  int64_t span = window.dilation * (window.kernel - 1) + 1;
  return std::max<int64_t>(1, (bm1684x::maxExtent - span) / window.stride);
}

PlaneWindow PlaneWindow::of(llvm::ArrayRef<int64_t> kernel, llvm::ArrayRef<int64_t> strides,
                            llvm::ArrayRef<int64_t> pads, llvm::ArrayRef<int64_t> dilations) {
  PlaneWindow plane;
  plane.h = {kernel[0], strides[0], dilations.empty() ? 1 : dilations[0], pads[0], 0};
  if (kernel.size() > 1)
    plane.w = {kernel[1], strides[1], dilations.empty() ? 1 : dilations[1], pads[1], 0};
  return plane;
}

Window2d PlaneWindow::instruction(const Slice &out, const AxisFit &fh, const AxisFit &fw) const {
  Window2d window;
  window.kernel = {h.kernel, w.kernel};
  window.stride = {out.h.size == 1 ? 1 : h.stride, out.w.size == 1 ? 1 : w.stride};
  window.dilation = {h.kernel == 1 ? 1 : h.dilation, w.kernel == 1 ? 1 : w.dilation};
  window.insert = {fh.localSize() == 1 ? 0 : h.insert, fw.localSize() == 1 ? 0 : w.insert};
  window.pad = {fh.padBefore, fh.padAfter, fw.padBefore, fw.padAfter};
  return window;
}

void codegen::loadPlane(Assembler &assembler, const GlobalTensor &input, const Slice &slice, const AxisFit &h,
                        const AxisFit &w, Constant padding, const LocalTensor &buffer) {
  if (h.needsFill() || w.needsFill())
    assembler.gdma.fill(buffer, padding);
  if (h.isPadding || w.isPadding)
    return;
  GlobalTensor from = input.slice({slice.n.begin, slice.c.begin, slice.h.begin, slice.w.begin}, slice.shape());
  LocalTensor to = buffer;
  if (h.needsFill() || w.needsFill())
    to = buffer.slice({0, 0, h.storedBefore, w.storedBefore}, slice.shape());
  loadTensor(assembler, to, from);
}

Constant codegen::constantOf(double value, ElementType type) {
  float single = static_cast<float>(value);
  if (type == ElementType::F32)
    return Constant::f32(single);
  auto precision = type == ElementType::F16 ? kernels::Precision::F16 : kernels::Precision::BF16;
  return Constant::raw(kernels::floatToHalf(precision, single), type);
}

void FusedRelu::emit(Assembler &assembler, const LocalTensor &tensor) const {
  if (!enabled)
    return;
  assembler.tiu.max(tensor, tensor, constantOf(0, tensor.type));
  if (limit > 0)
    assembler.tiu.min(tensor, tensor, constantOf(limit, tensor.type));
}

int64_t FusedRelu::cycles(std::array<int64_t, 4> shape, int64_t itemBytes) const {
  if (!enabled)
    return 0;
  // In place costs twice.
  return 2 * elementwiseCycles(shape, itemBytes) * (limit > 0 ? 2 : 1);
}

void codegen::loadPerChannel(Assembler &assembler, const GlobalTensor &values, int64_t group, uint32_t offset) {
  int64_t lanes = values.c(), width = values.w();
  if (lanes * width > bm1684x::maxExtent) {
    assembler.gdma.copy(LocalTensor::aligned(offset, {1, lanes, 1, width}, values.type),
                        values.slice({group, 0, 0, 0}, {1, lanes, 1, width}));
    return;
  }
  uint64_t address = values.address + static_cast<uint64_t>(group * lanes * width * values.itemBytes());
  assembler.gdma.loadMatrix(FoldedMatrix::at(offset, 1, lanes * width, width, values.type),
                            GlobalMatrix{address, 1, lanes * width, lanes * width, values.type});
}

int64_t codegen::perChannelCycles(const GlobalTensor &values) {
  return matrixMoveCycles(values.c(), values.w() * values.itemBytes(), /*toLocal=*/true);
}

namespace {
/// How a slice of packed weights [groups, channels, rows, pack] can be moved as matrices of 32-bit words: whole
/// channels are runs of `width` words; with more than 64 channels, they have to fill lines, so that the compact layout
/// is the aligned one.
struct FilterRuns {
  int64_t channels, width;
};
std::optional<FilterRuns> filterRuns(const GlobalTensor &weights, const Slice &slice) {
  int64_t bytes = slice.h.size * slice.w.size * weights.itemBytes();
  bool whole = slice.n.size == 1 && slice.h.size == weights.h() && slice.w.size == weights.w();
  bool lines = bytes % bm1684x::lineBytes == 0 || (slice.c.size <= bm1684x::numLanes && bytes % 4 == 0);
  if (!whole || !lines || bytes / 4 > bm1684x::maxExtent)
    return std::nullopt;
  return FilterRuns{slice.c.size, bytes / 4};
}
} // namespace

void codegen::loadFilter(Assembler &assembler, const GlobalTensor &weights, const Slice &slice,
                         const LocalTensor &buffer) {
  GlobalTensor from = weights.slice({slice.n.begin, slice.c.begin, slice.h.begin, slice.w.begin}, slice.shape());
  std::optional<FilterRuns> runs = filterRuns(weights, slice);
  if (!runs)
    return loadTensor(assembler, buffer, from);
  // A row of a matrix is what one slot of a range of lanes holds.
  constexpr int64_t lanes = bm1684x::numLanes;
  int64_t width = runs->width, piece = lanes;
  while (piece * width > bm1684x::maxExtent)
    piece /= 2;
  auto move = [&](int64_t slot, int64_t slots, int64_t lane, int64_t count) {
    uint32_t offset = buffer.offset + static_cast<uint32_t>(4 * slot * width);
    uint64_t address = from.address + static_cast<uint64_t>(4 * (slot * lanes + lane) * width);
    assembler.gdma.loadMatrix(
        FoldedMatrix::at(offset, slots, count * width, width, ElementType::F32, static_cast<uint8_t>(lane)),
        GlobalMatrix{address, slots, count * width, lanes * width, ElementType::F32});
  };
  int64_t fullSlots = runs->channels / lanes, rest = runs->channels % lanes;
  for (int64_t lane = 0; fullSlots && lane < lanes; lane += piece)
    move(0, fullSlots, lane, piece);
  for (int64_t lane = 0; lane < rest; lane += piece)
    move(fullSlots, 1, lane, std::min(piece, rest - lane));
}

int64_t codegen::filterCycles(const GlobalTensor &weights, const Slice &slice) {
  if (auto runs = filterRuns(weights, slice))
    return matrixMoveCycles(runs->channels, 4 * runs->width, /*toLocal=*/true);
  return tensorMoveCycles(weights, slice.shape(), /*toLocal=*/true);
}
