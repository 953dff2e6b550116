// The simulator in Python: a Machine whose memories are NumPy arrays, streams as bytes, models, hazard check and cycle
// report.
#include "Simulator.h"

#include "tpu_mlir/Simulator/Simulator.h"
#include "llvm/ADT/StringExtras.h"

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

std::vector<bm1684x::Instruction> decodeStream(const py::bytes &data, Engine engine) {
  return unwrap(bm1684x::decodeStream(bytesOf(data), engine));
}

/// A writable view of memory that `owner` keeps alive.
py::array_t<uint8_t> view(uint8_t *data, std::vector<py::ssize_t> shape, py::handle owner) {
  return py::array_t<uint8_t>(shape, data, owner);
}

} // namespace

void tpu_mlir::python::bindSimulator(py::module_ &module) {
  py::enum_<sim::Schedule::Policy>(module, "Schedule", "Which engine goes first when both could.")
      .value("TIU_FIRST", sim::Schedule::TiuFirst)
      .value("GDMA_FIRST", sim::Schedule::GdmaFirst)
      .value("RANDOM", sim::Schedule::Random);

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
            llvm::Error error = llvm::Error::success();
            {
              py::gil_scoped_release release;
              llvm::consumeError(std::move(error));
              error = machine.execute(instruction);
            }
            raise(std::move(error));
          },
          py::arg("command"), py::arg("engine"), "Executes one encoded instruction, whatever its ids say.")
      .def(
          "run",
          [](sim::Machine &machine, const py::bytes &tiu, const py::bytes &gdma, sim::Schedule::Policy policy,
             uint32_t seed) {
            auto first = decodeStream(tiu, Engine::TIU), second = decodeStream(gdma, Engine::GDMA);
            llvm::Error error = llvm::Error::success();
            {
              py::gil_scoped_release release;
              llvm::consumeError(std::move(error));
              error = machine.run(first, second, {policy, seed});
            }
            raise(std::move(error));
          },
          py::arg("tiu"), py::arg("gdma"), py::arg("schedule") = sim::Schedule::GdmaFirst, py::arg("seed") = 0,
          "Executes two encoded streams of one command group.");

  module.def(
      "disassemble",
      [](const py::bytes &stream, const std::string &engine) {
        std::vector<std::string> lines;
        for (const auto &instruction : decodeStream(stream, engineOf(engine)))
          lines.push_back(bm1684x::disassemble(instruction));
        return lines;
      },
      py::arg("stream"), py::arg("engine"), "One line per instruction of an encoded stream.");
}
