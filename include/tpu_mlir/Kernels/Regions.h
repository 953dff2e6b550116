// Regions of feature maps brought to one size.
#pragma once
#include <cstdint>

namespace tpu_mlir::kernels {

/// One image: [channels, height, width].
struct FeatureMap {
  const float *values;
  int64_t channels, height, width;
};

struct RegionSamples {
  int64_t height, width; // of the result
  int64_t perCell;       // samples per side of a cell; 0: as many as it has pixels
  float scale;           // of the corners
  bool aligned;          // pixels have their centers at halves
  bool maximum;          // of weighted corners, instead of the mean of samples
};

/// The region with finite corners x1, y1, x2, y2 as [channels, height, width].
void alignRegion(const FeatureMap &map, const float *corners, const RegionSamples &samples, float *result);

/// The maxima of the cells of a region whose corners are rounded to pixels.
void poolRegion(const FeatureMap &map, const float *corners, float scale, int64_t height, int64_t width, float *result);

} // namespace tpu_mlir::kernels
