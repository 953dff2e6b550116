// What the patterns share that replace choices and comparisons by arithmetic of BM1684X.
#pragma once
#include "TopPatterns.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

namespace tpu_mlir::bm1684x {

/// Makes the ops in the place of one; the last one has its name and type.
class MaskSteps {
public:
  MaskSteps(mlir::Operation *op, mlir::PatternRewriter &rewriter)
      : op(op), rewriter(rewriter), name(top::nameOf(op->getResult(0))) {}

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

  template <typename OpTy>
  mlir::Value create(mlir::Location location, mlir::Type type, mlir::ValueRange operands,
                     llvm::ArrayRef<mlir::NamedAttribute> attributes) {
    mlir::OperationState state(location, OpTy::getOperationName());
    state.addOperands(operands);
    state.addTypes(type);
    state.addAttributes(attributes);
    // The lowering computes what is marked in f32, which needs no ranges.
    if (!std::is_same_v<OpTy, top::PermuteOp> &&
        !llvm::cast<mlir::ShapedType>(op->getResult(0).getType()).getElementType().isF32())
      state.addAttribute("preprocess", rewriter.getUnitAttr());
    return rewriter.create(state)->getResult(0);
  }
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

} // namespace tpu_mlir::bm1684x
