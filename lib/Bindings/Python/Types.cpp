// Type and its subclasses; each Python object has the class of the most specific type known here.
#include "Ir.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace tpu_mlir::python;

namespace {
template <typename T> struct Typed : PyType {};
struct Shaped : PyType {};
struct Float : PyType {};
struct Quantized : PyType {};
template <typename T> struct OfShaped : Shaped {};
template <typename T> struct OfFloat : Float {};
template <typename T> struct OfQuantized : Quantized {};

template <typename Wrapper> py::object as(const CtxP &ctx, Type type) {
  Wrapper wrapper;
  wrapper.ctx = ctx;
  wrapper.type = type;
  return py::cast(wrapper);
}
} // namespace

py::object tpu_mlir::python::toPython(const CtxP &ctx, Type type) {
  if (!type)
    return py::none();
  if (isa<RankedTensorType>(type))
    return as<OfShaped<RankedTensorType>>(ctx, type);
  if (isa<UnrankedTensorType>(type))
    return as<OfShaped<UnrankedTensorType>>(ctx, type);
  if (isa<VectorType>(type))
    return as<OfShaped<VectorType>>(ctx, type);
  if (isa<ShapedType>(type))
    return as<Shaped>(ctx, type);
  if (isa<Float32Type>(type))
    return as<OfFloat<Float32Type>>(ctx, type);
  if (isa<Float64Type>(type))
    return as<OfFloat<Float64Type>>(ctx, type);
  if (isa<Float16Type>(type))
    return as<OfFloat<Float16Type>>(ctx, type);
  if (isa<BFloat16Type>(type))
    return as<OfFloat<BFloat16Type>>(ctx, type);
  if (isa<FloatType>(type))
    return as<Float>(ctx, type);
  if (isa<IntegerType>(type))
    return as<Typed<IntegerType>>(ctx, type);
  if (isa<IndexType>(type))
    return as<Typed<IndexType>>(ctx, type);
  if (isa<NoneType>(type))
    return as<Typed<NoneType>>(ctx, type);
  if (isa<FunctionType>(type))
    return as<Typed<FunctionType>>(ctx, type);
  if (isa<quant::UniformQuantizedType>(type))
    return as<OfQuantized<quant::UniformQuantizedType>>(ctx, type);
  if (isa<quant::CalibratedQuantizedType>(type))
    return as<OfQuantized<quant::CalibratedQuantizedType>>(ctx, type);
  if (isa<quant::QuantizedType>(type))
    return as<Quantized>(ctx, type);
  return py::cast(PyType{ctx, type});
}

/// Adds the checked conversion `Sub(type)` and `Sub.isinstance(type)`.
template <typename T, typename Class> static void bindCast(Class &cls, const char *name) {
  std::string what = name;
  cls.def(py::init([what](const PyType &type) {
            if (!isa<T>(type.type))
              throw py::value_error(print(type.type) + " is not a " + what);
            typename Class::type made;
            made.ctx = type.ctx;
            made.type = type.type;
            return made;
          }),
          py::arg("cast_from_type"))
      .def_static("isinstance", [](const PyType &type) { return isa<T>(type.type); });
}

template <typename T> static void bindFloat(py::module_ &m, const char *name) {
  py::class_<OfFloat<T>, Float> cls(m, name);
  bindCast<T>(cls, name);
  cls.def_static(
      "get",
      [](py::object context) {
        CtxP ctx = resolveContext(context);
        return as<OfFloat<T>>(ctx, T::get(ctx->get()));
      },
      py::arg("context") = py::none());
}

static std::vector<int64_t> dims(ShapedType type) {
  if (!type.hasRank())
    throw py::value_error(print(Type(type)) + " has no rank");
  return std::vector<int64_t>(type.getShape());
}

/// Negative sizes stand for dynamic ones.
static SmallVector<int64_t> shapeOf(const std::vector<int64_t> &shape) {
  SmallVector<int64_t> result;
  for (int64_t size : shape)
    result.push_back(size < 0 ? ShapedType::kDynamic : size);
  return result;
}

static void checkElement(const PyType &element) {
  if (!TensorType::isValidElementType(element.type))
    throw py::value_error(print(element.type) + " cannot be the element type of a tensor");
}

static void bindShaped(py::module_ &m) {
  auto shaped = [](const PyType &t) { return cast<ShapedType>(t.type); };
  py::class_<Shaped, PyType> base(m, "ShapedType");
  bindCast<ShapedType>(base, "ShapedType");
  base.def_property_readonly(
          "shape", [=](Shaped &t) { return dims(shaped(t)); }, "Sizes; a dynamic one is negative.")
      .def_property_readonly("rank", [=](Shaped &t) { return dims(shaped(t)).size(); })
      .def_property_readonly("has_rank", [=](Shaped &t) { return shaped(t).hasRank(); })
      .def_property_readonly("has_static_shape", [=](Shaped &t) { return shaped(t).hasStaticShape(); })
      .def_property_readonly("element_type", [=](Shaped &t) { return toPython(t.ctx, shaped(t).getElementType()); })
      .def_property_readonly("num_elements",
                             [=](Shaped &t) {
                               if (!shaped(t).hasStaticShape())
                                 throw py::value_error(print(t.type) + " has no static shape");
                               return shaped(t).getNumElements();
                             })
      .def("get_dim_size",
           [=](Shaped &t, size_t axis) {
             auto sizes = dims(shaped(t));
             if (axis >= sizes.size())
               throw py::index_error("axis out of range");
             return sizes[axis];
           })
      .def("is_dynamic_dim",
           [=](Shaped &t, size_t axis) {
             auto sizes = dims(shaped(t));
             if (axis >= sizes.size())
               throw py::index_error("axis out of range");
             return ShapedType::isDynamic(sizes[axis]);
           })
      .def_static("get_dynamic_size", [] { return ShapedType::kDynamic; });

  py::class_<OfShaped<RankedTensorType>, Shaped> ranked(m, "RankedTensorType");
  bindCast<RankedTensorType>(ranked, "RankedTensorType");
  ranked
      .def_static(
          "get",
          [](const std::vector<int64_t> &shape, const PyType &element, std::optional<PyAttr> encoding,
             py::object location) {
            checkElement(element);
            element.ctx->get();
            return toPython(element.ctx, RankedTensorType::get(shapeOf(shape), element.type,
                                                               encoding ? encoding->attr : Attribute()));
          },
          py::arg("shape"), py::arg("element_type"), py::arg("encoding") = py::none(), py::arg("loc") = py::none())
      .def_property_readonly("encoding", [](PyType &t) -> py::object {
        Attribute encoding = cast<RankedTensorType>(t.type).getEncoding();
        return encoding ? toPython(t.ctx, encoding) : py::none();
      });
  py::class_<OfShaped<UnrankedTensorType>, Shaped> unranked(m, "UnrankedTensorType");
  bindCast<UnrankedTensorType>(unranked, "UnrankedTensorType");
  unranked.def_static(
      "get",
      [](const PyType &element, py::object location) {
        checkElement(element);
        element.ctx->get();
        return toPython(element.ctx, UnrankedTensorType::get(element.type));
      },
      py::arg("element_type"), py::arg("loc") = py::none());
  py::class_<OfShaped<VectorType>, Shaped> vector(m, "VectorType");
  bindCast<VectorType>(vector, "VectorType");
}

static void bindInteger(py::module_ &m) {
  py::class_<Typed<IntegerType>, PyType> cls(m, "IntegerType");
  bindCast<IntegerType>(cls, "IntegerType");
  auto make = [](IntegerType::SignednessSemantics sign) {
    return [sign](unsigned width, py::object context) {
      CtxP ctx = resolveContext(context);
      if (width > IntegerType::kMaxWidth)
        throw py::value_error("an integer has at most " + std::to_string(IntegerType::kMaxWidth) + " bits");
      return toPython(ctx, IntegerType::get(ctx->get(), width, sign));
    };
  };
  auto integer = [](const PyType &t) { return cast<IntegerType>(t.type); };
  cls.def_static("get_signless", make(IntegerType::Signless), py::arg("width"), py::arg("context") = py::none())
      .def_static("get_signed", make(IntegerType::Signed), py::arg("width"), py::arg("context") = py::none())
      .def_static("get_unsigned", make(IntegerType::Unsigned), py::arg("width"), py::arg("context") = py::none())
      .def_property_readonly("width", [=](PyType &t) { return integer(t).getWidth(); })
      .def_property_readonly("is_signless", [=](PyType &t) { return integer(t).isSignless(); })
      .def_property_readonly("is_signed", [=](PyType &t) { return integer(t).isSigned(); })
      .def_property_readonly("is_unsigned", [=](PyType &t) { return integer(t).isUnsigned(); });
}

static void bindQuantized(py::module_ &m) {
  auto quantized = [](const PyType &t) { return cast<quant::QuantizedType>(t.type); };
  py::class_<Quantized, PyType> base(m, "QuantizedType", "Made with Type.parse, as `!quant.uniform<i8:f32, 0.5:3>`.");
  bindCast<quant::QuantizedType>(base, "QuantizedType");
  base.def_property_readonly("expressed_type",
                             [=](PyType &t) { return toPython(t.ctx, quantized(t).getExpressedType()); })
      .def_property_readonly("storage_type", [=](PyType &t) { return toPython(t.ctx, quantized(t).getStorageType()); })
      .def_property_readonly("storage_type_min", [=](PyType &t) { return quantized(t).getStorageTypeMin(); })
      .def_property_readonly("storage_type_max", [=](PyType &t) { return quantized(t).getStorageTypeMax(); })
      .def_property_readonly("is_signed", [=](PyType &t) { return quantized(t).isSigned(); });
  using Uniform = quant::UniformQuantizedType;
  py::class_<OfQuantized<Uniform>, Quantized> uniform(m, "UniformQuantizedType");
  bindCast<Uniform>(uniform, "UniformQuantizedType");
  uniform.def_property_readonly("scale", [](PyType &t) { return cast<Uniform>(t.type).getScale(); })
      .def_property_readonly("zero_point", [](PyType &t) { return cast<Uniform>(t.type).getZeroPoint(); });
  using Calibrated = quant::CalibratedQuantizedType;
  py::class_<OfQuantized<Calibrated>, Quantized> calibrated(m, "CalibratedQuantizedType");
  bindCast<Calibrated>(calibrated, "CalibratedQuantizedType");
  calibrated.def_property_readonly("min", [](PyType &t) { return cast<Calibrated>(t.type).getMin(); })
      .def_property_readonly("max", [](PyType &t) { return cast<Calibrated>(t.type).getMax(); });
}

static void bindFunction(py::module_ &m) {
  auto listed = [](const CtxP &ctx, ArrayRef<Type> types) {
    py::list result;
    for (Type type : types)
      result.append(toPython(ctx, type));
    return result;
  };
  py::class_<Typed<FunctionType>, PyType> cls(m, "FunctionType");
  bindCast<FunctionType>(cls, "FunctionType");
  cls.def_static(
         "get",
         [](const std::vector<PyType> &inputs, const std::vector<PyType> &results, py::object context) {
           CtxP ctx = !inputs.empty() ? inputs[0].ctx : !results.empty() ? results[0].ctx : resolveContext(context);
           SmallVector<Type> in, out;
           for (const PyType &type : inputs)
             in.push_back(type.type);
           for (const PyType &type : results)
             out.push_back(type.type);
           return toPython(ctx, FunctionType::get(ctx->get(), in, out));
         },
         py::arg("inputs"), py::arg("results"), py::arg("context") = py::none())
      .def_property_readonly("inputs", [=](PyType &t) { return listed(t.ctx, cast<FunctionType>(t.type).getInputs()); })
      .def_property_readonly("results",
                             [=](PyType &t) { return listed(t.ctx, cast<FunctionType>(t.type).getResults()); });
}

template <typename T> static void bindPlain(py::module_ &m, const char *name) {
  py::class_<Typed<T>, PyType> cls(m, name);
  bindCast<T>(cls, name);
  cls.def_static(
      "get",
      [](py::object context) {
        CtxP ctx = resolveContext(context);
        return toPython(ctx, Type(T::get(ctx->get())));
      },
      py::arg("context") = py::none());
}

void tpu_mlir::python::bindTypes(py::module_ &m) {
  py::class_<PyType>(m, "Type")
      .def_static(
          "parse",
          [](const std::string &text, py::object context) {
            CtxP ctx = resolveContext(context);
            Collector collector(ctx);
            Type type = mlir::parseType(text, ctx->get());
            if (!type)
              collector.raise("cannot parse the type '" + text + "'");
            return toPython(ctx, type);
          },
          py::arg("asm"), py::arg("context") = py::none())
      .def_readonly("context", &PyType::ctx)
      .def("maybe_downcast", [](PyType &t) { return toPython(t.ctx, t.type); })
      .def("__eq__", [](PyType &a, PyType &b) { return a.type == b.type; })
      .def("__eq__", [](PyType &, py::object) { return false; })
      .def("__hash__", [](PyType &t) { return static_cast<size_t>(hash_value(t.type)); })
      .def("__str__", [](PyType &t) { return print(t.type); })
      .def("__repr__", [](PyType &t) { return "Type(" + print(t.type) + ")"; });
  py::class_<Float, PyType> floating(m, "FloatType");
  bindCast<FloatType>(floating, "FloatType");
  floating.def_property_readonly("width", [](PyType &t) { return cast<FloatType>(t.type).getWidth(); });
  bindFloat<Float32Type>(m, "F32Type");
  bindFloat<Float64Type>(m, "F64Type");
  bindFloat<Float16Type>(m, "F16Type");
  bindFloat<BFloat16Type>(m, "BF16Type");
  bindPlain<NoneType>(m, "NoneType");
  bindPlain<IndexType>(m, "IndexType");
  bindInteger(m);
  bindShaped(m);
  bindFunction(m);
  bindQuantized(m);
}
