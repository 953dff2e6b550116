// What the matrix product's driver and its variants per instruction set know of each other.
#pragma once
#include "tpu_mlir/Kernels/Gemm.h"
#include "tpu_mlir/Support/Simd.h"

namespace tpu_mlir::kernels {

/// Tile of registers: `rows` rows of the left operand by panels of `width` columns of the right one.
struct RegisterTile {
  int rows, width;
};

/// A piece of a product that one thread computes: rows [row0, row1), columns [column0, column1).
struct Block {
  int64_t row0, row1, column0, column1, depth; // depth = k
};

} // namespace tpu_mlir::kernels

namespace tpu_mlir::kernels {
TPU_SIMD_DECLARE(RegisterTile registerTile())
TPU_SIMD_DECLARE(void computeBlock(const Product &product, const Block &block))
} // namespace tpu_mlir::kernels
