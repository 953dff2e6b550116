// The bytes that instructions read and write, and the relation that follows: of two instructions that touch the same
// bytes, one of them writing, the first has to stay the first.
#pragma once
#include "tpu_mlir/Target/BM1684X/Instruction.h"
#include "tpu_mlir/Target/BM1684X/Operand.h"
#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace tpu_mlir::bm1684x {

/// A tensor in local memory that an instruction works on: its address, as TIU instructions hold it, and how many of the
/// regions in a row are its.
struct LocalUse {
  uint32_t address, regions;
};

/// What an instruction touches.
struct Accesses {
  llvm::SmallVector<LocalRegion, 8> reads, writes;
  llvm::SmallVector<LocalUse, 4> readUses, writeUses;
  llvm::SmallVector<GlobalRegion, 2> globalReads, globalWrites;
  /// Fields of a TIU instruction that hold addresses of these tensors, as far as that is known.
  llvm::SmallVector<Field, 4> addressFields;

  Accesses &read(const LocalTensor &tensor) { return add(tensor, reads, readUses); }
  Accesses &write(const LocalTensor &tensor) { return add(tensor, writes, writeUses); }
  Accesses &read(const Operand &operand) { return operand.isTensor() ? read(operand.tensor()) : *this; }

private:
  Accesses &add(const LocalTensor &tensor, llvm::SmallVectorImpl<LocalRegion> &regions,
                llvm::SmallVectorImpl<LocalUse> &uses) {
    size_t before = regions.size();
    tensor.regions(regions);
    uses.push_back({tensor.address(), static_cast<uint32_t>(regions.size() - before)});
    return *this;
  }
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
  llvm::ArrayRef<LocalUse> readUses(size_t i) const { return slice(uses, begin(i).uses, entries[i].readUses); }
  llvm::ArrayRef<LocalUse> writeUses(size_t i) const { return slice(uses, entries[i].readUses, entries[i].uses); }
  llvm::ArrayRef<Field> addressFields(size_t i) const { return slice(fields, begin(i).fields, entries[i].fields); }
  /// Moves use `u` of instruction i, those that it reads first, by a number of bytes within its lanes.
  void shift(size_t i, size_t u, int64_t bytes);

private:
  /// Where the regions (and other things) of an instruction end: those that it reads, all of them.
  struct Entry {
    size_t reads = 0, local = 0, globalReads = 0, global = 0, readUses = 0, uses = 0, fields = 0;
  };
  Entry begin(size_t i) const { return i ? entries[i - 1] : Entry{}; }
  template <typename Region>
  static llvm::ArrayRef<Region> slice(const std::vector<Region> &all, size_t from, size_t to) {
    return llvm::ArrayRef<Region>(all).slice(from, to - from);
  }

  std::vector<LocalRegion> local;
  std::vector<GlobalRegion> global;
  std::vector<LocalUse> uses;
  std::vector<Field> fields;
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
