#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"

using namespace mlir;
using namespace tpu_mlir;

bool top::isNone(Value value) { return isa<NoneType>(value.getType()); }

Value top::noneFor(Operation *op) {
  auto function = op->getParentOfType<func::FuncOp>();
  Block &block = function ? function.getBody().front() : *op->getBlock();
  for (Operation &candidate : block) {
    if (auto none = dyn_cast<NoneOp>(candidate))
      return none.getNone();
    if (!isa<WeightOp, InputOp>(candidate))
      break;
  }
  OpBuilder builder(&block, block.begin());
  return NoneOp::create(builder, builder.getUnknownLoc(), builder.getNoneType()).getNone();
}

top::WeightOp top::weightOf(Value value) { return value.getDefiningOp<WeightOp>(); }

bool top::hasStaticShape(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape();
}

ArrayRef<int64_t> top::shapeOf(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type ? type.getShape() : ArrayRef<int64_t>();
}

int64_t top::product(ArrayRef<int64_t> shape) {
  int64_t result = 1;
  for (int64_t dim : shape)
    result *= dim;
  return result;
}

int64_t top::elementsOf(Value value) { return product(shapeOf(value)); }

int64_t top::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < 0)
    axis += rank;
  return axis >= 0 && axis < rank ? axis : -1;
}

top::Shape top::i64Values(ArrayAttr attr) {
  Shape values;
  for (Attribute value : attr)
    values.push_back(cast<IntegerAttr>(value).getInt());
  return values;
}

top::Shape top::i64ValuesOr(std::optional<ArrayAttr> attr, size_t size, int64_t value) {
  if (!attr || !*attr || attr->empty())
    return Shape(size, value);
  return i64Values(*attr);
}

std::optional<top::Shape> top::broadcastShapes(ArrayRef<Shape> shapes) {
  size_t rank = 0;
  for (const Shape &shape : shapes)
    rank = std::max(rank, shape.size());
  Shape result(rank, 1);
  for (const Shape &shape : shapes) {
    size_t offset = rank - shape.size();
    for (size_t i = 0; i < shape.size(); ++i) {
      int64_t &dim = result[offset + i];
      if (shape[i] == dim || shape[i] == 1)
        continue;
      if (dim != 1)
        return std::nullopt;
      dim = shape[i];
    }
  }
  return result;
}

ElementType top::elementTypeOf(Type type) {
  if (auto shaped = dyn_cast<ShapedType>(type))
    type = shaped.getElementType();
  if (auto calibrated = dyn_cast<quant::CalibratedQuantizedType>(type))
    type = calibrated.getExpressedType();
  if (auto uniform = dyn_cast<quant::QuantizedType>(type)) {
    bool isSigned = uniform.isSigned();
    switch (uniform.getStorageTypeIntegralWidth()) {
    case 8:
      return isSigned ? ElementType::I8 : ElementType::U8;
    case 16:
      return isSigned ? ElementType::I16 : ElementType::U16;
    case 32:
      return isSigned ? ElementType::I32 : ElementType::U32;
    default:
      return ElementType::None;
    }
  }
  if (type.isF32())
    return ElementType::F32;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  if (auto integer = dyn_cast<IntegerType>(type)) {
    bool isUnsigned = integer.isUnsigned();
    switch (integer.getWidth()) {
    case 8:
      return isUnsigned ? ElementType::U8 : ElementType::I8;
    case 16:
      return isUnsigned ? ElementType::U16 : ElementType::I16;
    case 32:
      return isUnsigned ? ElementType::U32 : ElementType::I32;
    case 64:
      return isUnsigned ? ElementType::None : ElementType::I64;
    default:
      return ElementType::None;
    }
  }
  return ElementType::None;
}

Type top::mlirTypeOf(ElementType type, MLIRContext *context) {
  Builder builder(context);
  switch (type) {
  case ElementType::None:
    return builder.getNoneType();
  case ElementType::F32:
    return builder.getF32Type();
  case ElementType::F16:
    return builder.getF16Type();
  case ElementType::BF16:
    return builder.getBF16Type();
  case ElementType::I8:
    return builder.getIntegerType(8);
  case ElementType::U8:
    return builder.getIntegerType(8, false);
  case ElementType::I16:
    return builder.getIntegerType(16);
  case ElementType::U16:
    return builder.getIntegerType(16, false);
  case ElementType::I32:
    return builder.getIntegerType(32);
  case ElementType::U32:
    return builder.getIntegerType(32, false);
  case ElementType::I64:
    return builder.getIntegerType(64);
  }
  return builder.getNoneType();
}

StringRef top::nameOf(Location location) {
  if (auto name = dyn_cast<NameLoc>(location))
    return name.getName().strref();
  if (auto fused = dyn_cast<FusedLoc>(location))
    return fused.getLocations().empty() ? StringRef() : nameOf(fused.getLocations().front());
  return {};
}

StringRef top::nameOf(Value value) {
  if (auto fused = dyn_cast<FusedLoc>(value.getLoc()))
    if (auto result = dyn_cast<OpResult>(value))
      if (result.getResultNumber() < fused.getLocations().size())
        return nameOf(fused.getLocations()[result.getResultNumber()]);
  return nameOf(value.getLoc());
}

Location top::nameLoc(MLIRContext *context, StringRef name) { return NameLoc::get(StringAttr::get(context, name)); }

bool top::isNetworkOutput(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) { return isa<func::ReturnOp>(user); });
}

ModuleOp top::outerModule(Operation *op) {
  ModuleOp module = dyn_cast<ModuleOp>(op);
  if (!module)
    module = op->getParentOfType<ModuleOp>();
  while (module) {
    auto parent = module->getParentOfType<ModuleOp>();
    if (!parent || module->hasAttr("module.weight_file"))
      return module;
    module = parent;
  }
  return module;
}

LogicalResult top::inferBlockShapes(Block &block) {
  for (Operation &op : block) {
    auto shapes = dyn_cast<ShapeInterface>(op);
    if (!shapes) {
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          if (failed(inferBlockShapes(inner)))
            return failure();
      continue;
    }
    for (Value operand : op.getOperands())
      if (isa<TensorType>(operand.getType()) && !hasStaticShape(operand))
        return op.emitOpError() << "has an operand of unknown shape; every shape must be known (give --input_shapes)";
    if (failed(shapes.inferShapes()))
      return failure();
  }
  return success();
}

LogicalResult top::inferFunctionShapes(Operation *operation) {
  auto function = cast<func::FuncOp>(operation);
  for (Block &block : function.getBody())
    if (failed(inferBlockShapes(block)))
      return failure();
  for (Block &block : function.getBody())
    if (auto result = dyn_cast<func::ReturnOp>(block.getTerminator()))
      function.setType(
          FunctionType::get(function.getContext(), function.getFunctionType().getInputs(), result.getOperandTypes()));
  return success();
}
