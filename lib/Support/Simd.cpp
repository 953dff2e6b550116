#include "tpu_mlir/Support/Simd.h"

#include <algorithm>
#include <cstdlib>

int tpu_mlir::simdLevel() {
  static const int level = [] {
    int found = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
      found = 1;
    if (found && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      found = 2;
#endif
    const char *wish = std::getenv("TPU_MLIR_SIMD");
    return wish ? std::min(found, std::max(0, std::atoi(wish))) : found;
  }();
  return level;
}
