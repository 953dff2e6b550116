// Evaluation of the Tpu ops that apply one function to every element. The chip computes them in f32 and rounds the
// result to the op's type; so do these.
#include "../Activations.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include <optional>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Function;
using tpu::ActiveMode;

static std::optional<Function> functionOf(ActiveMode mode) {
  switch (mode) {
  case ActiveMode::TANH:
    return Function::Tanh;
  case ActiveMode::SIGMOID:
    return Function::Sigmoid;
  case ActiveMode::EXP:
    return Function::Exp;
  case ActiveMode::ELU:
    return Function::Elu;
  case ActiveMode::SQRT:
    return Function::Sqrt;
  case ActiveMode::SQUARE:
    return Function::Square;
  case ActiveMode::RSQRT:
    return Function::Rsqrt;
  case ActiveMode::ABSVAL:
    return Function::Abs;
  case ActiveMode::LN:
    return Function::Log;
  case ActiveMode::ROUND:
    return Function::Round;
  case ActiveMode::CEIL:
    return Function::Ceil;
  case ActiveMode::FLOOR:
    return Function::Floor;
  case ActiveMode::SIN:
    return Function::Sin;
  case ActiveMode::COS:
    return Function::Cos;
  case ActiveMode::IS_FINITE:
    return Function::IsFinite;
  case ActiveMode::MISH:
    return Function::Mish;
  case ActiveMode::SWISH:
    return Function::Swish;
  case ActiveMode::HSWISH:
    return Function::HardSwish;
  case ActiveMode::SILU:
    return Function::Silu;
  case ActiveMode::ARCSIN:
    return Function::Arcsin;
  case ActiveMode::ARCCOS:
    return Function::Arccos;
  case ActiveMode::ARCSINH:
    return Function::Arcsinh;
  case ActiveMode::ARCCOSH:
    return Function::Arccosh;
  case ActiveMode::ARCTANH:
    return Function::Arctanh;
  case ActiveMode::SINH:
    return Function::Sinh;
  case ActiveMode::COSH:
    return Function::Cosh;
  case ActiveMode::TAN:
    return Function::Tan;
  case ActiveMode::SIGN:
    return Function::Sign;
  case ActiveMode::GELU:
    return Function::Gelu;
  case ActiveMode::ERF:
    return Function::Erf;
  case ActiveMode::HSIGMOID:
    return Function::HardSigmoid;
  case ActiveMode::LOG_SIGMOID:
    return Function::LogSigmoid;
  case ActiveMode::SOFT_PLUS:
    return Function::Softplus;
  case ActiveMode::SOFT_SIGN:
    return Function::Softsign;
  case ActiveMode::LOG2:
    return Function::Log2;
  case ActiveMode::TGELU:
    return Function::GeluTanh;
  case ActiveMode::QGELU:
    return Function::GeluSigmoid;
  case ActiveMode::RELU:
    return std::nullopt; // a limit, not a function
  }
  return std::nullopt;
}

static LogicalResult evaluateActive(tpu::ActiveOp op, Call &call) {
  const ActiveMode mode = op.getMode();
  if (mode == ActiveMode::RELU)
    return evaluateLimits(call, {0});
  std::vector<float> values;
  if (std::optional<ArrayAttr> coeffs = op.getCoeffs())
    for (Attribute value : *coeffs)
      values.push_back(static_cast<float>(cast<FloatAttr>(value).getValueAsDouble()));
  // How many coefficients a mode has; HSIGMOID's are {beta, alpha}.
  const size_t wanted = mode == ActiveMode::HSIGMOID ? 2 : mode == ActiveMode::ELU || mode == ActiveMode::SWISH ? 1 : 0;
  if (values.size() < wanted)
    return call.refuse("needs " + Twine(wanted) + " coeffs for mode " + tpu::stringifyActiveMode(mode));
  kernels::Coefficients coefficients;
  if (wanted == 1)
    coefficients.alpha = values[0];
  else if (wanted == 2)
    coefficients = {values[1], values[0]};
  // As the chip's code does for results in half precision.
  coefficients.shortSigmoid = call.resultType() == ElementType::F16 || call.resultType() == ElementType::BF16;
  return evaluateFunction(call, *functionOf(mode), coefficients);
}

static LogicalResult evaluateLeakyRelu(tpu::LeakyReluOp op, Call &call) {
  if (!op.getAlpha())
    return call.refuse("has no alpha; only the floating point form is supported");
  return evaluateFunction(call, Function::LeakyRelu, {static_cast<float>(op.getAlpha()->convertToDouble()), 0});
}

void evaluation::attachTpuActivationModels(MLIRContext &context) {
  attach<tpu::ActiveOp, evaluateActive>(context);
  attach<tpu::ReluOp, evaluateRelu<tpu::ReluOp>>(context);
  attach<tpu::ClipOp, evaluateClip<tpu::ClipOp>>(context);
  attach<tpu::PReluOp, evaluatePRelu<tpu::PReluOp>>(context);
  attach<tpu::ReciprocalOp, evaluateReciprocal<tpu::ReciprocalOp>>(context);
  attach<tpu::LeakyReluOp, evaluateLeakyRelu>(context);
}
