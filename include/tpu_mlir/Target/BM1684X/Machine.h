// The machine in numbers: lanes, local memory, the address map, and the codes of element types.
#pragma once
#include "tpu_mlir/Support/Tensor.h"
#include "tpu_mlir/Target/BM1684X/InstructionEnums.h.inc"
#include <optional>

namespace tpu_mlir::bm1684x {

inline constexpr int64_t numLanes = 64;
inline constexpr int64_t laneBytes = 256 * 1024;
inline constexpr int64_t numBanks = 16;
inline constexpr int64_t bankBytes = laneBytes / numBanks;
/// Bytes that a lane handles at once; aligned tensors have their channels on multiples of it.
inline constexpr int64_t lineBytes = 64;
/// A table that is read in four banks at once is there four times, so many bytes apart.
inline constexpr int64_t tableCopies = 4, tableCopyStep = 2 * bankBytes;

/// Byte addresses as GDMA sees them. TIU instructions name local memory without the base.
inline constexpr uint64_t localBase = 0x0800'0000;
inline constexpr uint64_t staticBase = 0x0900'0000;
inline constexpr uint64_t staticBytes = 16 * 1024;
inline constexpr uint64_t l2Base = 0x1000'0000;
inline constexpr uint64_t l2Bytes = 0x1F'B000;
inline constexpr uint64_t globalBase = 0x1'0000'0000;
inline constexpr uint64_t globalEnd = 0x100'0000'0000; // 40-bit addresses

/// Largest extent of a tensor in an instruction, and the largest number of commands in a stream.
inline constexpr int64_t maxExtent = 65535;
inline constexpr uint32_t maxCommandId = (1u << 20) - 1;

constexpr int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t alignUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }

/// The code of an element type in instructions; nothing for types that the chip does not have.
constexpr std::optional<Precision> precisionOf(ElementType type) {
  switch (type) {
  case ElementType::I8:
  case ElementType::U8:
    return Precision::INT8;
  case ElementType::I16:
  case ElementType::U16:
    return Precision::INT16;
  case ElementType::I32:
  case ElementType::U32:
    return Precision::INT32;
  case ElementType::F16:
    return Precision::FP16;
  case ElementType::BF16:
    return Precision::BF16;
  case ElementType::F32:
    return Precision::FP32;
  default:
    return std::nullopt;
  }
}

constexpr bool isFloat(ElementType type) {
  return type == ElementType::F32 || type == ElementType::F16 || type == ElementType::BF16;
}
constexpr bool isHalf(ElementType type) { return type == ElementType::F16 || type == ElementType::BF16; }
/// The sign bit of an operand of this type.
constexpr bool isSigned(ElementType type) {
  return type != ElementType::U8 && type != ElementType::U16 && type != ElementType::U32;
}

/// Input channels that a convolution takes at once, which is how many its packed weights keep together.
constexpr int64_t convChannelPack(ElementType type) { return byteSize(type) == 4 ? 1 : byteSize(type) == 2 ? 32 : 64; }

/// Where the constant tables that the device loads at start-up lie in static memory, in bytes from `staticBase`.
namespace static_table {
inline constexpr uint32_t expF32 = 0x400, logF32 = 0x480, erfF32 = 0x580, serialI32 = 0x5C0, sinF32 = 0x6C0,
                          cosF32 = 0x740, arcsinF32 = 0x7C0, tanF32 = 0x8C0, expF16 = 0x940, expBF16 = 0x980,
                          logF16 = 0x9C0, logBF16 = 0xA00, sinF16 = 0xA40, sinBF16 = 0xA80, cosF16 = 0xAC0,
                          cosBF16 = 0xB00, arctanF32 = 0xB40;
} // namespace static_table

} // namespace tpu_mlir::bm1684x
