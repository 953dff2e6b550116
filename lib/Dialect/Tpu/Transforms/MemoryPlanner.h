// Placement of buffers with lifetimes in one linear memory. No IR here.
#pragma once
#include <cstdint>
#include <vector>

namespace tpu_mlir::tpu {

/// A buffer that is alive from step `first` to step `last`, both included.
struct Buffer {
  int64_t bytes = 0;
  int64_t first = 0, last = 0;
  int64_t offset = 0; ///< the result
};

/// Gives each buffer an offset (a multiple of `alignment`) such that no two overlap in memory while both are alive;
/// large ones first, each at the lowest place that is free during its life. Without `reuse` all are apart. Returns the
/// bytes used.
int64_t placeBuffers(std::vector<Buffer> &buffers, int64_t alignment, bool reuse);

} // namespace tpu_mlir::tpu
