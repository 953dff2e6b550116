// Lowering of activations: one-argument functions become tpu.Active with a mode, the rest ops of their own.
#include "Integer.h"
#include "ScalarFunctions.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

using namespace mlir;
using namespace tpu_mlir;
using tpu::ActiveMode;

/// tpu.Active, or in integers the table of its results; Abs is computed, it needs no table.
static LogicalResult toActive(Lowering &l, ActiveMode mode, ArrayRef<double> coefficients = {}) {
  if (l.isInteger() && mode != ActiveMode::ABSVAL)
    return replaceByTable(l, [&](double x) { return evaluateActive(mode, coefficients, x); });
  FailureOr<Value> input = l.operand(l.op->getOperand(0));
  if (failed(input))
    return failure();
  NamedAttrList attrs;
  attrs.set("mode", tpu::ActiveModeAttr::get(l.op->getContext(), mode));
  if (!coefficients.empty())
    attrs.set("coeffs", l.builder.getF64ArrayAttr(coefficients));
  return l.replace(tpu::ActiveOp::getOperationName(), *input, attrs);
}

template <typename OpTy> static void addActive(LoweringTable &table, ActiveMode mode) {
  add<OpTy>(table, [mode](OpTy, Lowering &l) { return toActive(l, mode); });
}

/// The same op in the Tpu dialect with the same attributes.
static LogicalResult toSame(Lowering &l, StringRef name, ArrayRef<StringRef> dropped = {}) {
  auto operands = l.operands();
  if (failed(operands))
    return failure();
  return l.replace(name, *operands, l.attributesWithout(dropped));
}

static LogicalResult lowerSigmoid(top::SigmoidOp op, Lowering &l) {
  if (op.getScale().convertToDouble() != 1.0 || op.getBias().convertToDouble() != 0.0)
    return l.refuse("a sigmoid with scale or bias is not supported; multiply and add in ops of their own");
  return toActive(l, op.getLog() ? ActiveMode::LOG_SIGMOID : ActiveMode::SIGMOID);
}

static LogicalResult lowerGelu(top::GELUOp op, Lowering &l) {
  if (op.getApproxMode() == "tanh")
    return toActive(l, ActiveMode::TGELU);
  return toActive(l, op.getApproxMode() == "sigm" ? ActiveMode::QGELU : ActiveMode::GELU);
}

void tpu_mlir::addActivationLowerings(LoweringTable &table) {
  addActive<top::SiLUOp>(table, ActiveMode::SILU);
  addActive<top::TanhOp>(table, ActiveMode::TANH);
  addActive<top::ExpOp>(table, ActiveMode::EXP);
  addActive<top::LogOp>(table, ActiveMode::LN);
  addActive<top::SqrtOp>(table, ActiveMode::SQRT);
  addActive<top::RsqrtOp>(table, ActiveMode::RSQRT);
  addActive<top::AbsOp>(table, ActiveMode::ABSVAL);
  addActive<top::CeilOp>(table, ActiveMode::CEIL);
  addActive<top::FloorOp>(table, ActiveMode::FLOOR);
  addActive<top::RoundOp>(table, ActiveMode::ROUND);
  addActive<top::SignOp>(table, ActiveMode::SIGN);
  addActive<top::SinOp>(table, ActiveMode::SIN);
  addActive<top::CosOp>(table, ActiveMode::COS);
  addActive<top::ErfOp>(table, ActiveMode::ERF);
  addActive<top::HardSwishOp>(table, ActiveMode::HSWISH);
  addActive<top::MishOp>(table, ActiveMode::MISH);
  addActive<top::SoftplusOp>(table, ActiveMode::SOFT_PLUS);
  addActive<top::SoftsignOp>(table, ActiveMode::SOFT_SIGN);
  add<top::SigmoidOp>(table, lowerSigmoid);
  add<top::GELUOp>(table, lowerGelu);
  add<top::EluOp>(table, [](top::EluOp op, Lowering &l) {
    return toActive(l, ActiveMode::ELU, {op.getAlpha().convertToDouble()});
  });
  add<top::HardSigmoidOp>(table, [](top::HardSigmoidOp op, Lowering &l) {
    return toActive(l, ActiveMode::HSIGMOID, {op.getBeta().convertToDouble(), op.getAlpha().convertToDouble()});
  });
  add<top::ReluOp>(table, [](top::ReluOp, Lowering &l) { return toSame(l, tpu::ReluOp::getOperationName()); });
  add<top::ClipOp>(table, [](top::ClipOp, Lowering &l) { return toSame(l, tpu::ClipOp::getOperationName()); });
  add<top::PReluOp>(table, [](top::PReluOp, Lowering &l) { return toSame(l, tpu::PReluOp::getOperationName()); });
  add<top::ReciprocalOp>(
      table, [](top::ReciprocalOp, Lowering &l) { return toSame(l, tpu::ReciprocalOp::getOperationName()); });
  add<top::LeakyReluOp>(table, [](top::LeakyReluOp, Lowering &l) {
    return toSame(l, tpu::LeakyReluOp::getOperationName(), {"round_mode"});
  });
}
