// Cuts the right matrix of a product, its bias and its factors by columns.
#include "ProductColumns.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include <cstring>

using namespace mlir;
using namespace tpu_mlir;

namespace {

int64_t columnCount(tpu::MatMulOp op) { return top::shapeOf(op.getOutput()).back(); }

/// Elements [first, first + count) of the last axis, or of the one before it.
FailureOr<Value> cutWeight(PatternRewriter &rewriter, Value value, int64_t first, int64_t count, bool lastAxis,
                           StringRef name) {
  FailureOr<Tensor> whole = top::readWeight(top::weightOf(value));
  if (failed(whole))
    return failure();
  std::vector<int64_t> shape = whole->shape();
  size_t axis = shape.size() - (lastAxis ? 1 : 2);
  int64_t inner = lastAxis ? 1 : shape.back(), extent = shape[axis];
  shape[axis] = count;
  Tensor part(whole->type(), shape);
  size_t item = byteSize(whole->type()), run = static_cast<size_t>(count * inner) * item;
  int64_t outer = whole->elements() / (extent * inner);
  for (int64_t i = 0; i < outer; ++i)
    std::memcpy(part.data<uint8_t>() + static_cast<size_t>(i) * run,
                whole->data<uint8_t>() + static_cast<size_t>((i * extent + first) * inner) * item, run);
  auto type = RankedTensorType::get(shape, cast<RankedTensorType>(value.getType()).getElementType());
  return top::createWeight(rewriter, name, part, type).getOutput();
}

/// The part of a list with one entry per column; shorter lists are for all columns.
ArrayAttr cutList(ArrayAttr list, int64_t columns, int64_t first, int64_t count) {
  if (!list || static_cast<int64_t>(list.size()) != columns)
    return list;
  return ArrayAttr::get(list.getContext(),
                        list.getValue().slice(static_cast<size_t>(first), static_cast<size_t>(count)));
}

} // namespace

bool tpu::hasConstantColumns(MatMulOp op) {
  int64_t columns = columnCount(op);
  auto perColumn = [&](Value value) {
    return top::isNone(value) ||
           (top::weightOf(value) && top::shapeOf(value).back() == columns && top::elementsOf(value) == columns);
  };
  return top::weightOf(op.getRight()) && top::shapeOf(op.getRight()).size() >= 2 && !op.getHdimIsBatch() &&
         !op.getOutputTranspose() && perColumn(op.getBias()) && top::isNone(op.getMulti()) &&
         top::isNone(op.getBuffer());
}

Value tpu::columnsOfProduct(PatternRewriter &rewriter, MatMulOp op, int64_t first, int64_t count, StringRef name) {
  int64_t columns = columnCount(op);
  auto cutName = [&](Value value) { return (top::nameOf(value) + "_" + Twine(first)).str(); };
  FailureOr<Value> right =
      cutWeight(rewriter, op.getRight(), first, count, !op.getRightTranspose(), cutName(op.getRight()));
  FailureOr<Value> bias = op.getBias();
  if (!top::isNone(op.getBias()))
    bias = cutWeight(rewriter, op.getBias(), first, count, /*lastAxis=*/true, cutName(op.getBias()));
  if (failed(right) || failed(bias))
    return {};
  auto part = cast<MatMulOp>(rewriter.clone(*op));
  part.getRightMutable().assign(*right);
  part.getBiasMutable().assign(*bias);
  for (StringRef list : {"out_scales", "multipliers", "rshifts"})
    if (ArrayAttr whole = op->getAttrOfType<ArrayAttr>(list))
      part->setAttr(list, cutList(whole, columns, first, count));
  top::Shape shape(top::shapeOf(op.getOutput()));
  shape.back() = count;
  part.getOutput().setType(
      RankedTensorType::get(shape, cast<RankedTensorType>(op.getOutput().getType()).getElementType()));
  part->setLoc(top::nameLoc(op.getContext(), name));
  return part.getOutput();
}
