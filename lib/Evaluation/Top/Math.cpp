// Evaluation of Top ops: elementwise arithmetic, comparisons and functions beyond the core.
#include "../Activations.h"
#include "Broadcast.h"
#include "tpu_mlir/Dialect/Top/IR/TopMath.h"
#include "tpu_mlir/Kernels/Indexing.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::Function;

// 1 or 0 as a comparison says. The modes are fixed by the op's definition.
static float (*comparison(StringRef mode))(float, float) {
  if (mode == "Equal")
    return [](float a, float b) { return a == b ? 1.0f : 0.0f; };
  if (mode == "NotEqual")
    return [](float a, float b) { return a != b ? 1.0f : 0.0f; };
  if (mode == "Greater")
    return [](float a, float b) { return a > b ? 1.0f : 0.0f; };
  if (mode == "GreaterOrEqual")
    return [](float a, float b) { return a >= b ? 1.0f : 0.0f; };
  if (mode == "Less")
    return [](float a, float b) { return a < b ? 1.0f : 0.0f; };
  if (mode == "LessOrEqual")
    return [](float a, float b) { return a <= b ? 1.0f : 0.0f; };
  if (mode == "And")
    return [](float a, float b) { return a != 0 && b != 0 ? 1.0f : 0.0f; };
  if (mode == "Xor")
    return [](float a, float b) { return (a != 0) != (b != 0) ? 1.0f : 0.0f; };
  return [](float a, float) { return a == 0 ? 1.0f : 0.0f; };
}

static LogicalResult evaluateCompare(top::CompareOp op, Call &call) {
  return evaluatePair(call, comparison(op.getMode()));
}

static LogicalResult evaluateCompareConst(top::CompareConstOp op, Call &call) {
  const float constant = static_cast<float>(op.getConstVal().convertToDouble());
  const auto compare = comparison(op.getMode());
  if (op.getInversed() && op.getMode() != "Not")
    return evaluateEach(call, [=](float x) { return compare(constant, x); });
  return evaluateEach(call, [=](float x) { return compare(x, constant); });
}

static LogicalResult evaluateLogicalAnd(top::LogicalAndOp, Call &call) { return evaluatePair(call, comparison("And")); }

// `chosen` where the condition holds, `other` elsewhere.
static LogicalResult choose(Call &call, const Tensor &condition, const Tensor &chosen, const Tensor &other) {
  Tensor out = call.floatResult();
  const Tensor c = broadcastTo(condition, out.shape()), a = broadcastTo(chosen, out.shape()),
               b = broadcastTo(other, out.shape());
  parallelFor(out.elements(), pairGrain, [&](int64_t begin, int64_t end) {
    const float *where = c.data<float>(), *left = a.data<float>(), *right = b.data<float>();
    for (int64_t i = begin; i < end; ++i)
      out.data<float>()[i] = where[i] != 0 ? left[i] : right[i];
  });
  return call.finish(std::move(out));
}

static LogicalResult evaluateWhere(top::WhereOp op, Call &call) {
  return choose(call, call.floats(op.getCond()),
                op.getXIsConst() ? scalarOf(op.getXConstVal()) : call.floats(op.getTbrn()),
                op.getYIsConst() ? scalarOf(op.getYConstVal()) : call.floats(op.getFbrn()));
}

static LogicalResult evaluateMaskedFill(top::MaskedFillOp op, Call &call) {
  const Tensor constant = scalarOf(op.getConstVal()), branch = call.floats(op.getBrn());
  if (op.getInversed())
    return choose(call, call.floats(op.getCond()), constant, branch);
  return choose(call, call.floats(op.getCond()), branch, constant);
}

static LogicalResult evaluatePow(top::PowOp op, Call &call) {
  const float exponent = static_cast<float>(op.getExponent().convertToDouble());
  return evaluateEach(call, [=](float x) { return std::pow(x, exponent); });
}
static LogicalResult evaluatePow2(top::Pow2Op op, Call &call) {
  const float base = static_cast<float>(op.getConstVal().convertToDouble());
  return evaluateEach(call, [=](float x) { return std::pow(base, x); });
}
static LogicalResult evaluatePow3(top::Pow3Op, Call &call) {
  return evaluatePair(call, [](float a, float b) { return std::pow(a, b); });
}

static LogicalResult evaluateMod(top::ModOp, Call &call) {
  return evaluatePair(call, [](float a, float b) { return std::fmod(a, b); });
}
static LogicalResult evaluateRemainder(top::RemainderOp, Call &call) {
  return evaluatePair(call, [](float a, float b) {
    const float rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  });
}

static LogicalResult evaluateDivConst(top::DivConstOp op, Call &call) {
  const float constant = static_cast<float>(op.getConstVal().convertToDouble());
  const bool reverse = op.getIsReverse();
  return evaluateEach(call, [=](float x) { return std::floor(reverse ? constant / x : x / constant); }, reluLimits(op));
}

static LogicalResult evaluateCumSum(top::CumSumOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  int64_t axis = op.getAxis();
  if (const Tensor &dim = call.operand(op.getDim()); !dim.empty())
    axis = integersOf(dim).front();
  axis = top::normalizeAxis(axis, in.rank());
  if (axis < 0)
    return call.refuse("has an axis outside of its operand's rank");
  Tensor out = call.floatResult();
  kernels::cumulativeSum(in.data<float>(), kernels::axisView(in.shape(), axis), out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateTrilu(top::TriluOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const int64_t rows = in.dim(-2), columns = in.dim(-1), diagonal = op.getDiagonal();
  const bool upper = op.getUpper();
  Tensor out = call.floatResult();
  const int64_t lines = columns ? in.elements() / columns : 0;
  parallelFor(lines, std::max<int64_t>(1, pairGrain / std::max<int64_t>(columns, 1)), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line)
      for (int64_t column = 0; column < columns; ++column) {
        const int64_t edge = line % rows + diagonal, at = line * columns + column;
        out.data<float>()[at] = (upper ? column >= edge : column <= edge) ? in.data<float>()[at] : 0;
      }
  });
  return call.finish(std::move(out));
}

static LogicalResult evaluateLogB(top::LogBOp op, Call &call) {
  if (op.getBase() == 2)
    return evaluateFunction(call, Function::Log2);
  const double factor = std::log(static_cast<double>(op.getBase()));
  return evaluateEach(call, [=](float x) { return static_cast<float>(std::log(static_cast<double>(x)) / factor); });
}

static LogicalResult evaluateSwish(top::SwishOp op, Call &call) {
  return evaluateFunction(call, Function::Swish, {static_cast<float>(op.getBeta().convertToDouble()), 0});
}

static LogicalResult evaluateDtypeCast(top::DtypeCastOp, Call &call) { return call.finish(call.floats(size_t{0})); }

template <typename OpTy, Function function> static LogicalResult evaluatePlain(OpTy, Call &call) {
  return evaluateFunction(call, function);
}

void evaluation::attachTopMathModels(MLIRContext &context) {
  attachTopIntegerModels(context);
  attach<top::CompareOp, evaluateCompare>(context);
  attach<top::CompareConstOp, evaluateCompareConst>(context);
  attach<top::LogicalAndOp, evaluateLogicalAnd>(context);
  attach<top::WhereOp, evaluateWhere>(context);
  attach<top::MaskedFillOp, evaluateMaskedFill>(context);
  attach<top::PowOp, evaluatePow>(context);
  attach<top::Pow2Op, evaluatePow2>(context);
  attach<top::Pow3Op, evaluatePow3>(context);
  attach<top::DivConstOp, evaluateDivConst>(context);
  attach<top::ModOp, evaluateMod>(context);
  attach<top::RemainderOp, evaluateRemainder>(context);
  attach<top::CumSumOp, evaluateCumSum>(context);
  attach<top::TriluOp, evaluateTrilu>(context);
  attach<top::LogBOp, evaluateLogB>(context);
  attach<top::SwishOp, evaluateSwish>(context);
  attach<top::DtypeCastOp, evaluateDtypeCast>(context);
  attach<top::TanOp, evaluatePlain<top::TanOp, Function::Tan>>(context);
  attach<top::SinhOp, evaluatePlain<top::SinhOp, Function::Sinh>>(context);
  attach<top::CoshOp, evaluatePlain<top::CoshOp, Function::Cosh>>(context);
  attach<top::ArccosOp, evaluatePlain<top::ArccosOp, Function::Arccos>>(context);
  attach<top::ArctanhOp, evaluatePlain<top::ArctanhOp, Function::Arctanh>>(context);
}
