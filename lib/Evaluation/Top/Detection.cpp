// Evaluation of Top ops: SSD heads, and the table of all detection ops.
#include "Detection.h"
#include "tpu_mlir/Dialect/Top/IR/PriorBoxes.h"

#include <array>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Box;
using kernels::Candidate;

namespace {
/// The coding of locations.
struct Decoder {
  bool centers;      // CENTER_SIZE
  bool inUnits;      // CORNER_SIZE
  bool hasVariances; // locations are to be multiplied by them

  Box decode(const float *prior, const float *variance, const float *location) const {
    float value[4];
    for (int i = 0; i < 4; ++i)
      value[i] = hasVariances ? variance[i] * location[i] : location[i];
    const float width = prior[2] - prior[0], height = prior[3] - prior[1];
    if (!centers) {
      const float x = inUnits ? width : 1, y = inUnits ? height : 1;
      return {prior[0] + value[0] * x, prior[1] + value[1] * y, prior[2] + value[2] * x, prior[3] + value[3] * y};
    }
    const float centerX = value[0] * width + (prior[0] + prior[2]) / 2;
    const float centerY = value[1] * height + (prior[1] + prior[3]) / 2;
    const float newWidth = std::exp(value[2]) * width, newHeight = std::exp(value[3]) * height;
    return {centerX - newWidth / 2, centerY - newHeight / 2, centerX + newWidth / 2, centerY + newHeight / 2};
  }
};

/// The operands of one image.
struct SsdImage {
  const float *locations, *scores, *priors, *variances;
  int64_t boxes;
};
} // namespace

static std::vector<Candidate> detectionsOf(top::DetectionOutputOp op, const SsdImage &image, const Decoder &decoder) {
  const int64_t classes = op.getNumClasses(), perBox = op.getShareLocation() ? 1 : classes;
  const int64_t background = op.getBackgroundLabelId(), best = op.getTopK(), limit = op.getKeepTopK();
  const float threshold = op.getConfidenceThreshold().convertToDouble();
  std::vector<Candidate> found;
  for (int64_t label = 0; label < classes; ++label) {
    if (label == background)
      continue;
    std::vector<Candidate> candidates;
    for (int64_t i = 0; i < image.boxes; ++i) {
      const float score = image.scores[i * classes + label];
      if (score > threshold)
        candidates.push_back({{}, score, static_cast<int32_t>(label), i});
    }
    kernels::sortByScore(candidates);
    if (best >= 0 && static_cast<int64_t>(candidates.size()) > best)
      candidates.resize(best);
    for (Candidate &candidate : candidates) {
      const int64_t i = candidate.source;
      candidate.box = decoder.decode(image.priors + 4 * i, image.variances + 4 * i,
                                     image.locations + 4 * (i * perBox + (perBox > 1 ? label : 0)));
    }
    const auto kept = kernels::suppress(
        candidates, {op.getNmsThreshold().convertToDouble(), op.getEta().convertToDouble(), true, -1, 0});
    found.insert(found.end(), kept.begin(), kept.end());
  }
  if (static_cast<int64_t>(found.size()) <= limit)
    return found;
  kernels::sortByScore(found);
  found.resize(limit);
  std::stable_sort(found.begin(), found.end(),
                   [](const Candidate &a, const Candidate &b) { return a.label < b.label; });
  return found;
}

static LogicalResult evaluateDetectionOutput(top::DetectionOutputOp op, Call &call) {
  const Tensor locations = call.floats(size_t{0}), scores = call.floats(size_t{1}), priors = call.floats(size_t{2});
  const int64_t images = locations.shape()[0], boxes = priors.shape()[2] / 4;
  const StringRef code = op.getCodeType();
  const Decoder decoder{code == "CENTER_SIZE", code == "CORNER_SIZE",
                        op.getVarianceEncodedInTarget().convertToDouble() == 0};
  Tensor result = call.floatResult();
  float *row = result.data<float>();
  std::fill(row, row + result.elements(), -1.0f);
  for (int64_t n = 0; n < images; ++n) {
    const float *prior = priors.data<float>() + (priors.shape()[0] > 1 ? n * 8 * boxes : 0);
    const SsdImage image{locations.data<float>() + n * (locations.elements() / images),
                         scores.data<float>() + n * (scores.elements() / images), prior, prior + 4 * boxes, boxes};
    for (const Candidate &found : detectionsOf(op, image, decoder)) {
      const Box &box = found.box;
      const float values[] = {
          static_cast<float>(n), static_cast<float>(found.label), found.score, box.x1, box.y1, box.x2, box.y2};
      row = std::copy(std::begin(values), std::end(values), row);
    }
  }
  if (row == result.data<float>())
    for (int64_t n = 0; n < images; ++n)
      row[7 * n] = static_cast<float>(n);
  return call.finish(std::move(result));
}

static LogicalResult evaluatePriorBox(top::PriorBoxOp op, Call &call) {
  Tensor result = call.floatResult();
  const std::vector<double> values = top::priorBoxes(op);
  std::copy(values.begin(), values.end(), result.data<float>());
  return call.finish(std::move(result));
}

void evaluation::attachTopDetectionModels(MLIRContext &context) {
  attach<top::DetectionOutputOp, evaluateDetectionOutput>(context);
  attach<top::YoloDetectionOp, evaluateYoloDetection>(context);
  attach<top::PriorBoxOp, evaluatePriorBox>(context);
  attach<top::RoiAlignOp, evaluateRoiAlign>(context);
  attach<top::RoiExtractorOp, evaluateRoiExtractor>(context);
  attach<top::ROIPoolingOp, evaluateROIPooling>(context);
  attach<top::ProposalOp, evaluateProposal>(context);
  attach<top::FrcnDetectionOp, evaluateFrcnDetection>(context);
  attach<top::RetinaFaceDetectionOp, evaluateRetinaFaceDetection>(context);
  attach<top::MaskRCNNBboxPoolerOp, evaluateBboxPooler>(context);
  attach<top::MaskRCNNMaskPoolerOp, evaluateMaskPooler>(context);
  attach<top::MaskRCNNGetBboxBOp, evaluateGetBboxB>(context);
  attach<top::MaskRCNNRPNGetBboxesOp, evaluateRPNGetBboxes>(context);
}
