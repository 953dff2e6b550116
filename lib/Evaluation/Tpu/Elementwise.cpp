// Evaluation of the Tpu ops that combine tensors element by element, or scale channels.
#include "../Elementwise.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Arithmetic;

static LogicalResult evaluateScale(tpu::ScaleOp op, Call &call) {
  return evaluateChannelScale(call, call.floats(op.getInput()), call.floats(op.getScale()), call.floats(op.getBias()),
                              reluLimits(op));
}

static LogicalResult evaluateAdd(tpu::AddOp op, Call &call) {
  if (op.getDoEarlyStride().value_or(false))
    return call.refuse("do_early_stride is not supported");
  return evaluateArithmetic<tpu::AddOp, Arithmetic::Add>(op, call);
}

void evaluation::attachTpuElementwiseModels(MLIRContext &context) {
  attach<tpu::AddOp, evaluateAdd>(context);
  attach<tpu::SubOp, evaluateArithmetic<tpu::SubOp, Arithmetic::Subtract>>(context);
  attach<tpu::MulOp, evaluateArithmetic<tpu::MulOp, Arithmetic::Multiply>>(context);
  attach<tpu::DivOp, evaluateArithmetic<tpu::DivOp, Arithmetic::Divide>>(context);
  attach<tpu::MaxOp, evaluateArithmetic<tpu::MaxOp, Arithmetic::Max>>(context);
  attach<tpu::MinOp, evaluateArithmetic<tpu::MinOp, Arithmetic::Min>>(context);
  attach<tpu::AddConstOp, evaluateWithConstant<tpu::AddConstOp, Arithmetic::Add>>(context);
  attach<tpu::SubConstOp, evaluateWithConstant<tpu::SubConstOp, Arithmetic::Subtract>>(context);
  attach<tpu::MulConstOp, evaluateWithConstant<tpu::MulConstOp, Arithmetic::Multiply>>(context);
  attach<tpu::MaxConstOp, evaluateWithConstant<tpu::MaxConstOp, Arithmetic::Max>>(context);
  attach<tpu::MinConstOp, evaluateWithConstant<tpu::MinConstOp, Arithmetic::Min>>(context);
  attach<tpu::ScaleOp, evaluateScale>(context);
}
