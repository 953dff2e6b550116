// Driver of the matrix product: cuts products into blocks that keep all threads busy.
#include "tpu_mlir/Kernels/Gemm.h"

#include "GemmBlocks.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

// Columns of a block: with the rows packed at a time they fill about a third of a 1 MiB second-level cache.
constexpr int64_t columnsPerBlock = 384;
// Below this many multiply-adds a product is not worth waking a thread.
constexpr int64_t smallProduct = 1 << 16;

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

class One : public ProductList {
public:
  explicit One(const Product &product) : product(product) {}
  Product get(int64_t) const override { return product; }

private:
  const Product &product;
};

} // namespace

void kernels::gemm(int64_t count, int64_t m, int64_t n, int64_t k, const ProductList &products) {
  if (count <= 0 || m <= 0 || n <= 0)
    return;
  const RegisterTile tile = TPU_SIMD_DISPATCH(kernels, registerTile)();
  const bool small = m * n * std::max<int64_t>(k, 1) < smallProduct;
  const int64_t threads = threadCount();
  // Enough columns blocks for every thread to get the same share; rows are cut only where columns do not suffice,
  // because each row block packs its columns again.
  int64_t wanted = ceilDiv(n, columnsPerBlock);
  if (!small && count < 2 * threads)
    wanted = roundUp(wanted, threads);
  const Cut columns = cut(n, tile.width, wanted);
  Cut rows{1, m};
  if (!small && count * columns.parts < threads)
    rows = cut(m, tile.rows, ceilDiv(threads, count * columns.parts));
  const int64_t blocks = rows.parts * columns.parts, total = count * blocks;
  const int64_t grain = small ? std::max<int64_t>(1, smallProduct / (m * n * std::max<int64_t>(k, 1))) : 1;
  parallelFor(total, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t part = i % blocks, row = part / columns.parts * rows.size,
                    column = part % columns.parts * columns.size;
      TPU_SIMD_DISPATCH(kernels, computeBlock)
      (products.get(i / blocks),
       Block{row, std::min(m, row + rows.size), column, std::min(n, column + columns.size), k});
    }
  });
}

void kernels::gemm(int64_t m, int64_t n, int64_t k, const Product &product) { gemm(1, m, n, k, One(product)); }
