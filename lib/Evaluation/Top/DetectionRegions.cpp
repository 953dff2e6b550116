// Evaluation of the ops that cut regions out of feature maps.
#include "Detection.h"
#include "tpu_mlir/Kernels/Regions.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

LogicalResult evaluation::checkRegions(Call &call, const Tensor &regions, int64_t images, float scale) {
  const float *row = regions.data<float>();
  for (int64_t i = 0; i < regions.elements() / 5; ++i, row += 5) {
    if (!(row[0] >= 0 && row[0] < static_cast<float>(images)) || row[0] != std::floor(row[0]))
      return call.refuse("has region " + Twine(i) + " of an image that is not one of " + Twine(images));
    for (int k = 1; k < 5; ++k)
      if (!(std::abs(row[k] * scale) <= farthestPixel))
        return call.refuse("has region " + Twine(i) + " with a corner that is no pixel");
  }
  return success();
}

static kernels::FeatureMap mapOf(const Tensor &maps, float image) {
  const auto shape = maps.shape();
  const int64_t perImage = shape[1] * shape[2] * shape[3];
  return {maps.data<float>() + static_cast<int64_t>(image) * perImage, shape[1], shape[2], shape[3]};
}

LogicalResult evaluation::evaluateRoiAlign(top::RoiAlignOp op, Call &call) {
  const Tensor maps = call.floats(op.getInput()), regions = call.floats(op.getRois());
  const kernels::RegionSamples samples{static_cast<int64_t>(op.getOutputHeight()),
                                       static_cast<int64_t>(op.getOutputWidth()),
                                       static_cast<int64_t>(op.getSamplingRatio()),
                                       static_cast<float>(op.getSpatialScale().convertToDouble()),
                                       op.getAlignCorners(),
                                       op.getMode() == "Max"};
  if (failed(checkRegions(call, regions, maps.shape()[0], samples.scale)))
    return failure();
  Tensor result = call.floatResult();
  const int64_t perRegion = result.elements() / result.shape()[0];
  for (int64_t i = 0; i < regions.shape()[0]; ++i) {
    const float *region = regions.data<float>() + 5 * i;
    kernels::alignRegion(mapOf(maps, region[0]), region + 1, samples, result.data<float>() + i * perRegion);
  }
  return call.finish(std::move(result));
}

LogicalResult evaluation::evaluateRoiExtractor(top::RoiExtractorOp op, Call &call) {
  const Tensor regions = call.floats(op.getRois()), levels = call.floats(op.getTargetLvls());
  SmallVector<Tensor> maps;
  SmallVector<float> scales;
  for (auto [value, scale] : llvm::zip(op.getInputs(), op.getSpatialScales().getAsRange<FloatAttr>())) {
    maps.push_back(call.floats(value));
    scales.push_back(scale.getValueAsDouble());
    if (failed(checkRegions(call, regions, maps.back().shape()[0], scales.back())))
      return failure();
  }
  kernels::RegionSamples samples{static_cast<int64_t>(op.getOutputHeight()),
                                 static_cast<int64_t>(op.getOutputWidth()),
                                 static_cast<int64_t>(op.getSamplingRatio()),
                                 0,
                                 op.getAlignCorners(),
                                 op.getMode() == "Max"};
  Tensor result = call.floatResult();
  const int64_t perRegion = result.elements() / result.shape()[0];
  for (int64_t i = 0; i < regions.shape()[0]; ++i) {
    const float level = levels.data<float>()[i];
    if (!(level >= 0 && level < static_cast<float>(maps.size())) || level != std::floor(level))
      return call.refuse("has region " + Twine(i) + " of a level that is not one of " + Twine(maps.size()));
    const float *region = regions.data<float>() + 5 * i;
    samples.scale = scales[static_cast<size_t>(level)];
    kernels::alignRegion(mapOf(maps[static_cast<size_t>(level)], region[0]), region + 1, samples,
                         result.data<float>() + i * perRegion);
  }
  return call.finish(std::move(result));
}

LogicalResult evaluation::evaluateROIPooling(top::ROIPoolingOp op, Call &call) {
  const Tensor maps = call.floats(size_t{0}), regions = call.floats(size_t{1});
  const float scale = op.getSpatialScale().convertToDouble();
  if (failed(checkRegions(call, regions, maps.shape()[0], scale)))
    return failure();
  Tensor result = call.floatResult();
  const int64_t perRegion = result.elements() / result.shape()[0];
  for (int64_t i = 0; i < result.shape()[0]; ++i) {
    const float *region = regions.data<float>() + 5 * i;
    kernels::poolRegion(mapOf(maps, region[0]), region + 1, scale, op.getPooledH(), op.getPooledW(),
                        result.data<float>() + i * perRegion);
  }
  return call.finish(std::move(result));
}
