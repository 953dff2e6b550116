// C++ from instruction formats: the enumerations (a header fragment) and the tables that encoder, decoder and
// disassembler work from (a source fragment).
#include "InstructionModel.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace tblgen {
namespace {

void banner(raw_ostream &os) { os << "// Made by tpuc-tblgen; do not edit.\n"; }

std::string quoted(StringRef text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + "\"";
}

} // namespace

void emitEnums(const Chip &chip, raw_ostream &os) {
  banner(os);
  os << "#ifndef TPU_MLIR_" << StringRef(chip.ns).upper() << "_INSTRUCTION_ENUMS\n";
  os << "#define TPU_MLIR_" << StringRef(chip.ns).upper() << "_INSTRUCTION_ENUMS\n";
  os << "#include <cstdint>\n\nnamespace tpu_mlir::" << chip.ns << " {\n\n";
  os << "enum class Format : uint8_t {\n";
  for (const Format &format : chip.formats)
    os << "  " << format.name << ",\n";
  os << "};\ninline constexpr unsigned numFormats = " << chip.formats.size() << ";\n\n";
  os << "enum class Field : uint8_t {\n";
  for (const Field &field : chip.fields)
    os << "  " << field.name << ", ///< " << field.text << "\n";
  os << "};\ninline constexpr unsigned numFields = " << chip.fields.size() << ";\n\n";
  for (const Enumeration &e : chip.enumerations) {
    os << "/// " << e.text << "\nenum class " << e.name << " : uint8_t {\n";
    for (const Case &c : e.cases)
      os << "  " << c.name << " = " << c.value << ", ///< " << c.text << "\n";
    os << "};\n\n";
  }
  for (const SubOperations &sub : chip.subs) {
    os << "/// values of " << chip.fields[sub.selector].name << "\nenum class " << sub.name << " : uint8_t {\n";
    for (const SubOp &op : sub.operations)
      os << "  " << op.enumerator << " = " << op.value << ", ///< " << op.meaning << "\n";
    os << "};\n\n";
  }
  os << "} // namespace tpu_mlir::" << chip.ns << "\n#endif\n";
}

void emitTables(const Chip &chip, raw_ostream &os) {
  banner(os);
  for (const Enumeration &e : chip.enumerations) {
    os << "static constexpr ValueName enumeration" << e.name << "[] = {\n";
    for (const Case &c : e.cases)
      os << "    {" << c.value << ", " << quoted(c.name) << "},\n";
    os << "};\n\n";
  }
  os << "static constexpr FieldInfo fieldInfos[] = {\n";
  for (const Field &field : chip.fields) {
    os << "    {" << quoted(field.name) << ", " << (field.hex ? "true" : "false") << ", ";
    os << (field.enumeration.empty() ? "std::span<const ValueName>()" : "enumeration" + field.enumeration) << "},\n";
  }
  os << "};\n\n";
  for (const Layout &layout : chip.layouts) {
    os << "static constexpr FieldSlot slots" << layout.name << "[] = {\n";
    for (const Slot &slot : layout.slots)
      os << "    {Field::" << chip.fields[slot.field].name << ", " << slot.offset << ", " << slot.width << ", "
         << format_hex(slot.initial, 0) << "},\n";
    os << "};\n\n";
  }
  for (const SubOperations &sub : chip.subs) {
    os << "static constexpr ValueName names" << sub.name << "[] = {\n";
    for (const SubOp &op : sub.operations)
      os << "    {" << op.value << ", " << quoted(op.symbol) << "},\n";
    os << "};\n\n";
  }
  for (const Format &format : chip.formats) {
    os << "static constexpr FieldValue match" << format.name << "[] = {";
    for (auto [field, value] : format.matches)
      os << "{Field::" << chip.fields[field].name << ", " << value << "}, ";
    os << "};\n";
  }
  os << "\nstatic constexpr FormatInfo formatInfos[] = {\n";
  for (const Format &format : chip.formats) {
    const SubOperations &sub = chip.subs[format.sub];
    os << "    {Format::" << format.name << ", " << quoted(format.name) << ", Engine::" << format.engine << ", "
       << chip.layouts[format.layout].bits / 8 << ", Field::" << chip.fields[sub.selector].name << ", slots"
       << chip.layouts[format.layout].name << ", match" << format.name << ", names" << sub.name << "},\n";
  }
  os << "};\n";
}

} // namespace tblgen
