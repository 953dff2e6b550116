// Drivers of the elementwise kernels: broadcasting is reduced to as few loops as the shapes need, then cut for threads.
#include "tpu_mlir/Kernels/Elementwise.h"

#include "ElementwiseLoops.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Elements that are worth a thread; functions are slower than arithmetic.
constexpr int64_t functionGrain = 4096, arithmeticGrain = 16384;

// One loop of a broadcast: extent, and how far each operand moves per step (0: repeats).
struct Loop {
  int64_t extent, a, b;
};

// Loops from outer to inner; loops that both operands run through (or repeat) alike are joined.
std::vector<Loop> makeLoops(ShapeView aShape, ShapeView bShape, ShapeView outShape) {
  std::vector<Loop> inner; // innermost first
  int64_t aStride = 1, bStride = 1;
  const auto extentAt = [](ShapeView shape, size_t fromEnd) {
    return fromEnd < shape.size() ? shape[shape.size() - 1 - fromEnd] : 1;
  };
  for (size_t i = 0; i < outShape.size(); ++i) {
    const int64_t extent = extentAt(outShape, i), aExtent = extentAt(aShape, i), bExtent = extentAt(bShape, i);
    if (extent == 1)
      continue;
    const Loop loop{extent, aExtent == 1 ? 0 : aStride, bExtent == 1 ? 0 : bStride};
    aStride *= aExtent;
    bStride *= bExtent;
    if (!inner.empty() && loop.a == inner.back().a * inner.back().extent &&
        loop.b == inner.back().b * inner.back().extent)
      inner.back().extent *= extent;
    else
      inner.push_back(loop);
  }
  if (inner.empty())
    inner.push_back({1, 0, 0});
  return {inner.rbegin(), inner.rend()};
}

} // namespace

void kernels::apply(Function function, const float *in, float *out, int64_t count, Coefficients coefficients) {
  parallelFor(count, functionGrain, [&](int64_t begin, int64_t end) {
    TPU_SIMD_DISPATCH(kernels, applyLoop)(function, in + begin, out + begin, end - begin, coefficients);
  });
}

void kernels::limit(const float *in, float *out, int64_t count, const Limits &limits) {
  parallelFor(count, arithmeticGrain, [&](int64_t begin, int64_t end) {
    TPU_SIMD_DISPATCH(kernels, limitLoop)(in + begin, out + begin, end - begin, limits);
  });
}

void kernels::multiplyAdd(const float *in, float *out, int64_t count, float factor, float addend) {
  parallelFor(count, arithmeticGrain, [&](int64_t begin, int64_t end) {
    TPU_SIMD_DISPATCH(kernels, multiplyAddLoop)(in + begin, out + begin, end - begin, factor, addend, Limits{});
  });
}

void kernels::scaleChannels(const float *in, float *out, int64_t outer, int64_t channels, int64_t inner,
                            const float *scale, const float *bias, const Limits &limits) {
  parallelFor(outer * channels, std::max<int64_t>(1, arithmeticGrain / std::max<int64_t>(inner, 1)),
              [&](int64_t begin, int64_t end) {
                for (int64_t line = begin; line < end; ++line)
                  TPU_SIMD_DISPATCH(kernels, multiplyAddLoop)
                (in + line * inner, out + line * inner, inner, scale[line % channels],
                 bias ? bias[line % channels] : 0.0f, limits);
              });
}

void kernels::combine(Arithmetic arithmetic, const float *a, ShapeView aShape, const float *b, ShapeView bShape,
                      float *out, ShapeView outShape) {
  for (int64_t extent : outShape)
    if (extent == 0)
      return;
  std::vector<Loop> loops = makeLoops(aShape, bShape, outShape);
  const Loop inner = loops.back();
  loops.pop_back();
  int64_t lines = 1;
  for (const Loop &loop : loops)
    lines *= loop.extent;
  // Long lines are cut, short ones taken several at a time.
  const int64_t pieces = (inner.extent + arithmeticGrain - 1) / arithmeticGrain;
  const int64_t grain = std::max<int64_t>(1, arithmeticGrain / inner.extent);
  parallelFor(lines * pieces, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t line = i / pieces, first = i % pieces * arithmeticGrain;
      int64_t rest = line, aAt = first * inner.a, bAt = first * inner.b;
      for (size_t l = loops.size(); l-- > 0;) {
        const int64_t index = rest % loops[l].extent;
        rest /= loops[l].extent;
        aAt += index * loops[l].a;
        bAt += index * loops[l].b;
      }
      TPU_SIMD_DISPATCH(kernels, combineLoop)
      (arithmetic, a + aAt, b + bAt, InnerStep{inner.a, inner.b}, out + line * inner.extent + first,
       std::min(arithmeticGrain, inner.extent - first));
    }
  });
}
