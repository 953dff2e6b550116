// Driver of recurrent layers. Directions and parts of the batch are independent of each other and run on threads of
// their own; where there is only one of them, the matrix products use the threads.
#include "tpu_mlir/Kernels/Recurrent.h"

#include "RecurrentCells.h"
#include "tpu_mlir/Kernels/Gemm.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cstring>
#include <vector>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Bytes of input products that are kept at a time.
constexpr int64_t projectedBytes = 8 << 20;

// in · filterᵀ of some steps: one product over all rows where they lie evenly, else one per batch element.
class Projections : public ProductList {
public:
  Projections(const RecurrentLayer &layer, const float *in, const float *filter, const float *bias, int64_t batch,
              float *out)
      : layer(layer), in(in), filter(filter), bias(bias), batch(batch), out(out) {}
  void run(int64_t steps) const {
    const int64_t rows = gatesOf(layer.cell) * layer.hidden;
    if (uniform())
      gemm(1, steps * batch, rows, layer.input, *this);
    else
      gemm(batch, steps, rows, layer.input, *this);
  }
  Product get(int64_t index) const override {
    const int64_t rows = gatesOf(layer.cell) * layer.hidden;
    Product product;
    product.a = {in + index * layer.inStrides.batch, uniform() ? layer.inStrides.batch : layer.inStrides.step, 1};
    product.b = {filter, 1, layer.input};
    product.c = out + index * rows;
    product.cStride = uniform() ? rows : batch * rows;
    product.epilogue.columnBias = bias;
    return product;
  }

private:
  bool uniform() const { return layer.inStrides.step == layer.inStrides.batch * batch; }
  const RecurrentLayer &layer;
  const float *in, *filter, *bias;
  int64_t batch;
  float *out;
};

// What a direction needs, made once.
struct Direction {
  std::vector<float> transposed; // [hidden, gates · hidden]
  std::vector<float> inputBias, stateBias;
};

Direction prepare(const RecurrentLayer &layer, int64_t direction) {
  const int64_t rows = gatesOf(layer.cell) * layer.hidden, hidden = layer.hidden;
  Direction prepared{std::vector<float>(rows * hidden), std::vector<float>(rows, 0.0f), std::vector<float>(rows, 0.0f)};
  const float *recurrence = layer.recurrence + direction * rows * hidden;
  constexpr int64_t tile = 32;
  for (int64_t r0 = 0; r0 < rows; r0 += tile)
    for (int64_t k0 = 0; k0 < hidden; k0 += tile)
      for (int64_t r = r0; r < std::min(rows, r0 + tile); ++r)
        for (int64_t k = k0; k < std::min(hidden, k0 + tile); ++k)
          prepared.transposed[k * rows + r] = recurrence[r * hidden + k];
  if (!layer.bias)
    return prepared;
  const float *bias = layer.bias + direction * 2 * rows;
  // Both biases are added with the input, except where the reset gate scales the second one.
  const int64_t together = layer.cell == RecurrentCell::GruLinearFirst ? 2 * hidden : rows;
  for (int64_t r = 0; r < rows; ++r) {
    prepared.inputBias[r] = bias[r] + (r < together ? bias[rows + r] : 0.0f);
    prepared.stateBias[r] = r < together ? 0.0f : bias[rows + r];
  }
  return prepared;
}

// One direction of some batch elements, from the first step to the last.
class Run {
public:
  Run(const RecurrentLayer &layer, const Direction &prepared, int64_t direction, int64_t begin, int64_t end)
      : layer(layer), prepared(prepared), direction(direction), begin(begin), batch(end - begin),
        rows(gatesOf(layer.cell) * layer.hidden), h(batch * layer.hidden, 0.0f), c(h), scaled(h), update(h),
        fromState(batch * rows) {}

  void run() {
    fill(layer.initialH, h);
    fill(layer.initialC, c);
    const int64_t block = std::max<int64_t>(1, projectedBytes / std::max<int64_t>(1, batch * rows * 4));
    std::vector<float> projected(std::min(block, layer.steps) * batch * rows);
    for (int64_t done = 0; done < layer.steps; done += block) {
      const int64_t count = std::min(block, layer.steps - done);
      const int64_t first = direction ? layer.steps - done - count : done;
      const float *in = layer.in + first * layer.inStrides.step + begin * layer.inStrides.batch;
      Projections(layer, in, layer.filter + direction * rows * layer.input, prepared.inputBias.data(), batch,
                  projected.data())
          .run(count);
      for (int64_t i = 0; i < count; ++i) {
        const int64_t at = direction ? count - 1 - i : i;
        step(first + at, projected.data() + at * batch * rows);
      }
    }
    give(h, layer.lastH);
    give(c, layer.lastC);
  }

private:
  int64_t stateAt(int64_t b) const {
    return direction * layer.stateStrides.direction + (begin + b) * layer.stateStrides.batch;
  }
  void fill(const float *from, std::vector<float> &state) {
    for (int64_t b = 0; from && b < batch; ++b)
      std::copy_n(from + stateAt(b), layer.hidden, state.data() + b * layer.hidden);
  }
  void give(const std::vector<float> &state, float *to) {
    for (int64_t b = 0; to && b < batch; ++b)
      std::copy_n(state.data() + b * layer.hidden, layer.hidden, to + stateAt(b));
  }

  // fromState = state · columns [column, column + count) of the transposed recurrence.
  void multiply(const std::vector<float> &state, int64_t column, int64_t count) {
    Product product;
    product.a = {state.data(), layer.hidden, 1};
    product.b = {prepared.transposed.data() + column, rows, 1};
    product.c = fromState.data() + column;
    product.cStride = rows;
    product.epilogue.columnBias = prepared.stateBias.data() + column;
    gemm(batch, count, layer.hidden, product);
  }

  void step(int64_t number, const float *projected) {
    const int64_t hidden = layer.hidden;
    for (int64_t b = 0; layer.continuation && b < batch; ++b) {
      const float factor = layer.continuation[number * layer.batch + begin + b];
      for (int64_t j = b * hidden; j < (b + 1) * hidden; ++j) {
        h[j] *= factor;
        c[j] *= factor;
      }
    }
    const bool resetFirst = layer.cell == RecurrentCell::Gru;
    multiply(h, 0, resetFirst ? 2 * hidden : rows);
    for (int64_t b = 0; b < batch; ++b) {
      const float *in = projected + b * rows, *state = fromState.data() + b * rows;
      float *hidden0 = h.data() + b * hidden;
      if (layer.cell == RecurrentCell::Lstm)
        TPU_SIMD_DISPATCH(kernels, lstmCell)(in, state, c.data() + b * hidden, hidden0, hidden);
      else if (resetFirst)
        TPU_SIMD_DISPATCH(kernels, gruGates)
      (in, state, hidden0, update.data() + b * hidden, scaled.data() + b * hidden, hidden);
      else TPU_SIMD_DISPATCH(kernels, gruLinearCell)(in, state, hidden0, hidden);
    }
    if (resetFirst) {
      multiply(scaled, 2 * hidden, hidden);
      for (int64_t b = 0; b < batch; ++b)
        TPU_SIMD_DISPATCH(kernels, gruState)
      (projected + b * rows + 2 * hidden, fromState.data() + b * rows + 2 * hidden, update.data() + b * hidden,
       h.data() + b * hidden, hidden);
    }
    if (!layer.out)
      return;
    float *out = layer.out + number * layer.outStrides.step + direction * layer.outStrides.direction;
    for (int64_t b = 0; b < batch; ++b)
      std::copy_n(h.data() + b * hidden, hidden, out + (begin + b) * layer.outStrides.batch);
  }

  const RecurrentLayer &layer;
  const Direction &prepared;
  int64_t direction, begin, batch, rows;
  std::vector<float> h, c, scaled, update, fromState;
};

} // namespace

void kernels::recurrent(const RecurrentLayer &layer) {
  std::vector<Direction> prepared;
  for (int64_t direction = 0; direction < layer.directions; ++direction)
    prepared.push_back(prepare(layer, direction));
  if (layer.batch <= 0)
    return;
  // Parts of the batch so that every thread has one, where the directions alone do not suffice.
  const int64_t wanted = (threadCount() + layer.directions - 1) / layer.directions;
  const int64_t size = (layer.batch + wanted - 1) / wanted, parts = (layer.batch + size - 1) / size;
  parallelFor(layer.directions * parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t direction = i / parts, from = i % parts * size;
      Run(layer, prepared[direction], direction, from, std::min(layer.batch, from + size)).run();
    }
  });
}
