#include "Relations.h"

using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using kernels::Precision;

namespace {

/// A float's place in the order of numbers as an integer; zeros of both signs (and flushed denormals) coincide.
struct Ordered {
  int64_t key;
  bool nan;
};
Ordered orderedFloat(Precision precision, uint32_t bits) {
  int width = kernels::bitWidth(precision), mantissa = precision == Precision::F32   ? 23
                                                       : precision == Precision::F16 ? 10
                                                                                     : 7;
  uint32_t sign = 1u << (width - 1), magnitude = bits & (sign - 1), infinity = (sign - 1) >> mantissa << mantissa;
  magnitude = precision != Precision::F16 && magnitude < 1u << mantissa ? 0 : magnitude;
  return {bits & sign ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude), magnitude > infinity};
}

template <typename Test> void each(const uint32_t *a, const uint32_t *b, uint8_t *holds, int64_t count, Test test) {
  for (int64_t i = 0; i < count; ++i)
    holds[i] = test(a[i], b[i]);
}

} // namespace

uint32_t sim::flushBits(Precision precision, uint32_t bits) {
  if (precision == Precision::F32)
    return (bits & 0x7F800000) == 0 ? bits & 0x80000000 : bits;
  if (precision == Precision::BF16)
    return (bits & 0x7F80) == 0 ? bits & 0x8000 : bits;
  return bits;
}

void sim::compareBits(Relation relation, Precision precision, bool isSigned, const uint32_t *a, const uint32_t *b,
                      uint8_t *holds, int64_t count) {
  if (relation == Relation::Equal)
    return each(a, b, holds, count, [](uint32_t x, uint32_t y) { return x == y; });
  if (!kernels::isFloat(precision)) {
    // Moving the sign bit to the top makes one comparison do for all widths.
    int up = 32 - kernels::bitWidth(precision);
    uint32_t flip = isSigned ? 0x80000000u : 0;
    if (relation == Relation::Greater)
      return each(a, b, holds, count, [=](uint32_t x, uint32_t y) { return ((x << up) ^ flip) > ((y << up) ^ flip); });
    return each(a, b, holds, count, [=](uint32_t x, uint32_t y) { return ((x << up) ^ flip) < ((y << up) ^ flip); });
  }
  each(a, b, holds, count, [=](uint32_t x, uint32_t y) {
    Ordered left = orderedFloat(precision, x), right = orderedFloat(precision, y);
    bool numbers = !left.nan && !right.nan;
    bool greater = numbers && left.key > right.key;
    return relation == Relation::Greater ? greater : !greater && !(numbers && left.key == right.key) && x != y;
  });
}
