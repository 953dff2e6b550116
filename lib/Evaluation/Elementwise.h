// Evaluation of arithmetic with two or more tensors or a constant, for both dialects: in f32, rounded once. The chip
// adds, subtracts and multiplies two half tensors natively (ties to even); longer chains, coefficients, constants and
// quotients are computed in f32 there and converted (ties away from zero).
#pragma once
#include "Common.h"

#include <optional>

namespace tpu_mlir::evaluation {

/// Operands from left to right; coefficients, where given, multiply them first. `reverse` exchanges two operands.
llvm::LogicalResult evaluateChain(Call &call, kernels::Arithmetic arithmetic,
                                  std::optional<mlir::ArrayAttr> coefficients, bool reverse,
                                  const kernels::Limits &limits);
/// operand (op) constant, or constant (op) operand if `reverse`.
llvm::LogicalResult evaluateConstant(Call &call, kernels::Arithmetic arithmetic, double constant, bool reverse,
                                     const kernels::Limits &limits);

template <typename OpTy, kernels::Arithmetic arithmetic> llvm::LogicalResult evaluateArithmetic(OpTy op, Call &call) {
  std::optional<mlir::ArrayAttr> coefficients;
  if constexpr (requires { op.getCoeff(); })
    coefficients = op.getCoeff();
  bool reverse = false;
  if constexpr (requires { op.getIsReverse(); })
    reverse = op.getIsReverse();
  kernels::Limits limits;
  if constexpr (requires { op.getDoRelu(); })
    limits = reluLimits(op);
  return evaluateChain(call, arithmetic, coefficients, reverse, limits);
}

template <typename OpTy, kernels::Arithmetic arithmetic> llvm::LogicalResult evaluateWithConstant(OpTy op, Call &call) {
  bool reverse = false;
  if constexpr (requires { op.getIsReverse(); })
    reverse = op.getIsReverse();
  kernels::Limits limits;
  if constexpr (requires { op.getDoRelu(); })
    limits = reluLimits(op);
  return evaluateConstant(call, arithmetic, op.getConstVal().convertToDouble(), reverse, limits);
}

/// out = input · scale[c] + bias[c] over axis 1.
llvm::LogicalResult evaluateChannelScale(Call &call, const Tensor &input, const Tensor &scale, const Tensor &bias,
                                         const kernels::Limits &limits);

} // namespace tpu_mlir::evaluation
