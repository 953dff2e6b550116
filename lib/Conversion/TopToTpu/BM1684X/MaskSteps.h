// What the patterns share that replace choices, comparisons and functions by arithmetic of BM1684X.
#pragma once
#include "TopPatterns.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

namespace tpu_mlir::bm1684x {

/// Makes the ops in the place of one; the last one has its name and type.
class MaskSteps {
public:
  /// With `precise`, the steps are f32 in half precision too.
  MaskSteps(mlir::Operation *op, mlir::PatternRewriter &rewriter, bool precise = false)
      : op(op), rewriter(rewriter), name(top::nameOf(op->getResult(0))), precise(precise) {}

  template <typename OpTy>
  mlir::Value make(llvm::StringRef suffix, mlir::Type element, llvm::ArrayRef<int64_t> shape, mlir::ValueRange operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    return create<OpTy>(top::nameLoc(op->getContext(), (name + suffix).str()),
                        mlir::RankedTensorType::get(shape, element), operands, attributes);
  }
  template <typename OpTy> void last(mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    rewriter.replaceOp(op, create<OpTy>(op->getLoc(), op->getResult(0).getType(), operands, attributes));
  }
  mlir::Value weight(llvm::StringRef suffix, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<double> values) {
    return top::createWeightF32(rewriter, (name + suffix).str(), shape, values).getOutput();
  }

private:
  mlir::Operation *op;
  mlir::PatternRewriter &rewriter;
  llvm::StringRef name;
  const bool precise;

  template <typename OpTy>
  mlir::Value create(mlir::Location location, mlir::Type type, mlir::ValueRange operands,
                     llvm::ArrayRef<mlir::NamedAttribute> attributes) {
    mlir::OperationState state(location, OpTy::getOperationName());
    state.addOperands(operands);
    state.addTypes(type);
    state.addAttributes(attributes);
    // The lowering computes what is marked in f32, which needs no ranges.
    if (!std::is_same_v<OpTy, top::PermuteOp> &&
        (precise || !llvm::cast<mlir::ShapedType>(op->getResult(0).getType()).getElementType().isF32()))
      state.addAttribute("preprocess", rewriter.getUnitAttr());
    return rewriter.create(state)->getResult(0);
  }
};

/// Steps whose values are f32 and have the shape that is given.
class RealSteps {
public:
  RealSteps(mlir::Operation *op, mlir::PatternRewriter &rewriter, bool precise = false)
      : steps(op, rewriter, precise), rewriter(rewriter) {}

  template <typename OpTy> mlir::Value make(mlir::Value value, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    return steps.make<OpTy>(suffix(), rewriter.getF32Type(), top::shapeOf(value), value, attributes);
  }
  template <typename OpTy> mlir::Value make(mlir::Value a, mlir::Value b) {
    const auto shape = top::broadcastShapes({llvm::to_vector(top::shapeOf(a)), llvm::to_vector(top::shapeOf(b))});
    return steps.make<OpTy>(suffix(), rewriter.getF32Type(), *shape, {a, b});
  }
  template <typename OpTy> void last(mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    steps.last<OpTy>(operands, attributes);
  }
  llvm::SmallVector<mlir::NamedAttribute> constant(double value, bool reverse = false) {
    llvm::SmallVector<mlir::NamedAttribute> attributes{
        rewriter.getNamedAttr("const_val", rewriter.getF64FloatAttr(value))};
    if (reverse)
      attributes.push_back(rewriter.getNamedAttr("is_reverse", rewriter.getBoolAttr(true)));
    return attributes;
  }

private:
  MaskSteps steps;
  mlir::PatternRewriter &rewriter;
  int count = 0;

  std::string suffix() { return "_step" + std::to_string(count++); }
};

/// Whether all shapes are known and there is something to compute.
inline bool isKnown(mlir::Operation *op) {
  const auto known = [](mlir::Value value) { return top::isNone(value) || top::hasStaticShape(value); };
  return llvm::all_of(op->getOperands(), known) && top::hasStaticShape(op->getResult(0)) &&
         top::elementsOf(op->getResult(0)) > 0;
}

/// Whether x (mode) y says that x is the larger (1) or the smaller (-1) one; 0 for other modes.
inline int direction(llvm::StringRef mode) {
  if (mode == "Greater" || mode == "GreaterOrEqual")
    return 1;
  return mode == "Less" || mode == "LessOrEqual" ? -1 : 0;
}

/// What a choice takes on one side: a value or, without one, a constant.
struct Branch {
  mlir::Value value;
  double constant = 0;
};

/// Comparisons, and choices by computed conditions.
void populateTruthPatterns(mlir::RewritePatternSet &patterns);
/// Powers, remainders and hyperbolic functions.
void populateFunctionPatterns(mlir::RewritePatternSet &patterns);

} // namespace tpu_mlir::bm1684x
