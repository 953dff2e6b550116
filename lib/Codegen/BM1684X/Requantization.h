// How 32-bit sums become bytes, or real values: per-channel records, rounding, limits. Used by convolutions, poolings
// and matrix products of bytes.
#pragma once
#include "Spatial.h"

namespace tpu_mlir::codegen {

/// The records are a parameter [groups, words, 1, channels] of 32-bit words, one plane per word, so that they come in
/// one long burst; in local memory a channel's words open a line. Two words, f32 {scale, offset}:
/// saturate(even(f32(f32(sum) * scale) + offset)); four, {multiplier, shift, zero point, bias}:
/// saturate(round((sum + bias) * multiplier shifted, positive left) + zero point).
struct Requantization {
  ElementType type = ElementType::I8; ///< of the result
  bool isFloat = true;                ///< which records
  bm1684x::Rounding rounding = bm1684x::Rounding::HalfUp;
  /// The result is f32(f32(sum) * scale) + offset, neither rounded nor saturated; `type` is F32 and `isFloat` holds.
  bool toReal = false;
  /// A fused ReLU where saturation does not do it; of real values, their limits.
  std::optional<int64_t> low, high;
  std::optional<float> realLow, realHigh;

  int64_t words() const { return isFloat ? 2 : 4; }
  LocalTensor buffer(uint32_t offset, int64_t channels) const;
  void load(Assembler &assembler, const GlobalTensor &records, int64_t group, const LocalTensor &buffer) const;
  int64_t loadCycles(int64_t channels) const { return std::max<int64_t>(1, channels * words() / 16); }

  /// `records`: the buffer of all channels; the tensors' first channel is its channel `channel`, a multiple of 64.
  void emit(Assembler &assembler, const LocalTensor &out, const LocalTensor &sums, const LocalTensor &records,
            int64_t channel) const;
  /// The same with one {scale, offset} for all channels.
  void emit(Assembler &assembler, const LocalTensor &out, const LocalTensor &sums, float scale, float offset) const;
  /// Applies the limits, in place.
  void clamp(Assembler &assembler, const LocalTensor &out) const;
  int64_t cycles(std::array<int64_t, 4> shape) const;

private:
  void emitReal(Assembler &assembler, const LocalTensor &out, const LocalTensor &sums, bm1684x::Operand scale,
                bm1684x::Operand offset) const;
};

/// 32-bit sums of a tile at an offset.
inline LocalTensor sumsTensor(uint32_t offset, std::array<int64_t, 4> shape) {
  return LocalTensor::aligned(offset, shape, ElementType::I32);
}

} // namespace tpu_mlir::codegen
