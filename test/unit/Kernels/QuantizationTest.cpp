// Conversions between real values and bytes, and integer matrix products, against plain loops.
#include "IntegerReference.h"
#include "tpu_mlir/Kernels/IntegerMatrix.h"

using namespace tpu_mlir::kernels;
using reference::randomBytes;

TEST(Quantization, EveryModeAsTheScalarNumerics) {
  std::vector<float> values{0.0f, -0.0f, 1e-40f, 1e30f, -1e30f, NAN, INFINITY, -INFINITY};
  for (int i = -1200; i <= 1200; ++i)
    for (float nudge : {0.0f, 1e-5f, -1e-5f})
      values.push_back(static_cast<float>(i) / 8 + nudge);
  for (RoundMode mode : {RoundMode::HalfEven, RoundMode::HalfAway, RoundMode::TowardZero, RoundMode::Down,
                         RoundMode::Up, RoundMode::HalfUp, RoundMode::HalfDown})
    for (int32_t zeroPoint : {0, 17, -100})
      for (bool isSigned : {false, true}) {
        const ByteQuantization q{0.5f, 1.0f / 0.7f, zeroPoint, isSigned ? -128 : 0, isSigned ? 127 : 255, isSigned};
        std::vector<uint8_t> out(values.size());
        quantize(q, values.data(), out.data(), static_cast<int64_t>(values.size()), mode);
        for (size_t i = 0; i < values.size(); ++i) {
          const float scaled = addFlush(mulFlush(values[i], q.quantizeScale), static_cast<float>(zeroPoint));
          const double rounded = std::isnan(scaled) ? 0 : roundReal(scaled, mode);
          const double wanted = std::clamp<double>(rounded, q.low, q.high);
          const int is = isSigned ? static_cast<int8_t>(out[i]) : out[i];
          ASSERT_EQ(is, static_cast<int>(wanted)) << values[i] << " mode " << int(mode) << " zero " << zeroPoint;
        }
      }
}

TEST(Quantization, DequantizesEveryByte) {
  std::vector<uint8_t> bytes(256 + 3);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<uint8_t>(i);
  for (bool isSigned : {false, true}) {
    const ByteQuantization q{0.013f, 1 / 0.013f, -19, isSigned ? -128 : 0, isSigned ? 127 : 255, isSigned};
    std::vector<float> out(bytes.size());
    dequantize(q, bytes.data(), out.data(), static_cast<int64_t>(bytes.size()));
    for (size_t i = 0; i < bytes.size(); ++i) {
      const int value = isSigned ? static_cast<int8_t>(bytes[i]) : bytes[i];
      EXPECT_EQ(out[i], dequantizeFloat(value, -19, 0.013f)) << i;
    }
    std::vector<uint8_t> back(bytes.size());
    quantize(q, out.data(), back.data(), static_cast<int64_t>(bytes.size()));
    EXPECT_EQ(back, bytes); // a value survives the way there and back
  }
}

TEST(Quantization, LooksUp) {
  const std::vector<uint8_t> in = randomBytes(1000, 1), table = randomBytes(256, 2);
  std::vector<uint8_t> out(in.size());
  lookUp(in.data(), table.data(), out.data(), 1000);
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_EQ(out[i], table[in[i]]);
}

namespace {

int64_t element(const ByteMatrix &matrix, int64_t row, int64_t column) {
  const uint8_t byte = matrix.data[row * matrix.rowStride + column * matrix.columnStride];
  return (matrix.isSigned ? int64_t{static_cast<int8_t>(byte)} : int64_t{byte}) - matrix.zeroPoint;
}

struct Layout {
  bool leftTransposed, rightTransposed;
};

void checkProduct(int64_t count, int64_t m, int64_t n, int64_t k, Layout layout, bool leftSigned, bool rightSigned,
                  int32_t zeroPoint, const Requantization &form) {
  const std::vector<uint8_t> left = randomBytes(count * m * k, 3), right = randomBytes(count * k * n, 4);
  std::vector<uint8_t> out(count * m * n);
  std::vector<ByteProduct> products;
  for (int64_t i = 0; i < count; ++i)
    products.push_back({ByteMatrix{left.data() + i * m * k, layout.leftTransposed ? 1 : k,
                                   layout.leftTransposed ? m : 1, leftSigned, 0},
                        ByteMatrix{right.data() + i * k * n, layout.rightTransposed ? 1 : n,
                                   layout.rightTransposed ? k : 1, rightSigned, zeroPoint},
                        out.data() + i * m * n, n});
  integerMatMul(count, m, n, k, products, form);
  for (int64_t i = 0; i < count; ++i)
    for (int64_t row = 0; row < m; ++row)
      for (int64_t column = 0; column < n; ++column) {
        int64_t sum = 0;
        for (int64_t d = 0; d < k; ++d)
          sum += element(products[i].left, row, d) * element(products[i].right, d, column);
        ASSERT_EQ(int(out[(i * m + row) * n + column]), int(reference::requantized(form, column, sum)))
            << m << "x" << n << "x" << k << " at " << row << ", " << column << (leftSigned ? " i8" : " u8")
            << (rightSigned ? " i8" : " u8") << " zero " << zeroPoint;
      }
}

} // namespace

TEST(IntegerMatrix, SignsZeroPointsAndLayouts) {
  unsigned seed = 10;
  for (bool leftSigned : {false, true})
    for (bool rightSigned : {false, true})
      for (int32_t zeroPoint : {0, 100, -128})
        for (Layout layout : {Layout{false, false}, Layout{false, true}, Layout{true, false}, Layout{true, true}}) {
          checkProduct(2, 5, 19, 23, layout, leftSigned, rightSigned, zeroPoint,
                       reference::scaleForm(19, 23, true, -3, ++seed));
          checkProduct(1, 1, 70, 64, layout, leftSigned, rightSigned, zeroPoint,
                       reference::shiftForm(70, false, 4, RoundMode::HalfAway, ++seed));
        }
  checkProduct(1, 33, 150, 257, {false, false}, true, true, 0, reference::scaleForm(150, 257, false, 0, ++seed));
  checkProduct(1, 3, 2, 9000, {false, false}, true, true, 0, reference::scaleForm(2, 9000, true, 0, ++seed));
}
