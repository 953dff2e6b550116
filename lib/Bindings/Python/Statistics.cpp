// Statistics of all tensors of a module while it is evaluated, and what thresholds are tried with.
#include "Statistics.h"
#include "Ir.h"
#include "Tensors.h"

#include "tpu_mlir/Evaluation/Interpreter.h"
#include "tpu_mlir/Kernels/Statistics.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::python;
using kernels::TensorStatistics;

using FloatArray = py::array_t<float, py::array::c_style | py::array::forcecast>;

namespace {
/// Evaluates one module on samples and keeps the statistics of every value; no tensor outlives its last use.
struct Collection {
  OpP module;
  unsigned epoch;
  int bins;
  std::unique_ptr<ModuleInterpreter> interpreter;
  std::vector<std::string> names; // in the order of computation
  llvm::StringMap<TensorStatistics> statistics;

  void observe(llvm::StringRef name, const Tensor &value);
};
} // namespace

// The values as f32: the tensor's own memory where that is its type.
static Tensor asFloat(const Tensor &tensor) {
  if (tensor.type() == ElementType::F32)
    return tensor;
  Tensor wide(ElementType::F32, tensor.shape());
  float *to = wide.data<float>();
  const auto convert = [&](const auto *from) { std::copy(from, from + tensor.elements(), to); };
  switch (tensor.type()) {
  case ElementType::I8:
    convert(tensor.data<int8_t>());
    break;
  case ElementType::U8:
    convert(tensor.data<uint8_t>());
    break;
  case ElementType::I16:
    convert(tensor.data<int16_t>());
    break;
  case ElementType::U16:
    convert(tensor.data<uint16_t>());
    break;
  case ElementType::I32:
    convert(tensor.data<int32_t>());
    break;
  case ElementType::U32:
    convert(tensor.data<uint32_t>());
    break;
  case ElementType::I64:
    convert(tensor.data<int64_t>());
    break;
  default:
    return {};
  }
  return wide;
}

void Collection::observe(llvm::StringRef name, const Tensor &value) {
  const Tensor floats = asFloat(value);
  if (floats.empty())
    return;
  auto [entry, added] = statistics.try_emplace(name, bins);
  if (added)
    names.push_back(name.str());
  entry->getValue().add(floats.data<float>(), floats.elements());
}

static Collection create(py::object object, int bins) {
  OpP root = toOperation(object);
  auto module = dyn_cast<ModuleOp>(root->get());
  if (!module)
    throw py::type_error("a module is needed");
  Collector collector(root->ctx);
  auto made = withoutGil(root->ctx, [&] { return ModuleInterpreter::create(module); });
  if (failed(made))
    collector.raise("the module cannot be evaluated");
  collector.report();
  return {root, root->epoch, bins, std::move(*made), {}, {}};
}

// Gives the name of the first tensor that has values which are no finite numbers, or None.
static py::object run(Collection &self, const py::dict &arrays) {
  self.module->get();
  if (self.epoch != self.module->epoch)
    throw std::runtime_error("the module was changed after the collection was made");
  llvm::StringMap<Tensor> inputs;
  for (auto [name, array] : arrays)
    inputs[name.cast<std::string>()] = fromNumpy(py::array::ensure(array));
  std::string bad;
  InvokeOptions options;
  options.realValues = true;
  options.observer = [&](llvm::StringRef name, const Tensor &value) {
    if (value.empty())
      return;
    self.observe(name, value);
    if (bad.empty() && self.statistics.find(name)->getValue().notFinite > 0)
      bad = name.str();
  };
  Collector collector(self.module->ctx);
  auto outputs = withoutGil(self.module->ctx, [&] { return self.interpreter->invoke(inputs, options); });
  if (failed(outputs))
    collector.raise("the evaluation failed");
  return bad.empty() ? py::object(py::none()) : py::object(py::str(bad));
}

static py::dict statisticsOf(const Collection &self) {
  py::dict result;
  for (const std::string &name : self.names)
    result[py::str(name)] = py::cast(self.statistics.find(name)->getValue());
  return result;
}

static py::array_t<int64_t> counts(const std::vector<int64_t> &values) {
  return py::array_t<int64_t>(static_cast<py::ssize_t>(values.size()), values.data());
}

static py::tuple stateOf(const TensorStatistics &s) {
  return py::make_tuple(s.count, s.zeros, s.notFinite, s.minimum, s.maximum, s.exponent, counts(s.positive),
                        counts(s.negative));
}

static TensorStatistics fromState(const py::tuple &state) {
  if (state.size() != 8)
    throw py::value_error("not the state of statistics");
  TensorStatistics s(16);
  s.count = state[0].cast<int64_t>();
  s.zeros = state[1].cast<int64_t>();
  s.notFinite = state[2].cast<int64_t>();
  s.minimum = state[3].cast<float>();
  s.maximum = state[4].cast<float>();
  s.exponent = state[5].cast<int>();
  s.positive = state[6].cast<std::vector<int64_t>>();
  s.negative = state[7].cast<std::vector<int64_t>>();
  return s;
}

static void bindTensorStatistics(py::module_ &m) {
  py::class_<TensorStatistics>(m, "TensorStatistics")
      .def(py::init<int>(), py::arg("bins") = 2048)
      .def("add",
           [](TensorStatistics &s, const FloatArray &values) {
             py::gil_scoped_release release;
             s.add(values.data(), values.size());
           })
      .def("merge",
           [](TensorStatistics &s, const TensorStatistics &other) {
             if (s.bins() != other.bins())
               throw py::value_error("statistics with different numbers of bins cannot be merged");
             s.merge(other);
           })
      .def_readonly("count", &TensorStatistics::count)
      .def_readonly("zeros", &TensorStatistics::zeros)
      .def_readonly("not_finite", &TensorStatistics::notFinite)
      .def_readonly("minimum", &TensorStatistics::minimum)
      .def_readonly("maximum", &TensorStatistics::maximum)
      .def_property_readonly("width", [](const TensorStatistics &s) { return std::ldexp(1.0, s.exponent); })
      .def_property_readonly("positive", [](const TensorStatistics &s) { return counts(s.positive); })
      .def_property_readonly("negative", [](const TensorStatistics &s) { return counts(s.negative); })
      .def(py::pickle(&stateOf, &fromState));
}

static FloatArray roundToGrid(const FloatArray &values, float scale, int zeroPoint, int low, int high) {
  FloatArray result(std::vector<py::ssize_t>(values.shape(), values.shape() + values.ndim()));
  float *to = result.mutable_data();
  py::gil_scoped_release release;
  kernels::roundToGrid(values.data(), to, values.size(), scale, zeroPoint, low, high);
  return result;
}

static py::tuple squaredError(const FloatArray &a, const FloatArray &b) {
  if (a.size() != b.size())
    throw py::value_error("arrays of different sizes cannot be compared");
  kernels::SquaredError sum;
  {
    py::gil_scoped_release release;
    sum = kernels::squaredError(a.data(), b.data(), a.size());
  }
  return py::make_tuple(sum.error, sum.energy);
}

void tpu_mlir::python::bindStatistics(py::module_ &m) {
  bindTensorStatistics(m);
  py::class_<Collection>(m, "StatisticsCollection")
      .def(py::init(&create), py::arg("module"), py::arg("bins") = 2048)
      .def_property_readonly("input_names",
                             [](const Collection &c) {
                               std::vector<std::string> names;
                               for (const NetworkPort &port : c.interpreter->inputs())
                                 names.push_back(port.name);
                               return names;
                             })
      .def("run", &run, py::arg("inputs"))
      .def("statistics", &statisticsOf);
  m.def("round_to_grid", &roundToGrid, py::arg("values"), py::arg("scale"), py::arg("zero_point"), py::arg("low"),
        py::arg("high"), "The values as an 8-bit form represents them.");
  m.def("squared_error", &squaredError, py::arg("a"), py::arg("b"), "Sum of (a - b)² and sum of a².");
}
