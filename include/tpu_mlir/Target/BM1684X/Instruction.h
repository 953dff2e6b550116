// A decoded BM1684X instruction, its encoder, decoder and disassembler. An instruction is its format and its encoded
// bits; fields are read and written in place through tables made from Instructions.td. The formats, fields and
// sub-operations themselves are enumerations in the generated header.
#pragma once
#include "tpu_mlir/Target/BM1684X/InstructionEnums.h.inc"
#include "tpu_mlir/Target/InstructionBits.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <array>
#include <cassert>
#include <string>
#include <vector>

namespace tpu_mlir::bm1684x {

enum class Engine : uint8_t { TIU, GDMA };

/// Where a field lies in a format; width 0 when the format has no such field.
struct FieldRef {
  uint16_t offset = 0;
  uint8_t width = 0;
};

namespace detail {
extern const std::array<std::array<FieldRef, numFields>, numFormats> fieldRefs;
}

class Instruction {
public:
  /// A new instruction: match fields set, others at their initial value (0, all lanes, synchronise with the peer).
  explicit Instruction(Format format);
  template <typename SubOp> Instruction(Format format, SubOp op) : Instruction(format) {
    set(selector(), static_cast<uint64_t>(op));
  }

  Format format() const { return kind; }
  /// The format's name, "sCONV".
  llvm::StringRef name() const;
  Engine engine() const;
  /// Bytes in the stream: 16 to 128.
  unsigned encodedSize() const;
  /// Whether this is the short form, which leaves out fields or gives them less room.
  bool isShort() const { return (*this)[Field::cmd_short] != 0; }

  static FieldRef ref(Format format, Field field) {
    return detail::fieldRefs[static_cast<size_t>(format)][static_cast<size_t>(field)];
  }
  bool has(Field field) const { return ref(kind, field).width != 0; }
  /// The raw, unsigned value; 0 when the format has no such field.
  uint64_t operator[](Field field) const {
    FieldRef at = ref(kind, field);
    return at.width ? extractBits(words.data(), at.offset, at.width) : 0;
  }
  /// Whether the format has the field and room for the value.
  bool fits(Field field, uint64_t value) const {
    FieldRef at = ref(kind, field);
    return at.width && (value & ~lowBits(at.width)) == 0;
  }
  /// Stores a value that `fits`.
  Instruction &set(Field field, uint64_t value) {
    assert(fits(field, value) && "no such field or value too large");
    if (FieldRef at = ref(kind, field); at.width)
      insertBits(words.data(), at.offset, at.width, value);
    return *this;
  }

  /// The field that selects the sub-operation, its value, and the value's name, "arith.add".
  Field selector() const;
  unsigned subOp() const { return static_cast<unsigned>((*this)[selector()]); }
  template <typename SubOp> bool is(SubOp op) const { return subOp() == static_cast<unsigned>(op); }
  llvm::StringRef subOpName() const;

  uint32_t id() const { return static_cast<uint32_t>((*this)[Field::cmd_id]); }
  /// The command of the other engine that has to be complete first; 0 = none.
  uint32_t dependency() const { return static_cast<uint32_t>((*this)[Field::cmd_id_dep]); }
  /// The instruction that ends its engine's stream.
  bool isEnd() const;

  /// GDMA: 40-bit byte addresses; 0 when the format has none.
  uint64_t sourceAddress() const { return address(Field::src_start_addr_l32, Field::src_start_addr_h8); }
  uint64_t destinationAddress() const { return address(Field::dst_start_addr_l32, Field::dst_start_addr_h8); }
  uint64_t indexAddress() const { return address(Field::index_start_addr_l32, Field::index_start_addr_h8); }
  uint64_t maskAddress() const { return address(Field::mask_start_addr_l32, Field::mask_start_addr_h8); }
  /// GDMA: the lanes that take part, bit i = lane i.
  uint64_t laneMask() const { return address(Field::localmem_mask_l32, Field::localmem_mask_h32); }

  /// The encoded bits.
  llvm::ArrayRef<uint8_t> bytes() const { return {reinterpret_cast<const uint8_t *>(words.data()), encodedSize()}; }
  friend bool operator==(const Instruction &a, const Instruction &b) { return a.kind == b.kind && a.words == b.words; }

private:
  friend llvm::Expected<Instruction> decode(llvm::ArrayRef<uint8_t>, size_t, Engine);
  uint64_t address(Field low, Field high) const { return (*this)[low] | (*this)[high] << 32; }

  std::array<uint64_t, 16> words{};
  Format kind;
};

/// Appends the encoded instruction.
void encode(const Instruction &instruction, llvm::SmallVectorImpl<uint8_t> &out);

/// The instruction at byte `offset` of a stream of the given engine. Fails with the offset in the message when the
/// bytes select no format or end too early.
llvm::Expected<Instruction> decode(llvm::ArrayRef<uint8_t> stream, size_t offset, Engine engine);

/// All instructions of a stream, the end instruction included. Only zero bytes may follow it.
llvm::Expected<std::vector<Instruction>> decodeStream(llvm::ArrayRef<uint8_t> stream, Engine engine);

/// One line: format, sub-operation, id, dependency, then every other field that is not zero.
std::string disassemble(const Instruction &instruction);

/// All fields of a format in bit order.
llvm::ArrayRef<Field> fieldsOf(Format format);
llvm::StringRef name(Field field);
llvm::StringRef name(Engine engine);
/// Values of the selector that mean something for the format.
llvm::SmallVector<unsigned> subOpsOf(Format format);

} // namespace tpu_mlir::bm1684x
