// Quantizations of ops as code generation needs them.
#include "RequantizationModels.h"

#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::Rounding;

Rounding codegen::roundingOf(tpu::RoundMode mode) {
  switch (mode) {
  case tpu::RoundMode::HalfUp:
    return Rounding::HalfUp;
  case tpu::RoundMode::HalfDown:
  case tpu::RoundMode::HalfTowardsZero:
    return Rounding::HalfDown;
  case tpu::RoundMode::HalfToEven:
    return Rounding::HalfToEven;
  case tpu::RoundMode::TowardsZero:
    return Rounding::TowardZero;
  case tpu::RoundMode::Up:
    return Rounding::Up;
  case tpu::RoundMode::Down:
    return Rounding::Down;
  default:
    return Rounding::HalfAwayFromZero;
  }
}

int64_t codegen::zeroPointOf(Value value) {
  auto quantization = top::quantizationOf(value);
  return quantization ? quantization->zeroPoint : 0;
}

FailureOr<Requantization> codegen::requantizationOf(Operation *op, tpu::RequantMode mode, tpu::RoundMode rounding,
                                                    bool relu, double limit) {
  Value result = op->getResult(0);
  auto quantization = top::quantizationOf(result);
  Requantization requantization;
  if (!quantization && elementTypeOf(result.getType()) == ElementType::F32 && mode == tpu::RequantMode::OnlyScale) {
    requantization.type = ElementType::F32;
    requantization.toReal = true;
    if (relu)
      requantization.realLow = 0.0f;
    if (relu && limit > 0)
      requantization.realHigh = static_cast<float>(limit);
    return requantization;
  }
  if (!quantization || byteSize(quantization->storage) != 1)
    return op->emitOpError() << "'" << top::nameOf(result)
                             << "': operands of 8 bits need a result quantized to 8 bits, or f32 and quant_mode "
                                "OnlyScale, on bm1684x";
  if (mode != tpu::RequantMode::OnlyScale && mode != tpu::RequantMode::MultiplierShift)
    return op->emitOpError() << "'" << top::nameOf(result)
                             << "': quant_mode has to be OnlyScale or MultiplierShift on bm1684x";
  requantization.type = quantization->storage;
  requantization.isFloat = mode == tpu::RequantMode::OnlyScale;
  requantization.rounding = roundingOf(rounding);
  bool isSigned = bm1684x::isSigned(quantization->storage);
  int64_t lowest = isSigned ? -128 : 0, highest = isSigned ? 127 : 255;
  if (relu && quantization->zeroPoint > lowest)
    requantization.low = quantization->zeroPoint;
  if (relu && limit > 0) {
    double bound = std::nearbyint(limit / quantization->scale) + static_cast<double>(quantization->zeroPoint);
    if (bound < static_cast<double>(highest))
      requantization.high = std::max(lowest, static_cast<int64_t>(bound));
  }
  return requantization;
}

FailureOr<TiledOperand> codegen::recordsOperand(Operation *op, Value records, const CodegenContext &context,
                                                const Requantization &requantization, int64_t groups,
                                                int64_t channels) {
  if (top::isNone(records) || top::elementsOf(records) != groups * requantization.words() * channels)
    return op->emitOpError() << "'" << top::nameOf(op->getResult(0))
                             << "': the scales of its result were not made by weight-reorder";
  return TiledOperand{context.global(records, {groups, requantization.words(), 1, channels}), isWeight(records)};
}
