// Compiled models on the simulator. A model's memory is set up once; runs only write inputs.
#include "Ir.h"
#include "Tensors.h"

#include "tpu_mlir/BModel/Reader.h"
#include "tpu_mlir/Simulator/Simulator.h"
#include "tpu_mlir/Target/BM1684X/Instruction.h"

#include <map>

using namespace tpu_mlir;
using namespace tpu_mlir::python;
using bm1684x::Engine;
using bm1684x::Instruction;
using llvm::Error;
using llvm::Expected;

namespace {
struct Group {
  std::vector<Instruction> tiu, gdma;
};

/// A stage of a network with its own machine.
struct LoadedStage {
  const bmodel::Stage *stage = nullptr;
  sim::Machine machine;
  std::vector<Group> groups;
  std::mutex mutex; // one run at a time
};

struct PyBModel {
  std::string path;
  bmodel::Model model;
  std::map<std::pair<size_t, size_t>, std::unique_ptr<LoadedStage>> loaded;

  const bmodel::Stage &stage(size_t network, size_t index) const {
    if (network >= model.nets.size())
      throw py::index_error(path + " has " + std::to_string(model.nets.size()) + " networks");
    if (index >= model.nets[network].stages.size())
      throw py::index_error("the network has " + std::to_string(model.nets[network].stages.size()) + " stages");
    return model.nets[network].stages[index];
  }
};
} // namespace

template <typename... Parts> static Error failure(Parts &&...parts) {
  std::string text;
  llvm::raw_string_ostream os(text);
  (os << ... << parts);
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

static Error checkRunnable(const PyBModel &model, size_t network, const bmodel::Stage &stage) {
  if (!llvm::StringRef(model.model.chip).equals_insensitive("bm1684x"))
    return failure(model.path, " is compiled for ", model.model.chip, "; only bm1684x can be simulated");
  bmodel::AddressMode mode = model.model.nets[network].addressMode;
  if (mode != bmodel::AddressMode::Basic && mode != bmodel::AddressMode::IoAlone)
    return failure(model.path, " places inputs and outputs at run time; compile it with --addr_mode basic");
  if (stage.isDynamic || stage.cores > 1)
    return failure(model.path, " is compiled for changing shapes or several cores, which cannot be simulated");
  for (const bmodel::SubNet &subNet : stage.subNets)
    if (subNet.mode != bmodel::SubNetMode::Tpu || subNet.isDynamic)
      return failure(model.path, " has parts that run on the host, which cannot be simulated");
  return Error::success();
}

static Error addMemory(sim::Memory &memory, uint64_t address, uint64_t bytes) {
  constexpr uint64_t limit = uint64_t{16} << 30; // of the chip's board
  if (bytes > limit)
    return failure("the model asks for ", bytes, " bytes of memory, more than the chip has");
  return bytes ? memory.addGlobal(address, bytes) : Error::success();
}

static Expected<std::unique_ptr<LoadedStage>> load(const PyBModel &model, size_t network, const bmodel::Stage &stage) {
  if (Error error = checkRunnable(model, network, stage))
    return error;
  auto loaded = std::make_unique<LoadedStage>();
  loaded->stage = &stage;
  sim::Memory &memory = loaded->machine.memory();
  if (stage.coefficients) {
    llvm::ArrayRef<uint8_t> weights = stage.coefficients->data.bytes();
    if (Error error = addMemory(memory, stage.coefficients->address, weights.size()))
      return error;
    if (!weights.empty())
      if (Error error = loaded->machine.writeGlobal(stage.coefficients->address, weights))
        return error;
  }
  if (Error error = addMemory(memory, stage.contextAddress, stage.contextBytes()))
    return error;
  if (Error error = addMemory(memory, stage.ioAddress, stage.ioBytes))
    return error;
  for (const bmodel::SubNet &subNet : stage.subNets)
    for (const bmodel::CommandGroup &commands : subNet.groups) {
      Group group;
      for (auto [blob, engine, target] : {std::tuple(&commands.tiu, Engine::TIU, &group.tiu),
                                          std::tuple(&commands.gdma, Engine::GDMA, &group.gdma)}) {
        auto decoded = bm1684x::decodeStream(blob->bytes(), engine);
        if (!decoded)
          return failure(model.path, ": ", llvm::toString(decoded.takeError()));
        *target = std::move(*decoded);
      }
      loaded->groups.push_back(std::move(group));
    }
  return loaded;
}

static uint64_t bytesOf(const bmodel::Tensor &tensor) {
  uint64_t bytes = bmodel::byteSize(tensor.type);
  for (uint64_t size : tensor.shape())
    bytes *= size;
  return bytes;
}

static ElementType elementOf(bmodel::DataType type) {
  switch (type) {
  case bmodel::DataType::Float32:
    return ElementType::F32;
  case bmodel::DataType::Float16:
    return ElementType::F16;
  case bmodel::DataType::BFloat16:
    return ElementType::BF16;
  case bmodel::DataType::Int8:
    return ElementType::I8;
  case bmodel::DataType::UInt8:
    return ElementType::U8;
  case bmodel::DataType::Int16:
    return ElementType::I16;
  case bmodel::DataType::UInt16:
    return ElementType::U16;
  case bmodel::DataType::Int32:
    return ElementType::I32;
  case bmodel::DataType::UInt32:
    return ElementType::U32;
  default:
    return ElementType::None;
  }
}

static Expected<std::vector<Tensor>> execute(LoadedStage &loaded, llvm::ArrayRef<Tensor> inputs,
                                             sim::Schedule schedule) {
  std::lock_guard<std::mutex> lock(loaded.mutex);
  for (auto [tensor, spec] : llvm::zip_equal(inputs, loaded.stage->inputs)) {
    llvm::ArrayRef<uint8_t> bytes(tensor.data<uint8_t>(), tensor.bytes());
    if (Error error = loaded.machine.writeGlobal(spec.address, bytes))
      return failure("input '", spec.name, "': ", llvm::toString(std::move(error)));
  }
  for (const Group &group : loaded.groups)
    if (Error error = loaded.machine.run(group.tiu, group.gdma, schedule))
      return error;
  std::vector<Tensor> outputs;
  for (const bmodel::Tensor &spec : loaded.stage->outputs) {
    auto bytes = loaded.machine.readGlobal(spec.address, bytesOf(spec));
    if (!bytes)
      return failure("output '", spec.name, "': ", llvm::toString(bytes.takeError()));
    if (elementOf(spec.type) == ElementType::None)
      return failure("output '", spec.name, "' has the type ", bmodel::name(spec.type), ", which cannot be given");
    Tensor tensor(elementOf(spec.type), std::vector<int64_t>(spec.shape().begin(), spec.shape().end()));
    std::copy(bytes->begin(), bytes->end(), tensor.data<uint8_t>());
    outputs.push_back(tensor);
  }
  return outputs;
}

static sim::Schedule scheduleOf(const std::string &policy, uint32_t seed) {
  if (policy == "gdma")
    return {sim::Schedule::GdmaFirst, seed};
  if (policy == "tiu")
    return {sim::Schedule::TiuFirst, seed};
  if (policy == "random")
    return {sim::Schedule::Random, seed};
  throw py::value_error("the schedule '" + policy + "' is not gdma, tiu or random");
}

static py::list run(PyBModel &self, size_t network, const std::vector<py::array> &arrays, size_t index,
                    const std::string &policy, uint32_t seed) {
  const bmodel::Stage &stage = self.stage(network, index);
  if (arrays.size() != stage.inputs.size())
    throw py::value_error("the network has " + std::to_string(stage.inputs.size()) + " inputs");
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < arrays.size(); ++i) {
    inputs.push_back(fromNumpy(arrays[i]));
    if (inputs.back().bytes() != bytesOf(stage.inputs[i]))
      throw py::value_error("input '" + stage.inputs[i].name + "' needs " + std::to_string(bytesOf(stage.inputs[i])) +
                            " bytes");
  }
  sim::Schedule schedule = scheduleOf(policy, seed);
  auto &loaded = self.loaded[{network, index}];
  if (!loaded)
    loaded = valueOrRaise(load(self, network, stage));
  auto outputs = [&] {
    py::gil_scoped_release release;
    return execute(*loaded, inputs, schedule);
  }();
  py::list result;
  // Half types as their bits: the caller knows them from the tensor's description.
  for (const Tensor &tensor : valueOrRaise(std::move(outputs)))
    result.append(tensor.type() == ElementType::F16 ? py::array(toNumpy(tensor).attr("view")(py::dtype("u2")))
                                                    : toNumpy(tensor));
  return result;
}

static py::list describe(llvm::ArrayRef<bmodel::Tensor> tensors) {
  py::list result;
  for (const bmodel::Tensor &tensor : tensors)
    result.append(py::make_tuple(tensor.name, std::vector<uint64_t>(tensor.shape().begin(), tensor.shape().end()),
                                 bmodel::name(tensor.type).str(), tensor.scale, tensor.zeroPoint));
  return result;
}

void tpu_mlir::python::bindSimulator(py::module_ &m) {
  py::class_<PyBModel>(m, "BModel")
      .def(py::init([](const std::string &path) {
             auto made = std::make_unique<PyBModel>();
             made->path = path;
             auto model = [&] {
               py::gil_scoped_release release;
               return bmodel::readModel(path);
             }();
             made->model = valueOrRaise(std::move(model));
             return made;
           }),
           py::arg("path"))
      .def_property_readonly("chip", [](PyBModel &b) { return b.model.chip; })
      .def_property_readonly("networks",
                             [](PyBModel &b) {
                               std::vector<std::string> names;
                               for (const bmodel::Net &net : b.model.nets)
                                 names.push_back(net.name);
                               return names;
                             })
      .def("stage_count",
           [](PyBModel &b, size_t network) {
             b.stage(network, 0);
             return b.model.nets[network].stages.size();
           })
      .def(
          "inputs", [](PyBModel &b, size_t network, size_t stage) { return describe(b.stage(network, stage).inputs); },
          py::arg("network") = 0, py::arg("stage") = 0)
      .def(
          "outputs",
          [](PyBModel &b, size_t network, size_t stage) { return describe(b.stage(network, stage).outputs); },
          py::arg("network") = 0, py::arg("stage") = 0)
      .def("run", &run, py::arg("network"), py::arg("inputs"), py::arg("stage") = 0, py::arg("schedule") = "gdma",
           py::arg("seed") = 0);
}
