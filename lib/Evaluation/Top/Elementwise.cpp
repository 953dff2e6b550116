// Evaluation of the Top ops that combine tensors element by element, or scale channels.
#include "../Elementwise.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Arithmetic;

static LogicalResult evaluateScale(top::ScaleOp op, Call &call) {
  return evaluateChannelScale(call, call.floats(op.getInput()), call.floats(op.getScale()), call.floats(op.getBias()),
                              reluLimits(op));
}

static LogicalResult evaluateBatchNorm(top::BatchNormOp op, Call &call) {
  const Tensor mean = call.floats(op.getMean()), variance = call.floats(op.getVariance());
  const Tensor gamma = call.floats(op.getGamma()), beta = call.floats(op.getBeta());
  const int64_t channels = mean.elements();
  if (variance.elements() != channels || (!gamma.empty() && gamma.elements() != channels) ||
      (!beta.empty() && beta.elements() != channels))
    return call.refuse("needs mean, variance, gamma and beta of equal size");
  Tensor scale(ElementType::F32, {channels}), bias(ElementType::F32, {channels});
  for (int64_t c = 0; c < channels; ++c) {
    const double factor = (gamma.empty() ? 1.0 : gamma.data<float>()[c]) /
                          std::sqrt(variance.data<float>()[c] + op.getEpsilon().convertToDouble());
    scale.data<float>()[c] = static_cast<float>(factor);
    bias.data<float>()[c] =
        static_cast<float>((beta.empty() ? 0.0 : beta.data<float>()[c]) - factor * mean.data<float>()[c]);
  }
  return evaluateChannelScale(call, call.floats(op.getInput()), scale, bias, reluLimits(op));
}

void evaluation::attachTopElementwiseModels(MLIRContext &context) {
  attach<top::AddOp, evaluateArithmetic<top::AddOp, Arithmetic::Add>>(context);
  attach<top::SubOp, evaluateArithmetic<top::SubOp, Arithmetic::Subtract>>(context);
  attach<top::MulOp, evaluateArithmetic<top::MulOp, Arithmetic::Multiply>>(context);
  attach<top::DivOp, evaluateArithmetic<top::DivOp, Arithmetic::Divide>>(context);
  attach<top::MaxOp, evaluateArithmetic<top::MaxOp, Arithmetic::Max>>(context);
  attach<top::MinOp, evaluateArithmetic<top::MinOp, Arithmetic::Min>>(context);
  attach<top::AddConstOp, evaluateWithConstant<top::AddConstOp, Arithmetic::Add>>(context);
  attach<top::SubConstOp, evaluateWithConstant<top::SubConstOp, Arithmetic::Subtract>>(context);
  attach<top::MulConstOp, evaluateWithConstant<top::MulConstOp, Arithmetic::Multiply>>(context);
  attach<top::MaxConstOp, evaluateWithConstant<top::MaxConstOp, Arithmetic::Max>>(context);
  attach<top::MinConstOp, evaluateWithConstant<top::MinConstOp, Arithmetic::Min>>(context);
  attach<top::ScaleOp, evaluateScale>(context);
  attach<top::BatchNormOp, evaluateBatchNorm>(context);
}
