// The instruction formats of a chip as plain C++ values, read from TableGen records and checked: every layout covers
// each of its bits once, every match and selector field exists in the layout.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class RecordKeeper;
class raw_ostream;
} // namespace llvm

namespace tblgen {

struct Case {
  std::string name, text;
  int64_t value;
};

struct Enumeration {
  std::string name, text;
  std::vector<Case> cases;
};

struct Field {
  std::string name, text, enumeration;
  bool hex;
};

struct Slot {
  unsigned field; ///< index into Chip::fields
  unsigned offset, width;
  uint64_t initial;
};

struct Layout {
  std::string name;
  unsigned bits;
  std::vector<Slot> slots;

  const Slot *find(unsigned field) const;
};

struct SubOp {
  unsigned value;
  std::string symbol, enumerator, meaning;
};

struct SubOperations {
  std::string name;
  unsigned selector; ///< index into Chip::fields
  std::vector<SubOp> operations;
};

struct Format {
  std::string name, engine, operands, note;
  unsigned layout, sub;
  std::vector<std::pair<unsigned, uint64_t>> matches; ///< field index, value
};

struct Chip {
  std::string ns, name;
  std::vector<std::string> engines;
  std::vector<Enumeration> enumerations;
  std::vector<Field> fields;
  std::vector<Layout> layouts;
  std::vector<SubOperations> subs;
  std::vector<Format> formats;
};

/// Reads the records; prints the reason and returns nothing when they are not consistent.
std::optional<Chip> readChip(const llvm::RecordKeeper &records);

void emitEnums(const Chip &chip, llvm::raw_ostream &os);
void emitTables(const Chip &chip, llvm::raw_ostream &os);
void emitManual(const Chip &chip, llvm::raw_ostream &os);

} // namespace tblgen
