// Shared parts of all lowerings: conversion of operands and weights, creation of Tpu ops.
#include "Lowering.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Kernels/Numerics.h"

using namespace mlir;
using namespace tpu_mlir;

static Type withElement(Type type, Type element) { return cast<RankedTensorType>(type).clone(element); }

Value tpu_mlir::castValue(OpBuilder &builder, Value value, ElementType wanted) {
  ElementType from = top::elementTypeOf(cast<RankedTensorType>(value.getType()).getElementType());
  if (from == wanted)
    return value;
  if (from != ElementType::F32 && wanted != ElementType::F32)
    value = castValue(builder, value, ElementType::F32);
  MLIRContext *context = builder.getContext();
  std::string name = top::nameOf(value).str() + "_" + std::string(tpu_mlir::name(wanted));
  Type type = withElement(value.getType(), top::mlirTypeOf(wanted, context));
  NamedAttrList attrs;
  attrs.set("round_mode", tpu::RoundModeAttr::get(context, tpu::RoundMode::HalfAwayFromZero));
  attrs.set("with_scale", builder.getBoolAttr(true));
  OperationState state(top::nameLoc(context, name), tpu::CastOp::getOperationName(), ValueRange{value}, TypeRange{type},
                       attrs);
  return builder.create(state)->getResult(0);
}

Type Lowering::elementType() { return top::mlirTypeOf(type, op->getContext()); }

/// The f32 values of a weight in another number type.
static Tensor convertTensor(const Tensor &values, ElementType wanted) {
  Tensor result(wanted, values.shape());
  kernels::convertF32ToHalf(wanted == ElementType::F16 ? kernels::Precision::F16 : kernels::Precision::BF16,
                            values.data<float>(), result.data<uint16_t>(), values.elements());
  return result;
}

FailureOr<Value> Lowering::operand(Value value, ElementType wanted) {
  if (isa<NoneType>(value.getType()))
    return value;
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  ElementType from = tensor ? top::elementTypeOf(tensor.getElementType()) : ElementType::None;
  if (from != ElementType::F32 && from != ElementType::F16 && from != ElementType::BF16)
    return refuse("an operand of type " + std::string(tpu_mlir::name(from)) +
                  " has no place in this op on bm1684x; convert it to f32 in the model");
  if (from == wanted)
    return value;
  Value &slot = cache.converted[{value, top::mlirTypeOf(wanted, op->getContext())}];
  if (slot)
    return slot;
  if (auto weightOp = top::weightOf(value)) {
    FailureOr<Tensor> values = top::readWeight(weightOp);
    if (failed(values))
      return failure();
    OpBuilder at(weightOp->getContext());
    at.setInsertionPointAfter(weightOp);
    std::string name = top::nameOf(value).str() + "_" + std::string(tpu_mlir::name(wanted));
    auto type = tensor.clone(top::mlirTypeOf(wanted, op->getContext()));
    return slot = top::createWeight(at, name, convertTensor(*values, wanted), type).getOutput();
  }
  OpBuilder at(op->getContext());
  at.setInsertionPointAfterValue(value);
  return slot = castValue(at, value, wanted);
}

FailureOr<Value> Lowering::operand(Value value) { return operand(value, type); }

FailureOr<SmallVector<Value>> Lowering::operands() {
  SmallVector<Value> values;
  for (Value value : op->getOperands()) {
    FailureOr<Value> converted = operand(value);
    if (failed(converted))
      return failure();
    values.push_back(*converted);
  }
  return values;
}

Value Lowering::weight(StringRef suffix, const Tensor &values) {
  std::string name = (top::nameOf(op->getResult(0)) + suffix).str();
  return top::createWeight(builder, name, values).getOutput();
}

Value Lowering::none() {
  return top::NoneOp::create(builder, UnknownLoc::get(op->getContext()), builder.getNoneType()).getResult();
}

NamedAttrList Lowering::attributesWithout(ArrayRef<StringRef> names) {
  NamedAttrList attrs = op->getAttrs();
  for (StringRef name : names)
    attrs.erase(name);
  return attrs;
}

Value Lowering::create(StringRef name, ValueRange operands, Type result, NamedAttrList attributes, Location location) {
  OperationName known(name, op->getContext());
  if (std::optional<RegisteredOperationName> registered = known.getRegisteredInfo())
    registered->populateDefaultAttrs(attributes);
  OperationState state(location, known, operands, TypeRange{result}, attributes);
  return builder.create(state)->getResult(0);
}

LogicalResult Lowering::replace(StringRef name, ValueRange operands, NamedAttrList attributes) {
  Type type = withElement(op->getResult(0).getType(), elementType());
  op->getResult(0).replaceAllUsesWith(create(name, operands, type, std::move(attributes), op->getLoc()));
  op->erase();
  return success();
}

LogicalResult Lowering::refuse(const Twine &reason) {
  return op->emitOpError() << "'" << (op->getNumResults() ? top::nameOf(op->getResult(0)) : StringRef())
                           << "': " << reason;
}
