// Convolutions, transposed convolutions, pooling and matrix products against naive loops: odd sizes, several axes,
// groups, depthwise, strides, dilations and uneven pads.
#include "Reference.h"

using namespace tpu_mlir::kernels;
using namespace reference;

namespace {

struct Case {
  std::string name;
  int64_t batch, in, out, groups;
  Axes input, kernel, stride, dilation, padBegin, padEnd;
};

ConvolutionShape shapeOf(const Case &c, bool transposed) {
  ConvolutionShape shape{c.batch, c.in, c.out, c.groups, {}};
  shape.window = {c.input, {}, c.kernel, c.stride, c.dilation, c.padBegin};
  for (int i = 0; i < 3; ++i) {
    const int64_t extent = (c.kernel[i] - 1) * c.dilation[i] + 1, pads = c.padBegin[i] + c.padEnd[i];
    shape.window.output[i] =
        transposed ? (c.input[i] - 1) * c.stride[i] + extent - pads : (c.input[i] + pads - extent) / c.stride[i] + 1;
  }
  return shape;
}

const Case cases[] = {
    {"pointwise", 2, 70, 33, 1, {1, 7, 9}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0}},
    {"pointwise stride 2", 1, 65, 17, 1, {1, 9, 8}, {1, 1, 1}, {1, 2, 2}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0}},
    {"3x3", 1, 40, 30, 1, {1, 13, 15}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}, {0, 1, 1}},
    {"7x7 stride 2", 1, 3, 64, 1, {1, 31, 29}, {1, 7, 7}, {1, 2, 2}, {1, 1, 1}, {0, 3, 3}, {0, 3, 3}},
    {"uneven pads", 2, 5, 6, 1, {1, 8, 11}, {1, 2, 4}, {1, 3, 2}, {1, 1, 1}, {0, 0, 2}, {0, 1, 1}},
    {"dilated", 1, 6, 7, 1, {1, 20, 21}, {1, 3, 3}, {1, 1, 2}, {1, 3, 2}, {0, 3, 2}, {0, 2, 1}},
    {"wide", 1, 300, 9, 1, {1, 3, 120}, {1, 1, 3}, {1, 1, 1}, {1, 1, 1}, {0, 0, 1}, {0, 0, 1}},
    {"groups", 2, 12, 18, 3, {1, 6, 7}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}, {0, 1, 1}},
    {"depthwise", 2, 19, 19, 19, {1, 17, 37}, {1, 3, 3}, {1, 1, 1}, {1, 1, 1}, {0, 1, 1}, {0, 1, 1}},
    {"depthwise stride 2", 1, 8, 8, 8, {1, 15, 35}, {1, 3, 5}, {1, 2, 2}, {1, 1, 1}, {0, 1, 2}, {0, 1, 2}},
    {"depthwise multiplier", 1, 4, 12, 4, {1, 9, 9}, {1, 3, 3}, {1, 3, 3}, {1, 2, 2}, {0, 2, 1}, {0, 0, 3}},
    {"one axis", 2, 10, 11, 1, {1, 1, 50}, {1, 1, 5}, {1, 1, 2}, {1, 1, 1}, {0, 0, 2}, {0, 0, 2}},
    {"three axes", 1, 5, 8, 1, {6, 7, 8}, {3, 2, 3}, {2, 1, 1}, {1, 2, 1}, {1, 1, 0}, {1, 0, 1}},
    {"three axes depthwise", 1, 5, 5, 5, {6, 7, 18}, {3, 2, 3}, {2, 1, 1}, {1, 2, 1}, {1, 1, 0}, {1, 0, 1}},
};

} // namespace

TEST(Convolution, MatchesNaiveLoops) {
  for (const Case &c : cases) {
    const ConvolutionShape shape = shapeOf(c, false);
    const auto in = randomValues(c.batch * c.in * volume(c.input), 1);
    const auto filter = randomValues(c.out * c.in / c.groups * volume(c.kernel), 2);
    const auto bias = randomValues(c.out, 3);
    std::vector<float> out(c.batch * c.out * volume(shape.window.output));
    convolution(shape, in.data(), filter.data(), bias.data(), out.data());
    expectNear(out, reference::convolution(shape, in, filter, bias), 2e-5, c.name);
    // Without bias and with limits.
    convolution(shape, in.data(), filter.data(), nullptr, out.data(), {0.0f, 0.5f});
    auto wanted = reference::convolution(shape, in, filter, {});
    for (double &value : wanted)
      value = std::min(std::max(value, 0.0), 0.5);
    expectNear(out, wanted, 2e-5, c.name + " limited");
  }
}

TEST(Convolution, TransposedMatchesNaiveScatter) {
  for (const Case &c : cases) {
    if (c.name == "depthwise multiplier")
      continue; // its pads exceed what is left of the output
    const ConvolutionShape shape = shapeOf(c, true);
    const auto in = randomValues(c.batch * c.in * volume(c.input), 4);
    const auto filter = randomValues(c.out / c.groups * c.in * volume(c.kernel), 5);
    const auto bias = randomValues(c.out, 6);
    std::vector<float> out(c.batch * c.out * volume(shape.window.output));
    transposedConvolution(shape, in.data(), filter.data(), bias.data(), out.data());
    expectNear(out, reference::transposedConvolution(shape, in, filter, bias), 2e-5, c.name);
  }
}

TEST(Pooling, MatchesNaiveLoops) {
  for (const Case &c : cases) {
    const Window window = shapeOf(c, false).window;
    const int64_t planes = c.batch * c.in, positions = volume(window.output);
    const auto in = randomValues(planes * volume(c.input), 7);
    std::vector<double> maxima, means, paddedMeans;
    for (int64_t plane = 0; plane < planes; ++plane)
      for (int64_t o = 0; o < positions; ++o) {
        double best = -3, sum = 0, padded = 0;
        int64_t count = 0;
        for (int64_t t = 0; t < volume(c.kernel); ++t) {
          const int64_t at = inputIndex(window, o, t);
          ++padded;
          if (at < 0)
            continue;
          const double value = in[plane * volume(c.input) + at];
          best = std::max(best, value);
          sum += value;
          ++count;
        }
        maxima.push_back(best);
        means.push_back(sum / std::max<int64_t>(count, 1));
        paddedMeans.push_back(sum / padded);
      }
    std::vector<float> out(planes * positions);
    maxPooling(planes, window, in.data(), out.data(), -3);
    expectNear(out, maxima, 0, c.name + " max");
    averagePooling(planes, window, c.padEnd, false, in.data(), out.data());
    expectNear(out, means, 1e-6, c.name + " mean");
    averagePooling(planes, window, c.padEnd, true, in.data(), out.data());
    expectNear(out, paddedMeans, 1e-6, c.name + " mean with padding");
  }
}

// With ceil mode a window may reach beyond the end pad; what lies there does not count.
TEST(Pooling, DivisorStopsAtTheEndPad) {
  Window window;
  window.input = {1, 1, 4};
  window.output = {1, 1, 2};
  window.kernel = {1, 1, 3};
  window.stride = {1, 1, 3};
  window.padBegin = {0, 0, 0};
  const std::vector<float> in = {1, 2, 3, 10};
  std::vector<float> out(2);
  averagePooling(1, window, {0, 0, 0}, true, in.data(), out.data());
  EXPECT_EQ(out, (std::vector<float>{2, 10}));
  averagePooling(1, window, {0, 0, 1}, true, in.data(), out.data());
  EXPECT_EQ(out, (std::vector<float>{2, 5}));
}

TEST(Gemm, MatchesNaiveLoops) {
  const int64_t sizes[][3] = {{1, 1, 1},    {1, 100, 300}, {2, 49, 65},  {3, 200, 17},   {8, 48, 256},
                              {9, 97, 257}, {17, 5, 600},  {64, 130, 1}, {33, 400, 511}, {5, 3, 0}};
  for (const auto &[m, n, k] : sizes)
    for (int layout = 0; layout < 4; ++layout) {
      const auto a = randomValues(m * k + 1, 8), b = randomValues(k * n + 1, 9), rowBias = randomValues(m, 10),
                 columnBias = randomValues(n, 11);
      Product product;
      product.a = layout & 1 ? MatrixView{a.data(), 1, m} : MatrixView{a.data(), k, 1};
      product.b = layout & 2 ? MatrixView{b.data(), 1, k} : MatrixView{b.data(), n, 1};
      product.epilogue.rowBias = rowBias.data();
      product.epilogue.columnBias = columnBias.data();
      std::vector<float> c(m * (n + 3), 77);
      product.c = c.data();
      product.cStride = n + 3;
      gemm(m, n, k, product);
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n + 3; ++j) {
          double sum = j < n ? double(rowBias[i]) + columnBias[j] : 77;
          for (int64_t r = 0; r < k && j < n; ++r)
            sum += double(a[i * product.a.rowStride + r * product.a.columnStride]) *
                   b[r * product.b.rowStride + j * product.b.columnStride];
          ASSERT_NEAR(c[i * (n + 3) + j], sum, 2e-5) << m << "x" << n << "x" << k << " layout " << layout;
        }
    }
}

TEST(Gemm, NaNStaysThroughLimits) {
  const float a = std::nanf(""), b = 1;
  float c = 0;
  Product product;
  product.a = {&a, 1, 1};
  product.b = {&b, 1, 1};
  product.c = &c;
  product.cStride = 1;
  product.epilogue.low = 0;
  product.epilogue.high = 6;
  gemm(1, 1, 1, product);
  EXPECT_TRUE(std::isnan(c));
}
