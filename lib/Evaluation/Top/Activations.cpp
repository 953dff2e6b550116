// Evaluation of the Top ops that apply one function to every element.
#include "../Activations.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Function;

template <typename OpTy, Function function> static LogicalResult evaluatePlain(OpTy, Call &call) {
  return evaluateFunction(call, function);
}

template <typename OpTy, Function function> static LogicalResult evaluateWithAlpha(OpTy op, Call &call) {
  return evaluateFunction(call, function, {static_cast<float>(op.getAlpha().convertToDouble()), 0});
}

static LogicalResult evaluateSigmoid(top::SigmoidOp op, Call &call) {
  const double scale = op.getScale().convertToDouble(), bias = op.getBias().convertToDouble();
  if (!op.getLog())
    return evaluateFunction(call, Function::Sigmoid, {static_cast<float>(scale), static_cast<float>(bias)});
  if (scale != 1 || bias != 0)
    return call.refuse("has log together with scale or bias, which is not supported");
  return evaluateFunction(call, Function::LogSigmoid);
}

static LogicalResult evaluateGelu(top::GELUOp op, Call &call) {
  return evaluateFunction(call, op.getApproxMode() == "tanh"   ? Function::GeluTanh
                                : op.getApproxMode() == "sigm" ? Function::GeluSigmoid
                                                               : Function::Gelu);
}

static LogicalResult evaluateHardSigmoid(top::HardSigmoidOp op, Call &call) {
  return evaluateFunction(
      call, Function::HardSigmoid,
      {static_cast<float>(op.getAlpha().convertToDouble()), static_cast<float>(op.getBeta().convertToDouble())});
}

void evaluation::attachTopActivationModels(MLIRContext &context) {
  attach<top::ReluOp, evaluateRelu<top::ReluOp>>(context);
  attach<top::ClipOp, evaluateClip<top::ClipOp>>(context);
  attach<top::PReluOp, evaluatePRelu<top::PReluOp>>(context);
  attach<top::ReciprocalOp, evaluateReciprocal<top::ReciprocalOp>>(context);
  attach<top::LeakyReluOp, evaluateWithAlpha<top::LeakyReluOp, Function::LeakyRelu>>(context);
  attach<top::EluOp, evaluateWithAlpha<top::EluOp, Function::Elu>>(context);
  attach<top::SigmoidOp, evaluateSigmoid>(context);
  attach<top::GELUOp, evaluateGelu>(context);
  attach<top::HardSigmoidOp, evaluateHardSigmoid>(context);
  attach<top::SiLUOp, evaluatePlain<top::SiLUOp, Function::Silu>>(context);
  attach<top::TanhOp, evaluatePlain<top::TanhOp, Function::Tanh>>(context);
  attach<top::ExpOp, evaluatePlain<top::ExpOp, Function::Exp>>(context);
  attach<top::LogOp, evaluatePlain<top::LogOp, Function::Log>>(context);
  attach<top::SqrtOp, evaluatePlain<top::SqrtOp, Function::Sqrt>>(context);
  attach<top::RsqrtOp, evaluatePlain<top::RsqrtOp, Function::Rsqrt>>(context);
  attach<top::AbsOp, evaluatePlain<top::AbsOp, Function::Abs>>(context);
  attach<top::CeilOp, evaluatePlain<top::CeilOp, Function::Ceil>>(context);
  attach<top::FloorOp, evaluatePlain<top::FloorOp, Function::Floor>>(context);
  attach<top::RoundOp, evaluatePlain<top::RoundOp, Function::Round>>(context);
  attach<top::SignOp, evaluatePlain<top::SignOp, Function::Sign>>(context);
  attach<top::SinOp, evaluatePlain<top::SinOp, Function::Sin>>(context);
  attach<top::CosOp, evaluatePlain<top::CosOp, Function::Cos>>(context);
  attach<top::ErfOp, evaluatePlain<top::ErfOp, Function::Erf>>(context);
  attach<top::HardSwishOp, evaluatePlain<top::HardSwishOp, Function::HardSwish>>(context);
  attach<top::MishOp, evaluatePlain<top::MishOp, Function::Mish>>(context);
  attach<top::SoftplusOp, evaluatePlain<top::SoftplusOp, Function::Softplus>>(context);
  attach<top::SoftsignOp, evaluatePlain<top::SoftsignOp, Function::Softsign>>(context);
}
