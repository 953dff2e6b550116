// The chip's floating point units flush denormals. Kernels that must do so enter this scope in the thread that
// computes; it is left as it was found.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <cstdint>
#endif

namespace tpu_mlir::kernels {

/// While alive, f32 arithmetic of this thread takes denormal operands as zero and flushes denormal results to zero, the
/// sign kept. A product that rounds up to the smallest normal number survives (x86 looks after rounding), as on the
/// chip. Moves, conversions from halves and integer instructions are not affected.
class FlushDenormals {
public:
#if defined(__x86_64__)
  FlushDenormals() : saved(_mm_getcsr()) { _mm_setcsr(0x1F80 | 0x8040); }
  ~FlushDenormals() { _mm_setcsr(saved); }

private:
  unsigned saved;
#elif defined(__aarch64__)
  FlushDenormals() {
    asm volatile("mrs %0, fpcr" : "=r"(saved));
    asm volatile("msr fpcr, %0" ::"r"(saved | (uint64_t{1} << 24)));
  }
  ~FlushDenormals() { asm volatile("msr fpcr, %0" ::"r"(saved)); }

private:
  uint64_t saved;
#endif
  FlushDenormals(const FlushDenormals &) = delete;
  FlushDenormals &operator=(const FlushDenormals &) = delete;
};

} // namespace tpu_mlir::kernels
