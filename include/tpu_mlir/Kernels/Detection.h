// What detection heads share: boxes, their overlap, and the suppression of boxes that repeat better ones.
#pragma once
#include <cstdint>
#include <vector>

namespace tpu_mlir::kernels {

struct Box {
  float x1, y1, x2, y2;
};

/// A box that may be a detection.
struct Candidate {
  Box box;
  float score;
  int32_t label;
  int64_t source; // what it was made of, for the caller
};

/// Intersection over union; 0 for boxes without area. With border 1, corners are pixels that belong to the box.
float overlap(const Box &a, const Box &b, float border = 0);

/// By falling score; equal ones stay in order.
void sortByScore(std::vector<Candidate> &candidates);

struct Suppression {
  double threshold;         // largest overlap with a better box that is kept
  double eta = 1;           // factor of the threshold after each kept box, while it is above 0.5
  bool acrossLabels = true; // whether boxes of different labels repeat each other
  int64_t limit = -1;       // number of boxes to keep; -1 for all
  float border = 0;
};

/// The sorted candidates that repeat no better kept one.
std::vector<Candidate> suppress(const std::vector<Candidate> &sorted, const Suppression &suppression);

/// A box moved by differences in units of its size: centers by (dx, dy), sizes by exp(dw), exp(dh). With border 1, the
/// size of a box counts its last pixel, and the result's corners are center -+ size / 2.
Box moved(const Box &box, const float (&difference)[4], float border);
Box limitedTo(const Box &box, float right, float bottom);

} // namespace tpu_mlir::kernels
