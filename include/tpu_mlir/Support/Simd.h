// Choice of an instruction set at run time. A file x.simd.cpp is compiled once per level (cmake/TpuMlir.cmake) with its
// contents in namespace TPU_SIMD_NAMESPACE; callers dispatch with TPU_SIMD_DISPATCH.
#pragma once

namespace tpu_mlir {
/// 0 baseline, 1 AVX2+FMA+F16C, 2 AVX-512 (F, BW, DQ, VL). The environment variable TPU_MLIR_SIMD lowers it.
int simdLevel();
} // namespace tpu_mlir

#if defined(__x86_64__)
/// Calls the variant of `function` that fits this machine: TPU_SIMD_DISPATCH(tpu_mlir, gemm)(args…) calls
/// tpu_mlir::simd_avx512::gemm, tpu_mlir::simd_avx2::gemm or tpu_mlir::simd_baseline::gemm.
#define TPU_SIMD_DISPATCH(scope, function)                                                                             \
  (::tpu_mlir::simdLevel() == 2   ? scope::simd_avx512::function                                                       \
   : ::tpu_mlir::simdLevel() == 1 ? scope::simd_avx2::function                                                         \
                                  : scope::simd_baseline::function)
#define TPU_SIMD_DECLARE(declaration)                                                                                  \
  namespace simd_baseline {                                                                                            \
  declaration;                                                                                                         \
  }                                                                                                                    \
  namespace simd_avx2 {                                                                                                \
  declaration;                                                                                                         \
  }                                                                                                                    \
  namespace simd_avx512 {                                                                                              \
  declaration;                                                                                                         \
  }
#else
#define TPU_SIMD_DISPATCH(scope, function) (scope::simd_baseline::function)
#define TPU_SIMD_DECLARE(declaration)                                                                                  \
  namespace simd_baseline {                                                                                            \
  declaration;                                                                                                         \
  }
#endif
