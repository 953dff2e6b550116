// Reordering of integer weights whose activations are halves.
#pragma once
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Support/Tensor.h"

namespace tpu_mlir::bm1684x {

/// Weights, scales and zero points become one operand (see Target/BM1684X/IntegerWeights.h).
llvm::LogicalResult reorderIntegerWeights(tpu::A16MatMulOp op);

/// Whether a convolution has an integer filter for half-precision input.
bool hasIntegerFilter(tpu::Conv2DOp op);
/// The filter of such a convolution: packed bytes or pairs of 4 bits, and in the bias's place records of scales with
/// the bias behind them. That of a depthwise convolution is widened, being small. True if nothing else is to be done;
/// false if the filter is now one of halves, to be reordered as such.
llvm::FailureOr<bool> reorderIntegerFilter(tpu::Conv2DOp op);

} // namespace tpu_mlir::bm1684x
