// What the GDMA families share: regions from addresses, element copies.
#pragma once
#include "Operation.h"

namespace tpu_mlir::sim {

/// A tensor at a GDMA address with explicit strides (in elements).
Region dmaRegion(uint64_t address, const Shape &shape, const Shape &strides, int elementBytes);
/// The same with the default layout: aligned in local memory, contiguous elsewhere.
Region dmaDefaultRegion(uint64_t address, const Shape &shape, int elementBytes);

/// Bytes of an element of field src_data_format (or another format field).
int dmaElementBytes(FieldReader &fields, Field format = Field::src_data_format);

/// One row of elements between strided places.
void copyRow(const uint8_t *from, int64_t fromStep, uint8_t *to, int64_t toStep, int64_t count, int elementBytes);

/// Whether two regions may share bytes (by their extents).
bool mayOverlap(const Region &a, const Region &b);

} // namespace tpu_mlir::sim
