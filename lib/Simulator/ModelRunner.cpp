#include "tpu_mlir/Simulator/ModelRunner.h"
#include "tpu_mlir/Target/BM1684X/CycleModel.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cstring>

using namespace llvm;
using namespace tpu_mlir;
using namespace tpu_mlir::sim;
using bm1684x::Engine;

ElementType sim::elementTypeOf(bmodel::DataType type) {
  using bmodel::DataType;
  switch (type) {
  case DataType::Float32:
    return ElementType::F32;
  case DataType::Float16:
    return ElementType::F16;
  case DataType::BFloat16:
    return ElementType::BF16;
  case DataType::Int8:
    return ElementType::I8;
  case DataType::UInt8:
    return ElementType::U8;
  case DataType::Int16:
    return ElementType::I16;
  case DataType::UInt16:
    return ElementType::U16;
  case DataType::Int32:
    return ElementType::I32;
  case DataType::UInt32:
    return ElementType::U32;
  default:
    return ElementType::None;
  }
}

namespace {

/// Bytes and elements of a tensor's shape; 0 elements when the shape makes no sense.
uint64_t elementsOf(const bmodel::Tensor &tensor) {
  uint64_t count = 1;
  for (uint64_t dim : tensor.shape()) {
    if (dim == 0 || dim > uint64_t{1} << 32 || count > (uint64_t{1} << 36) / dim)
      return 0;
    count *= dim;
  }
  return count;
}

Expected<Program> decodeGroup(const bmodel::CommandGroup &group) {
  Program program;
  for (Engine engine : {Engine::TIU, Engine::GDMA}) {
    bool tiu = engine == Engine::TIU;
    ArrayRef<uint8_t> stream = (tiu ? group.tiu : group.gdma).bytes();
    if (stream.empty())
      continue;
    auto decoded = bm1684x::decodeStream(stream, engine);
    if (!decoded)
      return decoded.takeError();
    (tiu ? program.tiu : program.gdma) = std::move(*decoded);
  }
  return program;
}

Error checkSupported(const bmodel::Stage &stage) {
  if (stage.isDynamic)
    return createStringError("a dynamic network cannot be simulated: compile it for fixed input shapes");
  for (const bmodel::SubNet &subNet : stage.subNets) {
    if (subNet.mode != bmodel::SubNetMode::Tpu)
      return createStringError("a network with parts that run on the host cannot be simulated");
    if (subNet.isDynamic)
      return createStringError("a dynamic network cannot be simulated: compile it for fixed input shapes");
    if (subNet.groups.empty() && subNet.cores.size() > 1)
      return createStringError("a network for several cores cannot be simulated");
  }
  for (const auto *tensors : {&stage.inputs, &stage.outputs})
    for (const bmodel::Tensor &tensor : *tensors) {
      if (elementTypeOf(tensor.type) == ElementType::None)
        return createStringError("tensor '" + tensor.name + "' has type " + bmodel::name(tensor.type) +
                                 ", which the simulator cannot pass");
      if (tensor.storeMode != 0)
        return createStringError("tensor '" + tensor.name + "' is packed over batches, which BM1684X does not do");
      if (!elementsOf(tensor))
        return createStringError("tensor '" + tensor.name + "' has no valid shape");
    }
  return Error::success();
}

} // namespace

Expected<std::unique_ptr<ModelRunner>> ModelRunner::create(bmodel::Model model, StringRef net, size_t stage) {
  if (model.chip != "BM1684X" && model.chip != "BM1686")
    return createStringError("the model is for chip '" + model.chip + "', the simulator is a BM1684X");
  auto runner = std::make_unique<ModelRunner>();
  runner->model = std::move(model);
  auto &nets = runner->model.nets;
  auto found = find_if(nets, [&](const bmodel::Net &candidate) { return net.empty() || candidate.name == net; });
  if (found == nets.end())
    return createStringError(net.empty() ? "the model has no network" : "the model has no network '" + net.str() + "'");
  if (stage >= found->stages.size())
    return createStringError("network '" + found->name + "' has " + Twine(found->stages.size()) +
                             " stages, there is no number " + Twine(stage));
  runner->netIndex = found - nets.begin();
  runner->stageIndex = stage;
  if (Error error = checkSupported(runner->stage()))
    return error;
  if (Error error = runner->load())
    return error;
  return runner;
}

Error ModelRunner::load() {
  const bmodel::Stage &stage = this->stage();
  Memory &memory = chip.memory();
  if (stage.coefficients && stage.coefficients->data.size()) {
    ArrayRef<uint8_t> weights = stage.coefficients->data.bytes();
    if (Error error = memory.addGlobal(stage.coefficients->address, weights.size()))
      return error;
    if (Error error = chip.writeGlobal(stage.coefficients->address, weights))
      return error;
    memory.protect(stage.coefficients->address);
  }
  if (stage.ioBytes)
    if (Error error = memory.addGlobal(stage.ioAddress, stage.ioBytes))
      return error;
  if (stage.contextBytes())
    if (Error error = memory.addGlobal(stage.contextAddress, stage.contextBytes()))
      return error;
  for (const bmodel::SubNet &subNet : stage.subNets) {
    const auto &source = subNet.groups.empty() && !subNet.cores.empty() ? subNet.cores[0].groups : subNet.groups;
    for (const bmodel::CommandGroup &group : source) {
      auto program = decodeGroup(group);
      if (!program)
        return program.takeError();
      groups.push_back(std::move(*program));
    }
  }
  return Error::success();
}

Expected<std::vector<Tensor>> ModelRunner::run(ArrayRef<Tensor> values, Schedule schedule) {
  if (values.size() != inputs().size())
    return createStringError("the network has " + Twine(inputs().size()) + " inputs, " + Twine(values.size()) +
                             " were given");
  for (auto [declared, value] : zip(inputs(), values)) {
    ElementType type = elementTypeOf(declared.type);
    if (value.type() != type || static_cast<uint64_t>(value.elements()) != elementsOf(declared))
      return createStringError("input '" + declared.name + "' takes " + Twine(elementsOf(declared)) + " elements of " +
                               StringRef(name(type)) + ", not " + Twine(value.elements()) + " of " +
                               StringRef(name(value.type())));
    if (Error error = chip.writeGlobal(declared.address, ArrayRef(value.data<uint8_t>(), value.bytes())))
      return createStringError("input '" + declared.name + "': " + toString(std::move(error)));
  }
  for (size_t i = 0; i < groups.size(); ++i)
    if (Error error = chip.run(groups[i].tiu, groups[i].gdma, schedule)) {
      std::string message = toString(std::move(error));
      return createStringError(groups.size() > 1 ? "command group " + Twine(i) + ": " + message : Twine(message));
    }
  std::vector<Tensor> results;
  for (const bmodel::Tensor &output : outputs()) {
    std::vector<int64_t> shape(output.shape().begin(), output.shape().end());
    auto result = read(output.address, elementTypeOf(output.type), std::move(shape));
    if (!result)
      return createStringError("output '" + output.name + "': " + toString(result.takeError()));
    results.push_back(std::move(*result));
  }
  return results;
}

Expected<Tensor> ModelRunner::read(uint64_t address, ElementType type, std::vector<int64_t> shape) {
  uint64_t bytes = byteSize(type);
  for (int64_t dim : shape) {
    if (dim < 0 || (dim && bytes > (uint64_t{1} << 40) / static_cast<uint64_t>(dim)))
      return createStringError("the shape of the tensor at 0x" + Twine::utohexstr(address) + " makes no sense");
    bytes *= static_cast<uint64_t>(dim);
  }
  auto data = chip.readGlobal(address, bytes);
  if (!data)
    return data.takeError();
  Tensor tensor(type, std::move(shape));
  std::memcpy(tensor.data<uint8_t>(), data->data(), bytes);
  return tensor;
}

Expected<CycleReport> sim::reportCycles(ArrayRef<Program> programs) {
  CycleReport report;
  for (const Program &program : programs) {
    std::vector<const bm1684x::Instruction *> all;
    for (const auto *stream : {&program.tiu, &program.gdma})
      for (const bm1684x::Instruction &instruction : *stream)
        all.push_back(&instruction);
    auto schedule = bm1684x::schedule(all);
    if (!schedule)
      return schedule.takeError();
    report.totalCycles += schedule->totalCycles;
    report.tiuCycles += schedule->busyCycles[static_cast<int>(Engine::TIU)];
    report.gdmaCycles += schedule->busyCycles[static_cast<int>(Engine::GDMA)];
    for (uint32_t position : schedule->criticalPath) {
      uint64_t &share = all[position]->engine() == Engine::TIU ? report.tiuCriticalCycles : report.gdmaCriticalCycles;
      share += schedule->intervals[position].end - schedule->intervals[position].start;
    }
    report.bytesRead += schedule->bytesRead;
    report.bytesWritten += schedule->bytesWritten;
    report.tiuInstructions += program.tiu.size();
    report.gdmaInstructions += program.gdma.size();
  }
  return report;
}
