// Every Tpu op: the type of operands and results, f32 inside, one rounding where the chip rounds.
#include "Harness.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using harness::expectRefusal;
using harness::expectValues;
using harness::Operand;

static constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(TpuConv, HalfOperandsAccumulateInF32AndRoundOnce) {
  const std::string conv =
      R"("tpu.Conv2D"(%0, %1, %2) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], with_bias = true)";
  // 2048 + 1 is no f16; with the f32 bias 0.5 + 0.5 on top the sum 2050 is.
  expectValues(conv + "}",
               {{"tensor<1x2x1x1xf16>", {2048, 1}}, {"tensor<1x2x1x1xf16>", {1, 1}}, {"tensor<1xf32>", {1}}},
               "tensor<1x1x1x1xf16>", {2050});
  // Halves to even: 2049 → 2048, 2051 → 2052.
  expectValues(conv + "}",
               {{"tensor<1x1x1x2xf16>", {2048, 2050}}, {"tensor<1x1x1x1xf16>", {1}}, {"tensor<1xf32>", {1}}},
               "tensor<1x1x1x2xf16>", {2048, 2052});
  // Overflow gives infinity, unless a limit comes first.
  const std::vector<Operand> large = {
      {"tensor<1x1x1x1xf16>", {60000}}, {"tensor<1x1x1x1xf16>", {2}}, {"tensor<1xf32>", {0}}};
  expectValues(conv + "}", large, "tensor<1x1x1x1xf16>", {infinity});
  expectValues(conv + ", do_relu = true, relu_limit = 6.0 : f64}", large, "tensor<1x1x1x1xf16>", {6});
  // bf16 has 8 bits: 256 + 1 → 256, 258 + 1 → 260.
  expectValues(conv + "}",
               {{"tensor<1x1x1x2xbf16>", {256, 258}}, {"tensor<1x1x1x1xbf16>", {1}}, {"tensor<1xf32>", {1}}},
               "tensor<1x1x1x2xbf16>", {256, 260});
}

TEST(TpuConv, RotatedKernelAndInserts) {
  expectValues(
      R"("tpu.Conv2D"(%0, %1, %none) {kernel_shape = [1, 2], strides = [1, 1], pads = [0, 0, 0, 0], with_bias = false, do_kernel_rotate = true, inserts = [0, 1]})",
      {{"tensor<1x1x1x3xf32>", {1, 2, 3}}, {"tensor<1x1x1x2xf32>", {10, 1}}}, "tensor<1x1x1x4xf32>", {1, 20, 2, 30});
}

TEST(TpuConv, PackedFilterIsRefused) {
  expectRefusal(
      R"("tpu.Conv2D"(%0, %1, %none) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], with_bias = false})",
      {{"tensor<1x1x1x1xf16>", {1}}, {"tensor<1x1x1x32xf16>", std::vector<double>(32, 1)}}, "tensor<1x1x1x1xf16>",
      "filter");
}

TEST(TpuDeconv, Scatters) {
  expectValues(
      R"("tpu.Deconv"(%0, %1, %none) {kernel_shape = [1, 2], strides = [1, 2], pads = [0, 0, 0, 0], with_bias = false})",
      {{"tensor<1x1x1x2xf16>", {1, 2}}, {"tensor<1x1x1x2xf16>", {1, 10}}}, "tensor<1x1x1x4xf16>", {1, 10, 2, 20});
}

TEST(TpuPool, MaxKeepsBitsMeanRoundsOnce) {
  const std::string attributes = "kernel_shape = [1, 3], strides = [1, 1], pads = [0, 0, 0, 0]}";
  const Operand x{"tensor<1x1x1x3xf16>", {0.0999755859375, -7, 0.0001220703125}};
  expectValues(R"("tpu.Pool2D"(%0) {pool_mode = #tpu<pool_mode Max>, )" + attributes, {x}, "tensor<1x1x1x1xf16>",
               {0.0999755859375});
  // (2048 + 2048 + 2050) / 3 = 2048.67 rounds to 2048. The sum of the second is beyond the range of f16.
  expectValues(R"("tpu.Pool2D"(%0) {pool_mode = #tpu<pool_mode Avg>, )" + attributes,
               {{"tensor<1x1x1x3xf16>", {2048, 2048, 2050}}}, "tensor<1x1x1x1xf16>", {2048});
  expectValues(R"("tpu.Pool2D"(%0) {pool_mode = #tpu<pool_mode Avg>, )" + attributes,
               {{"tensor<1x1x1x3xf16>", {60000, 60000, 60000}}}, "tensor<1x1x1x1xf16>", {60000});
}

TEST(TpuElementwise, TwoTensorsRoundTiesToEven) {
  const Operand a{"tensor<2xf16>", {2048, 2050}}, one{"tensor<1xf16>", {1}};
  expectValues(R"("tpu.Add"(%0, %1))", {a, one}, "tensor<2xf16>", {2048, 2052});
  expectValues(R"("tpu.Sub"(%0, %1) {is_reverse = true})", {a, one}, "tensor<2xf16>", {-2047, -2048});
  expectValues(R"("tpu.Mul"(%0, %1))", {{"tensor<1xf16>", {300}}, {"tensor<1xf16>", {300}}}, "tensor<1xf16>",
               {infinity});
  expectValues(R"("tpu.Max"(%0, %1))", {a, one}, "tensor<2xf16>", {2048, 2050});
  expectValues(R"("tpu.Min"(%0, %1))", {a, one}, "tensor<2xf16>", {1, 1});
}

TEST(TpuElementwise, ChainsRoundOnceTiesAway) {
  const Operand a{"tensor<2xf16>", {2048, 2050}}, half{"tensor<1xf16>", {0.5}};
  // 2048 + 0.5 + 0.5 = 2049; rounding on the way would leave 2048.
  expectValues(R"("tpu.Add"(%0, %1, %1))", {a, half}, "tensor<2xf16>", {2050, 2052});
  expectValues(R"("tpu.Add"(%0, %1) {coeff = [1.0, 2.0]})", {a, half}, "tensor<2xf16>", {2050, 2052});
  expectValues(R"("tpu.Add"(%0, %1, %1))", {{"tensor<1xf32>", {2048}}, {"tensor<1xf32>", {1}}}, "tensor<1xf32>",
               {2050});
  expectValues(R"("tpu.Div"(%0, %1))", {{"tensor<1xf16>", {1}}, {"tensor<1xf16>", {3}}}, "tensor<1xf16>",
               {0.333251953125});
}

TEST(TpuElementwise, ConstantsAreF32AndTiesGoAway) {
  const Operand one{"tensor<1xf16>", {1}};
  expectValues(R"("tpu.AddConst"(%0) {const_val = 1.0 : f64})", {{"tensor<1xf16>", {2048}}}, "tensor<1xf16>", {2050});
  // 1.1 lies between the f16 1.099609375 and 1.1005859375.
  expectValues(R"("tpu.AddConst"(%0) {const_val = 0.1 : f64})", {one}, "tensor<1xf16>", {1.099609375});
  expectValues(R"("tpu.SubConst"(%0) {const_val = 3.0 : f64, is_reverse = true})", {one}, "tensor<1xf16>", {2});
  expectValues(R"("tpu.MulConst"(%0) {const_val = 0.1 : f64})", {one}, "tensor<1xf16>", {0.0999755859375});
  expectValues(R"("tpu.MulConst"(%0) {const_val = 0.1 : f64})", {{"tensor<1xbf16>", {1}}}, "tensor<1xbf16>",
               {0.10009765625});
  expectValues(R"("tpu.MaxConst"(%0) {const_val = 2.0 : f64})", {one}, "tensor<1xf16>", {2});
  expectValues(R"("tpu.MinConst"(%0) {const_val = -2.0 : f64})", {one}, "tensor<1xf16>", {-2});
}

TEST(TpuActivation, ActiveModes) {
  const std::vector<double> x = {-2, -0.5, 0.25, 0.75};
  const auto check = [&](const std::string &mode, double (*function)(double), const std::string &coeffs = "") {
    std::vector<double> wanted;
    for (double value : x)
      wanted.push_back(function(value));
    expectValues("\"tpu.Active\"(%0) {mode = #tpu<active_mode " + mode + ">" + coeffs + "}", {{"tensor<4xf32>", x}},
                 "tensor<4xf32>", wanted, 2e-6);
  };
  check("TANH", [](double v) { return std::tanh(v); });
  check("SIGMOID", [](double v) { return 1 / (1 + std::exp(-v)); });
  check("RELU", [](double v) { return std::max(v, 0.0); });
  check("EXP", [](double v) { return std::exp(v); });
  check("ELU", [](double v) { return v > 0 ? v : 2 * std::expm1(v); }, ", coeffs = [2.0]");
  check("SQUARE", [](double v) { return v * v; });
  check("ABSVAL", [](double v) { return std::fabs(v); });
  check("ROUND", [](double v) { return std::nearbyint(v); });
  check("CEIL", [](double v) { return std::ceil(v); });
  check("FLOOR", [](double v) { return std::floor(v); });
  check("SIN", [](double v) { return std::sin(v); });
  check("COS", [](double v) { return std::cos(v); });
  check("IS_FINITE", [](double) { return 1.0; });
  check("MISH", [](double v) { return v * std::tanh(std::log1p(std::exp(v))); });
  check("SWISH", [](double v) { return v / (1 + std::exp(-2 * v)); }, ", coeffs = [2.0]");
  check("HSWISH", [](double v) { return v * (v / 6 + 0.5); });
  check("SILU", [](double v) { return v / (1 + std::exp(-v)); });
  check("ARCSINH", [](double v) { return std::asinh(v); });
  check("SINH", [](double v) { return std::sinh(v); });
  check("COSH", [](double v) { return std::cosh(v); });
  check("TAN", [](double v) { return std::tan(v); });
  check("SIGN", [](double v) { return v > 0 ? 1.0 : -1.0; });
  check("GELU", [](double v) { return v / 2 * (1 + std::erf(v / std::sqrt(2.0))); });
  check("ERF", [](double v) { return std::erf(v); });
  // The coefficients are {beta, alpha}.
  check("HSIGMOID", [](double v) { return std::min(std::max(0.25 * v + 0.5, 0.0), 1.0); }, ", coeffs = [0.5, 0.25]");
  check("LOG_SIGMOID", [](double v) { return -std::log1p(std::exp(-v)); });
  check("SOFT_PLUS", [](double v) { return std::log1p(std::exp(v)); });
  check("SOFT_SIGN", [](double v) { return v / (1 + std::fabs(v)); });
  check("TGELU", [](double v) { return v / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))); });
  check("QGELU", [](double v) { return v / (1 + std::exp(-1.702 * v)); });
}

TEST(TpuActivation, ActiveModesOfRestrictedDomain) {
  const auto check = [&](const std::string &mode, const std::vector<double> &x, double (*function)(double)) {
    std::vector<double> wanted;
    for (double value : x)
      wanted.push_back(function(value));
    expectValues("\"tpu.Active\"(%0) {mode = #tpu<active_mode " + mode + ">}", {{"tensor<2xf32>", x}}, "tensor<2xf32>",
                 wanted, 2e-6);
  };
  check("SQRT", {4, 0.25}, [](double v) { return std::sqrt(v); });
  check("RSQRT", {4, 0.25}, [](double v) { return 1 / std::sqrt(v); });
  check("LN", {4, 0.25}, [](double v) { return std::log(v); });
  check("LOG2", {4, 0.25}, [](double v) { return std::log2(v); });
  check("ARCSIN", {0.5, -0.25}, [](double v) { return std::asin(v); });
  check("ARCCOS", {0.5, -0.25}, [](double v) { return std::acos(v); });
  check("ARCTANH", {0.5, -0.25}, [](double v) { return std::atanh(v); });
  check("ARCCOSH", {1.5, 3}, [](double v) { return std::acosh(v); });
}

TEST(TpuActivation, HalfRoundsTheF32Result) {
  // e² = 7.389056… lies between the f16 7.38671875 and 7.390625.
  expectValues(R"("tpu.Active"(%0) {mode = #tpu<active_mode EXP>})", {{"tensor<1xf16>", {2}}}, "tensor<1xf16>",
               {7.390625});
  expectRefusal(R"("tpu.Active"(%0) {mode = #tpu<active_mode ELU>})", {{"tensor<1xf16>", {2}}}, "tensor<1xf16>",
                "coeffs");
}

TEST(TpuActivation, OpsOfTheirOwn) {
  const Operand x{"tensor<3xf16>", {-2, 1, 8}};
  expectValues(R"("tpu.Relu"(%0) {relu_limit = 6.0 : f64})", {x}, "tensor<3xf16>", {0, 1, 6});
  expectValues(R"("tpu.LeakyRelu"(%0) {alpha = 0.5 : f64})", {x}, "tensor<3xf16>", {-1, 1, 8});
  expectValues(R"("tpu.Clip"(%0) {min = -1.0 : f64, max = 2.0 : f64})", {x}, "tensor<3xf16>", {-1, 1, 2});
  expectValues(R"("tpu.Reciprocal"(%0) {const_val = 4.0 : f64, do_relu = true})", {x}, "tensor<3xf16>", {0, 4, 0.5});
  expectRefusal(R"("tpu.LeakyRelu"(%0))", {x}, "tensor<3xf16>", "alpha");
}

TEST(TpuMatrix, ProductsAndLines) {
  expectValues(R"("tpu.MatMul"(%0, %1, %2, %none, %none) {do_relu = true})",
               {{"tensor<1x2xf16>", {2048, 1}}, {"tensor<2x2xf16>", {1, -1, 1, -1}}, {"tensor<2xf32>", {1, 0}}},
               "tensor<1x2xf16>", {2050, 0});
  expectValues(R"("tpu.Scale"(%0, %1, %2, %none))",
               {{"tensor<1x2x1x1xf16>", {3, 5}}, {"tensor<1x2x1x1xf16>", {2, -1}}, {"tensor<1x2x1x1xf16>", {1, 0.5}}},
               "tensor<1x2x1x1xf16>", {7, -4.5});
  // The product 2049 becomes 2048 before 1 is added; that sum is 2048 again.
  expectValues(R"("tpu.Scale"(%0, %1, %2, %none))",
               {{"tensor<1x1x1x1xf16>", {683}}, {"tensor<1x1x1x1xf16>", {3}}, {"tensor<1x1x1x1xf16>", {1}}},
               "tensor<1x1x1x1xf16>", {2048});
  expectValues(R"("tpu.Softmax"(%0, %none, %none, %none, %none, %none) {axis = 1 : si32})",
               {{"tensor<1x4xbf16>", {1, 1, 1, 1}}}, "tensor<1x4xbf16>", {0.25, 0.25, 0.25, 0.25});
  expectValues(
      R"("tpu.LayerNorm"(%0, %1, %none, %none, %none) {normalized_shape = [2], axis = 1 : si32, eps = 0.0 : f64})",
      {{"tensor<1x2xf16>", {1, 3}}, {"tensor<2xf32>", {1, 10}}}, "tensor<1x2xf16>", {-1, 10});
  expectValues(R"("tpu.Reduce"(%0, %none, %none) {axes = [1], keepdims = true, mode = "ReduceSum"})",
               {{"tensor<1x3xf16>", {2048, 1, 1}}}, "tensor<1x1xf16>", {2050});
}

TEST(TpuLayout, MovesKeepTheType) {
  const Operand a{"tensor<1x1x2x2xbf16>", {1, 2, 3, 4}};
  expectValues(R"("tpu.Reshape"(%0) {shape = [4]})", {a}, "tensor<4xbf16>", {1, 2, 3, 4});
  expectValues(R"("tpu.Squeeze"(%0) {axes = [0, 1]})", {a}, "tensor<2x2xbf16>", {1, 2, 3, 4});
  expectValues(R"("tpu.Unsqueeze"(%0) {axes = [4]})", {a}, "tensor<1x1x2x2x1xbf16>", {1, 2, 3, 4});
  expectValues(R"("tpu.Permute"(%0, %none) {order = [0, 1, 3, 2]})", {a}, "tensor<1x1x2x2xbf16>", {1, 3, 2, 4});
  expectValues(R"("tpu.Concat"(%0, %0) {axis = 3 : si32})", {a}, "tensor<1x1x2x4xbf16>", {1, 2, 1, 2, 3, 4, 3, 4});
  expectValues(
      R"("tpu.Slice"(%0, %none, %none, %none, %none) {offset = [0, 0, 1, 0], steps = [1, 1, 1, 1], ends = [1, 1, 2, 2], axes = []})",
      {a}, "tensor<1x1x1x2xbf16>", {3, 4});
  expectValues(
      R"("tpu.Pad"(%0, %none, %none, %none, %none) {paddings = [0, 0, 0, 1, 0, 0, 0, 0], val = 0.1 : f64, mode = #tpu<Pad_Mode constant>})",
      {a}, "tensor<1x1x2x3xbf16>", {0.10009765625, 1, 2, 0.10009765625, 3, 4});
  expectValues(
      R"("tpu.Pad"(%0, %none, %none, %none, %none) {paddings = [0, 0, 0, 1, 0, 0, 0, 0], mode = #tpu<Pad_Mode reflect>})",
      {a}, "tensor<1x1x2x3xbf16>", {2, 1, 2, 4, 3, 4});
  expectValues(R"("tpu.Upsample"(%0, %none) {scale_h = 2 : i64, scale_w = 1 : i64})", {a}, "tensor<1x1x4x2xbf16>",
               {1, 2, 1, 2, 3, 4, 3, 4});
  expectValues(
      R"("tpu.Interp"(%0, %none, %none) {scale_h = 1.0 : f64, scale_w = 2.0 : f64, mode = #tpu<mode linear>, coord_mode = #tpu<coord_mode half_pixel>})",
      {a}, "tensor<1x1x2x4xbf16>", {1, 1.25, 1.75, 2, 3, 3.25, 3.75, 4});
  expectValues(R"("tpu.Tile"(%0, %none) {tile = [1, 1, 1, 2]})", {a}, "tensor<1x1x2x4xbf16>", {1, 2, 1, 2, 3, 4, 3, 4});
  expectValues(R"("tpu.Depth2Space"(%0) {block_h = 2 : i64, block_w = 1 : i64, is_CRD = true, is_inversed = true})",
               {a}, "tensor<1x2x1x2xbf16>", {1, 2, 3, 4});
}

TEST(TpuCast, RoundsByAttribute) {
  const auto cast = [](const std::string &mode) {
    return "\"tpu.Cast\"(%0) {round_mode = #tpu<round_mode " + mode + ">}";
  };
  const Operand x{"tensor<4xf32>", {2049, -2049, 2051, 70000}};
  expectValues(cast("HalfToEven"), {x}, "tensor<4xf16>", {2048, -2048, 2052, infinity});
  expectValues(cast("HalfAwayFromZero"), {x}, "tensor<4xf16>", {2050, -2050, 2052, infinity});
  expectValues(cast("TowardsZero"), {x}, "tensor<4xf16>", {2048, -2048, 2050, infinity});
  expectValues(cast("HalfToEven"), {{"tensor<2xf16>", {0.0999755859375, -4}}}, "tensor<2xf32>", {0.0999755859375, -4});
  expectValues(cast("HalfAwayFromZero"), {{"tensor<4xf32>", {2.5, -2.5, 300, -300}}}, "tensor<4xi8>",
               {3, -3, 127, -128});
  expectValues(cast("HalfToEven"), {{"tensor<2xi32>", {-7, 9}}}, "tensor<2xf32>", {-7, 9});
  expectRefusal(cast("HalfToOdd"), {x}, "tensor<4xf16>", "rounding mode");
}

TEST(TpuStructure, LoadAndStoreAreCopies) {
  const Operand a{"tensor<2xf16>", {1, 2}};
  expectValues(R"("tpu.Load"(%0))", {a}, "tensor<2xf16>", {1, 2});
  expectValues(R"("tpu.Store"(%0, %none))", {a}, "tensor<2xf16>", {1, 2});
}

TEST(TpuActivation, PReluSlopes) {
  expectValues(R"("tpu.PReluOp"(%0, %1))", {{"tensor<1x2x1x1xf16>", {-2, -4}}, {"tensor<1x2x1x1xf16>", {0.5, 2}}},
               "tensor<1x2x1x1xf16>", {-1, -8});
}
