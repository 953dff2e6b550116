// Evaluation of the Top ops that multiply matrices or look at whole lines of values.
#include "../Matrix.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::attachTopMatrixModels(MLIRContext &context) {
  attach<top::MatMulOp, evaluateMatMulOp<top::MatMulOp>>(context);
  attach<top::SoftmaxOp, evaluateSoftmaxOp<top::SoftmaxOp>>(context);
  attach<top::LayerNormOp, evaluateLayerNormOp<top::LayerNormOp>>(context);
  attach<top::ReduceOp, evaluateReduceOp<top::ReduceOp>>(context);
}
