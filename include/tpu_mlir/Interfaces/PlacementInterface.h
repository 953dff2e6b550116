// The op interface that tells how a result is placed in global memory.
#pragma once
#include "mlir/IR/OpDefinition.h"

namespace tpu_mlir {

/// How result 0 of an op is placed in global memory.
struct Placement {
  enum Kind {
    Own,       ///< memory of its own
    View,      ///< the bytes of operand `operand` from `byteOffset` on
    Assembled, ///< operand i may be produced in place at `offsets[i]` bytes (-1: it has to be copied)
  };
  Kind kind = Own;
  unsigned operand = 0;
  int64_t byteOffset = 0;
  llvm::SmallVector<int64_t> offsets;

  static Placement own() { return {}; }
  static Placement view(unsigned operand, int64_t byteOffset = 0) { return {View, operand, byteOffset, {}}; }
  static Placement assembled(llvm::SmallVector<int64_t> offsets) { return {Assembled, 0, 0, std::move(offsets)}; }
};

} // namespace tpu_mlir

#include "tpu_mlir/Interfaces/PlacementInterface.h.inc"
