#include "Harness.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Evaluation/InferenceModels.h"
#include "tpu_mlir/Evaluation/Interpreter.h"
#include "tpu_mlir/Kernels/Numerics.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace tpu_mlir;

std::unique_ptr<mlir::MLIRContext> harness::makeContext() {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect, mlir::quant::QuantDialect, top::TopDialect, tpu::TpuDialect>();
  registerInferenceModels(registry);
  auto context = std::make_unique<mlir::MLIRContext>(registry, mlir::MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

namespace {

Tensor makeTensor(const NetworkPort &port, const std::vector<double> &values) {
  Tensor tensor(port.type, port.shape);
  EXPECT_EQ(static_cast<size_t>(tensor.elements()), values.size()) << "values of operand " << port.name;
  for (size_t i = 0; i < values.size() && i < static_cast<size_t>(tensor.elements()); ++i)
    switch (port.type) {
    case ElementType::F32:
      tensor.data<float>()[i] = static_cast<float>(values[i]);
      break;
    case ElementType::F16:
      tensor.data<uint16_t>()[i] = kernels::floatToHalf(kernels::Precision::F16, static_cast<float>(values[i]));
      break;
    case ElementType::BF16:
      tensor.data<uint16_t>()[i] = kernels::floatToHalf(kernels::Precision::BF16, static_cast<float>(values[i]));
      break;
    case ElementType::I8:
      tensor.data<int8_t>()[i] = static_cast<int8_t>(values[i]);
      break;
    case ElementType::U8:
      tensor.data<uint8_t>()[i] = static_cast<uint8_t>(values[i]);
      break;
    case ElementType::I32:
      tensor.data<int32_t>()[i] = static_cast<int32_t>(values[i]);
      break;
    default:
      ADD_FAILURE() << "the harness has no values of this type";
    }
  return tensor;
}

std::vector<float> valuesOf(const Tensor &tensor) {
  std::vector<float> values;
  for (int64_t i = 0; i < tensor.elements(); ++i)
    switch (tensor.type()) {
    case ElementType::F32:
      values.push_back(tensor.data<float>()[i]);
      break;
    case ElementType::F16:
      values.push_back(kernels::halfToFloat(kernels::Precision::F16, tensor.data<uint16_t>()[i]));
      break;
    case ElementType::BF16:
      values.push_back(kernels::halfToFloat(kernels::Precision::BF16, tensor.data<uint16_t>()[i]));
      break;
    case ElementType::I8:
      values.push_back(tensor.data<int8_t>()[i]);
      break;
    case ElementType::U8:
      values.push_back(tensor.data<uint8_t>()[i]);
      break;
    case ElementType::I32:
      values.push_back(static_cast<float>(tensor.data<int32_t>()[i]));
      break;
    default:
      ADD_FAILURE() << "the harness cannot read this type";
    }
  return values;
}

// A function whose inputs are the operands and whose body is the op.
std::string moduleText(const std::string &op, const std::vector<harness::Operand> &operands,
                       const std::string &result) {
  std::string arguments, inputs, types;
  for (size_t i = 0; i < operands.size(); ++i) {
    const std::string &type = operands[i].type, number = std::to_string(i);
    arguments += (i ? ", %a" : "%a") + number + ": " + type;
    inputs += "  %" + number + " = \"top.Input\"(%a" + number + ") : (" + type + ") -> " + type + " loc(\"in" + number +
              "\")\n";
  }
  // The op's operand types, in the order in which it names them.
  const size_t open = op.find('('), close = op.find(')');
  const std::string names = op.substr(open + 1, close - open - 1);
  for (size_t at = 0; at < names.size();) {
    const size_t comma = std::min(names.find(',', at), names.size());
    const size_t percent = names.find('%', at);
    const std::string name = names.substr(percent + 1, comma - percent - 1);
    types += (types.empty() ? "" : ", ") + (name == "none" ? "none" : operands.at(std::stoul(name)).type);
    at = comma + 1;
  }
  return "module attributes {module.weight_file = \"none.npz\"} {\n func.func @main(" + arguments + ") -> " + result +
         " {\n  %none = \"top.None\"() : () -> none\n" + inputs + "  %out = " + op + " : (" + types + ") -> " + result +
         " loc(\"out\")\n  return %out : " + result + "\n }\n}\n";
}

} // namespace

harness::Outcome harness::evaluate(const std::string &op, const std::vector<Operand> &operands,
                                   const std::string &result) {
  auto context = makeContext();
  Outcome outcome;
  mlir::ScopedDiagnosticHandler handler(context.get(), [&](mlir::Diagnostic &diagnostic) {
    outcome.error += diagnostic.str() + "\n";
    return mlir::success();
  });
  const std::string text = moduleText(op, operands, result);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
  if (!module) {
    outcome.error += text;
    return outcome;
  }
  auto interpreter = ModuleInterpreter::create(*module);
  if (failed(interpreter))
    return outcome;
  llvm::StringMap<Tensor> inputs;
  for (size_t i = 0; i < operands.size(); ++i)
    inputs["in" + std::to_string(i)] = makeTensor((*interpreter)->inputs()[i], operands[i].values);
  auto outputs = (*interpreter)->invoke(inputs);
  if (failed(outputs))
    return outcome;
  for (const NamedTensor &output : *outputs)
    outcome.results.push_back(valuesOf(output.tensor));
  return outcome;
}

void harness::expectValues(const std::string &op, const std::vector<Operand> &operands, const std::string &result,
                           const std::vector<double> &wanted, double tolerance) {
  const Outcome outcome = evaluate(op, operands, result);
  ASSERT_EQ(outcome.results.size(), 1u) << op << "\n" << outcome.error;
  const std::vector<float> &is = outcome.results[0];
  ASSERT_EQ(is.size(), wanted.size()) << op;
  for (size_t i = 0; i < is.size(); ++i) {
    if (tolerance == 0)
      EXPECT_EQ(is[i], static_cast<float>(wanted[i])) << op << " at " << i;
    else
      EXPECT_NEAR(is[i], wanted[i], tolerance) << op << " at " << i;
  }
}

void harness::expectRefusal(const std::string &op, const std::vector<Operand> &operands, const std::string &result,
                            const std::string &words) {
  const Outcome outcome = evaluate(op, operands, result);
  EXPECT_TRUE(outcome.results.empty()) << op;
  EXPECT_NE(outcome.error.find(words), std::string::npos) << op << "\n" << outcome.error;
}
