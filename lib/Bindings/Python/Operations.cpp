// Operations: parsing, building, printing, attributes, moving and erasing.
#include "Ir.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace tpu_mlir::python;

// Makes an OpView of an Operation; set by tpu_mlir.ir. Lives as long as the process.
static py::handle viewFactory;

py::object tpu_mlir::python::opView(const OpP &op) {
  if (!op)
    return py::none();
  py::object wrapped = py::cast(op);
  return viewFactory ? viewFactory(wrapped) : wrapped;
}

OpP tpu_mlir::python::toOperation(py::handle object) {
  if (py::isinstance<PyOp>(object))
    return object.cast<OpP>();
  if (py::hasattr(object, "operation"))
    return object.attr("operation").cast<OpP>();
  throw py::type_error("an operation or value is needed, not a " +
                       py::type::of(object).attr("__name__").cast<std::string>());
}

static OpP finishParse(const CtxP &ctx, Collector &collector, Operation *op, const std::string &name) {
  if (!op)
    collector.raise("cannot parse " + name);
  collector.report();
  return own(ctx, op);
}

static OpP parseModule(py::object text, py::object context, const std::string &name) {
  CtxP ctx = resolveContext(context);
  // bytes may hold bytecode and characters that are not UTF-8
  std::string source = text.cast<std::string>();
  Collector collector(ctx);
  Operation *op = withoutGil(ctx, [&]() -> Operation * {
    ParserConfig config(&ctx->context);
    return parseSourceString<ModuleOp>(source, config, name).release();
  });
  return finishParse(ctx, collector, op, name == "-" ? "the module" : name);
}

static OpP parseModuleFile(py::object path, py::object context) {
  CtxP ctx = resolveContext(context);
  std::string file = py::module_::import("os").attr("fspath")(path).cast<std::string>();
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (std::error_code error = buffer.getError()) {
    errno = error.value();
    PyErr_SetFromErrnoWithFilename(PyExc_OSError, file.c_str());
    throw py::error_already_set();
  }
  Collector collector(ctx);
  Operation *op = withoutGil(ctx, [&]() -> Operation * {
    ParserConfig config(&ctx->context);
    llvm::SourceMgr sources;
    sources.AddNewSourceBuffer(std::move(*buffer), llvm::SMLoc());
    return parseSourceFile<ModuleOp>(sources, config).release();
  });
  return finishParse(ctx, collector, op, file);
}

/// Operands may be values or operations, and lists of them.
static void addOperands(OperationState &state, py::handle operands) {
  for (py::handle operand : operands)
    if (py::isinstance<py::list>(operand) || py::isinstance<py::tuple>(operand))
      addOperands(state, operand);
    else
      state.addOperands(toValue(operand).get());
}

static OpP createOperation(const std::string &name, py::object results, py::object operands, py::object attributes,
                           py::object successors, int regions, py::object loc, py::object ip) {
  PyLoc location = resolveLocation(loc);
  CtxP ctx = location.ctx;
  if (!RegisteredOperationName::lookup(name, ctx->get()) && !ctx->context.allowsUnregisteredDialects())
    throw py::value_error("there is no operation '" + name + "'");
  if (!successors.is_none() && py::len(successors))
    throw py::value_error("operations with successors are not supported");
  if (name.empty() || regions < 0)
    throw py::value_error("an operation needs a name and a count of regions that is not negative");
  OperationState state(location.loc, name);
  if (!operands.is_none())
    addOperands(state, operands);
  if (!results.is_none())
    for (py::handle type : results)
      state.addTypes(type.cast<PyType>().type);
  if (!attributes.is_none())
    for (auto [key, value] : attributes.cast<py::dict>())
      state.addAttribute(key.cast<std::string>(), toAttribute(ctx, value));
  for (int i = 0; i < regions; ++i)
    state.addRegion();
  std::optional<PyInsertionPoint> where = resolveInsertionPoint(ip);
  Block *block = where ? where->block.get() : nullptr;
  Operation *before = where && where->before ? where->before->get() : nullptr;
  Collector collector(ctx);
  Operation *op = Operation::create(state);
  if (!block)
    return own(ctx, op);
  block->getOperations().insert(before ? before->getIterator() : block->end(), op);
  return wrap(ctx, op);
}

struct AsmOptions {
  bool debugInfo, pretty, generic, localScope, assumeVerified;
  std::optional<int64_t> elementLimit;
};

static std::string getAsm(PyOp &self, const AsmOptions &options) {
  OpPrintingFlags flags;
  if (options.debugInfo)
    flags.enableDebugInfo(true, options.pretty);
  if (options.generic)
    flags.printGenericOpForm();
  if (options.localScope)
    flags.useLocalScope();
  if (options.assumeVerified)
    flags.assumeVerified();
  if (options.elementLimit)
    flags.elideLargeElementsAttrs(*options.elementLimit);
  Operation *op = self.get();
  return withoutGil(self.ctx, [&] {
    std::string text;
    llvm::raw_string_ostream os(text);
    op->print(os, flags);
    return text;
  });
}

/// Calls callback(op) for the operation and all below. The walk goes over the handles taken at the start; those that
/// the callback erases are left out.
static void walk(const OpP &root, const py::function &callback, bool postOrder) {
  std::vector<OpP> all;
  auto collect = [&](Operation *op) { all.push_back(wrap(root->ctx, op)); };
  if (postOrder)
    root->get()->walk<WalkOrder::PostOrder>(collect);
  else
    root->get()->walk<WalkOrder::PreOrder>(collect);
  std::vector<Operation *> skipped;
  for (const OpP &op : all) {
    if (!op->valid)
      continue;
    if (llvm::any_of(skipped, [&](Operation *s) { return s->isProperAncestor(op->op); }))
      continue;
    py::object answer = callback(opView(op));
    if (answer.is_none())
      continue;
    auto word = py::str(py::hasattr(answer, "value") ? py::object(answer.attr("value")) : answer).cast<std::string>();
    if (word == "interrupt")
      return;
    if (word == "skip" && op->valid)
      skipped.push_back(op->op);
  }
}

static void erase(const OpP &op) {
  Operation *target = op->get();
  if (!target->use_empty())
    throw py::value_error("results of " + target->getName().getStringRef().str() + " still have uses");
  invalidateBelow(op);
  op->ctx->live.erase(target);
  op->valid = false;
  target->erase();
}

static void verifyOperation(PyOp &self) {
  Collector collector(self.ctx);
  if (failed(mlir::verify(self.get())))
    collector.raise("the operation is not valid");
}

static void move(const OpP &op, const OpP &anchor, bool after) {
  if (!anchor->get()->getBlock())
    throw py::value_error("the operation to move to is not in a block");
  if (op->get()->isAncestor(anchor->op))
    throw py::value_error("an operation cannot be moved into itself");
  if (op->owned) {
    anchor->op->getBlock()->getOperations().insert(
        after ? std::next(anchor->op->getIterator()) : anchor->op->getIterator(), op->op);
  } else if (after) {
    op->op->moveAfter(anchor->op);
  } else {
    op->op->moveBefore(anchor->op);
  }
  attached(op);
}

static py::bytes bytecode(PyOp &self) {
  std::string text;
  llvm::raw_string_ostream os(text);
  Collector collector(self.ctx);
  if (failed(writeBytecodeToFile(self.get(), os)))
    collector.raise("cannot write bytecode");
  return py::bytes(text);
}

static void bindAccessors(py::class_<PyOp, OpP> &cls) {
  cls.def_readonly("context", &PyOp::ctx)
      .def_readonly("_valid", &PyOp::valid)
      .def_property_readonly("name", [](PyOp &o) { return o.get()->getName().getStringRef().str(); })
      .def_property_readonly("parent",
                             [](PyOp &o) {
                               Operation *parent = o.get()->getParentOp();
                               return opView(wrap(o.ctx, parent));
                             })
      .def_property_readonly("block",
                             [](PyOp &o) -> py::object {
                               Block *block = o.get()->getBlock();
                               return block ? py::cast(PyBlock{wrap(o.ctx, o.op->getParentOp()), block}) : py::none();
                             })
      .def_property(
          "location", [](PyOp &o) { return PyLoc{o.ctx, o.get()->getLoc()}; },
          [](PyOp &o, const PyLoc &l) { o.get()->setLoc(l.loc); })
      .def_property_readonly("regions",
                             [](PyOp &o) {
                               std::vector<PyRegion> regions;
                               for (unsigned i = 0, e = o.get()->getNumRegions(); i < e; ++i)
                                 regions.push_back({o.shared_from_this(), i});
                               return regions;
                             })
      .def("_attr_names",
           [](PyOp &o) {
             std::vector<std::string> names;
             for (NamedAttribute entry : o.get()->getAttrs())
               names.push_back(entry.getName().str());
             return names;
           })
      .def("_get_attr", [](PyOp &o, const std::string &name) { return toPython(o.ctx, o.get()->getAttr(name)); })
      .def("_set_attr", [](PyOp &o, const std::string &name,
                           py::object value) { o.get()->setAttr(name, toAttribute(o.ctx, value)); })
      .def("_del_attr", [](PyOp &o, const std::string &name) { return static_cast<bool>(o.get()->removeAttr(name)); });
}

static void bindActions(py::class_<PyOp, OpP> &cls) {
  cls.def(
         "get_asm",
         [](PyOp &o, bool debugInfo, bool pretty, bool generic, bool localScope, bool assumeVerified,
            std::optional<int64_t> limit) {
           return getAsm(o, {debugInfo, pretty, generic, localScope, assumeVerified, limit});
         },
         py::arg("enable_debug_info") = false, py::arg("pretty_debug_info") = false,
         py::arg("print_generic_op_form") = false, py::arg("use_local_scope") = false,
         py::arg("assume_verified") = false, py::arg("large_elements_limit") = py::none(),
         "The text of the operation; enable_debug_info adds the locations, which carry the tensor names.")
      .def("__str__", [](PyOp &o) { return getAsm(o, {false, false, false, false, false, std::nullopt}); })
      .def(
          "verify",
          [](PyOp &o) {
            verifyOperation(o);
            return true;
          },
          "Raises MLIRError when an operation breaks a constraint.")
      .def(
          "walk", [](OpP o, py::function callback, const std::string &order) { walk(o, callback, order != "pre"); },
          py::arg("callback"), py::arg("order") = "post",
          "Calls callback(op) for all operations; it may return 'advance', 'skip' (with order='pre') or 'interrupt'.")
      .def("erase", &erase)
      .def("detach_from_parent",
           [](OpP o) {
             if (!o->get()->getBlock())
               throw py::value_error("the operation is not in a block");
             o->op->remove();
             o->owned = true;
             o->parent = nullptr;
             return o;
           })
      .def(
          "clone",
          [](PyOp &o, py::object ip) {
            std::optional<PyInsertionPoint> where = resolveInsertionPoint(ip);
            OpP copy = own(o.ctx, o.get()->clone());
            if (where)
              py::cast(*where).attr("insert")(copy);
            return opView(copy);
          },
          py::arg("ip") = py::none())
      .def("move_before", [](OpP o, py::object other) { move(o, toOperation(other), false); })
      .def("move_after", [](OpP o, py::object other) { move(o, toOperation(other), true); })
      .def("replace_all_uses_with",
           [](PyOp &o, py::object values) {
             std::vector<Value> replacements;
             if (py::isinstance<py::list>(values) || py::isinstance<py::tuple>(values))
               for (py::handle value : values)
                 replacements.push_back(toValue(value).get());
             else
               replacements.push_back(toValue(values).get());
             if (replacements.size() != o.get()->getNumResults())
               throw py::value_error("the count of new values differs from the count of results");
             o.op->replaceAllUsesWith(replacements);
           })
      .def("to_bytecode", &bytecode)
      .def("__eq__", [](PyOp &a, PyOp &b) { return a.op == b.op; })
      .def("__eq__",
           [](PyOp &a, py::object b) {
             return py::hasattr(b, "operation") && b.attr("operation").cast<OpP>()->op == a.op;
           })
      .def("__hash__", [](PyOp &o) { return std::hash<void *>()(o.op); });
}

void tpu_mlir::python::bindOperations(py::module_ &m) {
  py::class_<PyOp, OpP> cls(m, "Operation", py::dynamic_attr());
  cls.def_static("create", &createOperation, py::arg("name"), py::arg("results") = py::none(),
                 py::arg("operands") = py::none(), py::arg("attributes") = py::none(),
                 py::arg("successors") = py::none(), py::arg("regions") = 0, py::arg("loc") = py::none(),
                 py::arg("ip") = py::none());
  bindAccessors(cls);
  bindActions(cls);
  m.def("_parse_module", &parseModule, py::arg("text"), py::arg("context"), py::arg("name"));
  m.def("_parse_module_file", &parseModuleFile);
  m.def("_new_module", [](py::object loc) {
    PyLoc location = resolveLocation(loc);
    location.ctx->get();
    return own(location.ctx, ModuleOp::create(location.loc));
  });
  m.def("_set_op_view_factory", [](py::object factory) { viewFactory = factory.release(); });
}
