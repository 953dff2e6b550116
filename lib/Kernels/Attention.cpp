// Attention block by block: the scores of some queries of one head, their softmax, their product with the values.
#include "tpu_mlir/Kernels/Attention.h"

#include "LinearAttentionLoops.h"
#include "tpu_mlir/Kernels/Gemm.h"
#include "tpu_mlir/Kernels/Normalization.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Queries per block: enough that packing the keys costs little beside their product.
constexpr int64_t blockRows = 64;

void maskScores(const AttentionHead &head, int64_t first, int64_t rows, int64_t keys, float scale, bool causal,
                float *scores) {
  for (int64_t r = 0; r < rows; ++r) {
    float *row = scores + r * keys;
    const float *mask = head.mask ? head.mask + (first + r) * head.maskRow : nullptr;
    for (int64_t k = 0; k < keys; ++k)
      row[k] = row[k] * scale + (mask ? mask[k * head.maskColumn] : 0.0f);
    if (causal)
      for (int64_t k = first + r + 1; k < keys; ++k)
        row[k] = -std::numeric_limits<float>::infinity();
  }
}

float logarithmOfSum(const float *scores, int64_t keys) {
  const float largest = *std::max_element(scores, scores + keys);
  if (!std::isfinite(largest))
    return largest;
  double sum = 0;
  for (int64_t k = 0; k < keys; ++k)
    sum += std::exp(scores[k] - largest);
  return static_cast<float>(largest + std::log(sum));
}

void attendBlock(const AttentionHead &head, int64_t first, int64_t rows, const AttentionExtents &extents, float scale,
                 bool causal, std::vector<float> &scores) {
  Product products;
  products.a = {head.query + first * head.queryRow, head.queryRow, 1};
  products.b = {head.key, 1, head.keyRow};
  products.c = scores.data();
  products.cStride = extents.keys;
  gemm(rows, extents.keys, extents.depth, products);
  maskScores(head, first, rows, extents.keys, scale, causal, scores.data());
  if (head.logarithm)
    for (int64_t r = 0; r < rows; ++r)
      head.logarithm[(first + r) * head.logarithmRow] = logarithmOfSum(scores.data() + r * extents.keys, extents.keys);
  softmax({rows, extents.keys, 1}, scores.data(), scores.data(), 1.0f, false);
  Product result;
  result.a = {scores.data(), extents.keys, 1};
  result.b = {head.value, head.valueRow, 1};
  result.c = head.out + first * head.outRow;
  result.cStride = head.outRow;
  gemm(rows, extents.width, extents.keys, result);
}

} // namespace

void kernels::attention(int64_t count, const AttentionExtents &extents, float scale, bool causal,
                        const AttentionHeads &heads) {
  const int64_t blocks = (extents.queries + blockRows - 1) / blockRows;
  parallelFor(count * blocks, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scores(std::min(blockRows, extents.queries) * extents.keys);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % blocks * blockRows;
      attendBlock(heads.get(i / blocks), first, std::min(blockRows, extents.queries - first), extents, scale, causal,
                  scores);
    }
  });
}

void kernels::gatedDeltaRule(const DeltaRuleHead &head, int64_t positions, int64_t d, float scale, bool normalize) {
  std::vector<float> scratch(3 * d);
  TPU_SIMD_DISPATCH(kernels, deltaRuleLoop)(head, positions, d, scale, normalize, scratch.data());
}

void kernels::selectiveScan(const ScanChannel &channel, int64_t positions, int64_t states, int64_t batch) {
  TPU_SIMD_DISPATCH(kernels, scanLoop)(channel, positions, states, batch);
}
