// Addresses of tensors in local and global memory.
#include "tpu_mlir/Target/BM1684X/Tensors.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cassert>

namespace tpu_mlir::bm1684x {
namespace {

/// Channel and batch stride from the elements of one channel.
Dims stridesFor(const Dims &shape, int64_t channel, int64_t row, int64_t lane) {
  return {channel * ceilDiv(lane + shape[1], numLanes), channel, row, 1};
}

/// Bytes of one output channel's packed weights.
int64_t convWeightChannelBytes(const LocalTensor &t) {
  int64_t pack = convChannelPack(t.type);
  return ceilDiv(t.shape[1], pack) * pack * t.shape[2] * t.shape[3] * t.itemBytes();
}

/// Positions along an axis whose step is `step` bytes.
struct Axis {
  int64_t count, step;
};

/// Byte intervals of a box of elements: runs that touch or leave less than a line between them are one.
void intervalsOf(int64_t begin, int64_t run, llvm::ArrayRef<Axis> axes, uint64_t lanes,
                 llvm::SmallVectorImpl<LocalRegion> &out) {
  constexpr int64_t maxIntervals = 64;
  llvm::SmallVector<Axis> outer;
  for (Axis axis : axes) {
    if (axis.count <= 1 || axis.step == 0)
      continue;
    if (outer.empty() && axis.step < run + lineBytes)
      run = (axis.count - 1) * axis.step + run;
    else
      outer.push_back(axis);
  }
  int64_t total = 1;
  for (Axis axis : outer)
    total *= axis.count;
  if (total > maxIntervals) {
    for (Axis axis : outer)
      run += (axis.count - 1) * axis.step;
    outer.clear();
    total = 1;
  }
  for (int64_t i = 0; i < total; ++i) {
    int64_t at = begin, rest = i;
    for (Axis axis : outer) {
      at += rest % axis.count * axis.step;
      rest /= axis.count;
    }
    out.push_back({lanes, static_cast<uint32_t>(at), static_cast<uint32_t>(at + run)});
  }
}

Dims broadcastStrides(const Dims &shape, const Dims &strides, const Dims &to) {
  Dims result = strides;
  for (int i = 0; i < 4; ++i)
    if (shape[i] != to[i])
      result[i] = 0;
  return result;
}

} // namespace

Dims alignedStrides(const Dims &shape, ElementType type, int64_t lane) {
  return stridesFor(shape, alignUp(shape[2] * shape[3], lineBytes / byteSize(type)), shape[3], lane);
}

Dims compactStrides(const Dims &shape, int64_t lane) { return stridesFor(shape, shape[2] * shape[3], shape[3], lane); }

Dims lineAlignedStrides(const Dims &shape, ElementType type, int64_t lane) {
  int64_t row = alignUp(shape[3], lineBytes / byteSize(type));
  return stridesFor(shape, shape[2] * row, row, lane);
}

LocalTensor LocalTensor::aligned(uint32_t offset, Dims shape, ElementType type, uint8_t lane) {
  return {offset, lane, Layout::Aligned, type, shape, alignedStrides(shape, type, lane)};
}

LocalTensor LocalTensor::compact(uint32_t offset, Dims shape, ElementType type, uint8_t lane) {
  return {offset, lane, Layout::Compact, type, shape, compactStrides(shape, lane)};
}

LocalTensor LocalTensor::lineAligned(uint32_t offset, Dims shape, ElementType type, uint8_t lane) {
  return {offset, lane, Layout::LineAligned, type, shape, lineAlignedStrides(shape, type, lane)};
}

LocalTensor LocalTensor::free(uint32_t offset, Dims shape, Dims strides, ElementType type, uint8_t lane) {
  return {offset, lane, Layout::Free, type, shape, strides};
}

LocalTensor LocalTensor::matrix(uint32_t offset, int64_t rows, int64_t cols, ElementType type, uint8_t lane) {
  return aligned(offset, {1, rows, 1, cols}, type, lane);
}

LocalTensor LocalTensor::convWeight(uint32_t offset, Dims shape, ElementType type, uint8_t lane) {
  return {offset, lane, Layout::ConvWeight, type, shape, {0, 0, 0, 0}};
}

int64_t LocalTensor::endOffset() const {
  if (layout == Layout::ConvWeight)
    return offset + slots() * convWeightChannelBytes(*this);
  int64_t last = (shape[0] - 1) * strides[0] + (slots() - 1) * strides[1] + (shape[2] - 1) * strides[2] +
                 (shape[3] - 1) * strides[3];
  return offset + (last + 1) * itemBytes();
}

bool LocalTensor::hasStridesOf(const Dims &other) const {
  return (shape[0] == 1 || strides[0] == other[0]) && (slots() == 1 || strides[1] == other[1]) &&
         (shape[2] == 1 || strides[2] == other[2]) && (shape[3] == 1 || strides[3] == other[3]);
}

LocalTensor LocalTensor::slice(Dims begin, Dims size) const {
  LocalTensor result = *this;
  result.shape = size;
  int64_t channel = layout == Layout::ConvWeight ? begin[0] : begin[1];
  int64_t slot = (lane + channel) / numLanes;
  result.lane = static_cast<uint8_t>((lane + channel) % numLanes);
  if (layout == Layout::ConvWeight) {
    assert(size[1] == shape[1] && size[2] == shape[2] && size[3] == shape[3] && "weights are cut by output channel");
    result.offset = static_cast<uint32_t>(offset + slot * convWeightChannelBytes(*this));
    return result;
  }
  int64_t elements = begin[0] * strides[0] + slot * strides[1] + begin[2] * strides[2] + begin[3] * strides[3];
  result.offset = static_cast<uint32_t>(offset + elements * itemBytes());
  bool same = layout != Layout::Free && size[2] == shape[2] && size[3] == shape[3] &&
              (size[0] == 1 || result.slots() == slots());
  if (!same)
    result.layout = Layout::Free;
  return result;
}

LocalTensor LocalTensor::broadcast(Dims to) const {
  LocalTensor result = *this;
  result.shape = to;
  result.strides = broadcastStrides(shape, strides, to);
  if (shape != to)
    result.layout = Layout::Free;
  return result;
}

LocalTensor LocalTensor::as(ElementType other) const {
  assert(byteSize(type) == byteSize(other));
  LocalTensor result = *this;
  result.type = other;
  return result;
}

LocalTensor LocalTensor::reshapedPlane(int64_t h, int64_t w) const {
  assert(h * w == shape[2] * shape[3] && strides[3] == 1 && (shape[2] == 1 || strides[2] == shape[3]));
  LocalTensor result = *this;
  result.shape = {shape[0], shape[1], h, w};
  result.strides[2] = w;
  return result;
}

void LocalTensor::regions(llvm::SmallVectorImpl<LocalRegion> &out) const {
  uint64_t lanes = laneMask(lane, channels());
  if (layout == Layout::ConvWeight) {
    out.push_back({lanes, offset, static_cast<uint32_t>(endOffset())});
    return;
  }
  int64_t item = itemBytes();
  llvm::SmallVector<Axis, 4> axes = {{shape[3], strides[3] * item},
                                     {shape[2], strides[2] * item},
                                     {slots(), strides[1] * item},
                                     {shape[0], strides[0] * item}};
  std::stable_sort(axes.begin(), axes.end(), [](Axis a, Axis b) { return a.step < b.step; });
  intervalsOf(offset, item, axes, lanes, out);
}

std::string LocalTensor::str() const {
  return llvm::formatv("{0}[{1},{2},{3},{4}] @{5:x} lane {6}", name(type), shape[0], shape[1], shape[2], shape[3],
                       offset, static_cast<int>(lane))
      .str();
}

FoldedMatrix FoldedMatrix::at(uint32_t offset, int64_t rows, int64_t cols, int64_t width, ElementType type,
                              uint8_t lane) {
  return {LocalTensor::aligned(offset, {rows, ceilDiv(cols, width), 1, width}, type, lane), rows, cols, width};
}

GlobalTensor GlobalTensor::contiguous(uint64_t address, Dims shape, ElementType type) {
  return {address, type, shape, contiguousStrides(shape)};
}

bool GlobalTensor::isContiguous() const {
  Dims expected = contiguousStrides(shape);
  for (int i = 0; i < 4; ++i)
    if (shape[i] != 1 && strides[i] != expected[i])
      return false;
  return true;
}

GlobalTensor GlobalTensor::slice(Dims begin, Dims size) const {
  GlobalTensor result = *this;
  result.shape = size;
  for (int i = 0; i < 4; ++i)
    result.address += begin[i] * strides[i] * itemBytes();
  return result;
}

GlobalTensor GlobalTensor::permuted(std::array<int, 4> order) const {
  GlobalTensor result = *this;
  for (int i = 0; i < 4; ++i) {
    result.shape[i] = shape[order[i]];
    result.strides[i] = strides[order[i]];
  }
  return result;
}

GlobalTensor GlobalTensor::reshaped(Dims to) const {
  assert(isContiguous() && elementsOf(to) == elementsOf(shape));
  return contiguous(address, to, type);
}

GlobalTensor GlobalTensor::broadcast(Dims to) const {
  GlobalTensor result = *this;
  result.shape = to;
  result.strides = broadcastStrides(shape, strides, to);
  return result;
}

GlobalTensor GlobalTensor::as(ElementType other) const {
  assert(byteSize(type) == byteSize(other));
  GlobalTensor result = *this;
  result.type = other;
  return result;
}

bool GlobalRegion::overlaps(const GlobalRegion &other) const {
  if (begin >= other.end || other.begin >= end)
    return false;
  if (pitch == 0 || pitch != other.pitch)
    return true;
  uint64_t ahead = (other.begin % pitch + pitch - begin % pitch) % pitch;
  return ahead < run || pitch - ahead < other.run;
}

bool GlobalRegion::covers(const GlobalRegion &other) const {
  if (!isFilled || begin > other.begin || other.end > end)
    return false;
  if (pitch == 0)
    return true;
  return pitch == other.pitch && (other.begin - begin) % pitch + other.run <= run;
}

GlobalRegion GlobalTensor::region() const {
  int64_t last = 0;
  for (int i = 0; i < 4; ++i)
    last += (shape[i] - 1) * strides[i];
  GlobalRegion result{address, address + static_cast<uint64_t>((last + 1) * itemBytes())};
  // Axes that go on where the smaller ones end make the run; larger steps are multiples of the pitch, or it is none.
  llvm::SmallVector<Axis, 4> axes;
  for (int i = 0; i < 4; ++i)
    if (shape[i] > 1 && strides[i] != 0)
      axes.push_back({shape[i], strides[i]});
  std::stable_sort(axes.begin(), axes.end(), [](Axis a, Axis b) { return a.step < b.step; });
  // `extent`: how far the axes seen so far reach without a gap, or without a gap but those of the pitch.
  int64_t run = 1, pitch = 0, extent = 1;
  result.isFilled = true;
  for (Axis axis : axes) {
    if (axis.step > extent && pitch == 0) {
      run = extent;
      pitch = axis.step;
    } else if (pitch != 0 && axis.step % pitch != 0) {
      result.isFilled = false;
      return result;
    } else if (axis.step > extent) {
      result.isFilled = false;
    }
    extent = (axis.count - 1) * axis.step + (pitch == 0 ? extent : std::max(extent, pitch));
  }
  if (pitch != 0) {
    result.run = static_cast<uint64_t>(run * itemBytes());
    result.pitch = static_cast<uint64_t>(pitch * itemBytes());
  }
  return result;
}

std::string GlobalTensor::str() const {
  return llvm::formatv("{0}[{1},{2},{3},{4}] @{5:x}", name(type), shape[0], shape[1], shape[2], shape[3], address)
      .str();
}

} // namespace tpu_mlir::bm1684x
