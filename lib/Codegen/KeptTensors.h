// Results that stay in local memory after they were stored, so that later groups need not load them again. They lie in
// a zone at the end of the lanes, whole and aligned; what another store overwrites in global memory is forgotten.
#pragma once
#include "tpu_mlir/Codegen/GroupEmitter.h"

namespace tpu_mlir::codegen {

class KeptTensors {
public:
  /// Bytes of each lane that tensors may be kept in, from `zoneBegin` to its end.
  static constexpr int64_t zoneBytes = 64 * 1024;
  static constexpr int64_t zoneBegin = bm1684x::laneBytes - zoneBytes;

  /// The kept tensor that operand `i` of the op is as a whole, if there is one and the op loads it plainly.
  std::optional<LocalTensor> find(const TiledOp &op, unsigned i) const;

  /// A place for a result, none if it is too large. Kept tensors make room, the oldest first, except those that hold
  /// one of `needed`.
  std::optional<LocalTensor> reserve(const GlobalTensor &result, llvm::ArrayRef<LocalTensor> needed);
  /// What is kept of a range of global memory that is about to be written is no longer valid.
  void forget(const GlobalTensor &written);
  /// From now on the place holds the tensor.
  void add(const GlobalTensor &tensor, const LocalTensor &place) { entries.push_back({tensor, place}); }
  void clear() { entries.clear(); }
  bool empty() const { return entries.empty(); }

private:
  struct Entry {
    GlobalTensor global;
    LocalTensor local;
  };
  std::vector<Entry> entries; ///< oldest first
};

/// Which results are read from global memory, found out while a network is emitted: only those have to be stored.
/// Groups are counted in the order of emission.
class ResultReads {
public:
  /// The next group's result is written; what lay there before is no longer read. `stays`: it is kept in local memory.
  void written(const GlobalTensor &result, bool stays);
  void read(const bm1684x::GlobalRegion &region);
  /// Anything may be read.
  void readAll();
  /// By group, whether its result is read.
  const std::vector<bool> &result() const { return isRead; }

private:
  struct Producer {
    size_t group;
    bm1684x::GlobalRegion region;
  };
  std::vector<Producer> producers;
  std::vector<bool> isRead;
};

/// The part of a kept tensor that holds a box of it, in the layout of a buffer of its own; nothing where they differ.
std::optional<LocalTensor> keptPart(const LocalTensor &kept, const Slice &box);

} // namespace tpu_mlir::codegen
