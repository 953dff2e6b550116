// Evaluation of the ops that a Mask R-CNN is rebuilt of, as MMDetection defines them.
#include "Detection.h"
#include "tpu_mlir/Kernels/Regions.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Box;
using kernels::Candidate;

static Tensor zeros(const Call &call, size_t result) {
  Tensor tensor = call.floatResult(result);
  std::fill(tensor.data<float>(), tensor.data<float>() + tensor.elements(), 0.0f);
  return tensor;
}

/// The level of the pyramid for a region: large ones are taken of coarse maps.
static size_t levelOf(const float *corners, size_t levels) {
  constexpr float finest = 56; // pixels of the regions that belong to the first level
  const float size = std::sqrt((corners[2] - corners[0]) * (corners[3] - corners[1]));
  const float level = std::floor(std::log2(size / finest + 1e-6f));
  return level > 0 ? std::min(static_cast<size_t>(level), levels - 1) : 0;
}

/// Cuts regions (rows image, corners) out of the maps with strides 4, 8, 16, 32.
static LogicalResult poolPyramid(Call &call, ArrayRef<Tensor> maps, const Tensor &regions, Tensor &result) {
  if (failed(checkRegions(call, regions, maps[0].shape()[0], 1)))
    return failure();
  const int64_t count = regions.elements() / 5, perRegion = result.elements() / count;
  for (int64_t i = 0; i < count; ++i) {
    const float *region = regions.data<float>() + 5 * i;
    const size_t level = levelOf(region + 1, maps.size());
    const kernels::RegionSamples samples{result.shape()[2], result.shape()[3], 0, 0.25f / (1 << level), true, false};
    const auto shape = maps[level].shape();
    const int64_t perImage = shape[1] * shape[2] * shape[3];
    const kernels::FeatureMap map{maps[level].data<float>() + static_cast<int64_t>(region[0]) * perImage, shape[1],
                                  shape[2], shape[3]};
    kernels::alignRegion(map, region + 1, samples, result.data<float>() + i * perRegion);
  }
  return success();
}

LogicalResult evaluation::evaluateBboxPooler(top::MaskRCNNBboxPoolerOp op, Call &call) {
  const Tensor maps[] = {call.floats(size_t{0}), call.floats(size_t{1}), call.floats(size_t{2}),
                         call.floats(size_t{3})};
  const Tensor boxes = call.floats(size_t{4});
  Tensor regions(ElementType::F32, call.resultShape(1));
  const int64_t slice = regions.shape()[1];
  for (int64_t i = 0; i < regions.elements() / 5; ++i) {
    float *region = regions.data<float>() + 5 * i;
    region[0] = static_cast<float>(i / slice);
    std::copy_n(boxes.data<float>() + 5 * i, 4, region + 1);
  }
  Tensor result = call.floatResult();
  if (failed(poolPyramid(call, maps, regions, result)) || failed(call.finish(std::move(result))))
    return failure();
  return call.finish(std::move(regions));
}

LogicalResult evaluation::evaluateMaskPooler(top::MaskRCNNMaskPoolerOp op, Call &call) {
  const Tensor maps[] = {call.floats(size_t{0}), call.floats(size_t{1}), call.floats(size_t{2}),
                         call.floats(size_t{3})};
  const Tensor boxes = call.floats(size_t{4}), factors = call.floats(size_t{6});
  const int64_t slice = op.getROI_SLICE();
  Tensor result = call.floatResult();
  Tensor regions(ElementType::F32, Extents{result.shape()[0], 5});
  for (int64_t i = 0; i < result.shape()[0]; ++i) {
    float *region = regions.data<float>() + 5 * i;
    region[0] = static_cast<float>(i / slice);
    for (int k = 0; k < 4; ++k)
      region[1 + k] = boxes.data<float>()[5 * i + k] * factors.data<float>()[4 * i + k];
  }
  if (failed(poolPyramid(call, maps, regions, result)))
    return failure();
  return call.finish(std::move(result));
}

namespace {
/// How differences move boxes.
struct Coder {
  float mean[4], deviation[4];
  float limit; // of the logarithms of sizes

  Box decode(const float *box, const float *difference, int64_t stride, float right, float bottom) const {
    float d[4];
    for (int k = 0; k < 4; ++k)
      d[k] = difference[k * stride] * deviation[k] + mean[k];
    const float width = box[2] - box[0], height = box[3] - box[1];
    const float x = (box[0] + box[2]) * 0.5f + d[0] * width, y = (box[1] + box[3]) * 0.5f + d[1] * height;
    const float halfWidth = std::exp(std::clamp(d[2], -limit, limit)) * width / 2;
    const float halfHeight = std::exp(std::clamp(d[3], -limit, limit)) * height / 2;
    return kernels::limitedTo({x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight}, std::max(right, 0.0f),
                              std::max(bottom, 0.0f));
  }
};
} // namespace

/// Softmax of a class among all scores of a row.
static float probability(const float *scores, int64_t count, int64_t label) {
  const float largest = *std::max_element(scores, scores + count);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i)
    sum += std::exp(static_cast<double>(scores[i]) - largest);
  return static_cast<float>(std::exp(static_cast<double>(scores[label]) - largest) / sum);
}

LogicalResult evaluation::evaluateGetBboxB(top::MaskRCNNGetBboxBOp op, Call &call) {
  const Tensor regions = call.floats(size_t{0}), differences = call.floats(size_t{1}), scores = call.floats(size_t{2}),
               limits = call.floats(size_t{3}), factors = call.floats(size_t{4});
  const int64_t classes = op.getNUM_CLASSESGetBboxB(), kept = op.getMAX_PER_IMG_GetBboxB();
  const int64_t images = factors.shape()[1], perImage = regions.elements() / 5 / images;
  const float mean = op.getDelta2bboxMeans().convertToDouble(), center = op.getDelta2bboxStds_0().convertToDouble(),
              size = op.getDelta2bboxStds_1().convertToDouble();
  const Coder coder{
      {mean, mean, mean, mean}, {center, center, size, size}, static_cast<float>(op.getWhRatioLog().convertToDouble())};
  const float threshold = op.getThresholdScoreEq().convertToDouble();
  Tensor boxes = zeros(call, 0), labels = zeros(call, 1);
  for (int64_t n = 0; n < images; ++n) {
    const float *limit = limits.data<float>() + n * (limits.elements() / images);
    const float *factor = factors.data<float>() + n * (factors.elements() / images);
    std::vector<Candidate> found;
    for (int64_t i = n * perImage; i < (n + 1) * perImage; ++i)
      for (int64_t label = 0; label < classes; ++label) {
        const float score = probability(scores.data<float>() + i * (classes + 1), classes + 1, label);
        if (!(score > threshold))
          continue;
        Box box = coder.decode(regions.data<float>() + 5 * i + 1, differences.data<float>() + (i * classes + label) * 4,
                               1, limit[0], limit[1]);
        box = {box.x1 / factor[0], box.y1 / factor[1], box.x2 / factor[2], box.y2 / factor[3]};
        found.push_back({box, score, static_cast<int32_t>(label), i});
      }
    kernels::sortByScore(found);
    float *row = boxes.data<float>() + n * kept * 5, *label = labels.data<float>() + n * kept;
    for (const Candidate &best : kernels::suppress(found, {op.getNmsIouThr().convertToDouble(), 1, false, kept, 0})) {
      const float values[] = {best.box.x1, best.box.y1, best.box.x2, best.box.y2, best.score};
      row = std::copy(std::begin(values), std::end(values), row);
      *label++ = static_cast<float>(best.label);
    }
  }
  return failed(call.finish(std::move(boxes))) ? failure() : call.finish(std::move(labels));
}

/// The best boxes of one level of one image, with areas.
static void proposalsOf(top::MaskRCNNRPNGetBboxesOp op, ArrayRef<Tensor> operands, int64_t image, int64_t level,
                        const Coder &coder, const float *limit, std::vector<Candidate> &found) {
  const Tensor &scores = operands[level], &boxes = operands[5 + level], &anchors = operands[11 + level];
  const auto shape = scores.shape();
  const int64_t perCell = shape[1], cells = shape[2] * shape[3], count = perCell * cells;
  const int64_t width = anchors.shape().back(), best = op.getNMS_PRE();
  const float *anchor = anchors.data<float>() + (anchors.elements() > count * width ? image * count * width : 0);
  const float threshold = op.getConfThreshold().convertToDouble();
  std::vector<Candidate> all;
  for (int64_t cell = 0; cell < cells; ++cell)
    for (int64_t a = 0; a < perCell; ++a) {
      const float score = 1 / (1 + std::exp(-scores.data<float>()[(image * perCell + a) * cells + cell]));
      all.push_back({{}, score, static_cast<int32_t>(level), cell * perCell + a});
    }
  kernels::sortByScore(all);
  if (static_cast<int64_t>(all.size()) > best)
    all.resize(best);
  for (Candidate &candidate : all) {
    const int64_t cell = candidate.source / perCell, a = candidate.source % perCell;
    const float *difference = boxes.data<float>() + ((image * perCell + a) * 4) * cells + cell;
    candidate.box = coder.decode(anchor + candidate.source * width, difference, cells, limit[0], limit[1]);
    const bool hasArea = candidate.box.x2 > candidate.box.x1 && candidate.box.y2 > candidate.box.y1;
    if (hasArea && candidate.score >= threshold)
      found.push_back(candidate);
  }
}

LogicalResult evaluation::evaluateRPNGetBboxes(top::MaskRCNNRPNGetBboxesOp op, Call &call) {
  SmallVector<Tensor> operands;
  for (size_t i = 0; i < call.operandCount(); ++i)
    operands.push_back(call.floats(i));
  auto real = [](const APFloat &value) { return static_cast<float>(value.convertToDouble()); };
  const Coder coder{{real(op.getDelta2bboxMean_0()), real(op.getDelta2bboxMean_1()), real(op.getDelta2bboxMean_2()),
                     real(op.getDelta2bboxMean_3())},
                    {real(op.getDelta2bboxStd_0()), real(op.getDelta2bboxStd_1()), real(op.getDelta2bboxStd_2()),
                     real(op.getDelta2bboxStd_3())},
                    real(op.getDelta2bboxMaxScalarC())};
  const int64_t images = operands[0].shape()[0], kept = op.getMAX_PER_IMG();
  Tensor result = zeros(call, 0);
  const int64_t width = result.shape().back();
  for (int64_t n = 0; n < images; ++n) {
    const float *limit = operands[10].data<float>() + n * (operands[10].elements() / images);
    std::vector<Candidate> found;
    for (int64_t level = 0; level < 5; ++level)
      proposalsOf(op, operands, n, level, coder, limit, found);
    kernels::sortByScore(found);
    float *row = result.data<float>() + n * kept * width;
    for (const Candidate &best :
         kernels::suppress(found, {op.getIouThreshold().convertToDouble(), 1, false, kept, 0})) {
      const float values[] = {best.box.x1, best.box.y1, best.box.x2, best.box.y2, best.score};
      row = std::copy_n(values, width, row);
    }
  }
  return call.finish(std::move(result));
}
