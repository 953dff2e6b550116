// Evaluation of the quantized Tpu dialect and of QDQ ops on small tensors: values worked out by hand, or plain loops.
#include "Harness.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <random>

using harness::expectRefusal;
using harness::expectValues;
using harness::Operand;

namespace {
// Scale 1/2; zero point 10 where it says so.
const std::string i8 = "!quant.uniform<i8:f32, 5.0e-1>", i8At10 = "!quant.uniform<i8:f32, 5.0e-1:10>",
                  u8 = "!quant.uniform<u8:f32, 2.5e-1>";
std::string tensor(const std::string &shape, const std::string &element) {
  return "tensor<" + shape + "x" + element + ">";
}
} // namespace

TEST(QuantizedCast, RoundsByItsMode) {
  const std::vector<Operand> in{{"tensor<6xf32>", {0.25, -0.25, 0.75, 100, -100, 3}}};
  expectValues(R"("tpu.Cast"(%0))", in, tensor("6", i8), {1, -1, 2, 127, -128, 6});
  expectValues(R"("tpu.Cast"(%0) {round_mode = #tpu<round_mode HalfToEven>})", in, tensor("6", i8),
               {0, 0, 2, 127, -128, 6});
  expectValues(R"("tpu.Cast"(%0) {round_mode = #tpu<round_mode Up>})", in, tensor("6", i8), {1, 0, 2, 127, -128, 6});
  expectValues(R"("tpu.Cast"(%0) {round_mode = #tpu<round_mode Down>})", in, tensor("6", i8At10),
               {10, 9, 11, 127, -128, 16});
  expectValues(R"("tpu.Cast"(%0))", in, tensor("6", u8), {1, 0, 3, 255, 0, 12});
}

TEST(QuantizedCast, GivesRealValues) {
  const std::vector<Operand> in{{tensor("4", i8At10), {10, -128, 127, 11}}};
  expectValues(R"("tpu.Cast"(%0))", in, "tensor<4xf32>", {0, -69, 58.5, 0.5});
  expectValues(R"("tpu.Cast"(%0))", in, "tensor<4xf16>", {0, -69, 58.5, 0.5});
  expectValues(R"("tpu.Cast"(%0) {with_scale = false})", in, "tensor<4xf32>", {10, -128, 127, 11});
  expectValues(R"("tpu.Cast"(%0))", in, tensor("4", u8), {0, 0, 234, 2});
  expectValues(R"("tpu.Cast"(%0) {with_scale = false})", in, tensor("4", u8), {10, 0, 127, 11});
  expectValues(R"("tpu.Cast"(%0) {with_scale = false})", {{"tensor<3xf32>", {1.5, -300, 2.4}}}, tensor("3", i8),
               {2, -128, 2});
}

TEST(QuantizedLut, IndexesByBytes) {
  std::vector<double> table;
  for (int i = 0; i < 256; ++i)
    table.push_back(i < 128 ? i / 2 : -(256 - i) / 4);
  expectValues(R"("tpu.Lut"(%0, %1))", {{tensor("5", i8), {0, 127, -128, -1, 8}}, {"tensor<256xsi8>", table}},
               tensor("5", i8), {0, 63, -32, 0, 4});
  expectValues(R"("tpu.Lut"(%0, %1))", {{tensor("3", u8), {0, 255, 200}}, {"tensor<256xsi8>", table}}, tensor("3", i8),
               {0, 0, -14});
}

TEST(QuantizedElementwise, ComputesRealValuesAndRoundsOnce) {
  // 0.5 · (q − 10) and 0.25 · q; halves go to even.
  const std::vector<Operand> in{{tensor("4", i8At10), {12, 8, 127, 11}}, {tensor("4", u8), {4, 1, 255, 1}}};
  expectValues(R"("tpu.Add"(%0, %1))", in, tensor("4", i8), {4, -2, 127, 2}); // 2, -0.75, 122.25, 0.75
  expectValues(R"("tpu.Mul"(%0, %1))", in, tensor("4", i8), {2, 0, 127, 0});  // 1, -0.25, …, 0.125
  expectValues(R"("tpu.Max"(%0, %1))", in, tensor("4", i8), {2, 0, 127, 1});  // 1, 0.25, …, 0.5
  expectValues(R"("tpu.Sub"(%0, %1) {do_relu = true})", in, tensor("4", i8), {0, 0, 0, 0});
  expectValues(R"("tpu.MulConst"(%1) {const_val = 3.0 : f64})", in, tensor("4", i8At10), {16, 12, 127, 12});
  expectValues(R"("tpu.Relu"(%0))", in, tensor("4", i8At10), {12, 10, 127, 11});
}

TEST(QuantizedMoves, KeepBytes) {
  const Operand in{tensor("1x1x2x2", i8At10), {1, -2, 3, -128}};
  expectValues(R"("tpu.Permute"(%0, %none) {order = [0, 1, 3, 2]})", {in}, tensor("1x1x2x2", i8At10), {1, 3, -2, -128});
  expectValues(R"("tpu.Concat"(%0, %0) {axis = 3 : si32})", {in}, tensor("1x1x2x4", i8At10),
               {1, -2, 1, -2, 3, -128, 3, -128});
  expectValues(R"("tpu.Upsample"(%0, %none) {scale_h = 1, scale_w = 2})", {in}, tensor("1x1x2x4", i8At10),
               {1, 1, -2, -2, 3, 3, -128, -128});
  expectValues(R"("tpu.Reshape"(%0))", {in}, tensor("4", i8At10), {1, -2, 3, -128});
  expectRefusal(R"("tpu.Reshape"(%0))", {in}, tensor("4", i8), "quantized differently");
  expectRefusal(R"("tpu.Concat"(%0, %1) {axis = 3 : si32})", {in, {tensor("1x1x2x2", i8), {1, 2, 3, 4}}},
                tensor("1x1x2x4", i8At10), "quantized differently");
}

TEST(QuantizedMoves, EveryKindForUnsignedBytes) {
  const Operand in{tensor("1x1x2x2", u8), {1, 200, 3, 255}};
  expectValues(R"("tpu.Slice"(%0, %none, %none, %none, %none) {offset = [0, 0, 1, 0], steps = [1, 1, 1, 1],
    ends = [1, 1, 2, 2], axes = []})",
               {in}, tensor("1x1x1x2", u8), {3, 255});
  expectValues(R"("tpu.Tile"(%0, %none) {tile = [1, 1, 1, 2]})", {in}, tensor("1x1x2x4", u8),
               {1, 200, 1, 200, 3, 255, 3, 255});
  expectValues(R"("tpu.Depth2Space"(%0) {block_h = 2 : i64, block_w = 1 : i64, is_CRD = true, is_inversed = true})",
               {in}, tensor("1x2x1x2", u8), {1, 200, 3, 255});
  expectValues(R"("tpu.Interp"(%0, %none, %none) {scale_h = 1.0 : f64, scale_w = 2.0 : f64,
    mode = #tpu<mode nearest>, coord_mode = #tpu<coord_mode asymmetric>})",
               {in}, tensor("1x1x2x4", u8), {1, 1, 200, 200, 3, 3, 255, 255});
  expectValues(R"("tpu.Squeeze"(%0) {axes = [0, 1]})", {in}, tensor("2x2", u8), {1, 200, 3, 255});
  expectValues(R"("tpu.Unsqueeze"(%0) {axes = [0]})", {in}, tensor("1x1x1x2x2", u8), {1, 200, 3, 255});
  expectValues(R"("tpu.Pad"(%0, %none, %none, %none, %none) {paddings = [0, 0, 0, 1, 0, 0, 0, 0], val = 0.0 : f64,
    mode = #tpu<Pad_Mode reflect>})",
               {in}, tensor("1x1x2x3", u8), {200, 1, 200, 255, 3, 255});
}

TEST(IntegerSums, GiveRealValuesWhereTheResultIsFloat) {
  const std::vector<Operand> conv{
      {tensor("1x1x1x2", i8), {10, -7}}, {"tensor<1x1x1x1xsi8>", {3}}, {"tensor<1x1x1x1xi32>", {2}}};
  const std::string op = R"("tpu.Conv2D"(%0, %1, %2) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0],
    with_bias = true, quant_mode = #tpu<rq_mode OnlyScale>, out_scales = [0.125])";
  expectValues(op + "}", conv, "tensor<1x1x1x2xf32>", {4, -2.375});
  expectValues(op + ", do_relu = true, relu_limit = 3.0 : f64}", conv, "tensor<1x1x1x2xf32>", {3, 0});
  expectValues(R"("tpu.MatMul"(%0, %1, %none, %none, %none) {quant_mode = #tpu<rq_mode OnlyScale>,
    out_scales = [0.5, 0.25]})",
               {{tensor("1x3", i8), {1, 2, -3}}, {"tensor<3x2xsi8>", {1, 4, 2, 5, 3, 6}}}, "tensor<1x2xf32>", {-2, -1});
  // The mean of 0.5 · {−9, −12, −7, 10}.
  expectValues(R"("tpu.Pool2D"(%0) {pool_mode = #tpu<pool_mode Avg>, kernel_shape = [2, 2], strides = [1, 1],
    pads = [0, 0, 0, 0]})",
               {{tensor("1x1x2x2", i8At10), {1, -2, 3, 20}}}, "tensor<1x1x1x1xf32>", {-2.25});
}

TEST(QuantizedMoves, PadWithTheQuantizedConstant) {
  const Operand in{tensor("1x1x1x2", i8At10), {1, -2}};
  expectValues(R"("tpu.Pad"(%0, %none, %none, %none, %none) {paddings = [0, 0, 0, 1, 0, 0, 0, 1], val = 0.0 : f64,
    mode = #tpu<Pad_Mode constant>})",
               {in}, tensor("1x1x1x4", i8At10), {10, 1, -2, 10});
  expectValues(R"("tpu.Pad"(%0, %none, %none, %none, %none) {paddings = [0, 0, 0, 1, 0, 0, 0, 0], val = 3.0 : f64,
    mode = #tpu<Pad_Mode constant>})",
               {in}, tensor("1x1x1x3", i8At10), {16, 1, -2});
}

TEST(QuantizedPool, MaximumAndMean) {
  const Operand in{tensor("1x1x2x2", i8At10), {1, -2, 3, 20}};
  const std::string window = "kernel_shape = [2, 2], strides = [1, 1], pads = [0, 0, 0, 0]";
  expectValues("\"tpu.Pool2D\"(%0) {pool_mode = #tpu<pool_mode Max>, " + window + "}", {in}, tensor("1x1x1x1", i8At10),
               {20});
  // Mean of 0.5 · {−9, −12, −7, 10} = −2.25 → / 0.5 = −4.5 → −4 (even).
  expectValues("\"tpu.Pool2D\"(%0) {pool_mode = #tpu<pool_mode Avg>, " + window + "}", {in}, tensor("1x1x1x1", i8),
               {-4});
  expectValues("\"tpu.Pool2D\"(%0) {do_relu = true, pool_mode = #tpu<pool_mode Max>, relu_limit = 4.0 : f64, " +
                   window + "}",
               {in}, tensor("1x1x1x1", i8At10), {18});
}

namespace {

const std::string conv1x1 = R"("tpu.Conv2D"(%0, %1, %2) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0],
  with_bias = true, )";

} // namespace

TEST(IntegerConv, BothFormsOfRequantization) {
  // Sums: channel 0 adds both inputs, channel 1 subtracts the second.
  const std::vector<Operand> in{{tensor("1x2x1x2", i8), {10, -7, 3, 4}},
                                {"tensor<2x2x1x1xsi8>", {1, 1, 1, -1}},
                                {"tensor<1x2x1x1xi32>", {2, -1}}};
  // (13, −3) · 0.5 + (2 · 0.5 + 10) and (7, −11) · 0.25 + (−0.25 + 10), halves to even.
  expectValues(conv1x1 + "quant_mode = #tpu<rq_mode OnlyScale>, out_scales = [0.5, 0.25]}", in,
               tensor("1x2x1x2", i8At10), {18, 10, 12, 7});
  // (15, −1) · 3 >> 1 = 22.5, −1.5 (halves up) and (6, −12) · 1 << 1; + 10
  expectValues(conv1x1 + "quant_mode = #tpu<rq_mode MultiplierShift>, multiplier = [3, 1], rshift = [1, -1]}", in,
               tensor("1x2x1x2", i8At10), {33, 9, 22, -14});
  expectValues(conv1x1 +
                   "quant_mode = #tpu<rq_mode OnlyScale>, out_scales = [0.5], do_relu = true, relu_limit = 3.0 : f64}",
               in, tensor("1x2x1x2", i8At10), {16, 10, 13, 10});
  expectRefusal(conv1x1 + "quant_mode = #tpu<rq_mode OnlyScale>}", in, tensor("1x2x1x2", i8At10), "out_scales");
  expectRefusal(conv1x1 + "quant_mode = #tpu<rq_mode QDM>}", in, tensor("1x2x1x2", i8At10), "QDM");
}

TEST(IntegerConv, PadsWithTheZeroPointAndTakesRotatedKernels) {
  const std::vector<Operand> in{{tensor("1x1x1x2", i8At10), {1, 2}}, {"tensor<1x1x1x3xsi8>", {1, 2, 3}}};
  const std::string op = R"("tpu.Conv2D"(%0, %1, %none) {kernel_shape = [1, 3], strides = [1, 1], pads = [0, 1, 0, 1],
    with_bias = false, quant_mode = #tpu<rq_mode OnlyScale>, out_scales = [1.0])";
  expectValues(op + "}", in, tensor("1x1x1x2", i8), {18, 35}); // 10 + 2 + 6 and 1 + 4 + 30
  expectValues(op + ", do_kernel_rotate = true}", in, tensor("1x1x1x2", i8), {34, 17});
}

TEST(IntegerConv, WidensTheFilterBesideHalves) {
  // 3 · 0.1 rounded to f16 is 0.30005 = 1229 / 4096.
  expectValues(R"("tpu.Conv2D"(%0, %1, %none) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0],
    with_bias = false, out_scales = [0.1]})",
               {{"tensor<1x1x1x2xf16>", {2, -4}}, {"tensor<1x1x1x1xsi8>", {3}}}, "tensor<1x1x1x2xf16>",
               {0.60009765625, -1.2001953125});
}

TEST(IntegerDeconv, EqualsScatteredProducts) {
  constexpr int inputs = 4, outputs = 6, groups = 2, size = 3, kernel = 3, stride = 2, pad = 1, extra = 1;
  constexpr int out = (size - 1) * stride + kernel - 2 * pad + extra, zero = 10;
  std::mt19937 random(1);
  std::vector<double> x(inputs * size * size), w(outputs / groups * inputs * kernel * kernel);
  for (double &value : x)
    value = static_cast<int>(random() % 256) - 128;
  for (double &value : w)
    value = static_cast<int>(random() % 256) - 128;
  std::vector<double> wanted;
  for (int o = 0; o < outputs; ++o) {
    const int perGroup = outputs / groups, group = o / perGroup;
    std::vector<double> sums(out * out, 0);
    for (int i = group * inputs / groups; i < (group + 1) * inputs / groups; ++i)
      for (int t = 0; t < kernel * kernel; ++t) {
        const double weight = w[((o % perGroup) * inputs + i) * kernel * kernel + t];
        for (double &sum : sums)
          sum += zero * weight; // what padding and gaps give
        for (int p = 0; p < size * size; ++p) {
          const int row = p / size * stride + t / kernel - pad, column = p % size * stride + t % kernel - pad;
          if (row >= 0 && row < out && column >= 0 && column < out)
            sums[row * out + column] += (x[i * size * size + p] - zero) * weight;
        }
      }
    for (double sum : sums)
      wanted.push_back(std::clamp(std::nearbyint(sum / 256), -128.0, 127.0));
  }
  expectValues(R"("tpu.Deconv"(%0, %1, %none) {kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], group = 2,
    output_padding = [1, 1], with_bias = false, quant_mode = #tpu<rq_mode OnlyScale>, out_scales = [0.00390625]})",
               {{tensor("1x4x3x3", i8At10), x}, {"tensor<3x4x3x3xsi8>", w}}, tensor("1x6x6x6", i8), wanted);
}

TEST(IntegerMatMul, WeightsAndComputedOperands) {
  expectValues(R"("tpu.MatMul"(%0, %1, %2, %none, %none) {quant_mode = #tpu<rq_mode OnlyScale>,
    out_scales = [0.5, 0.25]})",
               {{tensor("1x3", i8), {1, 2, -3}}, {"tensor<3x2xsi8>", {1, 4, 2, 5, 3, 6}}, {"tensor<2xi32>", {8, -8}}},
               tensor("1x2", i8), {2, -3}); // −4 · 0.5 + 4, −4 · 0.25 − 2
  const std::vector<Operand> computed{{tensor("2x2", u8), {200, 1, 2, 3}}, {tensor("2x2", i8At10), {11, 10, 8, 127}}};
  // (1, 0; −2, 117)
  expectValues(R"("tpu.MatMul"(%0, %1, %none, %none, %none) {right_zp = 10, quant_mode = #tpu<rq_mode OnlyScale>,
    out_scales = [0.25]})",
               computed, tensor("2x2", i8), {50, 29, -1, 88}); // 198, 117, −4, 351
  expectValues(R"("tpu.MatMul"(%0, %1, %none, %none, %none) {right_zp = 10, right_transpose = true,
    output_transpose = true, multipliers = [1], rshifts = [2]})",
               computed, tensor("2x2", i8), {50, 1, -71, 87}); // 200, −283; 2, 347 → halves away from zero
  expectRefusal(R"("tpu.MatMul"(%0, %1, %none, %none, %none) {input_zp = 3, out_scales = [0.5],
    quant_mode = #tpu<rq_mode OnlyScale>})",
                computed, tensor("2x2", i8), "input_zp");
}

TEST(A16MatMul, UnpacksAndWidens) {
  // Two columns of four values, in two groups; low bits first: {1, −1, 2, 7} and {0, −8, 3, 3}.
  const std::vector<Operand> packed{{"tensor<1x4xf16>", {1, 2, 3, 4}},
                                    {"tensor<2x2xui8>", {0xF1, 0x72, 0x80, 0x33}},
                                    {"tensor<2x2xf16>", {0.5, 2, 1, 0.25}}};
  expectValues(R"("tpu.A16MatMul"(%0, %1, %2, %none, %none) {q_group_size = 2 : i64, sign = true, w_transpose = true,
    weight_bits = 4 : i64})",
               packed, "tensor<1x2xf16>", {67.5, -10.75});
  // 8 bits with zero points, [K, N].
  const std::vector<Operand> bytes{{"tensor<1x2xbf16>", {1, 2}},
                                   {"tensor<2x2xui8>", {130, 7, 128, 200}},
                                   {"tensor<2x1xbf16>", {1, 0.5}},
                                   {"tensor<2x1xui8>", {128, 8}},
                                   {"tensor<2xf32>", {0, 1}}};
  expectValues(R"("tpu.A16MatMul"(%0, %1, %2, %3, %4) {weight_bits = 8 : i64})", bytes, "tensor<1x2xbf16>",
               {2, 192.5 - 0.5});
}

TEST(QuantizeLinear, TiesToEvenPerTensorAndPerAxis) {
  expectValues(R"("top.QuantizeLinear"(%0) {y_scale = [0.5], y_zero_point = [10 : i32]})",
               {{"tensor<5xf32>", {0.25, 0.75, -1, 100, -100}}}, tensor("5", i8At10), {10, 12, 8, 127, -128});
  expectValues(R"("top.QuantizeLinear"(%0) {axis = 0, y_scale = [1.0, 2.0], y_zero_point = [0 : i32, 1 : i32]})",
               {{"tensor<2x2xf32>", {1, 2.5, 3, 5}}}, "tensor<2x2xi8>", {1, 2, 3, 3});
  expectValues(R"("top.DequantizeLinear"(%0) {axis = 0, x_scale = [1.0, 2.0], x_zero_point = [0 : i32, 1 : i32]})",
               {{"tensor<2x2xi8>", {1, -2, 3, 127}}}, "tensor<2x2xf32>", {1, -2, 4, 252});
  expectValues(R"("top.DequantizeLinear"(%0) {x_scale = [0.5], x_zero_point = [10 : i32]})",
               {{tensor("3", i8At10), {10, -128, 12}}}, "tensor<3xf32>", {0, -69, 1});
}
