// How integer weights of half-precision products lie in global memory. The weight-reorder pass packs, code generation
// unpacks; both take the layout from here.
#pragma once
#include "tpu_mlir/Support/Tensor.h"
#include "tpu_mlir/Target/BM1684X/Machine.h"

#include <algorithm>

namespace tpu_mlir::bm1684x {

/// A column of the product is a row: for each group of the inner axis a record of its scale (half), its zero point (as
/// half, if there is one) and its values. Any whole groups of a row are one run of bytes. Values of 4 bits are
/// unsigned; byte i of a group holds value i in its low half and value i + valueBytes() in its high half.
struct IntegerRows {
  int64_t inner = 0, groups = 1, bits = 8;
  bool hasZeroPoint = false;

  int64_t groupSize() const { return inner / groups; }
  int64_t valueBytes() const { return bits == 4 ? ceilDiv(groupSize(), 2) : groupSize(); }
  int64_t headBytes() const { return hasZeroPoint ? 4 : 2; }
  int64_t recordBytes() const { return headBytes() + alignUp(valueBytes(), 2); }
  int64_t rowBytes() const { return groups * recordBytes(); }
};

/// `value(row, column)`: the stored bits of a weight. Scales and zero points are [rows, groups] (zero points empty if
/// there are none), in the half type. The result is [1, rows, 1, rowBytes].
template <typename Value>
Tensor packIntegerRows(const IntegerRows &layout, int64_t rows, const Tensor &scale, const Tensor &zeroPoint,
                       Value value) {
  Tensor packed(ElementType::U8, {1, rows, 1, layout.rowBytes()});
  uint8_t *to = packed.data<uint8_t>();
  std::fill_n(to, packed.bytes(), uint8_t{0});
  int64_t half = layout.valueBytes();
  for (int64_t record = 0; record < rows * layout.groups; ++record, to += layout.recordBytes()) {
    reinterpret_cast<uint16_t *>(to)[0] = scale.data<uint16_t>()[record];
    if (layout.hasZeroPoint)
      reinterpret_cast<uint16_t *>(to)[1] = zeroPoint.data<uint16_t>()[record];
    int64_t row = record / layout.groups, first = record % layout.groups * layout.groupSize();
    for (int64_t i = 0; i < layout.groupSize(); ++i) {
      uint8_t bits = value(row, first + i);
      to[layout.headBytes() + i % half] |= static_cast<uint8_t>(i < half ? bits : bits << 4);
    }
  }
  return packed;
}

} // namespace tpu_mlir::bm1684x
