// Emission of a group of tiled ops: chooses tiles and local memory, plays them as time steps (load t+1, compute t,
// store t-1), and lets the first loads of the next group run while this one finishes. A lone op is a group of one; in a
// longer group each later op takes the tile of the op before it from local memory.
#pragma once
#include "tpu_mlir/Codegen/TiledOp.h"

#include "llvm/Support/Error.h"

namespace tpu_mlir::codegen {

/// Where a follower of a group takes its operand from: operand `operand` of the op is result 0 of the op before it.
struct GroupMember {
  std::unique_ptr<TiledOp> op;
  int chainedOperand = -1; ///< -1 for the first op of a group
};

/// Writes groups one after the other into an assembler.
class GroupEmitter {
public:
  /// `reads`: what a trial of the same groups found by `resultReads`; results that are not read stay out of global
  /// memory. Empty: every result is stored.
  explicit GroupEmitter(Assembler &assembler, std::vector<bool> reads = {});
  ~GroupEmitter();

  /// Plans and queues a group. Members after the first are elementwise in the chained operand: a tile of their result
  /// needs the same tile of it. Fails when no tiling fits local memory.
  llvm::Error add(std::vector<GroupMember> group);
  /// True when the group would fit; used to decide whether an op may join.
  static bool fits(const std::vector<GroupMember> &group);
  /// Emits what is still queued. Must be called before anything else is put into the assembler.
  void flush();
  /// Emits what is still queued at the end of a network with the given results.
  void finish(llvm::ArrayRef<GlobalTensor> results);
  /// By group, in the order of `add`: whether its result is read from global memory, up to the end.
  std::vector<bool> resultReads() const;

private:
  struct Impl;
  std::unique_ptr<Impl> impl;
};

} // namespace tpu_mlir::codegen
