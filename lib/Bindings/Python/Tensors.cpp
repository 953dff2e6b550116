// Host tensors as NumPy arrays and the weights of a module.
#include "Tensors.h"
#include "Ir.h"

#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::python;

static const char *numpyType(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return "f2";
  case ElementType::BF16:
  case ElementType::U16:
    return "u2";
  case ElementType::I8:
    return "i1";
  case ElementType::U8:
    return "u1";
  case ElementType::I16:
    return "i2";
  case ElementType::I32:
    return "i4";
  case ElementType::U32:
    return "u4";
  case ElementType::I64:
    return "i8";
  default:
    return "f4";
  }
}

py::array tpu_mlir::python::toNumpy(const Tensor &tensor) {
  if (tensor.empty())
    throw py::value_error("an absent tensor has no array");
  auto *keep = new Tensor(tensor);
  py::capsule owner(keep, [](void *held) { delete static_cast<Tensor *>(held); });
  std::vector<py::ssize_t> shape(tensor.shape().begin(), tensor.shape().end());
  return py::array(py::dtype(numpyType(tensor.type())), shape, keep->data<uint8_t>(), owner);
}

py::array tpu_mlir::python::toNumpyF32(const Tensor &tensor) {
  py::array native = toNumpy(tensor);
  if (tensor.type() == ElementType::BF16) {
    auto wide = native.attr("astype")(py::dtype("u4"));
    return wide.attr("__lshift__")(16).attr("view")(py::dtype("f4"));
  }
  if (tensor.type() == ElementType::F32)
    return native;
  return native.attr("astype")(py::dtype("f4"));
}

static ElementType elementOf(const py::dtype &dtype) {
  char kind = dtype.kind();
  auto size = dtype.itemsize();
  if (kind == 'f' && size == 4)
    return ElementType::F32;
  if (kind == 'f' && size == 2)
    return ElementType::F16;
  if (kind == 'i')
    return size == 1 ? ElementType::I8 : size == 2 ? ElementType::I16 : size == 4 ? ElementType::I32 : ElementType::I64;
  if ((kind == 'u' && size == 1) || kind == 'b')
    return ElementType::U8;
  if (kind == 'u' && size <= 4)
    return size == 2 ? ElementType::U16 : ElementType::U32;
  throw py::type_error("arrays of type " + py::str(dtype).cast<std::string>() + " are not supported");
}

Tensor tpu_mlir::python::fromNumpy(py::array array) {
  if (array.dtype().kind() == 'f' && array.itemsize() == 8)
    array = array.attr("astype")(py::dtype("f4"));
  ElementType type = elementOf(array.dtype());
  array = py::array::ensure(array, py::array::c_style);
  if (!array)
    throw py::error_already_set();
  std::vector<int64_t> shape(array.shape(), array.shape() + array.ndim());
  // The array is let go with the GIL held, from whichever thread drops the last tensor.
  auto *keep = new py::array(array);
  auto *memory = static_cast<uint8_t *>(const_cast<void *>(array.data()));
  std::shared_ptr<uint8_t> owner(memory, [keep](uint8_t *) {
    py::gil_scoped_acquire gil;
    delete keep;
  });
  return Tensor(type, std::move(shape), std::move(owner));
}

// The Python class of errors that are the user's; set by the package.
static py::handle userError;

void tpu_mlir::python::raiseOnError(llvm::Error error) {
  if (!error)
    return;
  std::string text = llvm::toString(std::move(error));
  PyErr_SetString(userError ? userError.ptr() : PyExc_RuntimeError, text.c_str());
  throw py::error_already_set();
}

static ModuleOp moduleOf(py::object module) {
  auto op = dyn_cast<ModuleOp>(toOperation(module)->get());
  if (!op)
    throw py::type_error("a module is needed");
  return op;
}

static py::array readWeight(py::object object) {
  OpP op = toOperation(object);
  auto weight = dyn_cast<top::WeightOp>(op->get());
  if (!weight)
    throw py::type_error("a top.Weight is needed");
  Collector collector(op->ctx);
  FailureOr<Tensor> value = top::readWeight(weight);
  if (failed(value))
    collector.raise("cannot read the weight");
  return toNumpy(*value);
}

static void saveWeights(py::object module, const std::string &directory, const std::string &file) {
  ModuleOp op = moduleOf(module);
  CtxP ctx = toOperation(module)->ctx;
  Collector collector(ctx);
  LogicalResult saved = withoutGil(ctx, [&] { return top::weightStore(op.getContext()).save(op, directory, file); });
  if (failed(saved))
    collector.raise("cannot write the weights");
}

void tpu_mlir::python::bindTensors(py::module_ &m) {
  m.def("_set_user_error", [](py::object cls) { userError = cls.release(); });
  m.def(
      "set_weight_directory",
      [](CtxP ctx, const std::string &directory) { top::weightStore(ctx->get()).setBaseDirectory(directory); },
      "Where the weight files that modules of the context name are looked up.");
  m.def("read_weight", &readWeight, "The value of a top.Weight.");
  m.def(
      "write_weight",
      [](py::object module, const std::string &name, py::array value) {
        ModuleOp op = moduleOf(module);
        top::weightStore(op.getContext()).write(op, name, fromNumpy(value).clone());
      },
      "Makes the value known under the name, in place of any earlier one.");
  m.def("save_weights", &saveWeights, py::arg("module"), py::arg("directory"), py::arg("file"),
        "Writes the values of the module's weights to a new weight file and names it in the module.");
}
