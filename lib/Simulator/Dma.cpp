#include "Dma.h"

#include <cstring>

using namespace tpu_mlir;
using namespace tpu_mlir::sim;

Region sim::dmaRegion(uint64_t address, const Shape &shape, const Shape &strides, int elementBytes) {
  if (address >= localBase && address < localBase + localBytes)
    return stridedRegion(address - localBase, shape, strides, elementBytes);
  Region region;
  region.local = false;
  region.address = address;
  region.shape = shape;
  region.stride = strides;
  region.elementBytes = elementBytes;
  return region;
}

Region sim::dmaDefaultRegion(uint64_t address, const Shape &shape, int elementBytes) {
  if (address >= localBase && address < localBase + localBytes)
    return alignedRegion(address - localBase, shape, elementBytes);
  return dmaRegion(address, shape, {shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1}, elementBytes);
}

int sim::dmaElementBytes(FieldReader &fields, Field format) { return byteWidth(fields.precision(format)); }

namespace {
template <typename T>
void copyTyped(const uint8_t *from, int64_t fromStep, uint8_t *to, int64_t toStep, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    std::memcpy(to + i * toStep * sizeof(T), from + i * fromStep * sizeof(T), sizeof(T));
}
} // namespace

void sim::copyRow(const uint8_t *from, int64_t fromStep, uint8_t *to, int64_t toStep, int64_t count, int elementBytes) {
  if (fromStep == 1 && toStep == 1) {
    std::memcpy(to, from, count * elementBytes);
    return;
  }
  switch (elementBytes) {
  case 1:
    return copyTyped<uint8_t>(from, fromStep, to, toStep, count);
  case 2:
    return copyTyped<uint16_t>(from, fromStep, to, toStep, count);
  default:
    return copyTyped<uint32_t>(from, fromStep, to, toStep, count);
  }
}

bool sim::mayOverlap(const Region &a, const Region &b) {
  if (a.local != b.local)
    return false;
  ByteRange x = a.extent(), y = b.extent();
  return x.begin < y.end && y.begin < x.end;
}
