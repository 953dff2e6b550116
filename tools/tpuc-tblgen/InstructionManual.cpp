// The instruction manual of a chip in Markdown.
#include "InstructionModel.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace tblgen {
namespace {

/// Bars would end a table cell, angle brackets would be taken for HTML.
std::string cell(StringRef text) {
  std::string result;
  for (char c : text) {
    if (c == '|' || c == '*' || c == '<' || c == '_')
      result += '\\';
    result += c;
  }
  return result;
}

void emitEnumerations(const Chip &chip, raw_ostream &os) {
  os << "## Enumerations\n";
  for (const Enumeration &e : chip.enumerations) {
    os << "\n### " << e.name << "\n\n" << e.text << "\n\n| value | name | meaning |\n| --- | --- | --- |\n";
    for (const Case &c : e.cases)
      os << "| " << c.value << " | " << cell(c.name) << " | " << cell(c.text) << " |\n";
  }
}

void emitSubOperations(const Chip &chip, raw_ostream &os) {
  os << "\n## Sub-operations\n";
  for (const SubOperations &sub : chip.subs) {
    os << "\n### " << sub.name << "\n\nSelected by `" << chip.fields[sub.selector].name
       << "`.\n\n| value | name | meaning |\n| --- | --- | --- |\n";
    for (const SubOp &op : sub.operations)
      os << "| " << op.value << " | `" << op.symbol << "` | " << cell(op.meaning) << " |\n";
  }
}

void emitFormats(const Chip &chip, raw_ostream &os) {
  os << "\n## Instruction formats\n\n| format | engine | bytes | recognised by | sub-operations | bit layout | "
        "operands |\n"
     << "| --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Format &format : chip.formats) {
    const Layout &layout = chip.layouts[format.layout];
    os << "| `" << format.name << "` | " << format.engine << " | " << layout.bits / 8 << " | ";
    os << join(map_range(format.matches,
                         [&](auto &match) {
                           return "`" + chip.fields[match.first].name + "` = " + std::to_string(match.second);
                         }),
               ", ");
    const SubOperations &sub = chip.subs[format.sub];
    os << " | [" << sub.name << "](#" << StringRef(sub.name).lower() << ") | [" << layout.name << "](#"
       << StringRef(layout.name).lower() << ") | " << cell(format.operands);
    if (!format.note.empty())
      os << (format.operands.empty() ? "" : "; ") << cell(format.note);
    os << " |\n";
  }
}

void emitLayouts(const Chip &chip, raw_ostream &os) {
  os << "\n## Bit layouts\n\nBit 0 is the least significant bit of byte 0. A new instruction of the assembler holds "
        "the\n"
        "initial values; a field without one starts at 0.\n";
  for (const Layout &layout : chip.layouts) {
    os << "\n### " << layout.name << "\n\n"
       << layout.bits << " bits.\n\n| bits | field | meaning | initial |\n| --- | --- | --- | --- |\n";
    for (const Slot &slot : layout.slots) {
      const Field &field = chip.fields[slot.field];
      os << "| " << slot.offset;
      if (slot.width > 1)
        os << "–" << slot.offset + slot.width - 1;
      os << " | `" << field.name << "` | " << cell(field.text);
      if (!field.enumeration.empty())
        os << " ([" << field.enumeration << "](#" << StringRef(field.enumeration).lower() << "))";
      os << " | ";
      if (slot.initial > 1)
        os << "0x" << utohexstr(slot.initial, /*LowerCase=*/true) << ' ';
      else if (slot.initial)
        os << "1 ";
      os << "|\n";
    }
  }
}

} // namespace

void emitManual(const Chip &chip, raw_ostream &os) {
  os << "# Instruction manual of the " << chip.name << "\n\n"
     << "Made by `tpuc-tblgen -gen-manual` from `include/tpu_mlir/Target/" << chip.name
     << "/Instructions.td`; edit that\n"
     << "file, not this page. Engines: " << join(chip.engines, ", ")
     << ". Commands stand in a stream one behind the other; every engine executes its own\nstream in order and waits "
        "for the command of the other engine that a command names.\n\n";
  emitEnumerations(chip, os);
  emitFormats(chip, os);
  emitSubOperations(chip, os);
  emitLayouts(chip, os);
}

} // namespace tblgen
