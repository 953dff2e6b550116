// The bytes that instructions read and write, and the relation that follows: of two instructions that touch the same
// bytes, one of them writing, the first has to stay the first.
#pragma once
#include "tpu_mlir/Target/BM1684X/Operand.h"
#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace tpu_mlir::bm1684x {

/// What an instruction touches.
struct Accesses {
  llvm::SmallVector<LocalRegion, 8> reads, writes;
  llvm::SmallVector<GlobalRegion, 2> globalReads, globalWrites;

  Accesses &read(const LocalTensor &tensor) { return tensor.regions(reads), *this; }
  Accesses &write(const LocalTensor &tensor) { return tensor.regions(writes), *this; }
  Accesses &read(const Operand &operand) { return operand.isTensor() ? read(operand.tensor()) : *this; }
};

/// The accesses of many instructions, one behind the other.
class AccessLog {
public:
  void append(const Accesses &accesses);
  /// Instruction i of another log.
  void append(const AccessLog &other, size_t i);
  size_t size() const { return entries.size(); }
  void clear() { *this = {}; }

  llvm::ArrayRef<LocalRegion> reads(size_t i) const { return slice(local, begin(i).local, entries[i].reads); }
  llvm::ArrayRef<LocalRegion> writes(size_t i) const { return slice(local, entries[i].reads, entries[i].local); }
  llvm::ArrayRef<GlobalRegion> globalReads(size_t i) const {
    return slice(global, begin(i).global, entries[i].globalReads);
  }
  llvm::ArrayRef<GlobalRegion> globalWrites(size_t i) const {
    return slice(global, entries[i].globalReads, entries[i].global);
  }

private:
  void append(llvm::ArrayRef<LocalRegion> reads, llvm::ArrayRef<LocalRegion> writes,
              llvm::ArrayRef<GlobalRegion> globalReads, llvm::ArrayRef<GlobalRegion> globalWrites);

  /// Where the regions of an instruction end: those that it reads, all of them.
  struct Entry {
    size_t reads = 0, local = 0, globalReads = 0, global = 0;
  };
  Entry begin(size_t i) const { return i ? entries[i - 1] : Entry{}; }
  template <typename Region>
  static llvm::ArrayRef<Region> slice(const std::vector<Region> &all, size_t from, size_t to) {
    return llvm::ArrayRef<Region>(all).slice(from, to - from);
  }

  std::vector<LocalRegion> local;
  std::vector<GlobalRegion> global;
  std::vector<Entry> entries;
};

/// For each instruction those that have to come before it, and those that have to come behind it. Pairs that follow
/// from others may be left out.
class OrderGraph {
public:
  /// Instructions further apart than this are not compared in global memory: they always keep their order.
  static constexpr size_t window = 1024;

  explicit OrderGraph(const AccessLog &log);
  size_t size() const { return before.starts.size() - 1; }
  llvm::ArrayRef<uint32_t> predecessors(size_t i) const { return before.of(i); }
  llvm::ArrayRef<uint32_t> successors(size_t i) const { return behind.of(i); }

private:
  struct Lists {
    std::vector<uint32_t> starts, targets;
    llvm::ArrayRef<uint32_t> of(size_t i) const {
      return llvm::ArrayRef<uint32_t>(targets).slice(starts[i], starts[i + 1] - starts[i]);
    }
  };
  Lists before, behind;
};

} // namespace tpu_mlir::bm1684x
