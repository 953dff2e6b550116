// Evaluation of the Tpu ops that multiply matrices or look at whole lines of values: f32 inside, one rounding.
#include "../Matrix.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static LogicalResult evaluateTpuMatMul(tpu::MatMulOp op, Call &call) {
  if (op.getFuseRq() || op.getRightZp() != 0 || op.getInputZp() != 0)
    return call.refuse("has fuse_rq or zero points, which only integer products have");
  return evaluateMatMulOp(op, call);
}

void evaluation::attachTpuMatrixModels(MLIRContext &context) {
  attach<tpu::MatMulOp, evaluateTpuMatMul>(context);
  attach<tpu::SoftmaxOp, evaluateSoftmaxOp<tpu::SoftmaxOp>>(context);
  attach<tpu::LayerNormOp, evaluateLayerNormOp<tpu::LayerNormOp>>(context);
  attach<tpu::ReduceOp, evaluateReduceOp<tpu::ReduceOp>>(context);
}
