// A process-wide pool of worker threads for kernels and simulator.
#pragma once
#include <cstdint>
#include <functional>

namespace tpu_mlir {

/// Number of threads used by parallelFor: the cores this process may use, or TPU_MLIR_THREADS.
int threadCount();

/// Calls body(begin, end) on disjoint ranges that cover [0, count), at least `grain` elements each, on several threads;
/// returns when all are done. Nested calls run in the calling thread. `body` must not throw.
void parallelFor(int64_t count, int64_t grain, const std::function<void(int64_t begin, int64_t end)> &body);

} // namespace tpu_mlir
