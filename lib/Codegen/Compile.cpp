// Walks the addressed function, emits its ops through the group emitter, and describes the model.
#include "tpu_mlir/Codegen/Compile.h"

#include "tpu_mlir/Codegen/CodegenInterface.h"
#include "tpu_mlir/Codegen/InstructionMap.h"
#include "tpu_mlir/Codegen/PlanFromIR.h"
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

ModuleOp innerModule(ModuleOp module) {
  for (auto inner : module.getOps<ModuleOp>())
    return inner;
  return module;
}

func::FuncOp computeFunction(ModuleOp module) {
  for (auto function : innerModule(module).getOps<func::FuncOp>())
    if (function->hasAttr("id"))
      return function;
  return {};
}

int64_t integerOf(ModuleOp module, StringRef name) {
  auto value = module->getAttrOfType<IntegerAttr>(name);
  return value ? value.getInt() : 0;
}

bmodel::DataType dataTypeOf(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return bmodel::DataType::Float16;
  case ElementType::BF16:
    return bmodel::DataType::BFloat16;
  case ElementType::I8:
    return bmodel::DataType::Int8;
  case ElementType::U8:
    return bmodel::DataType::UInt8;
  case ElementType::I16:
    return bmodel::DataType::Int16;
  case ElementType::U16:
    return bmodel::DataType::UInt16;
  case ElementType::I32:
    return bmodel::DataType::Int32;
  case ElementType::U32:
    return bmodel::DataType::UInt32;
  default:
    return bmodel::DataType::Float32;
  }
}

bmodel::Tensor describe(Value value, StringRef name, bmodel::TensorRole role, size_t index) {
  auto type = cast<RankedTensorType>(value.getType());
  bmodel::Tensor tensor;
  tensor.name = name.str();
  tensor.type = dataTypeOf(codegen::elementTypeOf(type));
  tensor.address = CodegenContext().addressOf(value);
  tensor.bytes = static_cast<uint64_t>(type.getNumElements()) * bmodel::byteSize(tensor.type);
  tensor.shapes.emplace_back(type.getShape().begin(), type.getShape().end());
  tensor.role = role;
  // Inputs are multiplied by the scale on their way in, outputs on their way out.
  if (std::optional<top::Quantization> quantization = top::quantizationOf(value)) {
    bool isInput = role == bmodel::TensorRole::Input;
    tensor.scale = isInput ? quantization->quantizeScale() : quantization->dequantizeScale();
    tensor.zeroPoint = static_cast<int32_t>(quantization->zeroPoint);
  }
  tensor.index = static_cast<int32_t>(index);
  return tensor;
}

class Compiler {
public:
  Compiler(ModuleOp module, const bm1684x::AssemblerOptions &instructions)
      : module(module), inner(innerModule(module)), function(computeFunction(module)), instructions(instructions) {}

  FailureOr<bmodel::Model> run() {
    if (!function || function.getBody().empty())
      return emitError(module.getLoc(), "codegen: the module has no function made by subnet-divide"), failure();
    bmodel::Stage stage;
    if (failed(addTensors(stage)) || failed(addWeights(stage)) || failed(addCommands(stage)))
      return failure();
    bmodel::Model model;
    model.chip = "BM1684X";
    model.neuronBytes = stage.contextBytes();
    bmodel::Net net;
    net.name = module.getName().value_or("network").str();
    net.stages.push_back(std::move(stage));
    model.nets.push_back(std::move(net));
    return model;
  }

private:
  LogicalResult addTensors(bmodel::Stage &stage) {
    auto names = [&](StringRef attribute, size_t count, SmallVectorImpl<StringRef> &out) -> LogicalResult {
      auto list = module->getAttrOfType<ArrayAttr>(attribute);
      if (!list || list.size() != count)
        return emitError(module.getLoc())
               << "codegen: " << attribute << " does not list the " << count << " tensors of the function";
      for (Attribute entry : list) {
        auto name = dyn_cast<StringAttr>(entry);
        if (!name)
          return emitError(module.getLoc()) << "codegen: " << attribute << " holds something that is not a name";
        out.push_back(name.getValue());
      }
      return success();
    };
    Block &block = function.getBody().front();
    Operation *terminator = block.getTerminator();
    SmallVector<StringRef> inputs, outputs;
    if (failed(names("module.inputs", block.getNumArguments(), inputs)) ||
        failed(names("module.outputs", terminator->getNumOperands(), outputs)))
      return failure();
    for (auto [i, argument] : llvm::enumerate(block.getArguments()))
      stage.inputs.push_back(describe(argument, inputs[i], bmodel::TensorRole::Input, i));
    for (auto [i, value] : llvm::enumerate(terminator->getOperands()))
      stage.outputs.push_back(describe(value, outputs[i], bmodel::TensorRole::Output, i));
    stage.contextAddress = static_cast<uint64_t>(integerOf(inner, "module.neuron_addr"));
    stage.contextSizes = {static_cast<uint64_t>(integerOf(inner, "module.neuron_size"))};
    return success();
  }

  LogicalResult addWeights(bmodel::Stage &stage) {
    int64_t base = integerOf(inner, "module.coeff_addr"), size = integerOf(inner, "module.coeff_size");
    stage.dynamicContextAddress = stage.contextAddress;
    stage.dynamicCoefficientOffset = stage.dynamicCombinedCoefficientOffset = static_cast<uint64_t>(size);
    if (size == 0)
      return success();
    if (size < 0 || size > (int64_t{1} << 36))
      return emitError(module.getLoc(), "codegen: module.coeff_size is not a possible size");
    std::vector<uint8_t> blob(static_cast<size_t>(size), 0);
    bmodel::Coefficients coefficients;
    coefficients.address = static_cast<uint64_t>(base);
    CodegenContext context;
    WalkResult walk = function.walk([&](top::WeightOp weight) {
      FailureOr<Tensor> values = top::readWeight(weight);
      if (failed(values))
        return WalkResult::interrupt();
      uint64_t offset = context.addressOf(weight.getOutput()) - coefficients.address;
      if (offset > blob.size() || values->bytes() > blob.size() - offset) {
        weight.emitOpError() << "'" << top::nameOf(weight.getOutput()) << "' lies outside of the weights' memory";
        return WalkResult::interrupt();
      }
      std::memcpy(blob.data() + offset, values->data<uint8_t>(), values->bytes());
      coefficients.locations.push_back({top::nameOf(weight.getOutput()).str(), offset,
                                        static_cast<uint64_t>(alignTo(static_cast<int64_t>(values->bytes()), 4096))});
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return failure();
    coefficients.data = bmodel::Blob::of(std::move(blob));
    stage.coefficients = std::move(coefficients);
    return success();
  }

  LogicalResult addCommands(bmodel::Stage &stage) {
    PlanOptions options = planOptionsFromIR(function);
    Assembler assembler(instructions);
    FailureOr<Network> network = buildNetwork(function);
    if (failed(network))
      return failure();
    FailureOr<NetworkPlan> plan = planFromIR(*network, options);
    if (failed(plan))
      return failure();
    if (llvm::Error error = emitPlan(*network, *plan, options, assembler))
      return emitError(function.getLoc(), "codegen: ") << llvm::toString(std::move(error));
    llvm::Expected<bm1684x::Program> program = assembler.finish();
    if (!program)
      return emitError(function.getLoc(), "codegen: ") << llvm::toString(program.takeError());
    stage.profile = bmodel::Blob::of(instructionMap(function, *program));
    bmodel::SubNet subNet;
    subNet.inputs = stage.inputs;
    subNet.outputs = stage.outputs;
    subNet.id = 0;
    subNet.next = {-1};
    bmodel::CommandGroup group;
    group.tiuCount = program->tiuCount;
    group.gdmaCount = program->gdmaCount;
    group.tiu = bmodel::Blob::of(std::move(program->tiu));
    group.gdma = bmodel::Blob::of(std::move(program->gdma));
    subNet.groups.push_back(std::move(group));
    stage.subNets.push_back(std::move(subNet));
    return success();
  }

  ModuleOp module, inner;
  func::FuncOp function;
  bm1684x::AssemblerOptions instructions;
};

} // namespace

FailureOr<bmodel::Model> codegen::compileModel(ModuleOp module, const bm1684x::AssemblerOptions &instructions) {
  return Compiler(module, instructions).run();
}
