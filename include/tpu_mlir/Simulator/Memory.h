// The memories of a BM1684X and regions inside them. A Region is a strided 4-d tensor that an instruction reads or
// writes; it knows which bytes it touches, so bounds checks, execution and hazard check agree.
#pragma once
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tpu_mlir::sim {

constexpr int laneCount = 64;
constexpr int64_t laneBytes = 256 * 1024;
constexpr int64_t localBytes = laneCount * laneBytes;
constexpr int64_t staticBytes = 16 * 1024;
constexpr int64_t l2Bytes = 0x1FB000;
/// Where GDMA (and static broadcasts) see the memories.
constexpr uint64_t localBase = 0x08000000, staticBase = 0x09000000, l2Base = 0x10000000, globalBase = 0x100000000;

/// Bytes [begin, end) of one memory.
struct ByteRange {
  uint64_t begin, end;
};

/// A tensor in local memory (lanes × bytes) or in flat memory (static, L2, global). Strides count elements. In local
/// memory channel c lies in lane (lane + c) % 64, slot (lane + c) / 64, and the C stride leads from slot to slot.
struct Region {
  bool local = true;
  uint64_t address = 0; // local: byte offset inside a lane; flat: as GDMA sees it
  int64_t lane = 0;
  std::array<int64_t, 4> shape{1, 1, 1, 1};
  std::array<int64_t, 4> stride{0, 0, 0, 0};
  int elementBytes = 1;
  /// Local destinations of GDMA: lanes whose bit is 0 are left out.
  uint64_t laneMask = ~uint64_t{0};

  /// Right only for measurable regions, as everything that follows.
  int64_t elements() const { return static_cast<int64_t>(uint64_t(shape[0]) * shape[1] * shape[2] * shape[3]); }
  int64_t plane() const { return shape[2] * shape[3]; }
  /// Whether the elements of a plane lie one after the other.
  bool planeIsDense() const { return (shape[3] == 1 || stride[3] == 1) && (shape[2] == 1 || stride[2] == shape[3]); }
  /// Byte position of element (n, c, 0, 0): local: inside local memory; flat: the address.
  int64_t planeOffset(int64_t n, int64_t c) const {
    if (!local)
      return static_cast<int64_t>(address) + elementBytes * (n * stride[0] + c * stride[1]);
    int64_t slot = (lane + c) / laneCount;
    return (lane + c) % laneCount * laneBytes + static_cast<int64_t>(address) +
           elementBytes * (n * stride[0] + slot * stride[1]);
  }
  /// Whether sizes are at least 1 and sizes and strides small enough for the arithmetic below.
  bool isMeasurable() const;
  /// The first and one past the last byte: local: inside a lane.
  ByteRange extent() const;
  /// Calls visit(lanes, range) for runs of bytes that cover the region: local: offset in the lane and the lanes that
  /// have it; flat: the address and lanes 0. Rows with gaps between elements are given as a whole once they get too
  /// many.
  void forEachRun(llvm::function_ref<void(uint64_t lanes, ByteRange)> visit) const;
  /// "lanes 0..63 bytes 0x0..0x1000" or "addresses 0x… .. 0x…".
  std::string describe() const;
};

/// Local, static, L2 and global memory. Global memory consists of segments that are added before use.
class Memory {
public:
  Memory();

  uint8_t *local() { return localStore.get(); }
  llvm::MutableArrayRef<uint8_t> localBytesView() { return {localStore.get(), static_cast<size_t>(localBytes)}; }
  llvm::MutableArrayRef<uint8_t> staticTables() { return tables; }

  /// A zeroed segment [address, address + bytes) of global memory; it must not overlap another one.
  llvm::Error addGlobal(uint64_t address, uint64_t bytes);
  /// Refuses writes by instructions to the segment that starts at `address`: weights stay as they are.
  void protect(uint64_t address);

  /// The host address of bytes in flat memory (or local memory as GDMA sees it); null when they are not all in one
  /// memory.
  uint8_t *find(uint64_t address, uint64_t bytes);

  /// Fails when a region leaves its memory; `write` refuses static memory and protected segments.
  llvm::Error check(const Region &region, bool write);
  /// The host address to which planeOffset of a checked region is relative.
  uint8_t *base(const Region &region);

private:
  struct Segment {
    uint64_t begin, end;
    std::unique_ptr<uint8_t[], void (*)(void *)> store;
    bool isProtected = false;
  };
  std::unique_ptr<uint8_t[], void (*)(void *)> localStore;
  std::vector<uint8_t> tables, l2;
  std::vector<Segment> segments;
};

} // namespace tpu_mlir::sim
