// Choice of tile sizes and loop order of a group, by estimated cycles; pure values, no emission.
#pragma once
#include "tpu_mlir/Codegen/Plan.h"

namespace tpu_mlir::codegen {

/// The op and the operand through which each member of a chain reads the one before it (-1 for the head).
struct ChainMember {
  TiledOp *op = nullptr;
  int chainedOperand = -1;
};

/// The axes of the first op with the grains and limits of all members (reductions belong to the first one only).
std::array<AxisRule, numAxes> axesOf(const std::vector<ChainMember> &group);
/// Number of tiles of an axis.
inline int64_t tilesOf(const AxisRule &axis, int64_t size) { return ceilDiv(axis.extent, size); }

/// The tile of the head op at the given position of each axis.
Tile tileAt(const std::array<AxisRule, numAxes> &axes, const Tiling &tiling, const std::array<int64_t, numAxes> &index);

/// Tilings that fit `budget` bytes per lane by estimate, best first, at most `count`.
std::vector<Tiling> searchTilings(const std::vector<ChainMember> &group, int64_t budget, unsigned count);

} // namespace tpu_mlir::codegen
