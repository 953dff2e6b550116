// Driver of the integer matrix product: blocks for all threads, and the packing of right operands that lie in memory.
#include "IntegerGemm.h"

#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cstring>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Words of right operand that a block packs: about half of a 1 MiB second-level cache.
constexpr int64_t wordsPerBlock = 128 << 10;
// Below this many quad products a product is not worth waking a thread.
constexpr int64_t smallProduct = 1 << 15;

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t roundUp(int64_t a, int64_t b) { return ceilDiv(a, b) * b; }

struct Cut {
  int64_t parts, size;
};

// Parts of equal size (a multiple of `grain`), at least `wanted` of them where the extent allows.
Cut cut(int64_t extent, int64_t grain, int64_t wanted) {
  const int64_t size = std::max(grain, roundUp(ceilDiv(extent, std::max<int64_t>(wanted, 1)), grain));
  return {ceilDiv(extent, size), size};
}

} // namespace

void kernels::integerGemm(int64_t count, int64_t m, int64_t n, int64_t quads, const IntegerProductList &products) {
  if (count <= 0 || m <= 0 || n <= 0)
    return;
  const IntegerTile tile = TPU_SIMD_DISPATCH(kernels, integerTile)();
  const int64_t cost = m * n * std::max<int64_t>(quads, 1), threads = threadCount();
  const bool small = cost < smallProduct;
  const int64_t columnsPerBlock = std::clamp<int64_t>(wordsPerBlock / std::max<int64_t>(quads, 1), tile.width, 4096);
  int64_t wanted = ceilDiv(n, columnsPerBlock);
  if (!small && count < 2 * threads)
    wanted = roundUp(wanted, threads);
  // Few columns are cut between registers, so that all threads get as many.
  const Cut columns = cut(n, n <= 2 * threads * tile.width ? tile.lanes : tile.width, wanted);
  // Rows are cut only where columns do not suffice: each row block packs its columns again.
  Cut rows{1, m};
  if (!small && count * columns.parts < threads)
    rows = cut(m, tile.rows, ceilDiv(threads, count * columns.parts));
  const int64_t blocks = rows.parts * columns.parts, total = count * blocks;
  const int64_t grain = small ? std::max<int64_t>(1, smallProduct / cost) : 1;
  parallelFor(total, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t part = i % blocks, row = part / columns.parts * rows.size,
                    column = part % columns.parts * columns.size;
      TPU_SIMD_DISPATCH(kernels, computeIntegerBlock)
      (products.get(i / blocks),
       Block{row, std::min(m, row + rows.size), column, std::min(n, column + columns.size), quads});
    }
  });
}

void kernels::interleaveQuads(const uint8_t *const rows[4], int64_t count, uint8_t flip, uint32_t *to) {
  TPU_SIMD_DISPATCH(kernels, interleaveLoop)(rows, count, flip, to);
}

void RowQuads::pack(int64_t quad, int64_t quads, int64_t column, int64_t columns, int width, uint32_t *to) const {
  for (int64_t q = 0; q < quads; ++q) {
    const uint8_t *lines[4];
    for (int64_t i = 0; i < 4; ++i) {
      const int64_t row = 4 * (quad + q) + i;
      lines[i] = row < rows ? data + row * rowStride + column : nullptr;
    }
    TPU_SIMD_DISPATCH(kernels, interleavePanels)(lines, columns, flip, width, width * quads, to + q * width);
  }
}

void StridedQuads::pack(int64_t quad, int64_t quads, int64_t column, int64_t columns, int width, uint32_t *to) const {
  const uint32_t flips = flip * 0x01010101u;
  for (int64_t c = 0; c < columns; ++c) {
    const uint8_t *from = data + (column + c) * columnStride;
    uint32_t *panel = to + c / width * width * quads + c % width;
    for (int64_t q = 0; q < quads; ++q) {
      const int64_t row = 4 * (quad + q), left = std::min<int64_t>(4, rows - row);
      uint32_t word = 0;
      if (rowStride == 1 && left == 4) {
        std::memcpy(&word, from + row, sizeof word);
        word ^= flips;
      } else {
        uint8_t bytes[4] = {};
        for (int64_t i = 0; i < left; ++i)
          bytes[i] = from[(row + i) * rowStride] ^ flip;
        std::memcpy(&word, bytes, sizeof word);
      }
      panel[q * width] = word;
    }
  }
}
