// Every Top op with numbers worked out by hand (or from the definition, for transcendental functions).
#include "Harness.h"

#include "gtest/gtest.h"

#include <cmath>

using harness::expectRefusal;
using harness::expectValues;

TEST(TopConv, AppliesFilterBiasPadsAndRelu) {
  // 2x2 ones over 1..9 with one column of padding on the left: sums of neighbours.
  expectValues(R"("top.Conv"(%0, %1, %2) {kernel_shape = [2, 2], strides = [1, 1], pads = [0, 1, 0, 0]})",
               {{"tensor<1x1x3x3xf32>", {1, 2, 3, 4, 5, 6, 7, 8, 9}},
                {"tensor<1x1x2x2xf32>", {1, 1, 1, 1}},
                {"tensor<1xf32>", {10}}},
               "tensor<1x1x2x3xf32>", {15, 22, 26, 21, 34, 38});
  expectValues(
      R"("top.Conv"(%0, %1, %none) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], do_relu = true, relu_limit = 6.0 : f64})",
      {{"tensor<1x1x1x3xf32>", {-1, 2, 9}}, {"tensor<1x1x1x1xf32>", {1}}}, "tensor<1x1x1x3xf32>", {0, 2, 6});
}

TEST(TopConv, GroupsDilationsStridesAndOneAxis) {
  expectValues(
      R"("top.Conv"(%0, %1, %none) {kernel_shape = [1, 1], strides = [1, 2], pads = [0, 0, 0, 0], group = 2 : i64})",
      {{"tensor<1x2x1x3xf32>", {1, 2, 3, 4, 5, 6}}, {"tensor<2x1x1x1xf32>", {10, 100}}}, "tensor<1x2x1x2xf32>",
      {10, 30, 400, 600});
  expectValues(R"("top.Conv"(%0, %1, %none) {kernel_shape = [2], strides = [1], pads = [0, 0], dilations = [2]})",
               {{"tensor<1x1x4xf32>", {1, 2, 3, 4}}, {"tensor<1x1x2xf32>", {1, 10}}}, "tensor<1x1x2xf32>", {31, 42});
}

TEST(TopConv, InsertsZeros) {
  expectValues(
      R"("top.Conv"(%0, %1, %none) {kernel_shape = [1, 2], strides = [1, 1], pads = [0, 0, 0, 0], inserts = [0, 1]})",
      {{"tensor<1x1x1x3xf32>", {1, 2, 3}}, {"tensor<1x1x1x2xf32>", {10, 1}}}, "tensor<1x1x1x4xf32>", {10, 2, 20, 3});
}

TEST(TopDeconv, ScattersThroughTheFilter) {
  expectValues(R"("top.Deconv"(%0, %1, %2) {kernel_shape = [1, 3], strides = [1, 2], pads = [0, 1, 0, 0]})",
               {{"tensor<1x1x1x2xf32>", {1, 2}}, {"tensor<1x1x1x3xf32>", {1, 10, 100}}, {"tensor<1xf32>", {0.5}}},
               "tensor<1x1x1x4xf32>", {10.5, 102.5, 20.5, 200.5});
}

TEST(TopPool, MaxAndMean) {
  const harness::Operand image{"tensor<1x1x2x3xf32>", {1, -2, 3, 4, 5, -6}};
  expectValues(R"("top.MaxPool"(%0) {kernel_shape = [2, 2], strides = [1, 1], pads = [0, 0, 0, 1]})", {image},
               "tensor<1x1x1x3xf32>", {5, 5, 3});
  expectValues(R"("top.AvgPool"(%0) {kernel_shape = [2, 2], strides = [1, 1], pads = [0, 0, 0, 1]})", {image},
               "tensor<1x1x1x3xf32>", {2, 0, -1.5});
  expectValues(
      R"("top.AvgPool"(%0) {kernel_shape = [2, 2], strides = [1, 1], pads = [0, 0, 0, 1], count_include_pad = true})",
      {image}, "tensor<1x1x1x3xf32>", {2, 0, -0.75});
  expectValues(R"("top.AvgPool"(%0) {kernel_shape = [2, 3], strides = [1, 1], pads = [0, 0, 0, 0], keepdims = false})",
               {image}, "tensor<1x1xf32>", {5.0 / 6}, 1e-6);
  // A window of padding alone has no largest value; negative values must not lose against zeros.
  expectValues(R"("top.MaxPool"(%0) {kernel_shape = [1, 2], strides = [1, 1], pads = [0, 1, 0, 0]})",
               {{"tensor<1x1x1x2xf32>", {-5, -3}}}, "tensor<1x1x1x2xf32>", {-5, -3});
}

TEST(TopNormalization, ScaleAndBatchNorm) {
  const harness::Operand input{"tensor<1x2x1x2xf32>", {1, 2, 3, 4}};
  expectValues(R"("top.Scale"(%0, %1, %2) {do_relu = true})",
               {input, {"tensor<1x2x1x1xf32>", {10, -1}}, {"tensor<1x2x1x1xf32>", {1, 3.5}}}, "tensor<1x2x1x2xf32>",
               {11, 21, 0.5, 0});
  expectValues(R"("top.BatchNorm"(%0, %1, %2, %3, %none) {epsilon = 0.0 : f64})",
               {input, {"tensor<2xf32>", {1, 3}}, {"tensor<2xf32>", {4, 0.25}}, {"tensor<2xf32>", {2, 1}}},
               "tensor<1x2x1x2xf32>", {0, 1, 0, 2});
}

TEST(TopNormalization, LayerNormAndSoftmax) {
  expectValues(R"("top.LayerNorm"(%0, %1, %2) {normalized_shape = [2], axis = -1 : si32, eps = 0.0 : f64})",
               {{"tensor<2x2xf32>", {1, 3, -4, 4}}, {"tensor<2xf32>", {1, 10}}, {"tensor<2xf32>", {0, 5}}},
               "tensor<2x2xf32>", {-1, 15, -1, 15}, 1e-5);
  const double e = std::exp(1.0);
  expectValues(R"("top.Softmax"(%0) {axis = 1 : si32})", {{"tensor<1x2x2xf32>", {0, 5, 1, 5}}}, "tensor<1x2x2xf32>",
               {1 / (1 + e), 0.5, e / (1 + e), 0.5}, 1e-6);
  expectValues(R"("top.Softmax"(%0) {axis = -1 : si32, log = true, beta = 2.0 : f64})", {{"tensor<1x2xf32>", {0, 0.5}}},
               "tensor<1x2xf32>", {-std::log(1 + e), 1 - std::log(1 + e)}, 1e-6);
}

TEST(TopMatMul, TransposesBatchesAndBias) {
  const harness::Operand left{"tensor<2x3xf32>", {1, 2, 3, 4, 5, 6}}, right{"tensor<3x2xf32>", {1, 0, 0, 1, 10, 100}};
  const std::vector<double> product = {31, 302, 64, 605};
  expectValues(R"("top.MatMul"(%0, %1, %none))", {left, right}, "tensor<2x2xf32>", product);
  expectValues(R"("top.MatMul"(%0, %1, %2) {do_relu = true})", {left, right, {"tensor<2xf32>", {-40, 1}}},
               "tensor<2x2xf32>", {0, 303, 24, 606});
  expectValues(R"("top.MatMul"(%0, %1, %none) {right_transpose = true})",
               {left, {"tensor<2x3xf32>", {1, 0, 10, 0, 1, 100}}}, "tensor<2x2xf32>", product);
  expectValues(R"("top.MatMul"(%0, %1, %none) {left_transpose = true})",
               {{"tensor<3x2xf32>", {1, 4, 2, 5, 3, 6}}, right}, "tensor<2x2xf32>", product);
  expectValues(R"("top.MatMul"(%0, %1, %2) {output_transpose = true})", {left, right, {"tensor<2xf32>", {1000, 2000}}},
               "tensor<2x2xf32>", {1031, 1064, 2302, 2605});
  // A batch of two on the left, one on the right.
  expectValues(R"("top.MatMul"(%0, %1, %none))",
               {{"tensor<2x1x2xf32>", {1, 2, 3, 4}}, {"tensor<1x2x1xf32>", {10, 100}}}, "tensor<2x1x1xf32>",
               {210, 430});
  // Vectors.
  expectValues(R"("top.MatMul"(%0, %1, %none))", {{"tensor<2xf32>", {1, 2}}, {"tensor<2x2xf32>", {1, 2, 3, 4}}},
               "tensor<2xf32>", {7, 10});
}

TEST(TopMatMul, HeadsAsBatches) {
  // [1, M=1, H=2, K=2] · [1, K=2, H=2, N=1] → [1, 1, 2, 1]
  expectValues(R"("top.MatMul"(%0, %1, %none) {hdim_is_batch = true})",
               {{"tensor<1x1x2x2xf32>", {1, 2, 3, 4}}, {"tensor<1x2x2x1xf32>", {1, 10, 100, 1000}}},
               "tensor<1x1x2x1xf32>", {201, 4030});
}

TEST(TopActivation, FunctionsOfOneValue) {
  const std::vector<double> x = {-3, -0.5, 0, 0.25, 2};
  const auto check = [&](const std::string &op, double (*function)(double), const std::string &attributes = "") {
    std::vector<double> wanted;
    for (double value : x)
      wanted.push_back(function(value));
    expectValues("\"top." + op + "\"(%0) {" + attributes + "}", {{"tensor<5xf32>", x}}, "tensor<5xf32>", wanted, 2e-6);
  };
  const std::string alpha = "alpha = 0.5 : f64";
  check("Relu", [](double v) { return std::max(v, 0.0); });
  check("Relu", [](double v) { return std::min(std::max(v, 0.0), 1.0); }, "relu_limit = 1.0 : f64");
  check("Clip", [](double v) { return std::min(std::max(v, -1.0), 1.5); }, "min = -1.0 : f64, max = 1.5 : f64");
  check("LeakyRelu", [](double v) { return v > 0 ? v : 0.5 * v; }, alpha);
  check("Elu", [](double v) { return v > 0 ? v : 0.5 * std::expm1(v); }, alpha);
  check("Sigmoid", [](double v) { return 1 / (1 + std::exp(-v)); });
  check("Sigmoid", [](double v) { return 2 / (1 + std::exp(-v)) - 1; }, "scale = 2.0 : f64, bias = -1.0 : f64");
  check("Sigmoid", [](double v) { return -std::log1p(std::exp(-v)); }, "log = true");
  check("SiLU", [](double v) { return v / (1 + std::exp(-v)); });
  check("Tanh", [](double v) { return std::tanh(v); });
  check("Exp", [](double v) { return std::exp(v); });
  check("Abs", [](double v) { return std::fabs(v); });
  check("Ceil", [](double v) { return std::ceil(v); });
  check("Floor", [](double v) { return std::floor(v); });
  check("Round", [](double v) { return std::nearbyint(v); });
  check("Sign", [](double v) { return v > 0 ? 1.0 : v < 0 ? -1.0 : 0.0; });
  check("Sin", [](double v) { return std::sin(v); });
  check("Cos", [](double v) { return std::cos(v); });
  check("Erf", [](double v) { return std::erf(v); });
  check("GELU", [](double v) { return v / 2 * (1 + std::erf(v / std::sqrt(2.0))); });
  check(
      "GELU", [](double v) { return v / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (v + 0.044715 * v * v * v))); },
      "approx_mode = \"tanh\"");
  check("GELU", [](double v) { return v / (1 + std::exp(-1.702 * v)); }, "approx_mode = \"sigm\"");
  check(
      "HardSigmoid", [](double v) { return std::min(std::max(0.5 * v + 0.25, 0.0), 1.0); },
      alpha + ", beta = 0.25 : f64");
  check("HardSwish", [](double v) { return v * std::min(std::max(v / 6 + 0.5, 0.0), 1.0); });
  check("Mish", [](double v) { return v * std::tanh(std::log1p(std::exp(v))); });
  check("Softplus", [](double v) { return std::log1p(std::exp(v)); });
  check("Softsign", [](double v) { return v / (1 + std::fabs(v)); });
}

TEST(TopActivation, FunctionsOfPositiveValues) {
  const harness::Operand x{"tensor<3xf32>", {0.25, 1, 9}};
  expectValues(R"("top.Log"(%0))", {x}, "tensor<3xf32>", {std::log(0.25), 0, std::log(9.0)}, 1e-6);
  expectValues(R"("top.Sqrt"(%0))", {x}, "tensor<3xf32>", {0.5, 1, 3});
  expectValues(R"("top.Rsqrt"(%0))", {x}, "tensor<3xf32>", {2, 1, 1.0 / 3}, 1e-6);
  expectValues(R"("top.Reciprocal"(%0) {const_val = 2.0 : f64, do_relu = true, relu_limit = 6.0 : f64})", {x},
               "tensor<3xf32>", {6, 2, 2.0 / 9}, 1e-6);
}

TEST(TopActivation, PReluSlopePerChannel) {
  expectValues(R"("top.PRelu"(%0, %1))", {{"tensor<1x2x2xf32>", {-1, 2, -3, 4}}, {"tensor<2x1xf32>", {0.5, 0.1}}},
               "tensor<1x2x2xf32>", {-0.5, 2, -0.3, 4}, 1e-6);
}

TEST(TopElementwise, TensorsWithBroadcasting) {
  const harness::Operand a{"tensor<2x2xf32>", {1, 2, 3, 4}}, row{"tensor<2xf32>", {10, -1}};
  expectValues(R"("top.Add"(%0, %1))", {a, row}, "tensor<2x2xf32>", {11, 1, 13, 3});
  expectValues(R"("top.Add"(%0, %1, %0) {coeff = [1.0, -1.0, 0.5], do_relu = true})", {a, row}, "tensor<2x2xf32>",
               {0, 4, 0, 7});
  expectValues(R"("top.Sub"(%0, %1))", {a, row}, "tensor<2x2xf32>", {-9, 3, -7, 5});
  expectValues(R"("top.Sub"(%0, %1) {is_reverse = true})", {a, row}, "tensor<2x2xf32>", {9, -3, 7, -5});
  expectValues(R"("top.Mul"(%0, %1))", {a, row}, "tensor<2x2xf32>", {10, -2, 30, -4});
  expectValues(R"("top.Div"(%0, %1))", {a, row}, "tensor<2x2xf32>", {0.1f, -2, 0.3f, -4});
  expectValues(R"("top.Div"(%0, %1) {is_reverse = true})", {a, row}, "tensor<2x2xf32>", {10, -0.5, 10.0 / 3, -0.25},
               1e-6);
  expectValues(R"("top.Max"(%0, %1))", {a, row}, "tensor<2x2xf32>", {10, 2, 10, 4});
  expectValues(R"("top.Min"(%0, %1))", {a, row}, "tensor<2x2xf32>", {1, -1, 3, -1});
}

TEST(TopElementwise, Constants) {
  const harness::Operand a{"tensor<3xf32>", {-1, 2, 3}};
  expectValues(R"("top.AddConst"(%0) {const_val = 2.5 : f64})", {a}, "tensor<3xf32>", {1.5, 4.5, 5.5});
  expectValues(R"("top.SubConst"(%0) {const_val = 2.5 : f64})", {a}, "tensor<3xf32>", {-3.5, -0.5, 0.5});
  expectValues(R"("top.SubConst"(%0) {const_val = 2.5 : f64, is_reverse = true, do_relu = true})", {a}, "tensor<3xf32>",
               {3.5, 0.5, 0});
  expectValues(R"("top.MulConst"(%0) {const_val = -2.0 : f64})", {a}, "tensor<3xf32>", {2, -4, -6});
  expectValues(R"("top.MaxConst"(%0) {const_val = 2.0 : f64})", {a}, "tensor<3xf32>", {2, 2, 3});
  expectValues(R"("top.MinConst"(%0) {const_val = 2.0 : f64})", {a}, "tensor<3xf32>", {-1, 2, 2});
}

TEST(TopLayout, ShapesWithoutMovement) {
  const harness::Operand a{"tensor<1x2x1x2xf32>", {1, 2, 3, 4}};
  const std::vector<double> same = {1, 2, 3, 4};
  expectValues(R"("top.Reshape"(%0) {shape = [4]})", {a}, "tensor<4xf32>", same);
  expectValues(R"("top.Flatten"(%0) {start_dim = 1 : i64})", {a}, "tensor<1x4xf32>", same);
  expectValues(R"("top.Squeeze"(%0) {axes = [0, 2]})", {a}, "tensor<2x2xf32>", same);
  expectValues(R"("top.Unsqueeze"(%0) {axes = [0]})", {a}, "tensor<1x1x2x1x2xf32>", same);
}

TEST(TopLayout, MovesAndRepeats) {
  const harness::Operand a{"tensor<2x3xf32>", {1, 2, 3, 4, 5, 6}};
  expectValues(R"("top.Permute"(%0) {order = [1, 0]})", {a}, "tensor<3x2xf32>", {1, 4, 2, 5, 3, 6});
  expectValues(R"("top.Transpose"(%0) {dim0 = 0 : si32, dim1 = -1 : si32})", {a}, "tensor<3x2xf32>",
               {1, 4, 2, 5, 3, 6});
  expectValues(R"("top.Concat"(%0, %1) {axis = 1 : si32, do_relu = true})", {a, {"tensor<2x1xf32>", {-7, 8}}},
               "tensor<2x4xf32>", {1, 2, 3, 0, 4, 5, 6, 8});
  expectValues(R"("top.Slice"(%0, %none, %none, %none) {offset = [0, 2], steps = [1, -2], ends = [2, -4], axes = []})",
               {a}, "tensor<2x2xf32>", {3, 1, 6, 4});
  expectValues(R"("top.Tile"(%0) {tile = [1, 2, 1]})", {{"tensor<1x2xf32>", {1, 2}}}, "tensor<1x2x2xf32>",
               {1, 2, 1, 2});
  expectValues(R"("top.Upsample"(%0) {scale_h = 1 : i64, scale_w = 2 : i64, do_relu = true})",
               {{"tensor<1x1x2x2xf32>", {1, -2, 3, 4}}}, "tensor<1x1x2x4xf32>", {1, 1, 0, 0, 3, 3, 4, 4});
}

TEST(TopLayout, Pads) {
  const harness::Operand a{"tensor<1x3xf32>", {1, 2, 3}};
  const auto pad = [](const std::string &mode) {
    return "\"top.Pad\"(%0) {paddings = [0, 2, 0, 1], val = 9.0 : f64, mode = \"" + mode + "\"}";
  };
  expectValues(pad("constant"), {a}, "tensor<1x6xf32>", {9, 9, 1, 2, 3, 9});
  expectValues(pad("reflect"), {a}, "tensor<1x6xf32>", {3, 2, 1, 2, 3, 2});
  expectValues(pad("symmetric"), {a}, "tensor<1x6xf32>", {2, 1, 1, 2, 3, 3});
  expectValues(pad("edge"), {a}, "tensor<1x6xf32>", {1, 1, 1, 2, 3, 3});
}

TEST(TopLayout, Interpolates) {
  const harness::Operand a{"tensor<1x1x1x2xf32>", {0, 4}};
  const auto interp = [](const std::string &mode, const std::string &coordinates) {
    return "\"top.Interp\"(%0, %none) {mode = \"" + mode + "\", coord_mode = \"" + coordinates +
           "\", scale_h = 1.0 : f64, scale_w = 2.0 : f64}";
  };
  expectValues(interp("linear", "half_pixel"), {a}, "tensor<1x1x1x4xf32>", {0, 1, 3, 4});
  expectValues(interp("linear", "asymmetric"), {a}, "tensor<1x1x1x4xf32>", {0, 2, 4, 4});
  expectValues(interp("linear", "align_corners"), {a}, "tensor<1x1x1x4xf32>", {0, 4.0 / 3, 8.0 / 3, 4}, 1e-6);
  expectValues(interp("nearest", "asymmetric"), {a}, "tensor<1x1x1x4xf32>", {0, 0, 4, 4});
}

TEST(TopLayout, Depth2Space) {
  const harness::Operand a{"tensor<1x4x1x2xf32>", {1, 2, 3, 4, 5, 6, 7, 8}};
  const auto op = [](bool crd, bool inverse) {
    return std::string("\"top.Depth2Space\"(%0) {block_h = 1 : i64, block_w = 2 : i64, is_CRD = ") +
           (crd ? "true" : "false") + ", is_inversed = " + (inverse ? "true" : "false") + "}";
  };
  // Channels are [depth, column of the block], or [column, depth].
  expectValues(op(true, false), {a}, "tensor<1x2x1x4xf32>", {1, 3, 2, 4, 5, 7, 6, 8});
  expectValues(op(false, false), {a}, "tensor<1x2x1x4xf32>", {1, 5, 2, 6, 3, 7, 4, 8});
  const harness::Operand wide{"tensor<1x2x1x4xf32>", {1, 3, 2, 4, 5, 7, 6, 8}};
  expectValues(op(true, true), {wide}, "tensor<1x4x1x2xf32>", {1, 2, 3, 4, 5, 6, 7, 8});
}

TEST(TopReduce, AxesAndModes) {
  const harness::Operand a{"tensor<2x1x3xf32>", {1, -2, 3, 4, 5, -6}};
  const auto reduce = [](const std::string &mode, const std::string &axes, bool keep) {
    return "\"top.Reduce\"(%0) {axes = [" + axes + "], keepdims = " + (keep ? "true" : "false") + ", mode = \"Reduce" +
           mode + "\"}";
  };
  expectValues(reduce("Sum", "2", true), {a}, "tensor<2x1x1xf32>", {2, 3});
  expectValues(reduce("Mean", "0", false), {a}, "tensor<1x3xf32>", {2.5, 1.5, -1.5});
  expectValues(reduce("Max", "0, 2", false), {a}, "tensor<1xf32>", {5});
  expectValues(reduce("Min", "1, 2", false), {a}, "tensor<2xf32>", {-2, -6});
  expectValues(reduce("Prod", "2", false), {a}, "tensor<2x1xf32>", {-6, -120});
  expectValues(reduce("L1", "2", false), {a}, "tensor<2x1xf32>", {6, 15});
  expectValues(reduce("L2", "0", true), {a}, "tensor<1x1x3xf32>", {std::sqrt(17.0), std::sqrt(29.0), std::sqrt(45.0)},
               1e-6);
}

TEST(TopRefusal, NamesTheProblem) {
  expectRefusal(R"("top.Add"(%0, %1))", {{"tensor<2xi32>", {1, 2}}, {"tensor<2xi32>", {1, 2}}}, "tensor<2xi32>",
                "f32, f16 and bf16 only");
  expectRefusal(
      R"("top.MaxPool"(%0) {kernel_shape = [1, 1], strides = [1, 1], pads = [0, 0, 0, 0], pad_value = 3 : i64})",
      {{"tensor<1x1x1x1xf32>", {1}}}, "tensor<1x1x1x1xf32>", "pad_value 3");
}
