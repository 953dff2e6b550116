// What evaluators of normalizations and of their gradients share: a picture as lines per channel, parameters that may
// be absent.
#pragma once
#include "Common.h"
#include "tpu_mlir/Kernels/Normalization.h"

namespace tpu_mlir::evaluation {

/// The values of an optional parameter, null when it is absent.
inline const float *valuesOf(const Tensor &tensor) { return tensor.empty() ? nullptr : tensor.data<float>(); }

/// [batch, channels, positions].
inline kernels::Lines channelLines(const Tensor &in) {
  kernels::Lines lines{in.dim(0), in.dim(1), 1};
  for (int64_t axis = 2; axis < in.rank(); ++axis)
    lines.inner *= in.dim(axis);
  return lines;
}

} // namespace tpu_mlir::evaluation
