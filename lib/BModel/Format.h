// The frame of a bmodel file: the 64-byte header, then the FlatBuffers part, then the binary section.
#pragma once
#include <cstddef>
#include <cstdint>

namespace tpu_mlir::bmodel {

inline constexpr uint32_t fileMagic = 0xFF55AAEE;
inline constexpr size_t headerBytes = 64;
// Offsets of the header's little-endian fields.
inline constexpr size_t magicAt = 0, headerSizeAt = 4, flatbufferSizeAt = 8, binarySizeAt = 12;

} // namespace tpu_mlir::bmodel
