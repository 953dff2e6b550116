// See the header.
#include "tpu_mlir/Kernels/Detection.h"

#include <algorithm>
#include <cmath>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

static float areaOf(const Box &box, float border) {
  const float width = box.x2 - box.x1 + border, height = box.y2 - box.y1 + border;
  return width > 0 && height > 0 ? width * height : 0;
}

float kernels::overlap(const Box &a, const Box &b, float border) {
  const Box common = {std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2)};
  const float shared = areaOf(common, border);
  const float all = areaOf(a, border) + areaOf(b, border) - shared;
  return all > 0 ? shared / all : 0;
}

void kernels::sortByScore(std::vector<Candidate> &candidates) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate &a, const Candidate &b) { return a.score > b.score; });
}

std::vector<Candidate> kernels::suppress(const std::vector<Candidate> &sorted, const Suppression &suppression) {
  std::vector<Candidate> kept;
  double threshold = suppression.threshold;
  for (const Candidate &candidate : sorted) {
    if (suppression.limit >= 0 && static_cast<int64_t>(kept.size()) >= suppression.limit)
      break;
    const bool repeats = std::any_of(kept.begin(), kept.end(), [&](const Candidate &better) {
      return (suppression.acrossLabels || better.label == candidate.label) &&
             overlap(better.box, candidate.box, suppression.border) > threshold;
    });
    if (repeats)
      continue;
    kept.push_back(candidate);
    if (suppression.eta < 1 && threshold > 0.5)
      threshold *= suppression.eta;
  }
  return kept;
}

Box kernels::moved(const Box &box, const float (&difference)[4], float border) {
  const float width = box.x2 - box.x1 + border, height = box.y2 - box.y1 + border;
  const float centerX = box.x1 + 0.5f * width + difference[0] * width;
  const float centerY = box.y1 + 0.5f * height + difference[1] * height;
  const float newWidth = std::exp(difference[2]) * width, newHeight = std::exp(difference[3]) * height;
  return {centerX - 0.5f * newWidth, centerY - 0.5f * newHeight, centerX + 0.5f * newWidth, centerY + 0.5f * newHeight};
}

Box kernels::limitedTo(const Box &box, float right, float bottom) {
  return {std::clamp(box.x1, 0.0f, right), std::clamp(box.y1, 0.0f, bottom), std::clamp(box.x2, 0.0f, right),
          std::clamp(box.y2, 0.0f, bottom)};
}
