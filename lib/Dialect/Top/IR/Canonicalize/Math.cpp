// Functions that are core ops in special cases: powers, quotients, logarithms, casts.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopIndexing.h"
#include "tpu_mlir/Dialect/Top/IR/TopMath.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// An op before `op`, of its result type and the name of its result with a suffix.
template <typename OpTy>
static Value before(PatternRewriter &rewriter, Operation *op, StringRef suffix, ValueRange operands,
                    ArrayRef<NamedAttribute> attributes = {}) {
  Location location = nameLoc(op->getContext(), (nameOf(op->getResult(0)) + suffix).str());
  return make<OpTy>(rewriter, location, op->getResult(0).getType(), operands, attributes)->getResult(0);
}

static NamedAttribute constant(PatternRewriter &rewriter, double value) {
  return named(rewriter, "const_val", rewriter.getF64FloatAttr(value));
}

/// Whether a small error of the value may become a large one: something rounds it to whole numbers.
static bool isRounded(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<FloorOp, CeilOp, RoundOp, CastOp, CompareOp, CompareConstOp, ModOp, RemainderOp>(user);
  });
}

static bool isNormal(double value) { return std::isnormal(static_cast<float>(value)); }

namespace {
struct PowToBinary : TopPattern<PowOp, PowToBinary> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(PowOp op, PatternRewriter &rewriter) const override {
    const double exponent = op.getExponent().convertToDouble();
    Value x = op.getInput();
    if (exponent == 1)
      return replaceByOperand(rewriter, op, x);
    if (exponent == 2)
      replaceBy<MulOp>(rewriter, op, {x, x});
    else if (exponent == 3)
      replaceBy<MulOp>(rewriter, op, {before<MulOp>(rewriter, op, "_square", {x, x}), x});
    else if (exponent == 0.5)
      replaceBy<SqrtOp>(rewriter, op, {x});
    else if (exponent == -0.5)
      replaceBy<RsqrtOp>(rewriter, op, {x});
    else if (exponent == -1)
      replaceBy<ReciprocalOp>(rewriter, op, {x});
    else
      return failure();
    return success();
  }
};

/// c^x is e^(x ln c).
struct Pow2ToExp : TopPattern<Pow2Op, Pow2ToExp> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(Pow2Op op, PatternRewriter &rewriter) const override {
    const double factor = std::log(op.getConstVal().convertToDouble());
    if (!isNormal(factor) || isRounded(op.getOutput()))
      return failure();
    Value scaled = op.getInput();
    if (!near(factor, 1))
      scaled = before<MulConstOp>(rewriter, op, "_scaled", {scaled}, {constant(rewriter, factor)});
    replaceBy<ExpOp>(rewriter, op, {scaled});
    return success();
  }
};

/// A base or an exponent that is a weight of one element.
struct Pow3ToPow : TopPattern<Pow3Op, Pow3ToPow> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(Pow3Op op, PatternRewriter &rewriter) const override {
    std::optional<WithScalar> parts = withScalar(op);
    if (!parts)
      return failure();
    if (parts->weightFirst)
      replaceBy<Pow2Op>(rewriter, op, {parts->tensor}, {constant(rewriter, parts->scalar)});
    else
      replaceBy<PowOp>(rewriter, op, {parts->tensor},
                       {named(rewriter, "exponent", rewriter.getF64FloatAttr(parts->scalar))});
    return success();
  }
};

/// The quotient by a power of two is a product, exactly, which is rounded.
struct DivConstToMulConst : TopPattern<DivConstOp, DivConstToMulConst> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(DivConstOp op, PatternRewriter &rewriter) const override {
    const double divisor = op.getConstVal().convertToDouble();
    int exponent;
    if (op.getIsReverse() || op.getDoRelu() || std::abs(std::frexp(divisor, &exponent)) != 0.5 ||
        !isNormal(1 / divisor))
      return failure();
    Value quotient = op.getInput();
    if (divisor != 1)
      quotient = before<MulConstOp>(rewriter, op, "_quotient", {quotient}, {constant(rewriter, 1 / divisor)});
    replaceBy<FloorOp>(rewriter, op, {quotient});
    return success();
  }
};

struct LogBToLog : TopPattern<LogBOp, LogBToLog> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(LogBOp op, PatternRewriter &rewriter) const override {
    if (isRounded(op.getOutput()))
      return failure();
    const double factor = 1 / std::log(static_cast<double>(op.getBase()));
    Value logarithm = before<LogOp>(rewriter, op, "_log", {op.getInput()});
    replaceBy<MulConstOp>(rewriter, op, {logarithm}, {constant(rewriter, factor)});
    return success();
  }
};

struct SwishToSiLU : TopPattern<SwishOp, SwishToSiLU> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SwishOp op, PatternRewriter &rewriter) const override {
    const double beta = op.getBeta().convertToDouble();
    if (!std::isfinite(beta))
      return failure();
    if (beta == 1) {
      replaceBy<SiLUOp>(rewriter, op, {op.getInput()});
      return success();
    }
    Value scaled = before<MulConstOp>(rewriter, op, "_scaled", {op.getInput()}, {constant(rewriter, beta)});
    replaceBy<MulOp>(rewriter, op, {op.getInput(), before<SigmoidOp>(rewriter, op, "_sigmoid", {scaled})});
    return success();
  }
};
} // namespace

/// Whether the value is 0 or 1 everywhere.
static bool isTruth(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto cast = dyn_cast_or_null<CastOp>(op))
    return cast.getTo() == "BOOL";
  return isa_and_nonnull<CompareOp, CompareConstOp, LogicalAndOp>(op);
}

/// Whether every element is a whole number that 32 bits hold.
static bool isWhole(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto cast = dyn_cast_or_null<CastOp>(op))
    return llvm::is_contained({"INT32", "INT16", "INT8", "UINT16", "UINT8", "BOOL"}, cast.getTo());
  if (auto arg = dyn_cast_or_null<ArgOp>(op))
    return value == arg.getIndices();
  if (auto sort = dyn_cast_or_null<SortOp>(op))
    return value == sort.getIndices();
  if (auto topk = dyn_cast_or_null<TopKOp>(op))
    return value == topk.getIndices();
  return isTruth(value) || isa_and_nonnull<NonZeroOp>(op);
}

namespace {
/// A Cast of what the type holds already.
struct RemoveCast : TopPattern<CastOp, RemoveCast> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(CastOp op, PatternRewriter &rewriter) const override {
    const StringRef to = op.getTo();
    const bool keeps = to.empty() || to == "F32" || (to == "BOOL" && isTruth(op.getInput())) ||
                       (to != "BOOL" && to != "F16" && to != "BF16" && isTruth(op.getInput())) ||
                       ((to == "INT32" || to == "INT64") && isWhole(op.getInput()));
    if (!keeps || op.getInput().getType() != op.getOutput().getType())
      return failure();
    return replaceByOperand(rewriter, op, op.getInput());
  }
};
} // namespace

void top::populateMathPatterns(RewritePatternSet &patterns) {
  patterns.add<PowToBinary, Pow2ToExp, Pow3ToPow, DivConstToMulConst, LogBToLog, SwishToSiLU, RemoveCast>(
      patterns.getContext());
}
