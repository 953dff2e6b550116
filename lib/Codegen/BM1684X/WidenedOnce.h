// Which buffers hold weights that are still to be widened. Emission goes through an op's tiles in order: a load makes a
// buffer fresh, the first tile that computes with it widens what it holds, later ones find it done.
#pragma once
#include "tpu_mlir/Target/BM1684X/Tensors.h"

#include "llvm/ADT/SmallSet.h"

namespace tpu_mlir::codegen {

class WidenedOnce {
public:
  void loaded(const bm1684x::LocalTensor &buffer) const { fresh.insert(buffer.offset); }
  /// True once for every load.
  bool take(const bm1684x::LocalTensor &buffer) const { return fresh.erase(buffer.offset); }

private:
  mutable llvm::SmallSet<uint32_t, 2> fresh;
};

/// Room for a widened tensor and, behind it, the stored one; both aligned, with equal channels.
inline bm1684x::LocalTensor joinedBuffer(const bm1684x::LocalTensor &widened, const bm1684x::LocalTensor &stored) {
  int64_t slots = widened.slots(), bytes = (widened.bytesPerLane() + stored.bytesPerLane()) / slots;
  return bm1684x::LocalTensor::aligned(widened.offset, {1, widened.c(), 1, bytes}, ElementType::U8, widened.lane);
}

} // namespace tpu_mlir::codegen
