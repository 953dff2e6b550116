// Contents of the chip's static memory: polynomial coefficients that the firmware loads at start-up. Kernels fetch them
// with static broadcasts.
#pragma once
#include <cstdint>

namespace tpu_mlir::sim {
/// Writes the 16 KiB of tables.
void fillStaticTables(uint8_t *memory);
} // namespace tpu_mlir::sim
