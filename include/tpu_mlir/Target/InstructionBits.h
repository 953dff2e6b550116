// Bit fields in a little-endian array of 64-bit words: what encoders and decoders of every chip stand on.
#pragma once
#include <cstdint>

namespace tpu_mlir {

constexpr uint64_t lowBits(unsigned width) { return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

/// The field of `width` bits (1 to 64) that starts at bit `offset`.
constexpr uint64_t extractBits(const uint64_t *words, unsigned offset, unsigned width) {
  unsigned word = offset / 64, shift = offset % 64;
  uint64_t value = words[word] >> shift;
  if (shift + width > 64)
    value |= words[word + 1] << (64 - shift);
  return value & lowBits(width);
}

constexpr void insertBits(uint64_t *words, unsigned offset, unsigned width, uint64_t value) {
  unsigned word = offset / 64, shift = offset % 64;
  uint64_t mask = lowBits(width);
  value &= mask;
  words[word] = (words[word] & ~(mask << shift)) | value << shift;
  if (shift + width > 64)
    words[word + 1] = (words[word + 1] & ~(mask >> (64 - shift))) | value >> (64 - shift);
}

} // namespace tpu_mlir
