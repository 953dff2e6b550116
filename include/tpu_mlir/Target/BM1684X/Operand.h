// Operands of instructions that are a tensor in local memory or a constant in the instruction.
#pragma once
#include "tpu_mlir/Target/BM1684X/Tensors.h"
#include <bit>

namespace tpu_mlir::bm1684x {

/// A constant in the bit pattern of its type, zero extended.
struct Constant {
  ElementType type = ElementType::F32;
  uint32_t bits = 0;

  static constexpr Constant f32(float value) { return {ElementType::F32, std::bit_cast<uint32_t>(value)}; }
  /// An integer; cut to the width of the type.
  static constexpr Constant integer(int64_t value, ElementType type) {
    uint64_t mask = (uint64_t{1} << (8 * byteSize(type))) - 1;
    return {type, static_cast<uint32_t>(static_cast<uint64_t>(value) & mask)};
  }
  /// The given bits in the given type, for instance an F16 or BF16 value.
  static constexpr Constant raw(uint32_t bits, ElementType type) { return {type, bits}; }
};

class Operand {
public:
  Operand(const LocalTensor &tensor) : local(tensor) {}
  Operand(Constant constant) : value(constant), constant(true) {}

  bool isTensor() const { return !constant; }
  bool isConstant() const { return constant; }
  /// Valid when isTensor().
  const LocalTensor &tensor() const { return local; }
  ElementType type() const { return constant ? value.type : local.type; }
  /// What the address field holds: the local address or the constant's bits.
  uint32_t bits() const { return constant ? value.bits : local.address(); }

private:
  LocalTensor local;
  Constant value;
  bool constant = false;
};

} // namespace tpu_mlir::bm1684x
