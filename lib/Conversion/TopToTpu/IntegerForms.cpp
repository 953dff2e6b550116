// 8-bit forms that ops share: the float form, tables of 256 results, moves of bytes.
#include "Integer.h"
#include "QuantizedWeights.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;

FailureOr<top::Quantization> tpu_mlir::resultQuantizationOf(Lowering &l) {
  return l.quantizationFor(l.op->getResult(0));
}

top::Quantization tpu_mlir::beginProduct(Lowering &l, const top::Quantization &output) {
  if (staysReal(l.op, l.realResultRules()))
    l.beginIntegerWithRealResult();
  else
    l.beginInteger(output);
  return l.resultQuantization();
}

LogicalResult tpu_mlir::replaceByTable(Lowering &l, const std::function<double(double)> &function) {
  Value source = l.op->getOperand(0);
  FailureOr<top::Quantization> input = l.quantizationFor(source);
  FailureOr<Value> x = l.operand(source);
  if (failed(input) || failed(x))
    return failure();
  const top::Quantization &output = l.resultQuantization();
  Tensor table(output.storage, {1, 1, 1, 256});
  for (int byte = 0; byte < 256; ++byte) {
    int64_t q = input->storage == ElementType::I8 ? static_cast<int8_t>(byte) : byte;
    double value = function(static_cast<double>(q - input->zeroPoint) * input->scale);
    table.data<uint8_t>()[byte] = static_cast<uint8_t>(quantizeValue(value, output));
  }
  bool isSigned = output.storage == ElementType::I8;
  Type element = IntegerType::get(l.op->getContext(), 8, isSigned ? IntegerType::Signed : IntegerType::Unsigned);
  return l.replace(tpu::LutOp::getOperationName(), {*x, l.weight("_table", table, element)}, {});
}

/// The largest magnitude a value may have; infinite where that is not known.
static double magnitudeOf(Value value) {
  if (std::optional<top::Range> range = top::calibratedRangeOf(value.getType()))
    return std::max(std::abs(range->min), std::abs(range->max));
  if (std::optional<top::Quantization> q = top::quantizationOf(value))
    return std::max(std::abs(static_cast<double>(q->low - q->zeroPoint)), static_cast<double>(q->high - q->zeroPoint)) *
           q->scale;
  return INFINITY;
}

ElementType tpu_mlir::fallbackType(Operation *op) {
  constexpr double limit = 60000;
  auto fits = [&](Value value) {
    return top::isNone(value) || top::weightOf(value) || !isa<RankedTensorType>(value.getType()) ||
           magnitudeOf(value) <= limit;
  };
  return llvm::all_of(op->getOperands(), fits) && llvm::all_of(op->getResults(), fits) ? ElementType::F16
                                                                                       : ElementType::F32;
}

/// Dequantized operands, the f32 op, a quantized result.
static FailureOr<bool> floatForm(Lowering &l, const LoweringFn &lower) {
  FailureOr<top::Quantization> output = resultQuantizationOf(l);
  if (failed(output))
    return failure();
  for (Value operand : l.op->getOperands())
    if (!top::isNone(operand) && !top::weightOf(operand) && failed(l.quantizationFor(operand)))
      return failure();
  l.beginInteger(*output);
  if (failed(lower(l)))
    return failure();
  return true;
}

/// A slope, scale or bias that is computed at run time has no float form.
template <typename OpTy> static FailureOr<bool> floatFormOfConstants(Lowering &l, const LoweringFn &lower) {
  for (Value parameter : l.op->getOperands().drop_front())
    if (!top::isNone(parameter) && !top::weightOf(parameter))
      return false;
  return floatForm(l, lower);
}

static bool hasFusedRelu(Operation *op) {
  auto attr = op->getAttrOfType<BoolAttr>("do_relu");
  return attr && attr.getValue();
}

/// Bytes stay bytes: the result has the operand's quantization, or the network's own for it. What another op gives as
/// floats is moved as floats.
static FailureOr<bool> moveForm(Lowering &l, const LoweringFn &lower) {
  Value source = l.op->getOperand(0), result = l.op->getResult(0);
  if (hasFusedRelu(l.op) || top::weightOf(source))
    return false;
  bool fixed = top::isQuantized(result);
  if (!fixed && !top::isQuantized(source) && !source.getDefiningOp<top::InputOp>()) {
    l.type = top::elementTypeOf(source.getType());
    return failed(lower(l)) ? FailureOr<bool>(failure()) : true;
  }
  FailureOr<top::Quantization> shared = fixed ? resultQuantizationOf(l) : l.quantizationFor(source);
  if (failed(shared))
    return failure();
  l.beginInteger(*shared, *shared);
  if (failed(lower(l)))
    return failure();
  return true;
}

/// All operands are brought to the result's quantization.
static FailureOr<bool> concatForm(Lowering &l, const LoweringFn &lower) {
  if (hasFusedRelu(l.op))
    return false;
  FailureOr<top::Quantization> shared = resultQuantizationOf(l);
  if (failed(shared))
    return failure();
  l.beginInteger(*shared, *shared);
  if (failed(lower(l)))
    return failure();
  return true;
}

using Form = FailureOr<bool> (*)(Lowering &, const LoweringFn &);

template <typename... OpTys> static void addForm(IntegerTable &table, const LoweringTable &floats, Form form) {
  (
      [&] {
        LoweringFn lower = floats.lookup(OpTys::getOperationName());
        table[OpTys::getOperationName()] = [form, lower](Lowering &l) { return form(l, lower); };
      }(),
      ...);
}

void tpu_mlir::addIntegerForms(IntegerTable &table, const LoweringTable &floats) {
  addForm<top::AddOp, top::SubOp, top::MulOp, top::MaxOp, top::MinOp, top::AddConstOp, top::SubConstOp, top::MulConstOp,
          top::MaxConstOp, top::MinConstOp, top::ReluOp, top::LeakyReluOp, top::ClipOp, top::AbsOp>(table, floats,
                                                                                                    floatForm);
  addForm<top::PReluOp, top::ScaleOp, top::BatchNormOp>(table, floats, floatFormOfConstants<top::PReluOp>);
  // toActive makes a table where the op is lowered in integers.
  addForm<top::SigmoidOp, top::SiLUOp, top::TanhOp, top::ExpOp, top::LogOp, top::SqrtOp, top::RsqrtOp, top::CeilOp,
          top::FloorOp, top::RoundOp, top::SignOp, top::SinOp, top::CosOp, top::ErfOp, top::GELUOp, top::EluOp,
          top::HardSigmoidOp, top::HardSwishOp, top::MishOp, top::SoftplusOp, top::SoftsignOp>(table, floats,
                                                                                               floatForm);
  addForm<top::ReshapeOp, top::FlattenOp, top::SqueezeOp, top::UnsqueezeOp, top::PermuteOp, top::TransposeOp,
          top::SliceOp, top::PadOp, top::UpsampleOp, top::TileOp, top::Depth2SpaceOp>(table, floats, moveForm);
  addForm<top::ConcatOp>(table, floats, concatForm);
  LoweringFn interp = floats.lookup(top::InterpOp::getOperationName());
  addInteger<top::InterpOp>(table, [interp](top::InterpOp op, Lowering &l) -> FailureOr<bool> {
    return op.getMode() == "nearest" ? moveForm(l, interp) : FailureOr<bool>(false);
  });
}
