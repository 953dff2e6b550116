// What the convolution and pooling drivers and their variants per instruction set know of each other.
#pragma once
#include "tpu_mlir/Kernels/Convolution.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::kernels {

/// Where a convolution's right operand comes from: row (channel, tap), column = output position. Elements are words of
/// 32 bits: f32, or four channels of bytes.
struct PatchGeometry {
  const Window *window;
  const void *in; // first channel of the group
  uint32_t padding = 0;
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

// The same for 8-bit values, `padding` of them around the plane.
struct BytePlaneJob {
  const Window *window;
  const uint8_t *in;
  bool isSigned;
  int32_t padding;
  float initial = 0; // added to sums
};
struct BytePlaneScale {
  float scale, offset;
  int32_t low, high;
};

TPU_SIMD_DECLARE(void packPatches(const PatchGeometry &geometry, int64_t row, int64_t rows, int64_t column,
                                  int64_t columns, int width, void *to))
/// Depthwise convolution of one plane.
TPU_SIMD_DECLARE(void convolvePlane(const PlaneJob &job))
/// Largest value or sum of each window of one plane.
TPU_SIMD_DECLARE(void poolPlane(Pooling pooling, const PlaneJob &job))
/// Sums of 8-bit values times the taps of `filter` (null: times one), which are exact as long as they stay below 2^24.
TPU_SIMD_DECLARE(void sumBytePlane(const BytePlaneJob &job, const float *filter, float *out))
/// The same, made to bytes: even(sum · scale + offset) within [low, high].
TPU_SIMD_DECLARE(void rescaleBytePlane(const BytePlaneJob &job, const float *filter, const BytePlaneScale &scale,
                                       uint8_t *out))
/// Largest 8-bit value of each window, limited; padding is the lowest value.
TPU_SIMD_DECLARE(void maxBytePlane(const BytePlaneJob &job, int32_t low, int32_t high, uint8_t *out))

} // namespace tpu_mlir::kernels
