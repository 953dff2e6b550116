// Lowering to 8-bit integers, where an op has such a form.
#pragma once
#include "Lowering.h"

namespace tpu_mlir {

/// Lowers the op in integers and gives true, or leaves it alone and gives false where this instance has no integer form
/// (it then runs in floats). Fails with a diagnostic.
using IntegerFn = std::function<llvm::FailureOr<bool>(Lowering &)>;
using IntegerTable = llvm::StringMap<IntegerFn>;

template <typename OpTy>
void addInteger(IntegerTable &table, std::function<llvm::FailureOr<bool>(OpTy, Lowering &)> fn) {
  table[OpTy::getOperationName()] = [fn](Lowering &l) { return fn(llvm::cast<OpTy>(l.op), l); };
}

/// Convolutions, pooling and matrix products: integer arithmetic, a rescaling at the end.
void addIntegerWindows(IntegerTable &table);
void addIntegerMatMul(IntegerTable &table);
/// Ops with the float form (operands dequantized, the f32 op, result quantized), functions of one value (tables of 256
/// results) and moves; all of them share the float lowering in `floats`.
void addIntegerForms(IntegerTable &table, const LoweringTable &floats);

/// tpu.Lut with the table of `function` between the quantizations of operand and result.
llvm::LogicalResult replaceByTable(Lowering &l, const std::function<double(double)> &function);

/// The float type for an op of an INT8 network that runs in floats: F16, or F32 where a range is unknown or a value may
/// leave F16.
ElementType fallbackType(mlir::Operation *op);

/// Begins an integer product: its result stays f32 where that is better (see RealResults.h), or has `output`. Gives the
/// quantization to rescale to.
top::Quantization beginProduct(Lowering &l, const top::Quantization &output);

/// The quantization of the op's result by its type or range; fails with a diagnostic if it has neither.
llvm::FailureOr<top::Quantization> resultQuantizationOf(Lowering &l);

} // namespace tpu_mlir
