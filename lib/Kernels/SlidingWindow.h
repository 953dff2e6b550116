// What the convolution and pooling drivers and their variants per instruction set know of each other.
#pragma once
#include "tpu_mlir/Kernels/Convolution.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::kernels {

/// Where a convolution's right operand comes from: row (channel, tap), column = output position.
struct PatchGeometry {
  const Window *window;
  const float *in; // first channel of the group
};

enum class Pooling : uint8_t { Max, Sum };

// For every pass over one plane: the filter has volume(kernel) taps; results are limited.
struct PlaneJob {
  const Window *window;
  const float *in, *filter;
  float *out;
  float initial; // bias or the value that maximum starts from
  Limits limits;
};

TPU_SIMD_DECLARE(void packPatches(const PatchGeometry &geometry, int64_t row, int64_t rows, int64_t column,
                                  int64_t columns, int width, float *to))
/// Depthwise convolution of one plane.
TPU_SIMD_DECLARE(void convolvePlane(const PlaneJob &job))
/// Largest value or sum of each window of one plane.
TPU_SIMD_DECLARE(void poolPlane(Pooling pooling, const PlaneJob &job))

} // namespace tpu_mlir::kernels
