// Requantization of 32-bit sums.
#include "Requantization.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::Rounding;

LocalTensor Requantization::buffer(uint32_t offset, int64_t channels) const {
  return LocalTensor::aligned(offset, {1, channels, 1, words()}, isFloat ? ElementType::F32 : ElementType::I32);
}

void Requantization::load(Assembler &assembler, const GlobalTensor &records, int64_t group,
                          const LocalTensor &buffer) const {
  assembler.gdma.cwTranspose(buffer, records.slice({group, 0, 0, 0}, {1, words(), 1, records.w()}).as(buffer.type));
}

/// Between two buffers: an instruction that writes over its operand takes twice as long.
void Requantization::emitReal(Assembler &assembler, const LocalTensor &out, const LocalTensor &sums,
                              bm1684x::Operand scale, bm1684x::Operand offset) const {
  LocalTensor scaled = sums.as(ElementType::F32);
  assembler.tiu.cast(out, sums);
  assembler.tiu.mul(scaled, out, scale);
  assembler.tiu.add(out, scaled, offset);
  clamp(assembler, out);
}

void Requantization::emit(Assembler &assembler, const LocalTensor &out, const LocalTensor &sums,
                          const LocalTensor &records, int64_t channel) const {
  uint32_t first = records.offset + static_cast<uint32_t>(channel);
  auto wordsFrom = [&](int64_t word, int64_t count) {
    return LocalTensor::aligned(first + static_cast<uint32_t>(4 * word), {1, out.c(), 1, count}, records.type);
  };
  if (toReal)
    return emitReal(assembler, out, sums, wordsFrom(0, 1).broadcast(sums.shape), wordsFrom(1, 1).broadcast(sums.shape));
  if (isFloat) {
    assembler.tiu.requantFloat(out, sums, wordsFrom(0, 2), Rounding::HalfToEven, Rounding::HalfToEven);
  } else {
    assembler.tiu.integer(bm1684x::ArOp::Add, sums, sums, wordsFrom(3, 1).broadcast(sums.shape), {.saturate = false});
    assembler.tiu.requantInteger(out, sums, wordsFrom(0, 3), rounding);
  }
  clamp(assembler, out);
}

void Requantization::emit(Assembler &assembler, const LocalTensor &out, const LocalTensor &sums, float scale,
                          float offset) const {
  if (toReal)
    return emitReal(assembler, out, sums, Constant::f32(scale), Constant::f32(offset));
  assembler.tiu.requant(
      out, sums,
      {.scale = scale, .offset = offset, .toFloat = Rounding::HalfToEven, .toInteger = Rounding::HalfToEven});
  clamp(assembler, out);
}

void Requantization::clamp(Assembler &assembler, const LocalTensor &out) const {
  if (low)
    assembler.tiu.max(out, out, Constant::integer(*low, out.type));
  if (high)
    assembler.tiu.min(out, out, Constant::integer(*high, out.type));
  if (realLow)
    assembler.tiu.max(out, out, Constant::f32(*realLow));
  if (realHigh)
    assembler.tiu.min(out, out, Constant::f32(*realHigh));
}

int64_t Requantization::cycles(std::array<int64_t, 4> shape) const {
  int64_t pass = elementwiseCycles(shape, 4);
  if (toReal)
    return pass * (3 + 2 * (realLow.has_value() + realHigh.has_value()));
  return pass * (isFloat ? 1 : 3) + 2 * elementwiseCycles(shape, 1) * (low.has_value() + high.has_value());
}
