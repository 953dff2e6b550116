// Softmax, layer normalization, reductions. Lines along the last axis are walked one by one; along another axis, all
// lines of an outer index advance together, so memory is read in order.
#include "tpu_mlir/Kernels/Normalization.h"

#include "ElementwiseLoops.h"
#include "Grain.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

void softmaxLine(const float *in, float *out, int64_t count, float beta, bool logarithm) {
  // beta may be negative: then the smallest value has the largest exponent.
  float best = in[0] * beta;
  if (beta >= 0)
    best = TPU_SIMD_DISPATCH(kernels, maxLoop)(in, count) * beta;
  else
    for (int64_t i = 1; i < count; ++i)
      best = std::max(best, in[i] * beta);
  const double sum = TPU_SIMD_DISPATCH(kernels, expSumLoop)(in, out, count, beta, best);
  if (logarithm)
    TPU_SIMD_DISPATCH(kernels, multiplyAddLoop)
  (in, out, count, beta, static_cast<float>(-best - std::log(sum)), Limits{});
  else TPU_SIMD_DISPATCH(kernels, multiplyAddLoop)(out, out, count, static_cast<float>(1 / sum), 0.0f, Limits{});
}

// One outer index: `inner` lines at once.
void softmaxPlane(const float *in, float *out, int64_t axis, int64_t inner, float beta, bool logarithm) {
  std::vector<float> line(axis), result(axis);
  for (int64_t i = 0; i < inner; ++i) {
    for (int64_t a = 0; a < axis; ++a)
      line[a] = in[a * inner + i];
    softmaxLine(line.data(), result.data(), axis, beta, logarithm);
    for (int64_t a = 0; a < axis; ++a)
      out[a * inner + i] = result[a];
  }
}

struct Accumulator {
  double value;

  explicit Accumulator(Reduction reduction) {
    switch (reduction) {
    case Reduction::Min:
      value = std::numeric_limits<double>::infinity();
      break;
    case Reduction::Max:
      value = -std::numeric_limits<double>::infinity();
      break;
    case Reduction::Prod:
      value = 1;
      break;
    default:
      value = 0;
    }
  }
  template <Reduction reduction> void add(double x) {
    if constexpr (reduction == Reduction::Min)
      value = x < value || x != x ? x : value;
    else if constexpr (reduction == Reduction::Max)
      value = x > value || x != x ? x : value;
    else if constexpr (reduction == Reduction::L2)
      value += x * x;
    else if constexpr (reduction == Reduction::L1)
      value += std::fabs(x);
    else if constexpr (reduction == Reduction::Prod)
      value *= x;
    else
      value += x;
  }
  float finish(Reduction reduction, int64_t count) const {
    if (reduction == Reduction::Mean)
      return static_cast<float>(value / static_cast<double>(count));
    return static_cast<float>(reduction == Reduction::L2 ? std::sqrt(value) : value);
  }
};

template <Reduction reduction> void reduceLines(const Lines &lines, const float *in, float *out) {
  parallelFor(lines.outer, grainFor(lines.axis * lines.inner), [&](int64_t begin, int64_t end) {
    std::vector<Accumulator> sums(lines.inner, Accumulator(reduction));
    for (int64_t o = begin; o < end; ++o) {
      std::fill(sums.begin(), sums.end(), Accumulator(reduction));
      const float *from = in + o * lines.axis * lines.inner;
      for (int64_t a = 0; a < lines.axis; ++a, from += lines.inner)
        for (int64_t i = 0; i < lines.inner; ++i)
          sums[i].template add<reduction>(from[i]);
      for (int64_t i = 0; i < lines.inner; ++i)
        out[o * lines.inner + i] = sums[i].finish(reduction, lines.axis);
    }
  });
}

} // namespace

void kernels::softmax(const Lines &lines, const float *in, float *out, float beta, bool logarithm) {
  if (lines.axis == 0)
    return;
  parallelFor(lines.outer, grainFor(lines.axis * lines.inner), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      const int64_t at = o * lines.axis * lines.inner;
      if (lines.inner == 1)
        softmaxLine(in + at, out + at, lines.axis, beta, logarithm);
      else
        softmaxPlane(in + at, out + at, lines.axis, lines.inner, beta, logarithm);
    }
  });
}

void kernels::layerNorm(int64_t lines, int64_t extent, const float *in, float *out, const float *weight,
                        const float *bias, double epsilon) {
  parallelFor(lines, grainFor(extent), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const float *from = in + line * extent;
      float *to = out + line * extent;
      double sum = 0, squares = 0;
      for (int64_t i = 0; i < extent; ++i)
        sum += from[i];
      const double mean = sum / static_cast<double>(extent);
      for (int64_t i = 0; i < extent; ++i)
        squares += (from[i] - mean) * (from[i] - mean);
      const double scale = 1 / std::sqrt(squares / static_cast<double>(extent) + epsilon);
      for (int64_t i = 0; i < extent; ++i) {
        const float value = static_cast<float>((from[i] - mean) * scale);
        to[i] = value * (weight ? weight[i] : 1.0f) + (bias ? bias[i] : 0.0f);
      }
    }
  });
}

void kernels::reduce(Reduction reduction, const Lines &lines, const float *in, float *out) {
  switch (reduction) {
  case Reduction::Min:
    return reduceLines<Reduction::Min>(lines, in, out);
  case Reduction::Max:
    return reduceLines<Reduction::Max>(lines, in, out);
  case Reduction::Mean:
    return reduceLines<Reduction::Mean>(lines, in, out);
  case Reduction::L2:
    return reduceLines<Reduction::L2>(lines, in, out);
  case Reduction::L1:
    return reduceLines<Reduction::L1>(lines, in, out);
  case Reduction::Sum:
    return reduceLines<Reduction::Sum>(lines, in, out);
  case Reduction::Prod:
    return reduceLines<Reduction::Prod>(lines, in, out);
  }
}
