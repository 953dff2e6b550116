// Whole modules: names, weights, groups, calls, what is observed, and sentences for what does not fit.
#include "Harness.h"

#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Evaluation/Interpreter.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace tpu_mlir;

namespace {

class InterpreterTest : public testing::Test {
protected:
  InterpreterTest()
      : context(harness::makeContext()), handler(context.get(), [this](mlir::Diagnostic &diagnostic) {
          errors += diagnostic.str() + "\n";
          return mlir::success();
        }) {}

  void parse(const std::string &text) {
    module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
    ASSERT_TRUE(module) << errors;
  }
  void create() {
    auto made = ModuleInterpreter::create(*module);
    ASSERT_TRUE(succeeded(made)) << errors;
    interpreter = std::move(*made);
  }
  static Tensor vector(std::vector<float> values) {
    Tensor tensor(ElementType::F32, {static_cast<int64_t>(values.size())});
    std::copy(values.begin(), values.end(), tensor.data<float>());
    return tensor;
  }
  static std::vector<float> valuesOf(const Tensor &tensor) {
    return {tensor.data<float>(), tensor.data<float>() + tensor.elements()};
  }

  std::unique_ptr<mlir::MLIRContext> context;
  std::string errors;
  mlir::ScopedDiagnosticHandler handler;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<ModuleInterpreter> interpreter;
};

const char *const chain = R"(
module attributes {module.weight_file = "w.npz"} {
  func.func @main(%arg0: tensor<2xf32>, %arg1: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
    %a = "top.Input"(%arg0) : (tensor<2xf32>) -> tensor<2xf32> loc("a")
    %b = "top.Input"(%arg1) : (tensor<2xf32>) -> tensor<2xf32> loc("b")
    %w = "top.Weight"() : () -> tensor<2xf32> loc("w")
    %0 = "top.Add"(%a, %w) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc("sum")
    %1 = "top.Mul"(%0, %b) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> loc(fused["product", "other"])
    %2 = "top.Relu"(%0) : (tensor<2xf32>) -> tensor<2xf32> loc("relu")
    return %1, %2 : tensor<2xf32>, tensor<2xf32>
  }
})";

} // namespace

TEST_F(InterpreterTest, RunsByNamesAndWeights) {
  parse(chain);
  top::weightStore(context.get()).write(*module, "w", vector({10, -20}));
  create();
  ASSERT_EQ(interpreter->inputs().size(), 2u);
  EXPECT_EQ(interpreter->inputs()[1].name, "b");
  EXPECT_EQ(interpreter->outputs()[0].name, "product");
  auto outputs = interpreter->invoke({{"a", vector({1, 2})}, {"b", vector({3, 4})}});
  ASSERT_TRUE(succeeded(outputs)) << errors;
  EXPECT_EQ((*outputs)[0].name, "product");
  EXPECT_EQ(valuesOf((*outputs)[0].tensor), (std::vector<float>{33, -72}));
  EXPECT_EQ((*outputs)[1].name, "relu");
  EXPECT_EQ(valuesOf((*outputs)[1].tensor), (std::vector<float>{11, 0}));
}

TEST_F(InterpreterTest, ObservesEveryValueInOrder) {
  parse(chain);
  top::weightStore(context.get()).write(*module, "w", vector({0, 0}));
  create();
  auto all = interpreter->invokeAll({{"a", vector({1, 2})}, {"b", vector({3, 4})}});
  ASSERT_TRUE(succeeded(all)) << errors;
  std::vector<std::string> names;
  for (const NamedTensor &value : *all)
    names.push_back(value.name);
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b", "sum", "product", "relu"}));
}

TEST_F(InterpreterTest, InputsOfOtherNumberTypesAreConverted) {
  parse(chain);
  top::weightStore(context.get()).write(*module, "w", vector({0, 0}));
  create();
  Tensor bytes(ElementType::U8, {2});
  bytes.data<uint8_t>()[0] = 200;
  bytes.data<uint8_t>()[1] = 7;
  auto outputs = interpreter->invoke({{"a", bytes}, {"b", vector({1, 1})}});
  ASSERT_TRUE(succeeded(outputs)) << errors;
  EXPECT_EQ(valuesOf((*outputs)[1].tensor), (std::vector<float>{200, 7}));
}

TEST_F(InterpreterTest, WrongInputsAreNamed) {
  parse(chain);
  top::weightStore(context.get()).write(*module, "w", vector({0, 0}));
  create();
  EXPECT_TRUE(failed(interpreter->invoke({{"a", vector({1, 2})}})));
  EXPECT_NE(errors.find("'b'"), std::string::npos) << errors;
  errors.clear();
  EXPECT_TRUE(failed(interpreter->invoke({{"a", vector({1, 2})}, {"b", vector({1, 2, 3})}})));
  EXPECT_NE(errors.find("shape [2], got [3]"), std::string::npos) << errors;
  errors.clear();
  EXPECT_TRUE(failed(interpreter->invoke({{"a", vector({1, 2})}, {"b", vector({1, 2})}, {"c", vector({1})}})));
  EXPECT_NE(errors.find("no input named 'c'"), std::string::npos) << errors;
}

TEST_F(InterpreterTest, RunsOnlyWhatIsWanted) {
  parse(chain);
  top::weightStore(context.get()).write(*module, "w", vector({10, -20}));
  create();
  std::vector<std::string> ran;
  InvokeOptions options;
  options.observer = [&](llvm::StringRef name, const Tensor &) { ran.push_back(name.str()); };
  options.wanted = {"relu", "sum"};
  auto found = interpreter->invoke({{"a", vector({1, 2})}}, options); // the input b is not needed
  ASSERT_TRUE(succeeded(found)) << errors;
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].name, "relu");
  EXPECT_EQ(valuesOf((*found)[0].tensor), (std::vector<float>{11, 0}));
  EXPECT_EQ(valuesOf((*found)[1].tensor), (std::vector<float>{11, -18}));
  EXPECT_EQ(ran, (std::vector<std::string>{"a", "sum", "relu"}));
}

TEST_F(InterpreterTest, TakesGivenValuesAsTheyAre) {
  parse(chain);
  top::weightStore(context.get()).write(*module, "w", vector({10, -20}));
  create();
  InvokeOptions options;
  options.given["sum"] = vector({5, -6});
  auto found = interpreter->invoke({{"b", vector({3, 4})}}, options);
  ASSERT_TRUE(succeeded(found)) << errors;
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].name, "product");
  EXPECT_EQ(valuesOf((*found)[0].tensor), (std::vector<float>{15, -24}));
  EXPECT_EQ(valuesOf((*found)[1].tensor), (std::vector<float>{5, 0}));
  options.wanted = {"sum"};
  found = interpreter->invoke({}, options);
  ASSERT_TRUE(succeeded(found)) << errors;
  EXPECT_EQ(valuesOf((*found)[0].tensor), (std::vector<float>{5, -6}));
  options = {};
  options.given["w"] = vector({1, 1}); // weights, too
  options.wanted = {"sum", "w"};
  found = interpreter->invoke({{"a", vector({1, 2})}}, options);
  ASSERT_TRUE(succeeded(found)) << errors;
  EXPECT_EQ(valuesOf((*found)[0].tensor), (std::vector<float>{2, 3}));
  EXPECT_EQ(valuesOf((*found)[1].tensor), (std::vector<float>{1, 1}));
}

TEST_F(InterpreterTest, WrongNamesOfPartialRunsAreErrors) {
  parse(chain);
  top::weightStore(context.get()).write(*module, "w", vector({10, -20}));
  create();
  InvokeOptions options;
  options.wanted = {"nothing"};
  EXPECT_TRUE(failed(interpreter->invoke({}, options)));
  EXPECT_NE(errors.find("computes no value named 'nothing'"), std::string::npos) << errors;
  options.wanted = {"relu"};
  options.given["sum"] = vector({1, 2, 3});
  EXPECT_TRUE(failed(interpreter->invoke({}, options)));
  EXPECT_NE(errors.find("of shape [2], got [3]"), std::string::npos) << errors;
}

TEST_F(InterpreterTest, AMissingWeightFileIsAnError) {
  parse(chain);
  EXPECT_TRUE(failed(ModuleInterpreter::create(*module)));
  EXPECT_NE(errors.find("w.npz"), std::string::npos) << errors;
}

TEST_F(InterpreterTest, UnknownShapesAreAnError) {
  parse(R"(
module {
  func.func @main(%arg0: tensor<2xf32>) -> tensor<*xf32> {
    %a = "top.Input"(%arg0) : (tensor<2xf32>) -> tensor<2xf32> loc("a")
    %0 = "top.Relu"(%a) : (tensor<2xf32>) -> tensor<*xf32> loc("r")
    return %0 : tensor<*xf32>
  }
})");
  EXPECT_TRUE(failed(ModuleInterpreter::create(*module)));
  EXPECT_NE(errors.find("--shape-infer"), std::string::npos) << errors;
}

TEST_F(InterpreterTest, AModuleWithoutMainIsAnError) {
  parse("module {}");
  EXPECT_TRUE(failed(ModuleInterpreter::create(*module)));
  EXPECT_NE(errors.find("'main'"), std::string::npos) << errors;
}

// The structure after subnet division and grouping, with addresses in the types.
TEST_F(InterpreterTest, RunsSubFunctionsAndGroups) {
  parse(R"(
module attributes {module.weight_file = "w.npz"} {
  module attributes {module.device_id = 0 : i64} {
    func.func @main(%arg0: tensor<2xf32>) -> tensor<2xf32, 4096 : i64> {
      %0 = "top.Input"(%arg0) : (tensor<2xf32>) -> tensor<2xf32, 8192 : i64> loc("in")
      %1 = call @subfunc_0(%0) : (tensor<2xf32, 8192 : i64>) -> tensor<2xf32, 4096 : i64> loc(unknown)
      return %1 : tensor<2xf32, 4096 : i64>
    }
    func.func @subfunc_0(%arg0: tensor<2xf32, 8192 : i64> loc("in")) -> tensor<2xf32, 4096 : i64> {
      %none = "top.None"() : () -> none
      %0 = "tpu.Group"(%arg0) ({
        %1 = "tpu.Load"(%arg0) : (tensor<2xf32, 8192 : i64>) -> tensor<2xf32> loc("load_in")
        %2 = "tpu.MulConst"(%1) {const_val = 3.0 : f64} : (tensor<2xf32>) -> tensor<2xf32> loc("tripled")
        %3 = "tpu.Store"(%2, %none) : (tensor<2xf32>, none) -> tensor<2xf32, 4096 : i64> loc("tripled")
        "tpu.Yield"(%3) : (tensor<2xf32, 4096 : i64>) -> ()
      }) {csecs = 1 : i64, dsecs = 1 : i64, group_type = 0 : i64, hsecs = 1 : i64, nsecs = 1 : i64,
          swpipl_stage_num = 3 : i64, wsecs = 1 : i64}
        : (tensor<2xf32, 8192 : i64>) -> tensor<2xf32, 4096 : i64> loc("tripled")
      return %0 : tensor<2xf32, 4096 : i64>
    }
  }
})");
  create();
  auto outputs = interpreter->invoke({{"in", vector({1, -2})}});
  ASSERT_TRUE(succeeded(outputs)) << errors;
  EXPECT_EQ((*outputs)[0].name, "tripled");
  EXPECT_EQ(valuesOf((*outputs)[0].tensor), (std::vector<float>{3, -6}));
}
