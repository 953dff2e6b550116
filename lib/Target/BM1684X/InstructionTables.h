// Types of the tables that tpuc-tblgen makes for BM1684X.
#pragma once
#include "tpu_mlir/Target/BM1684X/Instruction.h"
#include <span>
#include <string_view>

namespace tpu_mlir::bm1684x {

struct ValueName {
  uint32_t value;
  std::string_view name;
};

struct FieldInfo {
  std::string_view name;
  bool hex;
  std::span<const ValueName> names;
};

struct FieldSlot {
  Field field;
  uint16_t offset;
  uint8_t width;
  uint64_t initial;
};

struct FieldValue {
  Field field;
  uint32_t value;
};

struct FormatInfo {
  Format format;
  std::string_view name;
  Engine engine;
  uint8_t bytes;
  Field selector;
  std::span<const FieldSlot> slots;
  std::span<const FieldValue> matches;
  std::span<const ValueName> subOps;
};

} // namespace tpu_mlir::bm1684x
