// What the evaluation of attention and of products with stored weights share.
#pragma once
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"

namespace tpu_mlir::evaluation {

/// out = in [rows, inner] · weight [inner, columns], or the transposed one [columns, inner], plus the bias (null:
/// none).
void multiplyRows(const float *in, int64_t rows, int64_t inner, const float *weight, int64_t columns, bool transposed,
                  const float *bias, float *out);

/// The part of the Attention family that FeedForward.cpp evaluates.
void attachTopFeedForwardModels(mlir::MLIRContext &context);

} // namespace tpu_mlir::evaluation
