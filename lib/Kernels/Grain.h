// How much work one thread gets at least.
#pragma once
#include <algorithm>
#include <cstdint>

namespace tpu_mlir::kernels {

/// Items of `elementsPerItem` elements that are worth a thread of their own, for parallelFor.
inline int64_t grainFor(int64_t elementsPerItem) {
  constexpr int64_t elementGrain = 8192;
  return std::max<int64_t>(1, elementGrain / std::max<int64_t>(elementsPerItem, 1));
}

} // namespace tpu_mlir::kernels
