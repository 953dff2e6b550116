// Code generation of elementwise ops: for each the program that its attributes ask for. Ops whose single rounding the
// half-precision units give exactly compute natively; everything else computes in f32 and rounds once.
#include "Elementwise.h"
#include "Functions.h"
#include "Models.h"

#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using tpu::ActiveMode;

namespace {

using Program = FailureOr<MathProgram>;

double number(FloatAttr attr) { return attr.getValueAsDouble(); }
double number(const APFloat &value) { return value.convertToDouble(); }

ElementType typeOf(Value value) { return elementTypeOf(value.getType()); }
ElementType resultType(Operation *op) { return typeOf(op->getResult(0)); }

bool isFloat(ElementType type) { return bm1684x::isFloat(type); }

std::optional<top::Quantization> quantizationOf(Value value, bool withScale = true) {
  return withScale ? top::quantizationOf(value) : std::nullopt;
}

/// A program under construction with the values of the op's operands, which are real numbers unless the op does not use
/// the scales of its types.
struct Builder {
  MathProgram program;
  SmallVector<MathValue> x;
  ElementType stored;
  std::optional<top::Quantization> quantization;
  bool operandsQuantized = true;

  Builder(Operation *op, bool native, bool withScale = true)
      : program(native ? resultType(op) : ElementType::F32), stored(resultType(op)),
        quantization(quantizationOf(op->getResult(0), withScale)) {
    unsigned index = 0;
    for (Value operand : op->getOperands()) {
      if (isa<NoneType>(operand.getType()))
        continue;
      x.push_back(program.input(index++, typeOf(operand), quantizationOf(operand, withScale)));
      operandsQuantized &= top::isQuantized(operand);
    }
  }
  /// As exact as the result can hold.
  MathValue sigmoid(MathValue value) { return isHalf() ? shortSigmoidOf(program, value) : sigmoidOf(program, value); }
  /// value * sigmoid(factor * value).
  MathValue timesSigmoid(MathValue value, double factor) {
    if (isHalf())
      return timesShortSigmoidOf(program, value, static_cast<float>(factor));
    return timesSigmoidOf(program, value, static_cast<float>(factor));
  }
  MathProgram finish(MathValue value, int mode = 1) {
    program.finish(value, stored, quantization ? (castMode ? *castMode : 0) : mode, quantization);
    return std::move(program);
  }
  MathProgram finishWithRelu(MathValue value, bool relu, double limit, int mode = 1) {
    if (relu) {
      if (!saturatesAtZero())
        value = program.max(value, 0.0);
      if (limit > 0)
        value = program.min(value, limit);
    }
    return finish(value, mode);
  }
  std::optional<int> castMode; ///< rounding of a Cast to a quantized type; others round halves to even

private:
  bool isHalf() const { return !quantization && (stored == ElementType::F16 || stored == ElementType::BF16); }
  /// Saturation does the ReLU where the lowest number stands for zero and values cannot be NaN.
  bool saturatesAtZero() const {
    return quantization && operandsQuantized && quantization->zeroPoint == quantization->low;
  }
};

/// Integers have a meaning with the scale of their type only.
LogicalResult requireScales(Operation *op) {
  if (auto cast = dyn_cast<tpu::CastOp>(op); cast && !cast.getWithScale())
    return success();
  for (Value value : llvm::concat<Value>(SmallVector<Value>(op->getOperands()), SmallVector<Value>(op->getResults())))
    if (!isa<NoneType>(value.getType()) && !isFloat(typeOf(value)) && !top::isQuantized(value) && !isa<tpu::CastOp>(op))
      return op->emitOpError("has no code generation for tensors of type ") << getElementTypeOrSelf(value.getType());
  return success();
}

/// All operands are stored in the result's floating-point type, so that computing in it natively is possible.
bool sameTypes(Operation *op) {
  return isFloat(resultType(op)) && llvm::all_of(op->getOperands(), [&](Value v) {
           return isa<NoneType>(v.getType()) || typeOf(v) == resultType(op);
         });
}

/// Quantized operands and result have one quantization, with a scale far from the ends of f32: taking a value apart and
/// putting it together again gives the value, so the op may work on the numbers as they are stored.
bool sameQuantization(Operation *op) {
  std::optional<top::Quantization> result = top::quantizationOf(op->getResult(0));
  return result && result->scale > 1e-30 && result->scale < 1e30 &&
         llvm::all_of(
             op->getOperands(),
             [&](Value v) { return isa<NoneType>(v.getType()) || top::quantizationOf(v) == result; });
}

// ---- activations

MathValue gelu(MathProgram &p, MathValue x, MathValue twiceDistribution) {
  return p.mul(p.mul(twiceDistribution, 0.5), x);
}

MathValue logSigmoid(MathProgram &p, MathValue x) { return p.sub(0.0, softplusOf(p, p.sub(0.0, x))); }

/// x tanh(softplus(x)) = x n / (n + 2) with n = e^x (e^x + 2); beyond 20 the quotient is 1.
MathValue mish(MathProgram &p, MathValue x) {
  MathValue e = expOf(p, x, -88, 20);
  MathValue n = p.mul(p.add(e, 2.0), e);
  return p.mul(p.mul(n, reciprocalOf(p, p.add(n, 2.0))), x);
}

MathValue tanhGelu(MathProgram &p, MathValue x) {
  // x + 0.044715 x^3 is already far in the flat part of tanh beyond 20.
  MathValue y = p.clamp(x, -20, 20);
  MathValue inner = p.mul(p.mul(y, y), y);
  MathValue u = p.mul(p.add(p.mul(inner, 0.044715), y), std::sqrt(2 / M_PI));
  return gelu(p, x, p.add(tanhOf(p, u), 1.0));
}

MathValue elu(MathProgram &p, MathValue x, double alpha) {
  return p.mac(p.max(x, 0.0), expm1Of(p, p.min(x, 0.0)), alpha);
}

MathValue sign(MathProgram &p, MathValue x) { return p.sub(p.selectGreater(x, 0.0, 1.0), p.selectLess(x, 0.0, 1.0)); }

MathValue naturalLog(MathProgram &p, MathValue x) {
  return p.chooseGreater(p.abs(x), 0.0, logOf(p, x), MathArg::raw(0xFF800000));
}

/// a - q b without rounding of the product: both factors are cut into halves of 12 bits, whose products are exact.
MathValue remainderOf(MathProgram &p, MathArg a, MathValue q, MathValue b) {
  constexpr uint32_t upperBits = 0xFFFFF000;
  MathValue highQ = p.bitAnd(q, MathArg::raw(upperBits)), lowQ = p.sub(q, highQ);
  MathValue highB = p.bitAnd(b, MathArg::raw(upperBits)), lowB = p.sub(b, highB);
  MathValue rest = p.sub(p.sub(a, p.mul(highQ, highB)), p.mul(highQ, lowB));
  return p.sub(p.sub(rest, p.mul(lowQ, highB)), p.mul(lowQ, lowB));
}

/// Quotient with one correction step: exact quotients come out exact. A quotient that is not finite stays as it is.
MathValue quotient(MathProgram &p, MathArg a, MathValue b, bool corrected) {
  if (!corrected)
    return p.div(a, b);
  MathValue reciprocal = p.div(1.0, b);
  MathValue q = p.mul(reciprocal, a);
  MathValue better = p.mac(q, remainderOf(p, a, q, b), reciprocal);
  return p.chooseGreater(MathArg::raw(0x7F800000), p.abs(better), better, q);
}

bool activeIsNative(ActiveMode mode) {
  switch (mode) {
  case ActiveMode::RELU:
  case ActiveMode::ABSVAL:
  case ActiveMode::ROUND:
  case ActiveMode::CEIL:
  case ActiveMode::FLOOR:
  case ActiveMode::SIGN:
  case ActiveMode::SQUARE:
    return true;
  default:
    return false;
  }
}

Program activeProgram(tpu::ActiveOp op) {
  ActiveMode mode = op.getMode();
  Builder b(op, activeIsNative(mode) && sameTypes(op));
  MathProgram &p = b.program;
  MathValue x = b.x[0];
  auto coefficient = [&](unsigned i) {
    return op.getCoeffs() && i < op.getCoeffs()->size() ? number(cast<FloatAttr>((*op.getCoeffs())[i])) : NAN;
  };
  switch (mode) {
  case ActiveMode::TANH:
    return b.finish(tanhOf(p, x));
  case ActiveMode::SIGMOID:
    return b.finish(b.sigmoid(x));
  case ActiveMode::RELU:
    return b.finish(p.max(x, 0.0));
  case ActiveMode::EXP:
    return b.finish(expOf(p, x));
  case ActiveMode::ELU:
    return b.finish(elu(p, x, std::isnan(coefficient(0)) ? 1 : coefficient(0)));
  case ActiveMode::SQRT:
    return b.finish(sqrtOf(p, x));
  case ActiveMode::SQUARE:
    return b.finish(p.mul(x, x));
  case ActiveMode::RSQRT:
    return b.finish(rsqrtOf(p, x));
  case ActiveMode::ABSVAL:
    return b.finish(p.abs(x));
  case ActiveMode::LN:
    return b.finish(naturalLog(p, x));
  case ActiveMode::LOG2:
    return b.finish(p.mul(naturalLog(p, x), 1 / M_LN2));
  case ActiveMode::ROUND:
    return b.finish(p.roundTo(x, 0));
  case ActiveMode::CEIL:
    return b.finish(p.roundTo(x, 4));
  case ActiveMode::FLOOR:
    return b.finish(p.roundTo(x, 3));
  case ActiveMode::SIN:
    return b.finish(sinOf(p, x));
  case ActiveMode::COS:
    return b.finish(cosOf(p, x));
  case ActiveMode::MISH:
    return b.finish(mish(p, x));
  case ActiveMode::HSWISH:
    return b.finish(p.mul(p.mul(p.clamp(p.add(x, 3.0), 0, 6), 1.0 / 6), x));
  case ActiveMode::SILU:
    return b.finish(b.timesSigmoid(x, 1));
  case ActiveMode::SWISH:
    if (std::isnan(coefficient(0)))
      return op.emitOpError("needs its factor in 'coeffs'"), failure();
    return b.finish(b.timesSigmoid(x, coefficient(0)));
  case ActiveMode::SIGN:
    return b.finish(sign(p, x));
  case ActiveMode::GELU:
    return b.finish(gelu(p, x, p.add(erfOf(p, p.mul(x, M_SQRT1_2)), 1.0)));
  case ActiveMode::TGELU:
    return b.finish(tanhGelu(p, x));
  case ActiveMode::QGELU:
    return b.finish(b.timesSigmoid(x, 1.702));
  case ActiveMode::ERF:
    return b.finish(erfOf(p, x));
  case ActiveMode::HSIGMOID: {
    if (std::isnan(coefficient(1)))
      return op.emitOpError("needs offset and factor in 'coeffs'"), failure();
    return b.finish(p.clamp(p.add(p.mul(x, coefficient(1)), coefficient(0)), 0, 1));
  }
  case ActiveMode::LOG_SIGMOID:
    return b.finish(logSigmoid(p, x));
  case ActiveMode::SOFT_PLUS:
    return b.finish(softplusOf(p, x));
  case ActiveMode::SOFT_SIGN: {
    MathValue y = p.clamp(x, -1e30, 1e30); // where the quotient is 1 long since
    return b.finish(p.mul(reciprocalOf(p, p.add(p.abs(y), 1.0)), y));
  }
  default:
    return op.emitOpError("has no code generation for mode ") << tpu::stringifyActiveMode(mode), failure();
  }
}

Program reluProgram(tpu::ReluOp op) {
  if (sameQuantization(op) && number(op.getReluLimit()) <= 0) {
    Builder b(op, /*native=*/true);
    MathValue zero = b.program.max(b.x[0], static_cast<double>(b.quantization->zeroPoint));
    return b.finish(zero);
  }
  Builder b(op, sameTypes(op));
  return b.finishWithRelu(b.x[0], true, number(op.getReluLimit()));
}

Program clipProgram(tpu::ClipOp op) {
  Builder b(op, sameTypes(op));
  return b.finish(b.program.clamp(b.x[0], number(op.getMin()), number(op.getMax())));
}

Program leakyReluProgram(tpu::LeakyReluOp op) {
  Builder b(op, false);
  MathProgram &p = b.program;
  double alpha = op.getAlpha() ? number(*op.getAlpha()) : 0;
  return b.finish(p.mac(p.max(b.x[0], 0.0), p.min(b.x[0], 0.0), alpha));
}

Program preluProgram(tpu::PReluOp op) {
  Builder b(op, sameTypes(op));
  MathProgram &p = b.program;
  return b.finish(p.mac(p.max(b.x[0], 0.0), p.min(b.x[0], 0.0), b.x[1]));
}

Program reciprocalProgram(tpu::ReciprocalOp op) {
  Builder b(op, false);
  MathValue y = quotient(b.program, number(op.getConstVal()), b.x[0], b.stored == ElementType::F32 || b.quantization);
  return b.finishWithRelu(y, op.getDoRelu(), number(op.getReluLimit()));
}

std::optional<int> hardwareRounding(tpu::RoundMode mode) {
  switch (mode) {
  case tpu::RoundMode::HalfAwayFromZero:
    return 1;
  case tpu::RoundMode::HalfUp:
    return 5;
  case tpu::RoundMode::HalfDown:
    return 6;
  case tpu::RoundMode::HalfToEven:
    return 0;
  case tpu::RoundMode::TowardsZero:
    return 2;
  case tpu::RoundMode::Up:
    return 4;
  case tpu::RoundMode::Down:
    return 3;
  default:
    return std::nullopt;
  }
}

Program castProgram(tpu::CastOp op) {
  std::optional<int> mode = hardwareRounding(op.getRoundMode());
  if (!mode)
    return op.emitOpError("has the rounding mode ")
               << tpu::stringifyRoundMode(op.getRoundMode()) << ", which the chip does not have",
           failure();
  bool withScale = op.getWithScale();
  auto from = quantizationOf(op.getInput(), withScale), into = quantizationOf(op.getOutput(), withScale);
  ElementType fromType = typeOf(op.getInput()), toType = resultType(op);
  // Plain integers are saturated as they are: those of 32 bits do not fit f32.
  bool integers = !from && !into && !isFloat(fromType) && !isFloat(toType);
  Builder b(op, integers || (fromType == toType && from == into), withScale);
  b.castMode = mode;
  // Real values become halves with ties to even.
  return b.finish(b.x[0], from && isFloat(toType) ? 0 : *mode);
}

// ---- several operands

SmallVector<double> coefficients(std::optional<ArrayAttr> attr, size_t count) {
  SmallVector<double> values(count, 1.0);
  if (attr && attr->size() == count)
    for (auto [value, element] : llvm::zip(values, *attr))
      value = number(cast<FloatAttr>(element));
  return values;
}

bool allOnes(ArrayRef<double> values) {
  return llvm::all_of(values, [](double v) { return v == 1.0; });
}

/// Whether a sum, product … of these operands is rounded once when computed natively.
bool roundsOnce(Operation *op) { return sameTypes(op) && op->getNumOperands() <= 2; }

/// Two tensors are rounded as the half units round, longer sums and products as f32 ones are.
int unitRounding(const Builder &b, bool simple) { return b.x.size() <= 2 && simple ? 0 : 1; }

Program addProgram(tpu::AddOp op) {
  SmallVector<double> factors = coefficients(op.getCoeff(), op->getNumOperands());
  Builder b(op, roundsOnce(op) && allOnes(factors));
  MathProgram &p = b.program;
  MathValue sum = factors[0] == 1.0 ? b.x[0] : p.mul(b.x[0], factors[0]);
  for (size_t i = 1; i < b.x.size(); ++i)
    sum = factors[i] == 1.0 ? p.add(sum, b.x[i]) : p.mac(sum, b.x[i], factors[i]);
  return b.finishWithRelu(sum, op.getDoRelu(), number(op.getReluLimit()), unitRounding(b, allOnes(factors)));
}

Program subProgram(tpu::SubOp op) {
  SmallVector<double> factors = coefficients(op.getCoeff(), op->getNumOperands());
  Builder b(op, roundsOnce(op) && allOnes(factors));
  MathProgram &p = b.program;
  SmallVector<MathValue> x(b.x);
  for (auto [value, factor] : llvm::zip(x, factors))
    if (factor != 1.0)
      value = p.mul(value, factor);
  if (op.getIsReverse())
    std::reverse(x.begin(), x.end());
  MathValue difference = x[0];
  for (MathValue value : ArrayRef(x).drop_front())
    difference = p.sub(difference, value);
  return b.finishWithRelu(difference, op.getDoRelu(), number(op.getReluLimit()), unitRounding(b, allOnes(factors)));
}

Program mulProgram(tpu::MulOp op) {
  Builder b(op, roundsOnce(op));
  MathValue product = b.x[0];
  for (MathValue value : ArrayRef(b.x).drop_front())
    product = b.program.mul(product, value);
  return b.finishWithRelu(product, op.getDoRelu(), number(op.getReluLimit()), unitRounding(b, true));
}

Program divProgram(tpu::DivOp op) {
  if (op->getNumOperands() != 2)
    return op.emitOpError("divides two tensors, not ") << op->getNumOperands(), failure();
  Builder b(op, false);
  MathValue top = b.x[op.getIsReverse() ? 1 : 0], bottom = b.x[op.getIsReverse() ? 0 : 1];
  MathValue y = quotient(b.program, top, bottom, b.stored == ElementType::F32 || b.quantization);
  return b.finishWithRelu(y, op.getDoRelu(), number(op.getReluLimit()));
}

template <typename OpTy> Program extremumProgram(OpTy op) {
  SmallVector<double> factors = coefficients(op.getCoeff(), op->getNumOperands());
  bool plain = allOnes(factors);
  bool asStored = plain && sameQuantization(op) && !op.getDoRelu();
  Builder b(op, asStored || (plain && sameTypes(op)));
  MathProgram &p = b.program;
  MathValue best;
  for (auto [i, value] : llvm::enumerate(b.x)) {
    MathValue scaled = factors[i] == 1.0 ? value : p.mul(value, factors[i]);
    best = i == 0 ? scaled : std::is_same_v<OpTy, tpu::MaxOp> ? p.max(best, scaled) : p.min(best, scaled);
  }
  return b.finishWithRelu(best, op.getDoRelu(), number(op.getReluLimit()), 0);
}

// ---- a constant

template <typename OpTy> Program constantProgram(OpTy op) {
  constexpr bool exact = std::is_same_v<OpTy, tpu::MaxConstOp> || std::is_same_v<OpTy, tpu::MinConstOp>;
  Builder b(op, exact && sameTypes(op));
  MathProgram &p = b.program;
  MathValue x = b.x[0], y;
  double value = number(op.getConstVal());
  if constexpr (std::is_same_v<OpTy, tpu::AddConstOp>)
    y = p.add(x, value);
  else if constexpr (std::is_same_v<OpTy, tpu::SubConstOp>)
    y = op.getIsReverse() ? p.sub(value, x) : p.sub(x, value);
  else if constexpr (std::is_same_v<OpTy, tpu::MulConstOp>)
    y = p.mul(x, value);
  else if constexpr (std::is_same_v<OpTy, tpu::MaxConstOp>)
    y = p.max(x, value);
  else
    y = p.min(x, value);
  return b.finishWithRelu(y, op.getDoRelu(), number(op.getReluLimit()));
}

/// Whether the views of a group, [n, c, h, w], show how the op repeats its operands.
bool hasCommonView(Operation *op) { return isFlat(op) || shapeOf(op->getResult(0)).size() <= 4; }

/// Whether the op stands between a move in global memory and the end of the network: a group gives it nothing, and its
/// view there may leave most lanes idle.
bool gainsNothingInGroups(Operation *op) {
  auto isMoved = [](Value operand) {
    return isa_and_nonnull<tpu::PermuteOp, tpu::SliceOp, tpu::PadOp, tpu::TileOp, tpu::Depth2SpaceOp>(
        operand.getDefiningOp());
  };
  return isFlat(op) && llvm::all_of(op->getOperands(), isMoved) &&
         llvm::all_of(op->getUsers(), [](Operation *user) { return user->hasTrait<OpTrait::IsTerminator>(); });
}

template <typename OpTy, auto build>
struct ElementwiseModel : CodegenInterface::ExternalModel<ElementwiseModel<OpTy, build>, OpTy> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *op, const CodegenContext &context) const {
    if (failed(requireScales(op)))
      return failure();
    if (context.inGroup && (gainsNothingInGroups(op) || !hasCommonView(op)))
      return std::unique_ptr<TiledOp>();
    Program program = build(cast<OpTy>(op));
    if (failed(program))
      return failure();
    SmallVector<Value> inputs =
        llvm::filter_to_vector(op->getOperands(), [](Value operand) { return !isa<NoneType>(operand.getType()); });
    return makeElementwise(context, op, std::move(*program), inputs);
  }
};

template <typename OpTy>
struct ElementwisePlacement : PlacementInterface::ExternalModel<ElementwisePlacement<OpTy>, OpTy> {
  bool startsGroup(Operation *op) const { return isFlat(op); }
  bool followsOperand(Operation *op, unsigned operand) const {
    return isa<RankedTensorType>(op->getOperand(operand).getType()) && hasCommonView(op);
  }
};

template <typename OpTy, auto build> void attach(MLIRContext &context) {
  OpTy::template attachInterface<ElementwisePlacement<OpTy>, ElementwiseModel<OpTy, build>>(context);
}

} // namespace

void tpu_mlir::codegen::attachElementwiseModels(MLIRContext &context) {
  attach<tpu::ActiveOp, activeProgram>(context);
  attach<tpu::ReluOp, reluProgram>(context);
  attach<tpu::ClipOp, clipProgram>(context);
  attach<tpu::LeakyReluOp, leakyReluProgram>(context);
  attach<tpu::PReluOp, preluProgram>(context);
  attach<tpu::ReciprocalOp, reciprocalProgram>(context);
  attach<tpu::CastOp, castProgram>(context);
  attach<tpu::AddOp, addProgram>(context);
  attach<tpu::SubOp, subProgram>(context);
  attach<tpu::MulOp, mulProgram>(context);
  attach<tpu::DivOp, divProgram>(context);
  attach<tpu::MaxOp, extremumProgram<tpu::MaxOp>>(context);
  attach<tpu::MinOp, extremumProgram<tpu::MinOp>>(context);
  attach<tpu::AddConstOp, constantProgram<tpu::AddConstOp>>(context);
  attach<tpu::SubConstOp, constantProgram<tpu::SubConstOp>>(context);
  attach<tpu::MulConstOp, constantProgram<tpu::MulConstOp>>(context);
  attach<tpu::MaxConstOp, constantProgram<tpu::MaxConstOp>>(context);
  attach<tpu::MinConstOp, constantProgram<tpu::MinConstOp>>(context);
}
