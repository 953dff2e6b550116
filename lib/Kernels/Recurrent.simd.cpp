// Gates and states of recurrent layers, a vector of hidden values at a time.
#include "RecurrentCells.h"
#include "VectorMath.h"

#include <algorithm>
#include <cstring>

namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE {

using namespace tpu_mlir::TPU_SIMD_NAMESPACE;

namespace {

// The vector at an address that may hold fewer values.
inline FloatVector loadPart(const float *from, int64_t count) {
  if (count >= lanesPerVector)
    return loadVector<FloatVector>(from);
  float values[lanesPerVector] = {};
  std::memcpy(values, from, static_cast<size_t>(count) * sizeof(float));
  return loadVector<FloatVector>(values);
}
inline void storePart(float *to, FloatVector value, int64_t count) {
  if (count >= lanesPerVector)
    return storeVector(to, value);
  float values[lanesPerVector];
  storeVector(values, value);
  std::memcpy(to, values, static_cast<size_t>(count) * sizeof(float));
}

} // namespace

void lstmCell(const float *fromInput, const float *fromState, float *c, float *h, int64_t hidden) {
  for (int64_t j = 0; j < hidden; j += lanesPerVector) {
    const int64_t count = hidden - j;
    const auto sum = [&](int64_t gate) {
      return loadPart(fromInput + gate * hidden + j, count) + loadPart(fromState + gate * hidden + j, count);
    };
    const FloatVector input = sigmoid(sum(0)), output = sigmoid(sum(1)), forget = sigmoid(sum(2)),
                      candidate = hyperbolicTangent(sum(3));
    const FloatVector cell = forget * loadPart(c + j, count) + input * candidate;
    storePart(c + j, cell, count);
    storePart(h + j, output * hyperbolicTangent(cell), count);
  }
}

void gruGates(const float *fromInput, const float *fromState, const float *h, float *update, float *scaled,
              int64_t hidden) {
  for (int64_t j = 0; j < hidden; j += lanesPerVector) {
    const int64_t count = hidden - j;
    const auto gate = [&](int64_t number) {
      return sigmoid(loadPart(fromInput + number * hidden + j, count) +
                     loadPart(fromState + number * hidden + j, count));
    };
    storePart(update + j, gate(0), count);
    storePart(scaled + j, gate(1) * loadPart(h + j, count), count);
  }
}

void gruState(const float *fromInput, const float *fromState, const float *update, float *h, int64_t hidden) {
  for (int64_t j = 0; j < hidden; j += lanesPerVector) {
    const int64_t count = hidden - j;
    const FloatVector z = loadPart(update + j, count),
                      n = hyperbolicTangent(loadPart(fromInput + j, count) + loadPart(fromState + j, count));
    storePart(h + j, (1.0f - z) * n + z * loadPart(h + j, count), count);
  }
}

void gruLinearCell(const float *fromInput, const float *fromState, float *h, int64_t hidden) {
  for (int64_t j = 0; j < hidden; j += lanesPerVector) {
    const int64_t count = hidden - j;
    const auto gate = [&](int64_t number) {
      return sigmoid(loadPart(fromInput + number * hidden + j, count) +
                     loadPart(fromState + number * hidden + j, count));
    };
    const FloatVector z = gate(0), r = gate(1),
                      n = hyperbolicTangent(loadPart(fromInput + 2 * hidden + j, count) +
                                            r * loadPart(fromState + 2 * hidden + j, count));
    storePart(h + j, (1.0f - z) * n + z * loadPart(h + j, count), count);
  }
}

} // namespace tpu_mlir::kernels::TPU_SIMD_NAMESPACE
