// Evaluation of integer convolutions, pooling and matrix products: what their attributes say about requantization.
#pragma once
#include "Common.h"
#include "Windows.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

namespace tpu_mlir::evaluation {

/// The kernels' name of a rounding mode; nothing for modes that the chip does not have.
std::optional<kernels::RoundMode> roundModeOf(tpu::RoundMode mode);

/// Attributes of an op that makes sums to bytes.
struct RequantizationAttributes {
  tpu::RequantMode mode;
  tpu::RoundMode rounding;
  std::optional<mlir::ArrayAttr> scales, multipliers, shifts; // shifts count to the right
  bool doRelu;
  double reluLimit;
};
/// One value per channel each (attributes of one value are repeated); `bias` may be empty. The result is quantized to 8
/// bits, or f32 in quant_mode OnlyScale (then its scale counts as 1 and its zero point as 0). Anything else is an error
/// on the op.
llvm::FailureOr<kernels::Requantization>
makeRequantization(const Call &call, const RequantizationAttributes &attributes, const Tensor &bias, int64_t channels);
/// The limits of a quantized result with its fused ReLU.
struct ByteLimits {
  int32_t low, high;
};
ByteLimits byteLimits(const top::Quantization &quantization, bool doRelu, double reluLimit);
/// The limits of an f32 result with its fused ReLU.
decltype(kernels::Requantization::realLimits) realLimits(bool doRelu, double reluLimit);

template <typename OpTy> RequantizationAttributes requantizationAttributes(OpTy op) {
  RequantizationAttributes attributes{op.getQuantMode(),
                                      tpu::RoundMode::HalfUp,
                                      op.getOutScales(),
                                      std::nullopt,
                                      std::nullopt,
                                      op.getDoRelu(),
                                      op.getReluLimit().convertToDouble()};
  if constexpr (requires { op.getRoundMode(); })
    attributes.rounding = op.getRoundMode();
  if constexpr (requires { op.getMultipliers(); }) {
    attributes.multipliers = op.getMultipliers();
    attributes.shifts = op.getRshifts();
  } else {
    attributes.multipliers = op.getMultiplier();
    attributes.shifts = op.getRshift();
  }
  return attributes;
}

/// A convolution of bytes; window, filter, bias and groups are taken from `arguments`.
llvm::LogicalResult evaluateIntegerConvolution(Call &call, const ConvolutionArguments &arguments,
                                               const RequantizationAttributes &attributes);
/// The transposed one: a convolution of the input with zero points between and around its elements.
llvm::LogicalResult evaluateIntegerDeconvolution(Call &call, const ConvolutionArguments &arguments,
                                                 const RequantizationAttributes &attributes);
llvm::LogicalResult evaluateIntegerPooling(Call &call, const PoolingArguments &arguments, bool doRelu,
                                           double reluLimit);
llvm::LogicalResult evaluateIntegerMatMul(Call &call, tpu::MatMulOp op);
/// A half-precision matrix times integers that are widened first.
llvm::LogicalResult evaluateA16MatMul(Call &call, tpu::A16MatMulOp op);

/// The filter of a weight-only convolution as f32: q · scale[c], rounded to the input's type.
llvm::FailureOr<Tensor> widenFilter(const Call &call, const Tensor &filter, std::optional<mlir::ArrayAttr> scales,
                                    ElementType type);

} // namespace tpu_mlir::evaluation
