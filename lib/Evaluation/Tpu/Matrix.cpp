// Evaluation of the Tpu ops that multiply matrices or look at whole lines of values: f32 inside, one rounding.
#include "../Matrix.h"
#include "../Integer.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static LogicalResult evaluateA16(tpu::A16MatMulOp op, Call &call) { return evaluateA16MatMul(call, op); }

static LogicalResult evaluateTpuMatMul(tpu::MatMulOp op, Call &call) {
  if (op.getFuseRq())
    return call.refuse("fuse_rq is not supported");
  if (call.operandQuantization(0) && !isFloatType(call.operand(op.getRight()).type()))
    return evaluateIntegerMatMul(call, op);
  if (op.getRightZp() != 0 || op.getInputZp() != 0)
    return call.refuse("has zero points, which only integer products have");
  return evaluateMatMulOp(op, call);
}

void evaluation::attachTpuMatrixModels(MLIRContext &context) {
  attach<tpu::MatMulOp, evaluateTpuMatMul>(context);
  attach<tpu::A16MatMulOp, evaluateA16>(context);
  attach<tpu::SoftmaxOp, evaluateSoftmaxOp<tpu::SoftmaxOp>>(context);
  attach<tpu::LayerNormOp, evaluateLayerNormOp<tpu::LayerNormOp>>(context);
  attach<tpu::ReduceOp, evaluateReduceOp<tpu::ReduceOp>>(context);
}
