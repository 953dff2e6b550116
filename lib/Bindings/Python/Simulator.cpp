// Compiled models on the simulator, for their results. A model's memory is set up once; runs only write inputs. The
// simulator from inside is in Machine.cpp.
#include "Ir.h"
#include "Machine.h"
#include "Profile.h"
#include "Tensors.h"

#include "tpu_mlir/BModel/Reader.h"
#include "tpu_mlir/Simulator/HazardCheck.h"
#include "tpu_mlir/Simulator/ModelRunner.h"

#include <map>

using namespace tpu_mlir;
using namespace tpu_mlir::python;

namespace {
/// A stage of a network; one run at a time.
struct LoadedStage {
  std::unique_ptr<sim::ModelRunner> runner;
  std::mutex mutex;
};

struct PyBModel {
  std::string path;
  bmodel::Model model;
  std::map<std::pair<size_t, size_t>, LoadedStage> loaded; // guarded by the GIL

  const bmodel::Stage &stage(size_t network, size_t index) const {
    if (network >= model.nets.size())
      throw py::index_error(path + " has " + std::to_string(model.nets.size()) + " networks");
    if (index >= model.nets[network].stages.size())
      throw py::index_error("the network has " + std::to_string(model.nets[network].stages.size()) + " stages");
    return model.nets[network].stages[index];
  }

  LoadedStage &load(size_t network, size_t index) {
    stage(network, index);
    LoadedStage &entry = loaded[{network, index}];
    if (!entry.runner) {
      auto runner = sim::ModelRunner::create(model, model.nets[network].name, index);
      if (!runner)
        raiseOnError(llvm::createStringError(path + ": " + llvm::toString(runner.takeError())));
      entry.runner = std::move(*runner);
    }
    return entry;
  }
};
} // namespace

static sim::Schedule scheduleOf(const std::string &policy, uint32_t seed) {
  if (policy == "gdma")
    return {sim::Schedule::GdmaFirst, seed};
  if (policy == "tiu")
    return {sim::Schedule::TiuFirst, seed};
  if (policy == "random")
    return {sim::Schedule::Random, seed};
  throw py::value_error("the schedule '" + policy + "' is not gdma, tiu or random");
}

/// The array under the type that the network declares; half types come as the uint16 of their bits.
static Tensor declaredTensor(const py::array &array, const bmodel::Tensor &spec) {
  Tensor tensor = fromNumpy(array);
  ElementType type = sim::elementTypeOf(spec.type);
  uint64_t bytes = bmodel::byteSize(spec.type);
  for (uint64_t size : spec.shape())
    bytes *= size;
  if (tensor.bytes() != bytes || byteSize(tensor.type()) != byteSize(type))
    throw py::value_error("input '" + spec.name + "' needs " + std::to_string(bytes) + " bytes of " +
                          bmodel::name(spec.type).str());
  auto *keep = new Tensor(tensor);
  std::shared_ptr<uint8_t> memory(keep->data<uint8_t>(), [keep](uint8_t *) { delete keep; });
  return Tensor(type, tensor.shape(), std::move(memory));
}

static py::list run(PyBModel &self, size_t network, const std::vector<py::array> &arrays, size_t index,
                    const std::string &policy, uint32_t seed) {
  LoadedStage &stage = self.load(network, index);
  auto specs = stage.runner->inputs();
  if (arrays.size() != specs.size())
    throw py::value_error("the network has " + std::to_string(specs.size()) + " inputs");
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < arrays.size(); ++i)
    inputs.push_back(declaredTensor(arrays[i], specs[i]));
  sim::Schedule schedule = scheduleOf(policy, seed);
  auto outputs = [&] {
    py::gil_scoped_release release;
    std::lock_guard<std::mutex> lock(stage.mutex);
    return stage.runner->run(inputs, schedule);
  }();
  if (!outputs)
    raiseOnError(llvm::createStringError(self.path + ": " + llvm::toString(outputs.takeError())));
  py::list result;
  for (const Tensor &tensor : *outputs)
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

static std::vector<std::string> hazards(PyBModel &self, size_t network, size_t index) {
  LoadedStage &stage = self.load(network, index);
  std::vector<std::string> messages;
  llvm::Error error = [&]() -> llvm::Error {
    py::gil_scoped_release release;
    for (const sim::Program &program : stage.runner->programs()) {
      auto found = sim::findHazards(program.tiu, program.gdma);
      if (!found)
        return found.takeError();
      for (const sim::Hazard &hazard : *found)
        messages.push_back(hazard.message);
    }
    return llvm::Error::success();
  }();
  raiseOnError(std::move(error));
  return messages;
}

static py::dict cycles(PyBModel &self, size_t network, size_t index) {
  LoadedStage &stage = self.load(network, index);
  return toDict(valueOrRaise(sim::reportCycles(stage.runner->programs())));
}

static py::dict profile(PyBModel &self, size_t network, size_t index) {
  if (self.model.chip != "BM1684X")
    raiseOnError(llvm::createStringError("the model is for chip '" + self.model.chip +
                                         "', the cycle model is that of the BM1684X"));
  return profileOf(self.stage(network, index));
}

void tpu_mlir::python::bindSimulator(py::module_ &m) {
  auto open = [](const std::string &path) {
    auto made = std::make_unique<PyBModel>();
    made->path = path;
    auto model = [&] {
      py::gil_scoped_release release;
      return bmodel::readModel(path);
    }();
    made->model = valueOrRaise(std::move(model));
    return made;
  };
  auto networks = [](PyBModel &b) {
    std::vector<std::string> names;
    for (const bmodel::Net &net : b.model.nets)
      names.push_back(net.name);
    return names;
  };
  py::class_<PyBModel>(m, "BModel")
      .def(py::init(open), py::arg("path"))
      .def_property_readonly("chip", [](PyBModel &b) { return b.model.chip; })
      .def_property_readonly("networks", networks)
      .def("stage_count",
           [](PyBModel &b, size_t network) {
             b.stage(network, 0);
             return b.model.nets[network].stages.size();
           })
      .def(
          "inputs", [](PyBModel &b, size_t n, size_t s) { return describe(b.stage(n, s).inputs); },
          py::arg("network") = 0, py::arg("stage") = 0)
      .def(
          "outputs", [](PyBModel &b, size_t n, size_t s) { return describe(b.stage(n, s).outputs); },
          py::arg("network") = 0, py::arg("stage") = 0)
      .def("run", &run, py::arg("network"), py::arg("inputs"), py::arg("stage") = 0, py::arg("schedule") = "gdma",
           py::arg("seed") = 0)
      .def("hazards", &hazards, py::arg("network") = 0, py::arg("stage") = 0)
      .def("cycles", &cycles, py::arg("network") = 0, py::arg("stage") = 0)
      .def("profile", &profile, py::arg("network") = 0, py::arg("stage") = 0);
}
