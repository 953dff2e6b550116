// Lowering of what processor-top-optimize left of QuantizeLinear and DequantizeLinear: casts between real values and
// integers. In float modes all of them are left and the network keeps its roundings and saturations.
#include "Lowering.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tpu_mlir;

static NamedAttrList castAttributes(Lowering &l, bool withScale) {
  NamedAttrList attrs;
  attrs.set("round_mode", tpu::RoundModeAttr::get(l.op->getContext(), tpu::RoundMode::HalfToEven));
  attrs.set("with_scale", l.builder.getBoolAttr(withScale));
  return attrs;
}

static LogicalResult refuseAxis(Lowering &l) {
  return l.refuse("activations with scales per axis are not supported on bm1684x; quantize them per tensor");
}

static LogicalResult lowerQuantize(top::QuantizeLinearOp op, Lowering &l) {
  if (!top::isQuantized(op.getOutput()))
    return refuseAxis(l);
  Value input = op.getInput();
  if (top::weightOf(input)) {
    FailureOr<Value> values = l.operand(input, ElementType::F32);
    if (failed(values))
      return failure();
    input = *values;
  }
  op.getOutput().replaceAllUsesWith(
      l.create(tpu::CastOp::getOperationName(), input, op.getOutput().getType(), castAttributes(l, true), op.getLoc()));
  op->erase();
  return success();
}

/// Whether the op takes its operand for what it is.
static bool undoes(top::DequantizeLinearOp op, const top::Quantization &quantization) {
  return cast<FloatAttr>(op.getXScale()[0]).getValueAsDouble() == quantization.scale &&
         cast<IntegerAttr>(op.getXZeroPoint()[0]).getInt() == quantization.zeroPoint;
}

static LogicalResult lowerDequantize(top::DequantizeLinearOp op, Lowering &l) {
  std::optional<top::Quantization> quantization = top::quantizationOf(op.getInput());
  if (!quantization || op.getXScale().size() != 1)
    return refuseAxis(l);
  // A result of the network is f32: no rounding on the way.
  if (llvm::all_of(op->getUsers(), [](Operation *user) { return isa<func::ReturnOp>(user); }))
    l.type = ElementType::F32;
  Type type = cast<RankedTensorType>(op.getOutput().getType()).clone(top::mlirTypeOf(l.type, op.getContext()));
  bool exact = undoes(op, *quantization);
  double scale = cast<FloatAttr>(op.getXScale()[0]).getValueAsDouble();
  int64_t zeroPoint = cast<IntegerAttr>(op.getXZeroPoint()[0]).getInt();
  Value made = op.getInput();
  auto step = [&](StringRef name, NamedAttrList attrs, StringRef suffix) {
    Location location =
        suffix.empty() ? op.getLoc() : top::nameLoc(op.getContext(), (top::nameOf(op.getOutput()) + suffix).str());
    made = l.create(name, made, type, attrs, location);
  };
  auto constant = [&](double value) {
    NamedAttrList attrs;
    attrs.set("const_val", l.builder.getF64FloatAttr(value));
    return attrs;
  };
  bool plain = exact || (scale == 1 && zeroPoint == 0);
  step(tpu::CastOp::getOperationName(), castAttributes(l, exact), plain ? "" : "_integers");
  if (!plain) {
    step(tpu::AddConstOp::getOperationName(), constant(-static_cast<double>(zeroPoint)), "_centered");
    step(tpu::MulConstOp::getOperationName(), constant(scale), "");
  }
  op.getOutput().replaceAllUsesWith(made);
  op->erase();
  return success();
}

void tpu_mlir::addQuantizeLinearLowerings(LoweringTable &table) {
  add<top::QuantizeLinearOp>(table, lowerQuantize);
  add<top::DequantizeLinearOp>(table, lowerDequantize);
}
