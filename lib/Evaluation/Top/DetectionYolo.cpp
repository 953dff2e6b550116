// Evaluation of YoloDetection: the forms of its operands become candidates, which are suppressed alike.
#include "Detection.h"

#include <array>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Candidate;

namespace {
/// The candidates of one image. `places` has center x, center y, width, height of each as the result states them.
struct Found {
  std::vector<Candidate> candidates;
  std::vector<std::array<float, 4>> places;

  void add(const std::array<float, 4> &place, float score, int64_t label) {
    const auto [x, y, width, height] = place;
    candidates.push_back({{x - width / 2, y - height / 2, x + width / 2, y + height / 2},
                          score,
                          static_cast<int32_t>(label),
                          static_cast<int64_t>(places.size())});
    places.push_back(place);
  }
};

/// One head: its values of one image as [boxes][5 + classes][cells], and its anchors.
struct Head {
  const float *values;
  int64_t height, width;
  const double *anchors;
};

class YoloDecoder {
public:
  YoloDecoder(top::YoloDetectionOp op, int64_t classes, bool softmaxClasses)
      : softmaxClasses(softmaxClasses), classes(classes), boxes(op.getNumBoxes()),
        netWidth(static_cast<float>(op.getNetInputW())), netHeight(static_cast<float>(op.getNetInputH())),
        threshold(static_cast<float>(op.getObjThreshold().convertToDouble())), inPixels(op.getVersion() == "yolov5") {}

  void head(const Head &head, Found &found) const;
  void boxesWithObjectness(const float *values, int64_t count, Found &found) const;
  void boxesOfClasses(const float *values, int64_t count, Found &found) const;
  void finishedBoxes(const float *values, int64_t count, Found &found) const;

private:
  std::array<float, 4> place(const Head &head, const float *cell, int64_t y, int64_t x, const double *anchor) const;
  /// The probability of the best class, whose scores lie `stride` apart.
  float probability(const float *scores, int64_t stride, int64_t label) const;

  bool softmaxClasses;
  int64_t classes, boxes; // boxes: of a head's cell
  float netWidth, netHeight;
  float threshold;
  bool inPixels;
};
} // namespace

static float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

static int64_t bestOf(const float *scores, int64_t stride, int64_t count) {
  int64_t best = 0;
  for (int64_t i = 1; i < count; ++i)
    if (scores[i * stride] > scores[best * stride])
      best = i;
  return best;
}

float YoloDecoder::probability(const float *scores, int64_t stride, int64_t label) const {
  const float best = scores[label * stride];
  if (!softmaxClasses)
    return sigmoid(best);
  double sum = 0;
  for (int64_t i = 0; i < classes; ++i)
    sum += std::exp(static_cast<double>(scores[i * stride]) - best);
  return static_cast<float>(1 / sum);
}

std::array<float, 4> YoloDecoder::place(const Head &head, const float *cell, int64_t y, int64_t x,
                                        const double *anchor) const {
  const int64_t cells = head.height * head.width;
  const float tx = cell[0], ty = cell[cells], tw = cell[2 * cells], th = cell[3 * cells];
  const float width = head.width, height = head.height;
  const float anchorW = anchor[0], anchorH = anchor[1];
  if (!inPixels)
    return {(sigmoid(tx) + x) / width, (sigmoid(ty) + y) / height, std::exp(tw) * anchorW / netWidth,
            std::exp(th) * anchorH / netHeight};
  const float scaleW = 2 * sigmoid(tw), scaleH = 2 * sigmoid(th);
  return {(2 * sigmoid(tx) - 0.5f + x) * (netWidth / width), (2 * sigmoid(ty) - 0.5f + y) * (netHeight / height),
          scaleW * scaleW * anchorW, scaleH * scaleH * anchorH};
}

void YoloDecoder::head(const Head &head, Found &found) const {
  const int64_t cells = head.height * head.width;
  for (int64_t box = 0; box < boxes; ++box) {
    const float *values = head.values + box * (5 + classes) * cells;
    for (int64_t i = 0; i < cells; ++i) {
      const float objectness = sigmoid(values[4 * cells + i]);
      if (!(objectness > threshold)) // a score is never greater
        continue;
      const float *scores = values + 5 * cells + i;
      const int64_t label = bestOf(scores, cells, classes);
      const float score = objectness * probability(scores, cells, label);
      if (score > threshold)
        found.add(place(head, values + i, i / head.width, i % head.width, head.anchors + 2 * box), score, label);
    }
  }
}

void YoloDecoder::boxesWithObjectness(const float *values, int64_t count, Found &found) const {
  for (int64_t i = 0; i < count; ++i, values += 5 + classes) {
    const int64_t label = bestOf(values + 5, 1, classes);
    const float score = values[4] * values[5 + label];
    if (score > threshold)
      found.add({values[0], values[1], values[2], values[3]}, score, label);
  }
}

void YoloDecoder::boxesOfClasses(const float *values, int64_t count, Found &found) const {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t label = bestOf(values + 4 * count + i, count, classes);
    const float score = values[(4 + label) * count + i];
    if (score > threshold)
      found.add({values[i], values[count + i], values[2 * count + i], values[3 * count + i]}, score, label);
  }
}

void YoloDecoder::finishedBoxes(const float *values, int64_t count, Found &found) const {
  for (int64_t i = 0; i < count; ++i, values += 6)
    if (values[4] > threshold && values[5] >= 0 && values[5] < static_cast<float>(1 << 24))
      found.add(
          {(values[0] + values[2]) / 2, (values[1] + values[3]) / 2, values[2] - values[0], values[3] - values[1]},
          values[4], static_cast<int64_t>(values[5]));
}

/// The heads of one image, the one with most cells first.
static std::vector<Head> headsOf(top::YoloDetectionOp op, ArrayRef<Tensor> operands, ArrayRef<double> anchors,
                                 int64_t image) {
  std::vector<Head> heads;
  for (const Tensor &operand : operands) {
    const int64_t perImage = operand.elements() / operand.shape()[0];
    heads.push_back({operand.data<float>() + image * perImage, operand.shape()[2], operand.shape()[3], nullptr});
  }
  std::stable_sort(heads.begin(), heads.end(),
                   [](const Head &a, const Head &b) { return a.height * a.width > b.height * b.width; });
  for (auto [index, head] : llvm::enumerate(heads))
    head.anchors = anchors.data() + index * 2 * op.getNumBoxes();
  return heads;
}

static Found candidatesOf(top::YoloDetectionOp op, ArrayRef<Tensor> operands, ArrayRef<double> anchors, int64_t image,
                          bool softmaxClasses) {
  const Tensor &first = operands[0];
  const StringRef version = op.getVersion();
  const bool perClass = version == "yolov8" || version == "yolov11";
  const int64_t classes = first.rank() == 4 ? static_cast<int64_t>(op.getClassNum())
                          : perClass        ? first.shape()[1] - 4
                                            : first.shape()[2] - 5;
  const YoloDecoder decoder(op, classes, softmaxClasses);
  Found found;
  if (first.rank() == 4) {
    for (const Head &head : headsOf(op, operands, anchors, image))
      decoder.head(head, found);
    return found;
  }
  const float *values = first.data<float>() + image * (first.elements() / first.shape()[0]);
  if (perClass)
    decoder.boxesOfClasses(values, first.shape()[2], found);
  else if (version == "yolov26")
    decoder.finishedBoxes(values, first.shape()[1], found);
  else
    decoder.boxesWithObjectness(values, first.shape()[1], found);
  return found;
}

static std::vector<Candidate> keptOf(top::YoloDetectionOp op, Found &found) {
  kernels::sortByScore(found.candidates);
  if (op.getVersion() != "yolov26")
    return kernels::suppress(found.candidates, {op.getNmsThreshold().convertToDouble(), 1, op.getAgnosticNms(),
                                                static_cast<int64_t>(op.getKeepTopk()), 0});
  if (found.candidates.size() > static_cast<size_t>(op.getKeepTopk()))
    found.candidates.resize(op.getKeepTopk());
  return found.candidates;
}

LogicalResult evaluation::evaluateYoloDetection(top::YoloDetectionOp op, Call &call) {
  SmallVector<Tensor> operands;
  for (size_t i = 0; i < call.operandCount(); ++i)
    operands.push_back(call.floats(i));
  std::vector<double> anchors;
  for (auto anchor : op.getAnchors().getAsRange<FloatAttr>())
    anchors.push_back(anchor.getValueAsDouble());
  Tensor result = call.floatResult();
  std::fill(result.data<float>(), result.data<float>() + result.elements(), 0.0f);
  const bool perImage = result.shape().back() == 6;
  float *row = result.data<float>();
  for (int64_t n = 0; n < operands[0].shape()[0]; ++n) {
    Found found = candidatesOf(op, operands, anchors, n, perImage);
    if (perImage)
      row = result.data<float>() + n * 6 * op.getKeepTopk();
    for (const Candidate &kept : keptOf(op, found)) {
      const auto &place = found.places[kept.source];
      const float label = static_cast<float>(kept.label);
      if (perImage) {
        row = std::copy(place.begin(), place.end(), row);
        *row++ = label;
        *row++ = kept.score;
      } else {
        *row++ = static_cast<float>(n);
        *row++ = label;
        *row++ = kept.score;
        row = std::copy(place.begin(), place.end(), row);
      }
    }
  }
  return call.finish(std::move(result));
}
