// Offline placement, largest buffer first.
#include "MemoryPlanner.h"

#include <algorithm>
#include <numeric>

using namespace tpu_mlir;

int64_t tpu::placeBuffers(std::vector<Buffer> &buffers, int64_t alignment, bool reuse) {
  auto aligned = [&](int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; };
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  if (reuse)
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return buffers[a].bytes > buffers[b].bytes; });
  std::vector<size_t> placed;
  int64_t total = 0;
  for (size_t index : order) {
    Buffer &buffer = buffers[index];
    // Placed buffers that are alive at the same time, by offset: take the first gap that is wide enough.
    std::vector<size_t> rivals;
    for (size_t other : placed)
      if (!reuse || (buffers[other].first <= buffer.last && buffer.first <= buffers[other].last))
        rivals.push_back(other);
    std::sort(rivals.begin(), rivals.end(), [&](size_t a, size_t b) { return buffers[a].offset < buffers[b].offset; });
    int64_t offset = 0;
    for (size_t other : rivals) {
      if (offset + buffer.bytes <= buffers[other].offset)
        break;
      offset = std::max(offset, aligned(buffers[other].offset + buffers[other].bytes));
    }
    buffer.offset = offset;
    total = std::max(total, aligned(offset + buffer.bytes));
    placed.push_back(index);
  }
  return total;
}
