// Branches of a constant condition take the place of their If, loops of a known number of iterations that of their
// Loop.
#include "tpu_mlir/Dialect/Top/IR/Control.h"
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

/// A loop becomes at most this many ops; a longer one stays a loop.
static constexpr int64_t maxUnrolled = 10000;

static Location locationOf(Value result) {
  StringRef name = nameOf(result);
  return name.empty() ? result.getLoc() : nameLoc(result.getContext(), name);
}

/// Replaces an op by values that have names of their own. A Reshape that changes nothing gives a network output the
/// name of the result; the pattern for such Reshapes moves the name on where that is possible.
static void replaceByValues(PatternRewriter &rewriter, Operation *op, ArrayRef<Value> values) {
  SmallVector<Value> named;
  for (auto [value, result] : llvm::zip(values, op->getResults())) {
    if (isNetworkOutput(result)) {
      auto type = cast<RankedTensorType>(result.getType());
      NamedAttribute shape = rewriter.getNamedAttr("shape", rewriter.getI64ArrayAttr(type.getShape()));
      named.push_back(make<ReshapeOp>(rewriter, locationOf(result), type, {value}, {shape}).getOutput());
    } else {
      named.push_back(value);
    }
  }
  rewriter.replaceOp(op, named);
}

namespace {
struct InlineConstantIf : TopPattern<IfOp, InlineConstantIf> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(IfOp op, PatternRewriter &rewriter) const override {
    std::optional<bool> condition = constantCondition(op.getCond());
    if (!condition)
      return failure();
    Block &block = (*condition ? op.getThenBranch() : op.getElseBranch()).front();
    Operation *yield = block.getTerminator();
    SmallVector<Value> values(yield->getOperands());
    if (!llvm::all_of(values, hasStaticShape))
      return failure();
    rewriter.inlineBlockBefore(&block, op);
    rewriter.eraseOp(yield);
    replaceByValues(rewriter, op, values);
    return success();
  }
};

/// The location of a copy: every name in it with the number of the iteration.
Location numbered(Location location, const std::string &suffix) {
  if (auto name = dyn_cast<NameLoc>(location))
    return nameLoc(location.getContext(), name.getName().str() + suffix);
  if (auto fused = dyn_cast<FusedLoc>(location)) {
    SmallVector<Location> parts;
    for (Location part : fused.getLocations())
      parts.push_back(numbered(part, suffix));
    return FusedLoc::get(location.getContext(), parts);
  }
  return location;
}

struct UnrollLoop : TopPattern<LoopOp, UnrollLoop> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(LoopOp op, PatternRewriter &rewriter) const override {
    std::optional<int64_t> trips = tripCount(op);
    Block &body = op.getBody().front();
    int64_t ops = 0;
    bool known = llvm::all_of(body.getArguments(), hasStaticShape);
    op.getBody().walk([&](Operation *inner) {
      ++ops;
      known &= llvm::all_of(inner->getOperands(), [](Value v) { return isNone(v) || hasStaticShape(v); });
    });
    const size_t carried = carriedCount(op);
    // Nothing is collected in no iterations, and there are no tensors without elements.
    if (!known || !trips || *trips * ops > maxUnrolled || (*trips == 0 && op.getNumResults() > carried))
      return failure();
    SmallVector<Value> current(op.getVInitial());
    std::vector<SmallVector<Value>> collected(op.getNumResults() - carried);
    IRMapping constants = hoistedConstants(op, rewriter);
    Value condition = isNone(op.getCond()) ? Value() : op.getCond();
    for (int64_t trip = 0; trip < *trips; ++trip) {
      IRMapping values = constants;
      if (!body.getArgument(0).use_empty())
        values.map(body.getArgument(0), number(op, rewriter, body.getArgument(0), "iteration" + Twine(trip), trip));
      if (!condition && !body.getArgument(1).use_empty())
        condition = number(op, rewriter, body.getArgument(1), "condition", 1);
      if (condition)
        values.map(body.getArgument(1), condition);
      for (size_t i = 0; i < carried; ++i)
        values.map(body.getArgument(i + 2), current[i]);
      cloneBody(body, rewriter, values, "_" + std::to_string(trip));
      OperandRange yielded = body.getTerminator()->getOperands();
      if (!isNone(op.getCond()))
        condition = values.lookupOrDefault(yielded.front());
      for (size_t i = 0; i < op.getNumResults(); ++i) {
        Value value = values.lookupOrDefault(yielded[i + 1]);
        if (i < carried)
          current[i] = value;
        else
          collected[i - carried].push_back(value);
      }
    }
    for (auto [parts, result] : llvm::zip(collected, op.getResults().drop_front(carried)))
      current.push_back(joined(rewriter, parts, result));
    replaceByValues(rewriter, op, current);
    return success();
  }

private:
  /// Weights of the body are there once.
  static IRMapping hoistedConstants(LoopOp op, PatternRewriter &rewriter) {
    IRMapping constants;
    for (Operation &inner : op.getBody().front()) {
      if (isa<WeightOp>(inner))
        constants.map(inner.getResult(0), rewriter.clone(inner)->getResult(0));
      if (isa<NoneOp>(inner))
        constants.map(inner.getResult(0), noneFor(op));
    }
    return constants;
  }

  static void cloneBody(Block &body, PatternRewriter &rewriter, IRMapping &values, const std::string &suffix) {
    for (Operation &inner : body.without_terminator()) {
      if (isa<WeightOp, NoneOp>(inner))
        continue;
      Operation *copy = rewriter.clone(inner, values);
      copy->walk([&](Operation *nested) {
        if (!isa<WeightOp>(nested))
          nested->setLoc(numbered(nested->getLoc(), suffix));
      });
    }
  }

  static Value number(LoopOp op, PatternRewriter &rewriter, Value argument, const Twine &what, double value) {
    std::string name = (nameOf(op.getResult(0)) + "_" + what).str();
    return newWeight(rewriter, name, shapeOf(argument), std::vector<double>(elementsOf(argument), value));
  }

  /// The values of the iterations along a new first axis.
  static Value joined(PatternRewriter &rewriter, ArrayRef<Value> parts, Value result) {
    OperationState state(locationOf(result), PackOp::getOperationName());
    state.addOperands(parts);
    state.addTypes(result.getType());
    state.addAttribute("axis", rewriter.getIntegerAttr(rewriter.getIntegerType(32, true), 0));
    state.addAttribute("values_count", rewriter.getI64IntegerAttr(parts.size()));
    return rewriter.create(state)->getResult(0);
  }
};
} // namespace

void top::populateControlPatterns(RewritePatternSet &patterns) {
  patterns.add<InlineConstantIf, UnrollLoop>(patterns.getContext());
}
