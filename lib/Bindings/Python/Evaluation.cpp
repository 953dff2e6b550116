// Evaluation of modules: NumPy arrays in and out, without the GIL.
#include "Ir.h"
#include "Tensors.h"

#include "tpu_mlir/Dialect/Top/IR/TopControl.h"
#include "tpu_mlir/Evaluation/Interpreter.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::python;

namespace {
/// The interpreter refers to the module's ops: it keeps the module and refuses to run once passes have changed it.
struct PyInterpreter {
  OpP module;
  unsigned epoch;
  py::dict custom; // name of a user's op -> function
  std::shared_ptr<ModuleInterpreter> interpreter;
};
} // namespace

static PyInterpreter create(py::object object, const py::dict &custom) {
  OpP root = toOperation(object);
  auto module = dyn_cast<ModuleOp>(root->get());
  if (!module)
    throw py::type_error("a module is needed");
  // Evaluations may run in several threads at once; ops make attributes for their defaults.
  root->ctx->context.enableMultithreading();
  Collector collector(root->ctx);
  auto made = withoutGil(root->ctx, [&] { return ModuleInterpreter::create(module); });
  if (failed(made))
    collector.raise("the module cannot be evaluated");
  collector.report();
  return {root, root->epoch, custom, std::move(*made)};
}

static llvm::StringMap<Tensor> tensorsOf(const py::dict &arrays) {
  llvm::StringMap<Tensor> tensors;
  for (auto [name, array] : arrays)
    tensors[name.cast<std::string>()] = fromNumpy(py::array::ensure(array));
  return tensors;
}

/// Calls the user's function with arrays and parameters; it gives one array per result.
static LogicalResult runCustom(PyInterpreter &self, top::CustomOp op, ArrayRef<Tensor> operands,
                               SmallVectorImpl<Tensor> &results) {
  py::str name(op.getName().str());
  if (!self.custom.contains(name))
    return op.emitOpError() << "needs a function for '" << op.getName()
                            << "'; give it to ModuleInterpreter as custom={'" << op.getName() << "': function}";
  py::list inputs;
  for (const Tensor &operand : operands) {
    py::array array = toNumpy(operand);
    array.attr("setflags")(py::arg("write") = false); // others use it, too
    inputs.append(array);
  }
  py::object given = self.custom[name](inputs, attributeValue(self.module->ctx, op.getParams()));
  for (py::handle array : given)
    results.push_back(fromNumpy(py::array::ensure(array)));
  return success();
}

static py::dict run(PyInterpreter &self, const py::dict &arrays, bool everyTensor, bool nativeTypes,
                    const py::object &progress, const py::dict &given, const std::vector<std::string> &wanted) {
  const CtxP &ctx = self.module->ctx;
  ctx->shared();
  if (!self.module->valid || self.epoch != self.module->epoch)
    throw std::runtime_error("the module was changed after the interpreter was made");
  const llvm::StringMap<Tensor> inputs = tensorsOf(arrays);
  std::vector<NamedTensor> every;
  std::optional<py::error_already_set> failure;
  InvokeOptions options;
  options.realValues = !nativeTypes;
  options.given = tensorsOf(given);
  options.wanted = wanted;
  if (everyTensor || !progress.is_none())
    options.observer = [&](llvm::StringRef name, const Tensor &value) {
      if (everyTensor && !name.empty())
        every.push_back({name.str(), value});
      if (progress.is_none() || failure)
        return;
      py::gil_scoped_acquire gil;
      try {
        progress(name.str());
      } catch (py::error_already_set &error) { // not thrown through the evaluation; raised after it
        failure = error;
      }
    };
  options.custom = [&](Operation *op, ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) -> LogicalResult {
    if (failure)
      return mlir::failure();
    py::gil_scoped_acquire gil;
    try {
      return runCustom(self, cast<top::CustomOp>(op), operands, results);
    } catch (py::error_already_set &error) { // raised after the evaluation
      failure = error;
    } catch (const std::exception &error) {
      return op->emitOpError() << "gave no arrays: " << error.what();
    }
    return mlir::failure();
  };
  Collector collector(ctx, Collector::ThisThread{});
  auto outputs = besideOthers(ctx, [&] { return self.interpreter->invoke(inputs, options); });
  if (failure)
    throw *failure;
  if (failed(outputs))
    collector.raise("the evaluation failed");
  py::dict result;
  for (const NamedTensor &value : everyTensor ? every : *outputs)
    if (!value.tensor.empty())
      result[py::str(value.name)] = nativeTypes ? toNumpy(value.tensor) : toNumpyF32(value.tensor);
  return result;
}

static std::vector<std::string> names(llvm::ArrayRef<NetworkPort> ports) {
  std::vector<std::string> result;
  for (const NetworkPort &port : ports)
    result.push_back(port.name);
  return result;
}

void tpu_mlir::python::bindEvaluation(py::module_ &m) {
  py::class_<PyInterpreter>(m, "ModuleInterpreter")
      .def(py::init(&create), py::arg("module"), py::arg("custom") = py::dict())
      .def_property_readonly("input_names", [](PyInterpreter &i) { return names(i.interpreter->inputs()); })
      .def_property_readonly("output_names", [](PyInterpreter &i) { return names(i.interpreter->outputs()); })
      .def("run", &run, py::arg("inputs"), py::arg("every_tensor") = false, py::arg("native_types") = false,
           py::arg("progress") = py::none(), py::arg("given") = py::dict(),
           py::arg("wanted") = std::vector<std::string>());
}
