// Matrix products of bytes of any signs. The engine multiplies unsigned by signed values: with l = l' − a and r = r' +
// b, the sum of l · r is that of l' · r' plus b · (sum of l') − a · (sum of r') − k · a · b.
#include "tpu_mlir/Kernels/IntegerMatrix.h"

#include "IntegerGemm.h"
#include "tpu_mlir/Support/Parallel.h"

#include <algorithm>
#include <cstring>
#include <memory>

using namespace tpu_mlir;
using namespace tpu_mlir::kernels;

namespace {

class ByteProducts : public IntegerProductList {
public:
  ByteProducts(int64_t m, int64_t k, const std::vector<ByteProduct> &products, const Requantization &requantization)
      : m(m), k(k), rowBytes((k + 3) / 4 * 4), products(products), requantization(requantization) {
    const ByteMatrix &left = products.front().left, &right = products.front().right;
    leftOffset = left.isSigned ? 128 : 0;
    rightOffset = (right.isSigned ? 0 : 128) - right.zeroPoint;
    packLeft();
    const uint8_t flip = right.isSigned ? 0 : 0x80;
    for (const ByteProduct &product : products) {
      const ByteMatrix &matrix = product.right;
      if (matrix.columnStride == 1)
        sources.push_back(std::make_unique<RowQuads>(matrix.data, k, matrix.rowStride, flip));
      else
        sources.push_back(std::make_unique<StridedQuads>(matrix.data, k, matrix.rowStride, matrix.columnStride, flip));
    }
  }

  IntegerProduct get(int64_t index) const override {
    IntegerProduct product;
    product.a = rows + index * m * rowBytes;
    product.aRowBytes = rowBytes;
    product.signedLeft = false;
    product.source = sources[index].get();
    product.rowTerm = rowTerms.empty() ? nullptr : rowTerms.data() + index * m;
    product.columnFactor = -leftOffset;
    product.requantization = &requantization;
    product.channelsAreColumns = true;
    product.c = products[index].out;
    product.cStride = products[index].outStride;
    return product;
  }

private:
  // Dense unsigned rows, zeros behind them.
  void packLeft() {
    static thread_local std::vector<uint8_t> packed; // kept: fresh pages cost more than the packing
    const int64_t count = static_cast<int64_t>(products.size()) * m;
    packed.resize(std::max<size_t>(packed.size(), count * rowBytes));
    uint8_t *const to = packed.data();
    rows = to;
    if (rightOffset)
      rowTerms.resize(count);
    parallelFor(count, 1 + 32768 / std::max<int64_t>(rowBytes, 1), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row)
        packRow(products[row / m].left, row % m, to + row * rowBytes, rightOffset ? &rowTerms[row] : nullptr);
    });
  }

  void packRow(const ByteMatrix &left, int64_t row, uint8_t *to, int32_t *term) const {
    const uint8_t *from = left.data + row * left.rowStride;
    const uint8_t flip = left.isSigned ? 0x80 : 0;
    if (left.columnStride == 1)
      for (int64_t i = 0; i < k; ++i)
        to[i] = from[i] ^ flip;
    else
      for (int64_t i = 0; i < k; ++i)
        to[i] = from[i * left.columnStride] ^ flip;
    std::memset(to + k, 0, rowBytes - k);
    if (!term)
      return;
    int64_t sum = 0;
    for (int64_t i = 0; i < k; ++i)
      sum += to[i];
    *term = static_cast<int32_t>(rightOffset * (sum - k * leftOffset));
  }

  const int64_t m, k, rowBytes;
  const std::vector<ByteProduct> &products;
  const Requantization &requantization;
  int32_t leftOffset, rightOffset;
  const uint8_t *rows = nullptr;
  std::vector<int32_t> rowTerms;
  std::vector<std::unique_ptr<QuadSource>> sources;
};

} // namespace

void kernels::integerMatMul(int64_t count, int64_t m, int64_t n, int64_t k, const std::vector<ByteProduct> &products,
                            const Requantization &requantization) {
  if (count <= 0 || m <= 0 || n <= 0)
    return;
  integerGemm(count, m, n, (k + 3) / 4, ByteProducts(m, k, products, requantization));
}
