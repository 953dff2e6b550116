// Tensors in the chip's memories: where their elements are and which bytes they touch. Both kinds are small immutable
// values; slicing one gives another. Nothing else in the back end computes addresses.
#pragma once
#include "tpu_mlir/Target/BM1684X/Machine.h"
#include "llvm/ADT/SmallVector.h"
#include <array>
#include <string>

namespace tpu_mlir::bm1684x {

/// [n, c, h, w]: extents, positions, or strides in elements.
using Dims = std::array<int64_t, 4>;

constexpr int64_t elementsOf(const Dims &shape) { return shape[0] * shape[1] * shape[2] * shape[3]; }

/// How a local tensor's strides come about.
enum class Layout : uint8_t {
  Aligned,     ///< each channel starts on a line (64 bytes); code 0
  Compact,     ///< channels of a lane follow one another without gaps; code 1
  LineAligned, ///< each row starts on a line
  Free,        ///< strides given
  ConvWeight,  ///< [oc, ic, kh, kw] packed for CONV: per output channel [ic chunk][kh][kw][ic in chunk]
};

/// Bytes [begin, end) in every lane of the mask.
struct LocalRegion {
  uint64_t lanes;
  uint32_t begin, end;
  bool overlaps(const LocalRegion &other) const {
    return (lanes & other.lanes) != 0 && begin < other.end && other.begin < end;
  }
};

/// Bytes [begin, end) of L2 or global memory; with a pitch only the first `run` bytes of every `pitch` bytes from begin
/// on.
struct GlobalRegion {
  uint64_t begin, end;
  uint64_t run = 0, pitch = 0;
  /// Whether all of these bytes are touched and not only some of them.
  bool isFilled = false;

  /// Never false for regions that share a byte.
  bool overlaps(const GlobalRegion &other) const;
  /// Never true when a byte of `other` lies outside.
  bool covers(const GlobalRegion &other) const;
};

/// A mask of `count` lanes from `first` on, wrapping around after lane 63.
constexpr uint64_t laneMask(int64_t first, int64_t count) {
  if (count >= numLanes)
    return ~uint64_t{0};
  uint64_t ones = (uint64_t{1} << count) - 1;
  return first ? ones << first | ones >> (numLanes - first) : ones;
}

/// A tensor in local memory. Channel c lies in lane (lane + c) % 64, slot (lane + c) / 64; the element (n, c, h, w) at
/// byte offset + (n*n_str + slot*c_str + h*h_str + w*w_str) * item size of its lane. The stride of c is that between
/// slots. A ConvWeight keeps its packed form and only knows whole output channels.
struct LocalTensor {
  uint32_t offset = 0; ///< byte in the lane, of slot 0
  uint8_t lane = 0;    ///< lane of channel 0
  Layout layout = Layout::Aligned;
  ElementType type = ElementType::None;
  Dims shape{1, 1, 1, 1};
  Dims strides{0, 0, 0, 0};

  static LocalTensor aligned(uint32_t offset, Dims shape, ElementType type, uint8_t lane = 0);
  static LocalTensor compact(uint32_t offset, Dims shape, ElementType type, uint8_t lane = 0);
  static LocalTensor lineAligned(uint32_t offset, Dims shape, ElementType type, uint8_t lane = 0);
  static LocalTensor free(uint32_t offset, Dims shape, Dims strides, ElementType type, uint8_t lane = 0);
  /// A [rows, cols] matrix with one row per channel, as MM2 takes it.
  static LocalTensor matrix(uint32_t offset, int64_t rows, int64_t cols, ElementType type, uint8_t lane = 0);
  /// Weights of a convolution, [oc, ic, kh, kw].
  static LocalTensor convWeight(uint32_t offset, Dims shape, ElementType type, uint8_t lane = 0);

  int64_t n() const { return shape[0]; }
  int64_t c() const { return shape[1]; }
  int64_t h() const { return shape[2]; }
  int64_t w() const { return shape[3]; }
  int64_t itemBytes() const { return static_cast<int64_t>(byteSize(type)); }
  /// Channels that spread over lanes: c, or the output channels of weights.
  int64_t channels() const { return layout == Layout::ConvWeight ? shape[0] : shape[1]; }
  /// Channels kept one behind the other in a lane.
  int64_t slots() const { return ceilDiv(lane + channels(), numLanes); }
  /// The address as TIU instructions hold it, and as GDMA sees it.
  uint32_t address() const { return static_cast<uint32_t>(lane * laneBytes + offset); }
  uint64_t gdmaAddress() const { return localBase + address(); }
  /// First byte of the lane after the tensor.
  int64_t endOffset() const;
  /// Bytes per lane from `offset` on, rounded up to a line: what a memory plan reserves.
  int64_t bytesPerLane() const { return alignUp(endOffset() - offset, lineBytes); }
  /// Same elements, wherever the strides are equal on axes longer than 1.
  bool hasStridesOf(const Dims &other) const;

  /// The box of `size` at `begin`. Weights can be cut by output channel only.
  LocalTensor slice(Dims begin, Dims size) const;
  /// The same memory with a larger shape: axes of extent 1 are repeated by a stride of 0. Channels are repeated over
  /// the slots of a lane only; a tensor of 64 channels serves any number.
  LocalTensor broadcast(Dims to) const;
  /// The same bits as another type of equal size.
  LocalTensor as(ElementType other) const;
  /// Another shape with the same channels: only for tensors whose h and w are contiguous in a channel.
  LocalTensor reshapedPlane(int64_t h, int64_t w) const;

  /// Appends the bytes that are touched; gaps of less than a line count as touched.
  void regions(llvm::SmallVectorImpl<LocalRegion> &out) const;
  /// "f16[1,64,8,8] @0x4000 lane 0"
  std::string str() const;
};

/// A matrix folded into channels, as MM and the matrix moves take it: row r is batch r, `width` columns per channel.
struct FoldedMatrix {
  LocalTensor tensor; ///< aligned [rows, ceil(cols / width), 1, width]
  int64_t rows = 0, cols = 0, width = 0;

  static FoldedMatrix at(uint32_t offset, int64_t rows, int64_t cols, int64_t width, ElementType type,
                         uint8_t lane = 0);
  /// Columns in the last channel.
  int64_t lastWidth() const { return cols - (tensor.c() - 1) * width; }
};

/// A tensor in global memory (or L2).
struct GlobalTensor {
  uint64_t address = 0;
  ElementType type = ElementType::None;
  Dims shape{1, 1, 1, 1};
  Dims strides{1, 1, 1, 1}; ///< in elements

  static GlobalTensor contiguous(uint64_t address, Dims shape, ElementType type);

  int64_t n() const { return shape[0]; }
  int64_t c() const { return shape[1]; }
  int64_t h() const { return shape[2]; }
  int64_t w() const { return shape[3]; }
  int64_t itemBytes() const { return static_cast<int64_t>(byteSize(type)); }
  int64_t bytes() const { return elementsOf(shape) * itemBytes(); }
  bool isContiguous() const;

  GlobalTensor slice(Dims begin, Dims size) const;
  /// Axis i of the result is axis order[i] of this tensor.
  GlobalTensor permuted(std::array<int, 4> order) const;
  /// Another shape of a contiguous tensor.
  GlobalTensor reshaped(Dims to) const;
  /// Axes of extent 1 repeated by a stride of 0 (not w: GDMA cannot).
  GlobalTensor broadcast(Dims to) const;
  GlobalTensor as(ElementType other) const;

  /// From the first to the last byte that is touched, as runs where the strides allow it.
  GlobalRegion region() const;
  std::string str() const;
};

/// Strides of a row-major tensor.
constexpr Dims contiguousStrides(const Dims &s) { return {s[1] * s[2] * s[3], s[2] * s[3], s[3], 1}; }
/// Strides of an aligned local tensor that starts in the given lane.
Dims alignedStrides(const Dims &shape, ElementType type, int64_t lane = 0);
Dims compactStrides(const Dims &shape, int64_t lane = 0);
Dims lineAlignedStrides(const Dims &shape, ElementType type, int64_t lane = 0);

} // namespace tpu_mlir::bm1684x
