// Attention and linear attention: many heads at once, without a matrix of all scores in memory.
#pragma once
#include <cstdint>

namespace tpu_mlir::kernels {

struct AttentionExtents {
  int64_t queries, keys, depth, width;
};

/// Where the matrices of one head lie; columns are contiguous but for those of the mask.
struct AttentionHead {
  const float *query, *key, *value;
  int64_t queryRow, keyRow, valueRow; // distances of rows
  const float *mask = nullptr;        // added to the scores; null: none
  int64_t maskRow = 0, maskColumn = 0;
  float *out = nullptr;
  int64_t outRow = 0;
  float *logarithm = nullptr; // of each row's sum of exponentials; null: not wanted
  int64_t logarithmRow = 0;
};

class AttentionHeads {
public:
  virtual ~AttentionHeads() = default;
  virtual AttentionHead get(int64_t index) const = 0;
};

/// out = softmax(scale · query · keyᵀ + mask) · value for each of `count` heads, on all threads. `causal`: row i takes
/// the keys 0 … i only. There is at least one key.
void attention(int64_t count, const AttentionExtents &extents, float scale, bool causal, const AttentionHeads &heads);

/// The gated delta rule of one head: S = e^g · S; S += k · (beta · (v − kᵀ · S))ᵀ; out = scale · qᵀ · S, for every
/// position. Rows of q, k, v and out are `d` values.
struct DeltaRuleHead {
  const float *query, *key, *value, *gate, *beta;
  int64_t keyRow, valueRow, gateRow; // distances of positions; `out` as the values
  float *state, *out;                // the state is d × d, changed in place
};
void gatedDeltaRule(const DeltaRuleHead &head, int64_t positions, int64_t d, float scale, bool normalize);

/// One channel of a selective scan: h = a · h + b over [states, batch], out = Σ over states of c · h. `a`, `b` and `c`
/// advance by `row` per position, `out` by `outRow`; `h` begins as zeros.
struct ScanChannel {
  const float *a, *b, *c;
  float *h, *out;
  int64_t row, outRow;
};
void selectiveScan(const ScanChannel &channel, int64_t positions, int64_t states, int64_t batch);

} // namespace tpu_mlir::kernels
