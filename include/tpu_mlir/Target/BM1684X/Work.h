// What an instruction does, apart from what it costs: for utilization, rooflines and profiles.
#pragma once
#include "tpu_mlir/Target/BM1684X/Instruction.h"

namespace tpu_mlir::bm1684x {

/// What limits an instruction, by the unit that does its work.
enum class Unit : uint8_t {
  Array,    ///< convolutions and matrix products
  Vector,   ///< elementwise and everything else that TIU does line by line
  Memory,   ///< moves that touch global memory
  LaneMove, ///< moves inside of local memory
};

struct Work {
  Unit unit = Unit::Vector;
  /// Multiply-adds of the array.
  uint64_t multiplyAdds = 0;
  /// Cycles that the same work takes where every lane, every line and every burst is full; never above the price.
  double idealCycles = 0;
};

Work workOf(const Instruction &instruction);

/// Multiply-adds per cycle of the array for operands of a type.
int64_t arrayRate(Precision precision);
/// Bytes per cycle that GDMA moves at best, from global memory and to it.
inline constexpr double bestLoadRate = 58, bestStoreRate = 44;

/// A short description for people: "conv f16 1x64x56x56 3x3", "load 1x64x56x56 f16". Equal for the tiles of an op that
/// have equal shapes.
std::string summarize(const Instruction &instruction);

} // namespace tpu_mlir::bm1684x
