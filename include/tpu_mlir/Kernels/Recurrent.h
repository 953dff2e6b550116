// Recurrent layers in f32. The products with the input are done for many steps at once; per step remains the product of
// the state with the recurrence matrix, transposed once so that it is read in order.
#pragma once
#include <cstdint>

namespace tpu_mlir::kernels {

enum class RecurrentCell : uint8_t {
  Lstm,           ///< gates i, o, f, g
  Gru,            ///< gates z, r, n; the reset gate scales the state before the product
  GruLinearFirst, ///< the same; the reset gate scales the product
};
constexpr int64_t gatesOf(RecurrentCell cell) { return cell == RecurrentCell::Lstm ? 4 : 3; }

/// Where element (step or direction, batch) of an array begins; values of one such element are contiguous.
struct RecurrentStrides {
  int64_t step = 0, direction = 0, batch = 0;
};

struct RecurrentLayer {
  RecurrentCell cell = RecurrentCell::Lstm;
  int64_t steps = 0, batch = 0, input = 0, hidden = 0, directions = 1;
  const float *in = nullptr;
  RecurrentStrides inStrides;
  /// Per direction: filter [gates · hidden, input], recurrence [gates · hidden, hidden], bias [2 · gates · hidden]
  /// (that of the input, then that of the state; null: 0).
  const float *filter = nullptr, *recurrence = nullptr, *bias = nullptr;
  /// Null: 0. Direction and batch strides are `stateStrides`.
  const float *initialH = nullptr, *initialC = nullptr;
  RecurrentStrides stateStrides;
  /// [steps, batch], null: 1. Both states are multiplied by it before a step.
  const float *continuation = nullptr;
  /// Each may be null.
  float *out = nullptr, *lastH = nullptr, *lastC = nullptr;
  RecurrentStrides outStrides;
};

/// Runs the layer; the second direction reads the steps from the last to the first.
void recurrent(const RecurrentLayer &layer);

} // namespace tpu_mlir::kernels
