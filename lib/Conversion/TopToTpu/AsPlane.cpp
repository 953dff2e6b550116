// 1-dimensional windows as 2-dimensional ones.
#include "AsPlane.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;

std::vector<int64_t> AsPlane::shapeOf(Value value) const {
  std::vector<int64_t> shape = top::shapeOf(value).vec();
  if (active)
    shape.push_back(1);
  return shape;
}

Value AsPlane::reshape(Value value, ArrayRef<int64_t> shape, Location location) {
  NamedAttrList attrs;
  attrs.set("shape", l.builder.getI64ArrayAttr(shape));
  Type element = cast<RankedTensorType>(value.getType()).getElementType();
  return l.create(tpu::ReshapeOp::getOperationName(), value, RankedTensorType::get(shape, element), attrs, location);
}

Value AsPlane::input(Value value) {
  if (!active)
    return value;
  std::string name = (top::nameOf(l.op->getResult(0)) + "_input").str();
  return reshape(value, shapeOf(value), top::nameLoc(l.op->getContext(), name));
}

FailureOr<Value> AsPlane::filter(Value value) {
  if (!active)
    return value;
  FailureOr<Tensor> values = top::readWeight(top::weightOf(value));
  if (failed(values))
    return failure();
  return l.weight("_filter", values->reshaped(shapeOf(value)));
}

void AsPlane::attributes(NamedAttrList &attrs) {
  if (!active)
    return;
  auto widen = [&](StringRef name, int64_t neutral) {
    auto list = dyn_cast_or_null<ArrayAttr>(attrs.get(name));
    if (!list || list.empty())
      return;
    SmallVector<int64_t> values;
    for (int64_t value : top::i64Values(list))
      values.append({value, neutral});
    attrs.set(name, l.builder.getI64ArrayAttr(values));
  };
  for (StringRef name : {"kernel_shape", "strides", "dilations"})
    widen(name, 1);
  for (StringRef name : {"pads", "inserts", "output_padding"})
    widen(name, 0);
}

LogicalResult AsPlane::replace(StringRef name, ValueRange operands, NamedAttrList attrs) {
  attributes(attrs);
  if (!active)
    return l.replace(name, operands, attrs);
  Value result = l.op->getResult(0);
  Location inner = top::nameLoc(l.op->getContext(), (top::nameOf(result) + "_plane").str());
  Value made = l.create(name, operands, RankedTensorType::get(shapeOf(result), l.elementType()), attrs, inner);
  return l.replaceBy(reshape(made, top::shapeOf(result), l.op->getLoc()));
}
