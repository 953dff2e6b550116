// Encoder, decoder and disassembler of BM1684X instructions, all three driven by the generated tables.
#include "tpu_mlir/Target/BM1684X/Instruction.h"
#include "InstructionTables.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace tpu_mlir::bm1684x {
#include "tpu_mlir/Target/BM1684X/InstructionTables.cpp.inc"

static_assert(llvm::endianness::native == llvm::endianness::little, "instructions are kept in memory order");

namespace detail {
namespace {
constexpr auto makeFieldRefs() {
  std::array<std::array<FieldRef, numFields>, numFormats> refs{};
  for (const FormatInfo &info : formatInfos)
    for (const FieldSlot &slot : info.slots)
      refs[static_cast<size_t>(info.format)][static_cast<size_t>(slot.field)] = {slot.offset, slot.width};
  return refs;
}
} // namespace
constexpr std::array<std::array<FieldRef, numFields>, numFormats> fieldRefs = makeFieldRefs();
} // namespace detail

namespace {

const FormatInfo &infoOf(Format format) { return formatInfos[static_cast<size_t>(format)]; }
const FieldInfo &infoOf(Field field) { return fieldInfos[static_cast<size_t>(field)]; }

std::string_view nameOf(std::span<const ValueName> names, uint64_t value) {
  for (const ValueName &entry : names)
    if (entry.value == value)
      return entry.name;
  return {};
}

/// Format numbers by the three fields that select them; every command holds these in its first 16 bytes.
class Dispatch {
public:
  constexpr Dispatch() {
    for (const FormatInfo &info : formatInfos)
      for (uint32_t isShort = 0; isShort < 2; ++isShort)
        if (auto opcode = opcodeOf(info, isShort))
          for (const ValueName &sub : info.subOps)
            table[index(info.engine, isShort, *opcode, sub.value)] = static_cast<uint8_t>(info.format);
  }

  std::optional<Format> find(Engine engine, const uint8_t *bytes) const {
    uint64_t head[2];
    std::memcpy(head, bytes, sizeof(head));
    // The selecting fields lie in the same bits in all formats of an engine.
    bool tiu = engine == Engine::TIU;
    Format any = tiu ? Format::CONV : Format::DMA_tensor;
    auto value = [&](Field field) {
      FieldRef at = Instruction::ref(any, field);
      return static_cast<uint32_t>(extractBits(head, at.offset, at.width));
    };
    uint8_t found = table[index(engine, value(Field::cmd_short), value(tiu ? Field::tsk_typ : Field::cmd_type),
                                value(tiu ? Field::tsk_eu_typ : Field::cmd_special_function))];
    return found == none ? std::nullopt : std::optional(static_cast<Format>(found));
  }

private:
  static constexpr uint8_t none = 0xFF;
  static constexpr size_t index(Engine engine, uint32_t isShort, uint32_t opcode, uint32_t sub) {
    return ((static_cast<size_t>(engine) * 2 + isShort) * 16 + opcode) * 32 + sub;
  }
  /// The opcode of a format in the given form; nothing when it has no such form.
  static constexpr std::optional<uint32_t> opcodeOf(const FormatInfo &info, uint32_t isShort) {
    std::optional<uint32_t> opcode;
    for (const FieldValue &match : info.matches) {
      if (match.field == Field::cmd_short && match.value != isShort)
        return std::nullopt;
      if (match.field != Field::cmd_short)
        opcode = match.value;
    }
    return opcode;
  }

  std::array<uint8_t, 2 * 2 * 16 * 32> table = [] {
    std::array<uint8_t, 2 * 2 * 16 * 32> empty{};
    empty.fill(none);
    return empty;
  }();
};
constexpr Dispatch dispatch;

bool allZero(ArrayRef<uint8_t> bytes) {
  return llvm::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

Error streamError(size_t offset, Engine engine, const Twine &text) {
  return createStringError(Twine(name(engine)) + " stream, byte " + Twine(offset) + ": " + text);
}

} // namespace

Instruction::Instruction(Format format) : kind(format) {
  const FormatInfo &info = infoOf(format);
  for (const FieldSlot &slot : info.slots)
    if (slot.initial)
      set(slot.field, slot.initial);
  for (const FieldValue &match : info.matches)
    set(match.field, match.value);
}

StringRef Instruction::name() const { return infoOf(kind).name; }
Engine Instruction::engine() const { return infoOf(kind).engine; }
unsigned Instruction::encodedSize() const { return infoOf(kind).bytes; }
Field Instruction::selector() const { return infoOf(kind).selector; }
StringRef Instruction::subOpName() const { return nameOf(infoOf(kind).subOps, subOp()); }

bool Instruction::isEnd() const {
  return (kind == Format::SYSID && is(SysOp::End)) || (kind == Format::sDMA_sys && is(DmaSysOp::End));
}

void encode(const Instruction &instruction, SmallVectorImpl<uint8_t> &out) {
  ArrayRef<uint8_t> bytes = instruction.bytes();
  out.append(bytes.begin(), bytes.end());
}

Expected<Instruction> decode(ArrayRef<uint8_t> stream, size_t offset, Engine engine) {
  if (offset > stream.size() || stream.size() - offset < 16)
    return streamError(offset, engine, "the stream ends inside an instruction");
  std::optional<Format> format = dispatch.find(engine, stream.data() + offset);
  if (!format)
    return streamError(offset, engine, "no instruction has this opcode");
  size_t size = infoOf(*format).bytes;
  if (stream.size() - offset < size)
    return streamError(offset, engine, Twine("the stream ends inside ") + infoOf(*format).name);
  Instruction instruction(*format);
  std::memcpy(instruction.words.data(), stream.data() + offset, size);
  return instruction;
}

Expected<std::vector<Instruction>> decodeStream(ArrayRef<uint8_t> stream, Engine engine) {
  std::vector<Instruction> result;
  result.reserve(stream.size() / (engine == Engine::TIU ? 48 : 96) + 1);
  for (size_t offset = 0;;) {
    // A zero head is a long CONV without id: only padding looks like that.
    if (offset >= stream.size() || allZero(stream.drop_front(offset).take_front(16)))
      return streamError(offset, engine, "the stream ends without an end instruction");
    Expected<Instruction> instruction = decode(stream, offset, engine);
    if (!instruction)
      return instruction.takeError();
    offset += instruction->encodedSize();
    result.push_back(*instruction);
    if (result.back().isEnd()) {
      if (!allZero(stream.drop_front(offset)))
        return streamError(offset, engine, "there are bytes after the end instruction");
      return result;
    }
  }
}

std::string disassemble(const Instruction &instruction) {
  std::string text;
  raw_string_ostream os(text);
  const FormatInfo &info = infoOf(instruction.format());
  StringRef op = instruction.subOpName();
  os << info.name << ' ' << (op.empty() ? "?" : op);
  if (instruction.has(Field::cmd_id))
    os << " #" << instruction.id();
  if (instruction.dependency())
    os << " after " << instruction.dependency();
  auto isShown = [&](const FieldSlot &slot) {
    return slot.field == Field::cmd_id || slot.field == Field::cmd_id_dep || slot.field == info.selector ||
           llvm::any_of(info.matches, [&](const FieldValue &match) { return match.field == slot.field; });
  };
  bool first = true;
  for (const FieldSlot &slot : info.slots) {
    uint64_t value = instruction[slot.field];
    if (value == slot.initial || isShown(slot))
      continue;
    os << (first ? ": " : " ") << infoOf(slot.field).name << '=';
    first = false;
    if (std::string_view symbol = nameOf(infoOf(slot.field).names, value); !symbol.empty())
      os << symbol;
    else if (infoOf(slot.field).hex)
      os << "0x" << utohexstr(value, /*LowerCase=*/true);
    else
      os << value;
  }
  return text;
}

ArrayRef<Field> fieldsOf(Format format) {
  static const auto lists = [] {
    std::array<std::vector<Field>, numFormats> result;
    for (const FormatInfo &info : formatInfos)
      for (const FieldSlot &slot : info.slots)
        result[static_cast<size_t>(info.format)].push_back(slot.field);
    return result;
  }();
  return lists[static_cast<size_t>(format)];
}

StringRef name(Field field) { return infoOf(field).name; }
StringRef name(Engine engine) { return engine == Engine::TIU ? "TIU" : "GDMA"; }

SmallVector<unsigned> subOpsOf(Format format) {
  return llvm::map_to_vector(infoOf(format).subOps, [](const ValueName &op) -> unsigned { return op.value; });
}

} // namespace tpu_mlir::bm1684x
