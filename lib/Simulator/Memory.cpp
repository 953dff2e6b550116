#include "tpu_mlir/Simulator/Memory.h"
#include "StaticTables.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace llvm;
using namespace tpu_mlir::sim;

namespace {

std::string hex(uint64_t value) { return "0x" + utohexstr(value, /*LowerCase=*/true); }

/// Zeroed pages that the system provides when they are first touched.
std::unique_ptr<uint8_t[], void (*)(void *)> allocate(uint64_t bytes) {
  // Vector kernels may load a little past an operand's last byte.
  return {static_cast<uint8_t *>(std::calloc(bytes + 256, 1)), std::free};
}

} // namespace

bool Region::isMeasurable() const {
  __int128 count = 1, last = 0;
  for (int i = 0; i < 4; ++i) {
    if (shape[i] < 1)
      return false;
    count *= shape[i];
    last += static_cast<__int128>(shape[i] - 1) * stride[i];
    if (count > int64_t{1} << 32 || last > int64_t{1} << 42)
      return false;
  }
  return true;
}

ByteRange Region::extent() const {
  int64_t slots = local ? (lane + shape[1] - 1) / laneCount : shape[1] - 1;
  int64_t last =
      (shape[0] - 1) * stride[0] + slots * stride[1] + (shape[2] - 1) * stride[2] + (shape[3] - 1) * stride[3];
  return {address, address + static_cast<uint64_t>((last + 1) * elementBytes)};
}

void Region::forEachRun(function_ref<void(uint64_t, ByteRange)> visit) const {
  // Innermost to outermost: dimensions that continue the run so far are merged into it.
  struct Loop {
    int64_t count, stepBytes;
  };
  auto runs = [&](uint64_t lanes, uint64_t start, ArrayRef<Loop> outerDims) {
    int64_t length = elementBytes;
    SmallVector<Loop, 4> loops;
    for (Loop dim : outerDims) {
      if (dim.count == 1 || dim.stepBytes == 0)
        continue;
      if (loops.empty() && dim.stepBytes <= length)
        length += (dim.count - 1) * dim.stepBytes;
      else
        loops.push_back(dim);
    }
    // Many pieces with gaps between them: past a limit their hull has to do.
    auto pieces = [&] {
      int64_t product = 1;
      for (const Loop &loop : loops)
        product *= loop.count; // at most the region's elements
      return product;
    };
    while (!loops.empty() && ((length < 64 && loops[0].count > 4096) || pieces() > 1 << 20)) {
      length += (loops[0].count - 1) * loops[0].stepBytes;
      loops.erase(loops.begin());
    }
    SmallVector<int64_t, 4> index(loops.size(), 0);
    for (;;) {
      uint64_t at = start;
      for (size_t d = 0; d < loops.size(); ++d)
        at += index[d] * loops[d].stepBytes;
      visit(lanes, {at, at + static_cast<uint64_t>(length)});
      size_t d = 0;
      while (d < loops.size() && ++index[d] == loops[d].count)
        index[d++] = 0;
      if (d == loops.size())
        return;
    }
  };
  Loop w{shape[3], stride[3] * elementBytes}, h{shape[2], stride[2] * elementBytes},
      n{shape[0], stride[0] * elementBytes};
  if (!local) {
    runs(0, address, {w, h, {shape[1], stride[1] * elementBytes}, n});
    return;
  }
  // Lanes have the slots 0 … last or 0 … last − 1, the first slot only from the start lane on: one group per slot.
  int64_t lastSlot = (lane + shape[1] - 1) / laneCount;
  uint64_t all = ~uint64_t{0};
  for (int64_t slot = 0; slot <= lastSlot; ++slot) {
    int64_t first = slot == 0 ? lane : 0, last = slot == lastSlot ? (lane + shape[1] - 1) % laneCount : laneCount - 1;
    uint64_t lanes = all << first & all >> (laneCount - 1 - last) & laneMask;
    if (lanes)
      runs(lanes, address + slot * stride[1] * elementBytes, {w, h, n});
  }
}

std::string Region::describe() const {
  ByteRange range = extent();
  if (!local)
    return "addresses " + hex(range.begin) + " to " + hex(range.end);
  int64_t last = lane + shape[1] - 1;
  return formatv("lanes {0} to {1}, bytes {2} to {3}", last < laneCount ? lane : 0,
                 last < laneCount ? last : laneCount - 1, hex(range.begin), hex(range.end));
}

Memory::Memory() : localStore(allocate(localBytes)), tables(staticBytes + 256), l2(l2Bytes + 256) {
  fillStaticTables(tables.data());
}

Error Memory::addGlobal(uint64_t address, uint64_t bytes) {
  if (address < globalBase || bytes > uint64_t{1} << 40 || address + bytes > uint64_t{1} << 40)
    return createStringError("global memory " + hex(address) + " + " + hex(bytes) + " lies outside of " +
                             hex(globalBase) + " to 0x10000000000");
  for (const Segment &other : segments)
    if (address < other.end && other.begin < address + bytes)
      return createStringError("global memory segments at " + hex(address) + " and " + hex(other.begin) + " overlap");
  auto store = allocate(bytes);
  if (!store)
    return createStringError("not enough host memory for " + std::to_string(bytes) + " bytes of global memory");
  segments.push_back({address, address + bytes, std::move(store)});
  return Error::success();
}

void Memory::protect(uint64_t address) {
  for (Segment &segment : segments)
    if (segment.begin == address)
      segment.isProtected = true;
}

uint8_t *Memory::find(uint64_t address, uint64_t bytes) {
  auto inside = [&](uint64_t begin, uint64_t size) {
    return address >= begin && address - begin <= size && bytes <= size - (address - begin);
  };
  if (inside(localBase, localBytes))
    return localStore.get() + (address - localBase);
  if (inside(staticBase, staticBytes))
    return tables.data() + (address - staticBase);
  if (inside(l2Base, l2Bytes))
    return l2.data() + (address - l2Base);
  for (Segment &segment : segments)
    if (inside(segment.begin, segment.end - segment.begin))
      return segment.store.get() + (address - segment.begin);
  return nullptr;
}

Error Memory::check(const Region &region, bool write) {
  if (llvm::is_contained(region.shape, 0))
    return createStringError("a size is 0");
  if (!region.isMeasurable())
    return createStringError("a tensor is larger than any memory");
  ByteRange range = region.extent();
  if (region.local) {
    if (region.lane >= laneCount || range.end > static_cast<uint64_t>(laneBytes))
      return createStringError("the access to " + region.describe() + " leaves local memory");
  } else {
    if (!find(range.begin, range.end - range.begin))
      return createStringError("the access to " + region.describe() + " leaves the memory there");
    if (write && range.begin >= staticBase && range.begin < staticBase + staticBytes)
      return createStringError("the write to " + region.describe() + " would change static memory");
    for (const Segment &segment : segments)
      if (write && segment.isProtected && range.begin >= segment.begin && range.begin < segment.end)
        return createStringError("the write to " + region.describe() + " would change weights");
  }
  return Error::success();
}

uint8_t *Memory::base(const Region &region) {
  // A flat region is addressed from zero; the host pointer may lie before the memory, it is only used with offsets.
  if (region.local)
    return localStore.get();
  ByteRange range = region.extent();
  return find(range.begin, range.end - range.begin) - range.begin;
}
