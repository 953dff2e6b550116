// Makes the ops in the place of one that the chip does not have, for patterns before the lowering.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include "mlir/IR/PatternMatch.h"

#include <type_traits>

namespace tpu_mlir::bm1684x {

/// What it makes between has no statistics of its own: it is f32, and computed in f32 where the network is quantized.
class Replacement {
public:
  Replacement(mlir::Operation *op, mlir::PatternRewriter &rewriter)
      : op(op), rewriter(rewriter), name(top::nameOf(op->getResult(0))) {
    for (mlir::Value result : op->getResults())
      isQuantized |= !top::isNone(result) && elementOf(result) != real();
  }

  /// The op that is made next stands for this result: it has its name and type.
  Replacement &as(mlir::Value result) {
    next = result;
    return *this;
  }
  /// ... for the only result.
  Replacement &last() { return as(op->getResult(0)); }
  /// Whether the next op stands for a result.
  bool isLast() const { return static_cast<bool>(next); }

  /// An op of one result.
  template <typename OpTy>
  mlir::Value make(llvm::StringRef what, mlir::Type element, llvm::ArrayRef<int64_t> shape,
                   llvm::ArrayRef<mlir::Value> operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    std::string own = next ? top::nameOf(next).str() : (name + "_" + what + std::to_string(count++)).str();
    mlir::OperationState state(top::nameLoc(op->getContext(), own), OpTy::getOperationName());
    state.addOperands(operands);
    state.addTypes(next ? next.getType() : mlir::RankedTensorType::get(shape, element));
    state.addAttributes(attributes);
    // The lowering computes what is marked in f32, which needs no ranges.
    constexpr bool isMove = std::is_same_v<OpTy, top::ReshapeOp> || std::is_same_v<OpTy, top::PermuteOp> ||
                            std::is_same_v<OpTy, top::SliceOp>;
    if (!isMove && isQuantized)
      state.addAttribute("preprocess", rewriter.getUnitAttr());
    next = {};
    return rewriter.create(state)->getResult(0);
  }

  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape) {
    return make<top::ReshapeOp>("reshape", elementOf(value), shape, {value}, {integers("shape", shape)});
  }
  mlir::Value permute(mlir::Value value, llvm::ArrayRef<int64_t> order) {
    top::Shape shape;
    for (int64_t axis : order)
      shape.push_back(top::shapeOf(value)[axis]);
    return make<top::PermuteOp>("permute", elementOf(value), shape, {value}, {integers("order", order)});
  }
  /// `extent` positions of an axis from `begin` on; the value itself if that is all of it.
  mlir::Value slice(mlir::Value value, int64_t axis, int64_t begin, int64_t extent) {
    top::Shape shape = llvm::to_vector(top::shapeOf(value));
    if (shape[axis] == extent)
      return value;
    top::Shape offset(shape.size(), 0), steps(shape.size(), 1), ends = shape;
    offset[axis] = begin;
    ends[axis] = begin + extent;
    shape[axis] = extent;
    mlir::Value none = top::noneFor(op);
    return make<top::SliceOp>(
        "slice", elementOf(value), shape, {value, none, none, none},
        {integers("offset", offset), integers("steps", steps), integers("ends", ends), integers("axes", {})});
  }
  mlir::Value concat(llvm::ArrayRef<mlir::Value> parts, int64_t axis) {
    top::Shape shape = llvm::to_vector(top::shapeOf(parts.front()));
    for (mlir::Value part : parts.drop_front())
      shape[axis] += top::shapeOf(part)[axis];
    return make<top::ConcatOp>("concat", elementOf(parts.front()), shape, parts, {number("axis", axis)});
  }
  /// The result has the shape of `a`.
  template <typename OpTy> mlir::Value combine(mlir::Value a, mlir::Value b) {
    return make<OpTy>("step", real(), top::shapeOf(a), {a, b});
  }
  template <typename OpTy> mlir::Value apply(mlir::Value value) {
    return make<OpTy>("step", real(), top::shapeOf(value), {value});
  }
  mlir::Value weight(llvm::StringRef suffix, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<double> values) {
    return top::createWeightF32(rewriter, (name + "_" + suffix).str(), shape, values).getOutput();
  }

  mlir::Type real() { return rewriter.getF32Type(); }
  static mlir::Type elementOf(mlir::Value value) {
    return llvm::cast<mlir::ShapedType>(value.getType()).getElementType();
  }
  mlir::NamedAttribute integers(llvm::StringRef attribute, llvm::ArrayRef<int64_t> values) {
    return rewriter.getNamedAttr(attribute, rewriter.getI64ArrayAttr(values));
  }
  /// Of 32 bits with sign, as axes are.
  mlir::NamedAttribute number(llvm::StringRef attribute, int64_t value) {
    return rewriter.getNamedAttr(attribute, rewriter.getIntegerAttr(rewriter.getIntegerType(32, true), value));
  }

  mlir::Operation *const op;
  mlir::PatternRewriter &rewriter;

private:
  llvm::StringRef name;
  mlir::Value next;
  int count = 0;
  bool isQuantized = false;
};

/// Whether all shapes are known.
inline bool isKnown(mlir::Operation *op) {
  auto known = [](mlir::Value value) { return top::isNone(value) || top::hasStaticShape(value); };
  return llvm::all_of(op->getOperands(), known) && llvm::all_of(op->getResults(), known);
}

/// The values of a constant parameter, `count` times `otherwise` for none; nothing if it is computed.
inline std::optional<std::vector<double>> parameterValues(mlir::Value parameter, int64_t count, double otherwise) {
  if (top::isNone(parameter))
    return std::vector<double>(count, otherwise);
  top::WeightOp weight = top::weightOf(parameter);
  if (!weight)
    return std::nullopt;
  llvm::FailureOr<std::vector<double>> values = top::readWeightAsDoubles(weight);
  return mlir::failed(values) ? std::nullopt : std::optional(std::move(*values));
}

} // namespace tpu_mlir::bm1684x
