// Inner loops of ops that carry a state along a sequence. The states' innermost axis is contiguous, so that loops over
// it become vectors; sums run over the other axis, in the same order in every variant.
#include "LinearAttentionLoops.h"

#include <cmath>

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {

namespace {

// out = in / sqrt(sum of squares + 1e-6), or in itself.
void normalized(const float *in, float *out, int64_t d, bool normalize) {
  double sum = 0;
  for (int64_t i = 0; normalize && i < d; ++i)
    sum += static_cast<double>(in[i]) * in[i];
  const float factor = normalize ? static_cast<float>(1 / std::sqrt(sum + 1e-6)) : 1.0f;
  for (int64_t i = 0; i < d; ++i)
    out[i] = in[i] * factor;
}

void clear(float *to, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    to[i] = 0.0f;
}

void addRow(float *__restrict to, const float *__restrict from, float factor, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    to[i] += from[i] * factor;
}

} // namespace

void deltaRuleLoop(const DeltaRuleHead &head, int64_t positions, int64_t d, float scale, bool normalize,
                   float *scratch) {
  float *query = scratch, *key = query + d, *delta = key + d;
  for (int64_t t = 0; t < positions; ++t) {
    normalized(head.query + t * head.keyRow, query, d, normalize);
    normalized(head.key + t * head.keyRow, key, d, normalize);
    const float *value = head.value + t * head.valueRow;
    float *out = head.out + t * head.valueRow;
    const float decay = std::exp(head.gate[t * head.gateRow]), beta = head.beta[t * head.gateRow];
    clear(delta, d);
    for (int64_t i = 0; i < d; ++i) {
      float *row = head.state + i * d;
      for (int64_t j = 0; j < d; ++j)
        row[j] *= decay;
      addRow(delta, row, key[i], d);
    }
    for (int64_t j = 0; j < d; ++j)
      delta[j] = (value[j] - delta[j]) * beta;
    clear(out, d);
    for (int64_t i = 0; i < d; ++i) {
      float *row = head.state + i * d;
      addRow(row, delta, key[i], d);
      addRow(out, row, query[i] * scale, d);
    }
  }
}

void scanLoop(const ScanChannel &channel, int64_t positions, int64_t states, int64_t batch) {
  const int64_t size = states * batch;
  clear(channel.h, size);
  for (int64_t t = 0; t < positions; ++t) {
    const float *__restrict a = channel.a + t * channel.row, *__restrict b = channel.b + t * channel.row;
    const float *c = channel.c + t * channel.row;
    float *__restrict h = channel.h;
    for (int64_t i = 0; i < size; ++i)
      h[i] = a[i] * h[i] + b[i];
    float *out = channel.out + t * channel.outRow;
    clear(out, batch);
    for (int64_t n = 0; n < states; ++n)
      for (int64_t i = 0; i < batch; ++i)
        out[i] += c[n * batch + i] * h[n * batch + i];
  }
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
