// Evaluation of the heads that move anchors: region proposals, Faster R-CNN's boxes, faces with landmarks.
#include "Detection.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Box;
using kernels::Candidate;

/// Corners are pixels that belong to the box.
static constexpr float pixelBorder = 1;

/// The anchors of a cell: three ratios of three sizes, around the middle of a square, in whole pixels as Faster R-CNN
/// makes them.
static std::vector<Box> proposalAnchors(double base) {
  std::vector<Box> anchors;
  const double middle = (base - 1) / 2;
  for (double ratio : {0.5, 1.0, 2.0}) {
    const double width = std::nearbyint(std::sqrt(base * base / ratio)), height = std::nearbyint(width * ratio);
    for (double scale : {8.0, 16.0, 32.0}) {
      const float x = (width * scale - 1) / 2, y = (height * scale - 1) / 2, center = middle;
      anchors.push_back({center - x, center - y, center + x, center + y});
    }
  }
  return anchors;
}

static Box shifted(const Box &box, float x, float y) { return {box.x1 + x, box.y1 + y, box.x2 + x, box.y2 + y}; }

/// Writes rows of a result that has `perImage` of them for each image.
static float *rowsOf(Tensor &result, int64_t image, int64_t perImage) {
  return result.data<float>() + image * perImage * result.shape().back();
}

static Tensor zeros(const Call &call) {
  Tensor result = call.floatResult();
  std::fill(result.data<float>(), result.data<float>() + result.elements(), 0.0f);
  return result;
}

LogicalResult evaluation::evaluateProposal(top::ProposalOp op, Call &call) {
  const Tensor scores = call.floats(size_t{0}), deltas = call.floats(size_t{1});
  const int64_t width = scores.shape()[3], cells = scores.shape()[2] * width;
  const std::vector<Box> anchors = proposalAnchors(op.getAnchorBaseSize());
  const int64_t count = anchors.size();
  const float threshold = op.getRpnObjThreshold().convertToDouble(), stride = op.getFeatStride();
  Tensor result = zeros(call);
  for (int64_t n = 0; n < scores.shape()[0]; ++n) {
    const float *score = scores.data<float>() + (n * 2 + 1) * count * cells;
    const float *delta = deltas.data<float>() + n * 4 * count * cells;
    std::vector<Candidate> found;
    for (int64_t i = 0; i < cells; ++i)
      for (int64_t a = 0; a < count; ++a) {
        if (!(score[a * cells + i] > threshold))
          continue;
        float difference[4];
        for (int k = 0; k < 4; ++k)
          difference[k] = delta[(4 * a + k) * cells + i];
        const Box anchor = shifted(anchors[a], (i % width) * stride, (i / width) * stride);
        const Box box = kernels::limitedTo(kernels::moved(anchor, difference, pixelBorder), op.getNetInputW() - 1,
                                           op.getNetInputH() - 1);
        found.push_back({box, score[a * cells + i], 0, i});
      }
    kernels::sortByScore(found);
    const int64_t limit = op.getRpnNmsPostTopN();
    float *row = rowsOf(result, n, limit);
    for (const Candidate &kept :
         kernels::suppress(found, {op.getRpnNmsThreshold().convertToDouble(), 1, true, limit, pixelBorder})) {
      const float values[] = {static_cast<float>(n), kept.box.x1, kept.box.y1, kept.box.x2, kept.box.y2};
      row = std::copy(std::begin(values), std::end(values), row);
    }
  }
  return call.finish(std::move(result));
}

LogicalResult evaluation::evaluateFrcnDetection(top::FrcnDetectionOp op, Call &call) {
  const Tensor deltas = call.floats(size_t{0}), scores = call.floats(size_t{1}), regions = call.floats(size_t{2});
  const int64_t classes = op.getClassNum(), images = call.resultShape()[0];
  const int64_t perImage = regions.elements() / 5 / images, limit = op.getKeepTopk();
  const float threshold = op.getObjThreshold().convertToDouble();
  Tensor result = zeros(call);
  for (int64_t n = 0; n < images; ++n) {
    std::vector<Candidate> found;
    for (int64_t label = 1; label < classes; ++label)
      for (int64_t i = n * perImage; i < (n + 1) * perImage; ++i) {
        const float score = scores.data<float>()[i * classes + label];
        if (!(score > threshold))
          continue;
        const float *region = regions.data<float>() + 5 * i;
        const float *delta = deltas.data<float>() + (i * classes + label) * 4;
        const float difference[4] = {delta[0], delta[1], delta[2], delta[3]};
        const Box box = kernels::moved({region[1], region[2], region[3], region[4]}, difference, pixelBorder);
        found.push_back({box, score, static_cast<int32_t>(label), i});
      }
    kernels::sortByScore(found);
    float *row = rowsOf(result, n, limit);
    for (const Candidate &kept :
         kernels::suppress(found, {op.getNmsThreshold().convertToDouble(), 1, false, limit, pixelBorder})) {
      const float values[] = {kept.box.x1, kept.box.y1, kept.box.x2, kept.box.y2, static_cast<float>(kept.label),
                              kept.score};
      row = std::copy(std::begin(values), std::end(values), row);
    }
  }
  return call.finish(std::move(result));
}

namespace {
/// One level of RetinaFace: values of one image, and its anchors' sizes.
struct FaceLevel {
  const float *scores, *deltas, *landmarks;
  int64_t height, width;
  float stride, sizes[2];
};

struct Face {
  Box box;
  float landmarks[10];
};
} // namespace

static Face faceAt(const FaceLevel &level, int64_t anchor, int64_t cell) {
  const int64_t cells = level.height * level.width;
  const float middle = 7.5f; // of the pixels of a 16 x 16 square
  const float x = middle + (cell % level.width) * level.stride, y = middle + (cell / level.width) * level.stride;
  const float size = level.sizes[anchor];
  const float *delta = level.deltas + anchor * 4 * cells + cell;
  const float centerX = x + delta[0] * size, centerY = y + delta[cells] * size;
  const float halfWidth = (std::exp(delta[2 * cells]) * size - 1) / 2,
              halfHeight = (std::exp(delta[3 * cells]) * size - 1) / 2;
  Face face{{centerX - halfWidth, centerY - halfHeight, centerX + halfWidth, centerY + halfHeight}, {}};
  for (int k = 0; k < 10; ++k)
    face.landmarks[k] = (k % 2 ? y : x) + level.landmarks[(anchor * 10 + k) * cells + cell] * size;
  return face;
}

LogicalResult evaluation::evaluateRetinaFaceDetection(top::RetinaFaceDetectionOp op, Call &call) {
  SmallVector<Tensor> operands;
  for (size_t i = 0; i < 9; ++i)
    operands.push_back(call.floats(i));
  const float threshold = op.getConfidenceThreshold().convertToDouble();
  const int64_t limit = op.getKeepTopk();
  Tensor result = zeros(call);
  for (int64_t n = 0; n < operands[0].shape()[0]; ++n) {
    std::vector<Candidate> found;
    std::vector<Face> faces;
    for (int64_t index = 0; index < 3; ++index) {
      auto values = [&](int64_t which) {
        const Tensor &operand = operands[3 * index + which];
        return operand.data<float>() + n * (operand.elements() / operand.shape()[0]);
      };
      const auto shape = operands[3 * index].shape();
      const float stride = 32 >> index, size = 512 >> (2 * index);
      const FaceLevel level{values(0), values(1), values(2), shape[2], shape[3], stride, {size, size / 2}};
      const int64_t cells = level.height * level.width;
      for (int64_t cell = 0; cell < cells; ++cell)
        for (int64_t anchor = 0; anchor < 2; ++anchor) {
          const float score = level.scores[(2 + anchor) * cells + cell];
          if (!(score > threshold))
            continue;
          faces.push_back(faceAt(level, anchor, cell));
          found.push_back({faces.back().box, score, 0, static_cast<int64_t>(faces.size()) - 1});
        }
    }
    kernels::sortByScore(found);
    float *row = rowsOf(result, n, limit);
    for (const Candidate &kept :
         kernels::suppress(found, {op.getNmsThreshold().convertToDouble(), 1, true, limit, pixelBorder})) {
      const float values[] = {kept.box.x1, kept.box.y1, kept.box.x2, kept.box.y2, kept.score};
      row = std::copy(std::begin(values), std::end(values), row);
      row = std::copy(std::begin(faces[kept.source].landmarks), std::end(faces[kept.source].landmarks), row);
    }
  }
  return call.finish(std::move(result));
}
