// Non-maximum suppression: boxes in the order of their scores, each of which removes those that it overlaps.
#include "tpu_mlir/Kernels/Indexing.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

struct Box {
  float low[2], high[2];
  float area() const { return (high[0] - low[0]) * (high[1] - low[1]); }
};

std::vector<Box> corners(const Suppression &settings, const float *boxes) {
  std::vector<Box> result(settings.boxes);
  for (int64_t i = 0; i < settings.boxes; ++i) {
    const float *values = boxes + 4 * i;
    for (int side = 0; side < 2; ++side) {
      const float half = values[2 + side] / 2;
      const float a = settings.centered ? values[side] - half : values[side];
      const float b = settings.centered ? values[side] + half : values[2 + side];
      result[i].low[side] = std::min(a, b);
      result[i].high[side] = std::max(a, b);
    }
  }
  return result;
}

float overlapOf(const Box &a, const Box &b) {
  float shared = 1;
  for (int side = 0; side < 2; ++side)
    shared *= std::max(0.0f, std::min(a.high[side], b.high[side]) - std::max(a.low[side], b.low[side]));
  const float whole = a.area() + b.area() - shared;
  return whole > 0 ? shared / whole : 0;
}

std::vector<int64_t> suppressClass(const Suppression &settings, const std::vector<Box> &boxes, const float *scores) {
  std::vector<int64_t> order;
  for (int64_t i = 0; i < settings.boxes; ++i)
    if (!std::isnan(scores[i]) && (!settings.limited || scores[i] > settings.threshold))
      order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return scores[a] > scores[b]; });
  std::vector<int64_t> chosen;
  for (int64_t candidate : order) {
    if (static_cast<int64_t>(chosen.size()) >= settings.most)
      break;
    if (std::none_of(chosen.begin(), chosen.end(),
                     [&](int64_t better) { return overlapOf(boxes[better], boxes[candidate]) > settings.overlap; }))
      chosen.push_back(candidate);
  }
  return chosen;
}

} // namespace

std::vector<std::vector<int64_t>> kernels::suppress(const Suppression &settings, const float *boxes,
                                                    const float *scores) {
  std::vector<std::vector<Box>> batches;
  for (int64_t b = 0; b < settings.batch; ++b)
    batches.push_back(corners(settings, boxes + b * settings.boxes * 4));
  std::vector<std::vector<int64_t>> chosen(settings.batch * settings.classes);
  parallelFor(settings.batch * settings.classes, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      chosen[i] = suppressClass(settings, batches[i / settings.classes], scores + i * settings.boxes);
  });
  return chosen;
}
