// The canonicalization patterns of the Top dialect, one family per file of this folder, and the questions they share.
// A fused op takes the name (location) of the last op it replaces, so that names of values that survive never change.
#pragma once
#include "mlir/IR/PatternMatch.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include <cmath>
#include <optional>
#include <vector>

namespace tpu_mlir::top {

void populateNormPatterns(mlir::RewritePatternSet &patterns);
void populateNormFamilyPatterns(mlir::RewritePatternSet &patterns);
void populateScalePatterns(mlir::RewritePatternSet &patterns);
void populateConstantPatterns(mlir::RewritePatternSet &patterns);
void populateArithmeticPatterns(mlir::RewritePatternSet &patterns);
void populatePadPatterns(mlir::RewritePatternSet &patterns);
void populateReluPatterns(mlir::RewritePatternSet &patterns);
void populateActivationPatterns(mlir::RewritePatternSet &patterns);
void populatePermutePatterns(mlir::RewritePatternSet &patterns);
void populateReshapePatterns(mlir::RewritePatternSet &patterns);
void populateMatMulPatterns(mlir::RewritePatternSet &patterns);
void populateConcatSlicePatterns(mlir::RewritePatternSet &patterns);
void populateResizePatterns(mlir::RewritePatternSet &patterns);
void populateSamplingPatterns(mlir::RewritePatternSet &patterns);
void populateReducePatterns(mlir::RewritePatternSet &patterns);
void populateLayerNormPatterns(mlir::RewritePatternSet &patterns);
void populateAttentionPatterns(mlir::RewritePatternSet &patterns);
void populateImagePatterns(mlir::RewritePatternSet &patterns);
void populateDetectionPatterns(mlir::RewritePatternSet &patterns);
void populatePartPatterns(mlir::RewritePatternSet &patterns);
void populateViewPatterns(mlir::RewritePatternSet &patterns);
void populateEinsumPatterns(mlir::RewritePatternSet &patterns);
void populateComparisonPatterns(mlir::RewritePatternSet &patterns);
void populateMathPatterns(mlir::RewritePatternSet &patterns);
void populateIndexingPatterns(mlir::RewritePatternSet &patterns);
void populateControlPatterns(mlir::RewritePatternSet &patterns);
void populateFoldPatterns(mlir::RewritePatternSet &patterns);

/// A pattern on one kind of op; its class name is its debug name (for --debug-only=greedy-rewriter and the
/// disable-patterns option of canonicalize). It only sees ops whose operands and results have known shapes.
template <typename OpTy, typename Derived> struct TopPattern : mlir::RewritePattern {
  explicit TopPattern(mlir::MLIRContext *context, mlir::PatternBenefit benefit = 1)
      : mlir::RewritePattern(OpTy::getOperationName(), benefit, context) {
    this->setDebugName(llvm::getTypeName<Derived>());
  }
  llvm::LogicalResult matchAndRewrite(mlir::Operation *op, mlir::PatternRewriter &rewriter) const final {
    auto known = [](mlir::Value value) { return isNone(value) || hasStaticShape(value); };
    if (!llvm::all_of(op->getOperands(), known) || !llvm::all_of(op->getResults(), known))
      return mlir::failure();
    return matchAndRewrite(llvm::cast<OpTy>(op), rewriter);
  }
  virtual llvm::LogicalResult matchAndRewrite(OpTy op, mlir::PatternRewriter &rewriter) const = 0;
};

/// Whether the value has one use and that is an op, so the op that makes it may be changed or absorbed.
inline bool absorbable(mlir::Value value) { return value.hasOneUse() && !isNetworkOutput(value); }

/// The op of the given kind that makes the value, if it may be absorbed.
template <typename OpTy> OpTy absorbableOp(mlir::Value value) {
  auto op = value.getDefiningOp<OpTy>();
  return op && absorbable(value) ? op : OpTy();
}

/// The value of a weight of one element, if it is finite.
std::optional<double> scalarWeight(mlir::Value value);
/// All values of a weight; nullopt if the value is not one or cannot be read.
std::optional<std::vector<double>> weightValues(mlir::Value value);
/// The values of a weight that broadcasts along one axis of `shape` only, one per position of that axis.
std::optional<std::vector<double>> valuesAlongAxis(mlir::Value value, llvm::ArrayRef<int64_t> shape, int64_t axis);
/// Whether a weight has that form; reads nothing.
bool liesAlongAxis(mlir::Value value, llvm::ArrayRef<int64_t> shape, int64_t axis);

/// The operands of a two-operand op that has one scalar weight, whose other operand has the result's shape.
struct WithScalar {
  mlir::Value tensor;
  double scalar;
  bool weightFirst;
};
std::optional<WithScalar> withScalar(mlir::Operation *op);

/// Within the rounding of an f32 constant.
inline bool near(double value, double expected) { return std::abs(value - expected) <= 1e-6 * std::abs(expected); }

/// A new op with default attributes filled in.
template <typename OpTy>
OpTy make(mlir::PatternRewriter &rewriter, mlir::Location loc, mlir::Type type, mlir::ValueRange operands,
          llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
  mlir::OperationState state(loc, OpTy::getOperationName());
  state.addOperands(operands);
  state.addTypes(type);
  state.addAttributes(attributes);
  return llvm::cast<OpTy>(rewriter.create(state));
}

/// Replaces `last` by a new op of its name and type.
template <typename OpTy>
OpTy replaceBy(mlir::PatternRewriter &rewriter, mlir::Operation *last, mlir::ValueRange operands,
               llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
  auto op = make<OpTy>(rewriter, last->getLoc(), last->getResult(0).getType(), operands, attributes);
  rewriter.replaceOp(last, op->getResults());
  return op;
}

/// Removes an op that does nothing. The name of a network output moves to the op that makes the operand; if that is an
/// Input, a Weight, an output itself or used elsewhere, the op stays.
llvm::LogicalResult replaceByOperand(mlir::PatternRewriter &rewriter, mlir::Operation *op, mlir::Value operand);

/// `do_relu` and `relu_limit` of an op, as attributes for its successor.
llvm::SmallVector<mlir::NamedAttribute> reluOf(mlir::Operation *op);
bool hasRelu(mlir::Operation *op);

/// A weight of f32 values before the op the rewriter stands at.
mlir::Value newWeight(mlir::PatternRewriter &rewriter, llvm::StringRef name, llvm::ArrayRef<int64_t> shape,
                      llvm::ArrayRef<double> values);

inline mlir::NamedAttribute named(mlir::PatternRewriter &rewriter, llvm::StringRef name, mlir::Attribute value) {
  return rewriter.getNamedAttr(name, value);
}

} // namespace tpu_mlir::top
