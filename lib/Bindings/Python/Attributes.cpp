// Attribute and its subclasses, and the conversion between attributes and plain Python or NumPy values.
#include "Ir.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/SymbolTable.h"

#include <cstring>

using namespace mlir;
using namespace tpu_mlir::python;

namespace {
template <typename T> struct Typed : PyAttr {};

template <typename T> py::object as(const CtxP &ctx, Attribute attr) {
  Typed<T> wrapper;
  wrapper.ctx = ctx;
  wrapper.attr = attr;
  return py::cast(wrapper);
}
} // namespace

template <typename... Kinds> static py::object mostSpecific(const CtxP &ctx, Attribute attr) {
  py::object result;
  (void)((isa<Kinds>(attr) && (result = as<Kinds>(ctx, attr), true)) || ...);
  return result ? result : py::cast(PyAttr{ctx, attr});
}

py::object tpu_mlir::python::toPython(const CtxP &ctx, Attribute attr) {
  if (!attr)
    return py::none();
  // BoolAttr is an IntegerAttr of type i1, FlatSymbolRefAttr a SymbolRefAttr: the special kind comes first.
  return mostSpecific<BoolAttr, IntegerAttr, FloatAttr, StringAttr, ArrayAttr, DictionaryAttr, UnitAttr, TypeAttr,
                      FlatSymbolRefAttr, SymbolRefAttr, DenseElementsAttr, DenseI64ArrayAttr, DenseI32ArrayAttr,
                      DenseF64ArrayAttr, DenseF32ArrayAttr, DenseBoolArrayAttr>(ctx, attr);
}

Attribute tpu_mlir::python::toAttribute(const CtxP &ctx, py::handle object) {
  Builder b(ctx->get());
  if (py::isinstance<PyAttr>(object))
    return object.cast<PyAttr &>().attr;
  if (py::isinstance<PyType>(object))
    return TypeAttr::get(object.cast<PyType &>().type);
  if (object.is_none())
    return b.getUnitAttr();
  if (py::isinstance<py::bool_>(object))
    return b.getBoolAttr(object.cast<bool>());
  if (py::isinstance<py::int_>(object))
    return b.getI64IntegerAttr(object.cast<int64_t>());
  if (py::isinstance<py::float_>(object))
    return b.getF64FloatAttr(object.cast<double>());
  if (py::isinstance<py::str>(object))
    return b.getStringAttr(object.cast<std::string>());
  if (py::isinstance<py::dict>(object)) {
    NamedAttrList entries;
    for (auto [key, value] : object.cast<py::dict>())
      entries.set(key.cast<std::string>(), toAttribute(ctx, value));
    return entries.getDictionary(ctx->get());
  }
  if (py::isinstance<py::sequence>(object)) {
    SmallVector<Attribute> elements;
    for (py::handle element : object)
      elements.push_back(toAttribute(ctx, element));
    return b.getArrayAttr(elements);
  }
  auto owned = py::reinterpret_borrow<py::object>(object);
  if (py::hasattr(object, "tolist")) // NumPy scalars and arrays
    return toAttribute(ctx, owned.attr("tolist")());
  if (py::hasattr(object, "__index__"))
    return b.getI64IntegerAttr(py::int_(owned).cast<int64_t>());
  throw py::type_error("no attribute can be made of a " + py::type::of(object).attr("__name__").cast<std::string>());
}

static py::object integerValue(IntegerAttr attr) {
  if (attr.getValue().getBitWidth() > 64)
    throw py::value_error(print(Attribute(attr)) + " does not fit in 64 bits");
  if (attr.getType().isUnsignedInteger())
    return py::int_(attr.getValue().getZExtValue());
  return py::int_(attr.getValue().getSExtValue());
}

template <typename T> static py::object listed(T attr) {
  py::list result;
  for (auto value : attr.asArrayRef())
    result.append(value);
  return result;
}

static py::array toArray(DenseElementsAttr dense);

py::object tpu_mlir::python::attributeValue(const CtxP &ctx, Attribute attr) {
  if (auto x = dyn_cast<BoolAttr>(attr))
    return py::bool_(x.getValue());
  if (auto x = dyn_cast<IntegerAttr>(attr))
    return integerValue(x);
  if (auto x = dyn_cast<FloatAttr>(attr))
    return py::float_(x.getValueAsDouble());
  if (auto x = dyn_cast<StringAttr>(attr))
    return py::bytes(x.getValue().data(), x.getValue().size()).attr("decode")("utf-8", "surrogateescape");
  if (auto x = dyn_cast<TypeAttr>(attr))
    return toPython(ctx, x.getValue());
  if (auto x = dyn_cast<FlatSymbolRefAttr>(attr))
    return py::str(x.getValue().str());
  if (auto x = dyn_cast<ArrayAttr>(attr)) {
    py::list result;
    for (Attribute element : x)
      result.append(attributeValue(ctx, element));
    return result;
  }
  if (auto x = dyn_cast<DictionaryAttr>(attr)) {
    py::dict result;
    for (NamedAttribute entry : x)
      result[py::str(entry.getName().str())] = attributeValue(ctx, entry.getValue());
    return result;
  }
  if (isa<UnitAttr>(attr))
    return py::none();
  if (auto x = dyn_cast<DenseI64ArrayAttr>(attr))
    return listed(x);
  if (auto x = dyn_cast<DenseI32ArrayAttr>(attr))
    return listed(x);
  if (auto x = dyn_cast<DenseF64ArrayAttr>(attr))
    return listed(x);
  if (auto x = dyn_cast<DenseF32ArrayAttr>(attr))
    return listed(x);
  if (auto x = dyn_cast<DenseBoolArrayAttr>(attr))
    return listed(x);
  if (auto x = dyn_cast<DenseElementsAttr>(attr))
    return toArray(x);
  return toPython(ctx, attr);
}

/// The NumPy type of an element type; f16 maps to float16, bf16 to the uint16 of its bits.
static py::dtype dtypeOf(Type type) {
  if (type.isF32())
    return py::dtype::of<float>();
  if (type.isF64())
    return py::dtype::of<double>();
  if (type.isF16())
    return py::dtype("float16");
  if (type.isBF16())
    return py::dtype::of<uint16_t>();
  if (auto integer = dyn_cast<IntegerType>(type); integer && integer.getWidth() % 8 == 0 && integer.getWidth() <= 64)
    return py::dtype((integer.isUnsigned() ? "u" : "i") + std::to_string(integer.getWidth() / 8));
  throw py::type_error("NumPy has no counterpart of " + print(type));
}

static Type elementTypeOf(const CtxP &ctx, const py::dtype &dtype) {
  Builder b(ctx->get());
  char kind = dtype.kind();
  unsigned bits = static_cast<unsigned>(dtype.itemsize()) * 8;
  if (kind == 'f')
    return bits == 16 ? Type(b.getF16Type()) : bits == 32 ? Type(b.getF32Type()) : Type(b.getF64Type());
  if (kind == 'i')
    return b.getIntegerType(bits);
  if (kind == 'u')
    return b.getIntegerType(bits, /*isSigned=*/false);
  throw py::type_error("no element type for the NumPy type " + py::str(dtype).cast<std::string>());
}

static py::array toArray(DenseElementsAttr dense) {
  ArrayRef<int64_t> shape = dense.getType().getShape();
  Type element = dense.getElementType();
  if (element.isInteger(1)) {
    py::array_t<bool> result(std::vector<py::ssize_t>(shape.begin(), shape.end()));
    std::copy(dense.value_begin<bool>(), dense.value_end<bool>(), result.mutable_data());
    return result;
  }
  py::array result(dtypeOf(element), std::vector<py::ssize_t>(shape.begin(), shape.end()));
  ArrayRef<char> raw = dense.getRawData();
  auto *out = static_cast<char *>(result.mutable_data());
  size_t size = static_cast<size_t>(result.nbytes());
  if (!dense.isSplat() || raw.size() == size)
    std::memcpy(out, raw.data(), std::min(size, raw.size()));
  else
    for (size_t at = 0; at < size; at += raw.size())
      std::memcpy(out + at, raw.data(), raw.size());
  return result;
}

template <typename T> static py::class_<Typed<T>, PyAttr> kind(py::module_ &m, const char *name) {
  py::class_<Typed<T>, PyAttr> cls(m, name);
  std::string what = name;
  cls.def(py::init([what](const PyAttr &attr) {
            if (!isa<T>(attr.attr))
              throw py::value_error(print(attr.attr) + " is not a " + what);
            Typed<T> made;
            made.ctx = attr.ctx;
            made.attr = attr.attr;
            return made;
          }),
          py::arg("cast_from_attr"))
      .def_static("isinstance", [](const PyAttr &attr) { return isa<T>(attr.attr); });
  return cls;
}

template <typename T, typename E> static void bindDenseArray(py::module_ &m, const char *name) {
  kind<T>(m, name)
      .def_static(
          "get",
          [](const std::vector<E> &values, py::object context) {
            CtxP ctx = resolveContext(context);
            SmallVector<E> copy(values.begin(), values.end());
            return toPython(ctx, T::get(ctx->get(), copy));
          },
          py::arg("values"), py::arg("context") = py::none())
      .def("__len__", [](PyAttr &a) { return cast<T>(a.attr).size(); })
      .def("__iter__", [](PyAttr &a) { return py::iter(attributeValue(a.ctx, a.attr)); });
}

static void bindSimple(py::module_ &m) {
  kind<BoolAttr>(m, "BoolAttr")
      .def_static(
          "get",
          [](bool value, py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, BoolAttr::get(ctx->get(), value));
          },
          py::arg("value"), py::arg("context") = py::none());
  kind<IntegerAttr>(m, "IntegerAttr")
      .def_static(
          "get",
          [](const PyType &type, int64_t value) {
            type.ctx->get();
            auto integer = dyn_cast<IntegerType>(type.type);
            if (!integer && !isa<IndexType>(type.type))
              throw py::type_error(print(type.type) + " is not an integer type");
            unsigned width = integer ? integer.getWidth() : 64;
            bool fits =
                width >= 64 || (integer.isUnsigned() ? value >= 0 && llvm::isUIntN(width, value)
                                : integer.isSigned() ? llvm::isIntN(width, value)
                                                     : llvm::isIntN(width, value) || llvm::isUIntN(width, value));
            if (!fits)
              throw py::value_error(std::to_string(value) + " does not fit in " + print(type.type));
            llvm::APInt bits(width, static_cast<uint64_t>(value), /*isSigned=*/false, /*implicitTrunc=*/true);
            return toPython(type.ctx, IntegerAttr::get(type.type, bits));
          },
          py::arg("type"), py::arg("value"))
      .def("__int__", [](PyAttr &a) { return attributeValue(a.ctx, a.attr); });
  kind<FloatAttr>(m, "FloatAttr")
      .def_static(
          "get",
          [](const PyType &type, double value, py::object) {
            type.ctx->get();
            if (!isa<FloatType>(type.type))
              throw py::type_error(print(type.type) + " is not a floating-point type");
            return toPython(type.ctx, FloatAttr::get(type.type, value));
          },
          py::arg("type"), py::arg("value"), py::arg("loc") = py::none())
      .def_static(
          "get_f32",
          [](double value, py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, Builder(ctx->get()).getF32FloatAttr(static_cast<float>(value)));
          },
          py::arg("value"), py::arg("context") = py::none())
      .def_static(
          "get_f64",
          [](double value, py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, Builder(ctx->get()).getF64FloatAttr(value));
          },
          py::arg("value"), py::arg("context") = py::none())
      .def("__float__", [](PyAttr &a) { return attributeValue(a.ctx, a.attr); });
  kind<StringAttr>(m, "StringAttr")
      .def_static(
          "get",
          [](const std::string &value, py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, StringAttr::get(ctx->get(), value));
          },
          py::arg("value"), py::arg("context") = py::none());
  kind<UnitAttr>(m, "UnitAttr")
      .def_static(
          "get",
          [](py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, UnitAttr::get(ctx->get()));
          },
          py::arg("context") = py::none());
  kind<TypeAttr>(m, "TypeAttr").def_static("get", [](const PyType &type) {
    type.ctx->get();
    return toPython(type.ctx, TypeAttr::get(type.type));
  });
  kind<FlatSymbolRefAttr>(m, "FlatSymbolRefAttr")
      .def_static(
          "get",
          [](const std::string &name, py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, FlatSymbolRefAttr::get(ctx->get(), name));
          },
          py::arg("value"), py::arg("context") = py::none());
  kind<SymbolRefAttr>(m, "SymbolRefAttr").def_property_readonly("path", [](PyAttr &a) {
    auto ref = cast<SymbolRefAttr>(a.attr);
    std::vector<std::string> path{ref.getRootReference().str()};
    for (FlatSymbolRefAttr nested : ref.getNestedReferences())
      path.push_back(nested.getValue().str());
    return path;
  });
}

static void bindContainers(py::module_ &m) {
  kind<ArrayAttr>(m, "ArrayAttr")
      .def_static(
          "get",
          [](py::sequence values, py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, toAttribute(ctx, py::list(values)));
          },
          py::arg("attributes"), py::arg("context") = py::none())
      .def("__len__", [](PyAttr &a) { return cast<ArrayAttr>(a.attr).size(); })
      .def("__getitem__",
           [](PyAttr &a, int64_t index) {
             auto array = cast<ArrayAttr>(a.attr);
             int64_t size = static_cast<int64_t>(array.size());
             if (index < 0)
               index += size;
             if (index < 0 || index >= size)
               throw py::index_error("array index out of range");
             return toPython(a.ctx, array[static_cast<unsigned>(index)]);
           })
      .def("__iter__", [](PyAttr &a) {
        py::list elements;
        for (Attribute element : cast<ArrayAttr>(a.attr))
          elements.append(toPython(a.ctx, element));
        return py::iter(elements);
      });
  kind<DictionaryAttr>(m, "DictAttr")
      .def_static(
          "get",
          [](py::dict values, py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, toAttribute(ctx, values));
          },
          py::arg("value") = py::dict(), py::arg("context") = py::none())
      .def("__len__", [](PyAttr &a) { return cast<DictionaryAttr>(a.attr).size(); })
      .def("__contains__",
           [](PyAttr &a, const std::string &name) { return cast<DictionaryAttr>(a.attr).contains(name); })
      .def("__getitem__",
           [](PyAttr &a, const std::string &name) {
             Attribute found = cast<DictionaryAttr>(a.attr).get(name);
             if (!found)
               throw py::key_error(name);
             return toPython(a.ctx, found);
           })
      .def("keys", [](PyAttr &a) {
        std::vector<std::string> names;
        for (NamedAttribute entry : cast<DictionaryAttr>(a.attr))
          names.push_back(entry.getName().str());
        return names;
      });
}

static py::object denseFromArray(py::array array, py::object type, const py::object &context) {
  CtxP ctx = type.is_none() ? resolveContext(context) : type.cast<PyType>().ctx;
  array = py::array::ensure(array, py::array::c_style);
  Type element = type.is_none() ? elementTypeOf(ctx, array.dtype()) : type.cast<PyType>().type;
  if (isa<ShapedType>(element))
    element = cast<ShapedType>(element).getElementType();
  if (!dtypeOf(element).is(array.dtype()) && dtypeOf(element).itemsize() != array.itemsize())
    throw py::type_error("an array of " + py::str(array.dtype()).cast<std::string>() + " has no elements of type " +
                         print(element));
  SmallVector<int64_t> shape(array.shape(), array.shape() + array.ndim());
  auto tensor = RankedTensorType::get(shape, element);
  ArrayRef<char> raw(static_cast<const char *>(array.data()), static_cast<size_t>(array.nbytes()));
  return toPython(ctx, DenseElementsAttr::getFromRawBuffer(tensor, raw));
}

static void bindDense(py::module_ &m) {
  kind<DenseElementsAttr>(m, "DenseElementsAttr")
      .def_static("get", &denseFromArray, py::arg("array"), py::arg("type") = py::none(),
                  py::arg("context") = py::none())
      .def_static(
          "get_splat",
          [](const PyType &type, const PyAttr &value) {
            auto shaped = dyn_cast<ShapedType>(type.type);
            auto typed = dyn_cast<TypedAttr>(value.attr);
            if (!shaped || !shaped.hasStaticShape() || !typed || typed.getType() != shaped.getElementType() ||
                !isa<IntegerAttr, FloatAttr>(value.attr))
              throw py::value_error("a splat needs a static tensor type and a number of its element type");
            return toPython(type.ctx, DenseElementsAttr::get(shaped, value.attr));
          },
          py::arg("shaped_type"), py::arg("element_attr"))
      .def_property_readonly("is_splat", [](PyAttr &a) { return cast<DenseElementsAttr>(a.attr).isSplat(); })
      .def_property_readonly("type",
                             [](PyAttr &a) { return toPython(a.ctx, cast<DenseElementsAttr>(a.attr).getType()); })
      .def("__len__", [](PyAttr &a) { return cast<DenseElementsAttr>(a.attr).getNumElements(); })
      .def("to_numpy", [](PyAttr &a) { return toArray(cast<DenseElementsAttr>(a.attr)); })
      .def("__array__", [](PyAttr &a, py::args, py::kwargs) { return toArray(cast<DenseElementsAttr>(a.attr)); });
}

void tpu_mlir::python::bindAttributes(py::module_ &m) {
  py::class_<PyAttr>(m, "Attribute")
      .def_static(
          "parse",
          [](const std::string &text, py::object context) {
            CtxP ctx = resolveContext(context);
            Collector collector(ctx);
            Attribute attr = mlir::parseAttribute(text, ctx->get());
            if (!attr)
              collector.raise("cannot parse the attribute '" + text + "'");
            return toPython(ctx, attr);
          },
          py::arg("asm"), py::arg("context") = py::none())
      .def_static(
          "of",
          [](py::object value, py::object context) {
            CtxP ctx = resolveContext(context);
            return toPython(ctx, toAttribute(ctx, value));
          },
          py::arg("value"), py::arg("context") = py::none(), "The attribute of a plain Python or NumPy value.")
      .def_readonly("context", &PyAttr::ctx)
      .def_property_readonly("type",
                             [](PyAttr &a) -> py::object {
                               if (auto typed = dyn_cast<TypedAttr>(a.attr))
                                 return toPython(a.ctx, typed.getType());
                               CtxP ctx = a.ctx;
                               return toPython(ctx, Type(NoneType::get(ctx->get())));
                             })
      .def_property_readonly(
          "value", [](PyAttr &a) { return attributeValue(a.ctx, a.attr); },
          "The plain Python value; the attribute itself where there is none.")
      .def("__eq__", [](PyAttr &a, PyAttr &b) { return a.attr == b.attr; })
      .def("__eq__", [](PyAttr &, py::object) { return false; })
      .def("__hash__", [](PyAttr &a) { return static_cast<size_t>(hash_value(a.attr)); })
      .def("__str__", [](PyAttr &a) { return print(a.attr); })
      .def("__repr__", [](PyAttr &a) { return "Attribute(" + print(a.attr) + ")"; });
  bindSimple(m);
  bindContainers(m);
  bindDense(m);
  bindDenseArray<DenseI64ArrayAttr, int64_t>(m, "DenseI64ArrayAttr");
  bindDenseArray<DenseI32ArrayAttr, int32_t>(m, "DenseI32ArrayAttr");
  bindDenseArray<DenseF64ArrayAttr, double>(m, "DenseF64ArrayAttr");
  bindDenseArray<DenseF32ArrayAttr, float>(m, "DenseF32ArrayAttr");
  bindDenseArray<DenseBoolArrayAttr, bool>(m, "DenseBoolArrayAttr");
}
