// Evaluation of matrix products, softmax, layer normalization and reductions, for both dialects.
#pragma once
#include "Common.h"
#include "tpu_mlir/Kernels/Normalization.h"

namespace tpu_mlir::evaluation {

struct MatMulArguments {
  Tensor left, right, bias; // f32; bias may be empty
  bool leftTranspose, rightTranspose, outputTranspose, headBatch;
  kernels::Limits limits;
};
llvm::LogicalResult evaluateMatMul(Call &call, const MatMulArguments &arguments);

llvm::LogicalResult evaluateSoftmax(Call &call, int64_t axis, double beta, bool logarithm);
llvm::LogicalResult evaluateLayerNorm(Call &call, const Tensor &weight, const Tensor &bias, int64_t axis,
                                      double epsilon);
llvm::LogicalResult evaluateReduce(Call &call, llvm::ArrayRef<int64_t> axes, llvm::StringRef mode);

template <typename OpTy> llvm::LogicalResult evaluateMatMulOp(OpTy op, Call &call) {
  if (op.getDqType() != "NONE" || op.getIsLora())
    return call.refuse("has quantized or LoRA weights, which are not supported");
  return evaluateMatMul(call, {call.floats(op.getInput()), call.floats(op.getRight()), call.floats(op.getBias()),
                               op.getLeftTranspose(), op.getRightTranspose(), op.getOutputTranspose(),
                               op.getHdimIsBatch(), reluLimits(op)});
}

template <typename OpTy> llvm::LogicalResult evaluateSoftmaxOp(OpTy op, Call &call) {
  return evaluateSoftmax(call, op.getAxis(), op.getBeta().convertToDouble(), op.getLog());
}

template <typename OpTy> llvm::LogicalResult evaluateLayerNormOp(OpTy op, Call &call) {
  return evaluateLayerNorm(call, call.floats(op.getWeight()), call.floats(op.getBias()), op.getAxis(),
                           op.getEps().convertToDouble());
}

template <typename OpTy> llvm::LogicalResult evaluateReduceOp(OpTy op, Call &call) {
  return evaluateReduce(call, top::i64Values(op.getAxes()), op.getMode());
}

} // namespace tpu_mlir::evaluation
