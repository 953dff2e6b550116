// The simulator from inside: a machine whose memories are NumPy arrays, streams as bytes, models with their programs,
// hazard check and cycle report. For tests and tools; running a model for its results is in Simulator.cpp.
#include "Machine.h"

#include "tpu_mlir/BModel/Reader.h"
#include "tpu_mlir/Simulator/HazardCheck.h"
#include "tpu_mlir/Simulator/ModelRunner.h"
#include "llvm/ADT/STLExtras.h"

#include <map>
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

namespace py = pybind11;
using namespace tpu_mlir;
using bm1684x::Engine;

namespace {

void raise(llvm::Error error) {
  if (error)
    throw py::value_error(llvm::toString(std::move(error)));
}
template <typename T> T unwrap(llvm::Expected<T> value) {
  if (!value)
    throw py::value_error(llvm::toString(value.takeError()));
  return std::move(*value);
}

/// Runs a long call while other Python threads go on.
template <typename Call> auto withoutGil(Call call) {
  py::gil_scoped_release release;
  return call();
}

llvm::ArrayRef<uint8_t> bytesOf(const py::bytes &data) {
  std::string_view view = data;
  return {reinterpret_cast<const uint8_t *>(view.data()), view.size()};
}

Engine engineOf(const std::string &name) {
  if (name == "tiu")
    return Engine::TIU;
  if (name == "gdma")
    return Engine::GDMA;
  throw py::value_error("engine is 'tiu' or 'gdma', not '" + name + "'");
}

/// The encoded form of an instruction given by names; fields that are not given keep their initial values.
py::bytes encodeInstruction(const std::string &name, const std::map<std::string, uint64_t> &values) {
  for (unsigned format = 0; format < bm1684x::numFormats; ++format) {
    bm1684x::Instruction instruction(static_cast<bm1684x::Format>(format));
    if (instruction.name() != name)
      continue;
    std::map<std::string, uint64_t> rest = values;
    for (bm1684x::Field field : bm1684x::fieldsOf(instruction.format())) {
      auto value = rest.extract(bm1684x::name(field).str());
      if (value.empty())
        continue;
      if (!instruction.fits(field, value.mapped()))
        throw py::value_error(name + "." + value.key() + " cannot hold " + std::to_string(value.mapped()));
      instruction.set(field, value.mapped());
    }
    if (!rest.empty())
      throw py::value_error(name + " has no field '" + rest.begin()->first + "'");
    return py::bytes(reinterpret_cast<const char *>(instruction.bytes().data()), instruction.encodedSize());
  }
  throw py::value_error("there is no instruction format '" + name + "'");
}

/// Instructions up to the end of the bytes or to the zeros that fill a stream up; an end instruction is not needed.
std::vector<bm1684x::Instruction> decodeStream(const py::bytes &data, Engine engine) {
  llvm::ArrayRef<uint8_t> bytes = bytesOf(data);
  std::vector<bm1684x::Instruction> instructions;
  for (size_t at = 0; llvm::any_of(bytes.drop_front(at), [](uint8_t byte) { return byte != 0; });) {
    instructions.push_back(unwrap(bm1684x::decode(bytes, at, engine)));
    at += instructions.back().encodedSize();
  }
  return instructions;
}

/// NumPy type of a host tensor; halves of bf16 are passed as uint16.
py::dtype dtypeOf(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return py::dtype("float16");
  case ElementType::BF16:
  case ElementType::U16:
    return py::dtype("uint16");
  case ElementType::I8:
    return py::dtype("int8");
  case ElementType::U8:
    return py::dtype("uint8");
  case ElementType::I16:
    return py::dtype("int16");
  case ElementType::I32:
    return py::dtype("int32");
  case ElementType::U32:
    return py::dtype("uint32");
  default:
    return py::dtype("float32");
  }
}

/// An input for a tensor of the given type: an array of exactly that type, copied.
Tensor tensorOf(const py::array &array, const bmodel::Tensor &declared) {
  ElementType type = sim::elementTypeOf(declared.type);
  if (!array.dtype().equal(dtypeOf(type)))
    throw py::type_error("input '" + declared.name + "' takes " + std::string(py::str(dtypeOf(type))) + ", not " +
                         std::string(py::str(array.dtype())));
  py::array dense = py::array::ensure(array, py::array::c_style);
  Tensor tensor(type, std::vector<int64_t>(dense.shape(), dense.shape() + dense.ndim()));
  std::memcpy(tensor.data<uint8_t>(), dense.data(), tensor.bytes());
  return tensor;
}
py::array arrayOf(const Tensor &tensor) {
  py::array result(dtypeOf(tensor.type()), std::vector<py::ssize_t>(tensor.shape().begin(), tensor.shape().end()));
  std::memcpy(result.mutable_data(), tensor.data<uint8_t>(), tensor.bytes());
  return result;
}

py::list infoOf(llvm::ArrayRef<bmodel::Tensor> tensors) {
  py::list list;
  for (const bmodel::Tensor &tensor : tensors) {
    py::dict info;
    info["name"] = tensor.name;
    info["dtype"] = bmodel::name(tensor.type).str();
    info["shape"] = std::vector<uint64_t>(tensor.shape().begin(), tensor.shape().end());
    info["address"] = tensor.address;
    info["scale"] = tensor.scale;
    info["zero_point"] = tensor.zeroPoint;
    list.append(info);
  }
  return list;
}

std::unique_ptr<sim::ModelRunner> openModel(const std::string &path, const std::string &net, size_t stage) {
  auto runner = sim::ModelRunner::create(unwrap(bmodel::readModel(path)), net, stage);
  if (!runner)
    throw py::value_error(path + ": " + llvm::toString(runner.takeError()));
  return std::move(*runner);
}

py::list runModel(sim::ModelRunner &runner, const std::vector<py::array> &inputs, sim::Schedule::Policy policy,
                  uint32_t seed) {
  if (inputs.size() != runner.inputs().size())
    throw py::value_error("the network has " + std::to_string(runner.inputs().size()) + " inputs, " +
                          std::to_string(inputs.size()) + " were given");
  std::vector<Tensor> values;
  for (size_t i = 0; i < inputs.size(); ++i)
    values.push_back(tensorOf(inputs[i], runner.inputs()[i]));
  py::list list;
  for (const Tensor &tensor : unwrap(withoutGil([&] { return runner.run(values, {policy, seed}); })))
    list.append(arrayOf(tensor));
  return list;
}

std::vector<std::string> messagesOf(llvm::Expected<std::vector<sim::Hazard>> hazards) {
  std::vector<std::string> messages;
  for (const sim::Hazard &hazard : unwrap(std::move(hazards)))
    messages.push_back(hazard.message);
  return messages;
}

std::vector<std::string> hazardsOf(const sim::ModelRunner &runner) {
  std::vector<std::string> all;
  for (const sim::Program &program : runner.programs())
    for (std::string &message : messagesOf(sim::findHazards(program.tiu, program.gdma)))
      all.push_back(std::move(message));
  return all;
}

py::dict cyclesOf(const sim::ModelRunner &runner) {
  return python::toDict(unwrap(sim::reportCycles(runner.programs())));
}

std::vector<std::string> disassembleAll(llvm::ArrayRef<bm1684x::Instruction> stream) {
  std::vector<std::string> lines;
  for (const auto &instruction : stream)
    lines.push_back(bm1684x::disassemble(instruction));
  return lines;
}

void bindModelRunner(py::module_ &module) {
  py::class_<sim::ModelRunner>(module, "ModelRunner", "A compiled network ready to run, weights loaded.")
      .def(py::init(&openModel), py::arg("path"), py::arg("net") = "", py::arg("stage") = 0,
           "Loads a BM1684X bmodel. Raises ValueError with one sentence when it cannot be simulated.")
      .def_property_readonly(
          "inputs", [](const sim::ModelRunner &runner) { return infoOf(runner.inputs()); },
          "Dicts with name, dtype, shape, address, scale, zero_point.")
      .def_property_readonly(
          "outputs", [](const sim::ModelRunner &runner) { return infoOf(runner.outputs()); }, "As inputs.")
      .def("run", &runModel, py::arg("inputs"), py::arg("schedule") = sim::Schedule::GdmaFirst, py::arg("seed") = 0,
           "Runs the network on arrays of the declared types (bf16 as uint16), no quantization; returns the outputs.")
      .def(
          "read_global",
          [](sim::ModelRunner &runner, uint64_t address, uint64_t bytes) {
            auto data = unwrap(runner.machine().readGlobal(address, bytes));
            return py::bytes(reinterpret_cast<const char *>(data.data()), data.size());
          },
          py::arg("address"), py::arg("bytes"), "Bytes of global memory, for intermediate tensors.")
      .def("hazards", &hazardsOf, "Races between the engines, one sentence each; empty when there are none.")
      .def("cycles", &cyclesOf, "Totals of the cycle model: cycles (1 GHz), bytes of global memory, instructions.")
      .def(
          "disassemble",
          [](const sim::ModelRunner &runner) {
            py::list groups;
            for (const sim::Program &program : runner.programs())
              groups.append(py::make_tuple(disassembleAll(program.tiu), disassembleAll(program.gdma)));
            return groups;
          },
          "Per command group: lines of the TIU stream and of the GDMA stream.");
}

/// A writable view of memory that `owner` keeps alive.
py::array_t<uint8_t> view(uint8_t *data, std::vector<py::ssize_t> shape, py::handle owner) {
  return py::array_t<uint8_t>(shape, data, owner);
}

} // namespace

py::dict tpu_mlir::python::toDict(const sim::CycleReport &report) {
  py::dict result;
  result["total_cycles"] = report.totalCycles;
  result["tiu_cycles"] = report.tiuCycles;
  result["gdma_cycles"] = report.gdmaCycles;
  result["tiu_critical_cycles"] = report.tiuCriticalCycles;
  result["gdma_critical_cycles"] = report.gdmaCriticalCycles;
  result["bytes_read"] = report.bytesRead;
  result["bytes_written"] = report.bytesWritten;
  result["tiu_instructions"] = report.tiuInstructions;
  result["gdma_instructions"] = report.gdmaInstructions;
  return result;
}

void tpu_mlir::python::bindMachine(py::module_ &parent) {
  py::module_ module = parent.def_submodule("simulator", "The BM1684X simulator from inside.");
  py::enum_<sim::Schedule::Policy>(module, "Schedule", "Which engine goes first when both could.")
      .value("TIU_FIRST", sim::Schedule::TiuFirst)
      .value("GDMA_FIRST", sim::Schedule::GdmaFirst)
      .value("RANDOM", sim::Schedule::Random);
  bindModelRunner(module);

  py::class_<sim::Machine>(module, "Machine", "A BM1684X: memories and two engines.")
      .def(py::init<>())
      .def_property_readonly(
          "local",
          [](py::object self) {
            auto &machine = self.cast<sim::Machine &>();
            return view(machine.memory().local(), {sim::laneCount, sim::laneBytes}, self);
          },
          "Local memory, uint8[64][256 Ki]; writable.")
      .def_property_readonly(
          "static",
          [](py::object self) {
            auto &machine = self.cast<sim::Machine &>();
            return view(machine.memory().staticTables().data(), {sim::staticBytes}, self);
          },
          "Static memory, uint8[16 Ki]; holds the chip's coefficient tables.")
      .def(
          "add_global",
          [](sim::Machine &machine, uint64_t address, uint64_t bytes) {
            raise(machine.memory().addGlobal(address, bytes));
          },
          py::arg("address"), py::arg("bytes"), "Adds a zeroed segment of global memory.")
      .def(
          "global_view",
          [](py::object self, uint64_t address, uint64_t bytes) {
            auto data = unwrap(self.cast<sim::Machine &>().readGlobal(address, bytes));
            return view(const_cast<uint8_t *>(data.data()), {static_cast<py::ssize_t>(bytes)}, self);
          },
          py::arg("address"), py::arg("bytes"), "A writable view of bytes of one segment.")
      .def(
          "execute",
          [](sim::Machine &machine, const py::bytes &command, const std::string &engine) {
            auto instruction = unwrap(bm1684x::decode(bytesOf(command), 0, engineOf(engine)));
            raise(withoutGil([&] { return machine.execute(instruction); }));
          },
          py::arg("command"), py::arg("engine"), "Executes one encoded instruction, whatever its ids say.")
      .def(
          "run",
          [](sim::Machine &machine, const py::bytes &tiu, const py::bytes &gdma, sim::Schedule::Policy policy,
             uint32_t seed) {
            auto first = decodeStream(tiu, Engine::TIU), second = decodeStream(gdma, Engine::GDMA);
            raise(withoutGil([&] { return machine.run(first, second, {policy, seed}); }));
          },
          py::arg("tiu"), py::arg("gdma"), py::arg("schedule") = sim::Schedule::GdmaFirst, py::arg("seed") = 0,
          "Executes two encoded streams of one command group.");

  module.def("encode", &encodeInstruction, py::arg("format"), py::arg("fields"),
             "The bytes of one instruction: format name and fields by name.");
  module.def(
      "split",
      [](const py::bytes &stream, const std::string &engine) {
        std::vector<py::bytes> parts;
        for (const auto &instruction : decodeStream(stream, engineOf(engine)))
          parts.emplace_back(reinterpret_cast<const char *>(instruction.bytes().data()), instruction.encodedSize());
        return parts;
      },
      py::arg("stream"), py::arg("engine"), "The instructions of an encoded stream, each as bytes.");
  module.def(
      "find_hazards",
      [](const py::bytes &tiu, const py::bytes &gdma) {
        return messagesOf(sim::findHazards(decodeStream(tiu, Engine::TIU), decodeStream(gdma, Engine::GDMA)));
      },
      py::arg("tiu"), py::arg("gdma"), "Races between two encoded streams of one command group.");
  module.def(
      "disassemble",
      [](const py::bytes &stream, const std::string &engine) {
        return disassembleAll(decodeStream(stream, engineOf(engine)));
      },
      py::arg("stream"), py::arg("engine"), "One line per instruction of an encoded stream.");
}
