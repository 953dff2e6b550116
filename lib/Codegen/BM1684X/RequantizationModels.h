// What the models of convolution, pooling and matrix product read from quantized ops.
#pragma once
#include "Requantization.h"
#include "tpu_mlir/Codegen/CodegenInterface.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

namespace tpu_mlir::codegen {

/// The chip's rounding for a mode of the IR.
bm1684x::Rounding roundingOf(tpu::RoundMode mode);

/// The zero point of a value; 0 when it is not quantized.
int64_t zeroPointOf(mlir::Value value);

/// How the sums of an op become its quantized result. A fused ReLU becomes limits where saturation does not do it.
mlir::FailureOr<Requantization> requantizationOf(mlir::Operation *op, tpu::RequantMode mode, tpu::RoundMode rounding,
                                                 bool relu, double limit);

/// The operand that holds the records which weight-reorder made.
mlir::FailureOr<TiledOperand> recordsOperand(mlir::Operation *op, mlir::Value records, const CodegenContext &context,
                                             const Requantization &requantization, int64_t groups, int64_t channels);

} // namespace tpu_mlir::codegen
