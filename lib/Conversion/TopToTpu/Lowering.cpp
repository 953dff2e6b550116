// Shared parts of all lowerings: conversion of operands and weights, creation of Tpu ops.
#include "Lowering.h"

#include "QuantizedWeights.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Kernels/Numerics.h"

using namespace mlir;
using namespace tpu_mlir;

static Type withElement(Type type, Type element) { return cast<RankedTensorType>(type).clone(element); }

/// The f32 values of a weight in another float type.
static Tensor convertTensor(const Tensor &values, ElementType wanted) {
  if (wanted == ElementType::F32)
    return values;
  Tensor result(wanted, values.shape());
  kernels::convertF32ToHalf(wanted == ElementType::F16 ? kernels::Precision::F16 : kernels::Precision::BF16,
                            values.data<float>(), result.data<uint16_t>(), values.elements());
  return result;
}

/// The f32 values of a weight in 8 bits.
static Tensor quantizeTensor(const Tensor &values, const top::Quantization &q) {
  Tensor result(q.storage, values.shape());
  for (int64_t i = 0; i < values.elements(); ++i)
    result.data<uint8_t>()[i] = static_cast<uint8_t>(quantizeValue(values.data<float>()[i], q));
  return result;
}

std::string LoweringCache::unique(StringRef name) {
  std::string candidate = name.str();
  for (int i = 1; !names.insert(candidate).second; ++i)
    candidate = (name + "_" + Twine(i)).str();
  return candidate;
}

static std::string suffixOf(Type element) {
  ElementType type = top::elementTypeOf(element);
  return "_" + (top::quantizationOf(element) ? "si8" : std::string(tpu_mlir::name(type)));
}

Value tpu_mlir::castValue(OpBuilder &builder, Value value, Type element, LoweringCache &cache) {
  Type present = cast<RankedTensorType>(value.getType()).getElementType();
  ElementType from = top::elementTypeOf(present), to = top::elementTypeOf(element);
  if (present == element || (from == to && !top::quantizationOf(present) && !top::quantizationOf(element)))
    return value;
  auto isHalf = [](ElementType type) { return type == ElementType::F16 || type == ElementType::BF16; };
  if (isHalf(from) && isHalf(to))
    value = castValue(builder, value, builder.getF32Type(), cache);
  MLIRContext *context = builder.getContext();
  std::string name = cache.unique(top::nameOf(value).str() + suffixOf(element));
  NamedAttrList attrs;
  attrs.set("round_mode", tpu::RoundModeAttr::get(context, tpu::RoundMode::HalfAwayFromZero));
  attrs.set("with_scale", builder.getBoolAttr(true));
  OperationState state(top::nameLoc(context, name), tpu::CastOp::getOperationName(), ValueRange{value},
                       TypeRange{withElement(value.getType(), element)}, attrs);
  return builder.create(state)->getResult(0);
}

void Lowering::beginInteger(const top::Quantization &result, std::optional<top::Quantization> commonQuantization) {
  quantization = result;
  common = commonQuantization;
  type = ElementType::F32;
}

void Lowering::beginIntegerWithRealResult() {
  beginInteger({ElementType::I8, 1.0, 0, -128, 127});
  realResult = true;
}

top::Quantization Lowering::quantizationFor(top::Range range) const {
  // Symmetric tables have symmetric ranges; a range that is not was asked for.
  return top::quantizationFor(range, cache.asymmetric || -range.min != range.max);
}

FailureOr<top::Quantization> Lowering::quantizationFor(Value value) {
  if (std::optional<top::Quantization> known = top::quantizationOf(value))
    return *known;
  if (std::optional<top::Range> range = top::calibratedRangeOf(value.getType()))
    return quantizationFor(*range);
  return refuse("'" + top::nameOf(value) +
                "' has no calibrated range, which INT8 needs; add it to the calibration table and import that with "
                "import-calibration-table, or name an op with floats in a quantize table");
}

Type Lowering::elementType() {
  if (quantization && !realResult)
    return top::uniformType(*quantization, builder.getF32Type());
  Type element = top::mlirTypeOf(type, op->getContext());
  if (std::optional<top::Range> range = top::calibratedRangeOf(op->getResult(0).getType()))
    return top::calibratedType(element, *range);
  return element;
}

FailureOr<Value> Lowering::convertWeight(Value value, Type element) {
  auto weightOp = top::weightOf(value);
  FailureOr<Tensor> values = readFloatWeight(weightOp, *this);
  if (failed(values))
    return failure();
  OpBuilder at(weightOp->getContext());
  at.setInsertionPointAfter(weightOp);
  std::optional<top::Quantization> q = top::quantizationOf(element);
  Tensor converted = q ? quantizeTensor(*values, *q) : convertTensor(*values, top::elementTypeOf(element));
  std::string suffix = "_" + std::string(tpu_mlir::name(converted.type()));
  auto type = cast<RankedTensorType>(value.getType()).clone(element);
  return top::createWeight(at, top::nameOf(value).str() + suffix, converted, type).getOutput();
}

FailureOr<Value> Lowering::convert(Value value, Type element) {
  Value &slot = cache.converted[{value, element}];
  if (slot)
    return slot;
  if (top::weightOf(value)) {
    FailureOr<Value> made = convertWeight(value, element);
    if (succeeded(made))
      cache.converted[{value, element}] = *made;
    return made;
  }
  OpBuilder at(op->getContext());
  at.setInsertionPointAfterValue(value);
  return slot = castValue(at, value, element, cache);
}

FailureOr<Value> Lowering::operand(Value value, ElementType wanted) {
  if (isa<NoneType>(value.getType()))
    return value;
  auto tensor = dyn_cast<RankedTensorType>(value.getType());
  ElementType from = tensor ? top::elementTypeOf(tensor.getElementType()) : ElementType::None;
  bool quantized = top::isQuantized(value) || isQuantizedWeight(value);
  if (!quantized && from != ElementType::F32 && from != ElementType::F16 && from != ElementType::BF16)
    return refuse("an operand of type " + std::string(tpu_mlir::name(from)) +
                  " has no place in this op on bm1684x; convert it to f32 in the model");
  if (!quantized && from == wanted)
    return value;
  return convert(value, top::mlirTypeOf(wanted, op->getContext()));
}

FailureOr<Value> Lowering::operand(Value value, const top::Quantization &wanted) {
  Type element = top::uniformType(wanted, builder.getF32Type());
  if (isa<NoneType>(value.getType()) || cast<RankedTensorType>(value.getType()).getElementType() == element)
    return value;
  return convert(value, element);
}

FailureOr<Value> Lowering::operand(Value value) {
  if (!isInteger() || isa<NoneType>(value.getType()))
    return operand(value, type);
  if (cache.real.contains(value))
    return value;
  if (common)
    return operand(value, *common);
  if (top::weightOf(value))
    return operand(value, type);
  FailureOr<top::Quantization> own = quantizationFor(value);
  return failed(own) ? FailureOr<Value>(failure()) : operand(value, *own);
}

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

Value Lowering::weight(StringRef suffix, const Tensor &values, Type element) {
  std::string name = (top::nameOf(op->getResult(0)) + suffix).str();
  RankedTensorType type = element ? RankedTensorType::get(values.shape(), element) : RankedTensorType();
  return top::createWeight(builder, name, values, type).getOutput();
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
  return replaceBy(
      create(name, operands, withElement(op->getResult(0).getType(), elementType()), attributes, op->getLoc()));
}

LogicalResult Lowering::replaceBy(Value made) {
  Value result = op->getResult(0);
  if (top::isQuantized(result) && !top::isQuantized(made)) {
    // The value's name and type stay with its quantized form.
    std::string name = cache.unique((top::nameOf(result) + "_" + tpu_mlir::name(type)).str());
    made.getDefiningOp()->setLoc(top::nameLoc(op->getContext(), name));
    made = castValue(builder, made, cast<RankedTensorType>(result.getType()).getElementType(), cache);
    made.getDefiningOp()->setLoc(op->getLoc());
  }
  if (realResult)
    cache.real.insert(made);
  result.replaceAllUsesWith(made);
  op->erase();
  return success();
}

LogicalResult Lowering::refuse(const Twine &reason) {
  return op->emitOpError() << "'" << (op->getNumResults() ? top::nameOf(op->getResult(0)) : StringRef())
                           << "': " << reason;
}
