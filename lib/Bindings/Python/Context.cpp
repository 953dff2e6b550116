// Contexts, locations, diagnostics and the life time of handles.
#include "Ir.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/Location.h"
#include "tpu_mlir/InitAll.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"

#include <thread>

using namespace mlir;
using namespace tpu_mlir::python;

static DialectRegistry &registry() {
  static DialectRegistry instance = [] {
    DialectRegistry dialects;
    tpu_mlir::registerAllDialects(dialects);
    tpu_mlir::registerAllPasses();
    return dialects;
  }();
  return instance;
}

Ctx::Ctx(bool threads)
    : context(registry(), threads ? MLIRContext::Threading::ENABLED : MLIRContext::Threading::DISABLED) {
  context.loadAllAvailableDialects();
}

MLIRContext *Ctx::get() {
  if (readers > 0)
    throw std::runtime_error("the context is in use by another thread; give each thread a context of its own");
  return shared();
}

MLIRContext *Ctx::shared() {
  if (busy)
    throw std::runtime_error("the context is in use by another thread; give each thread a context of its own");
  return &context;
}

PyOp::~PyOp() {
  auto it = ctx->live.find(op);
  if (it != ctx->live.end() && it->second.expired())
    ctx->live.erase(it);
  if (owned && valid)
    op->destroy();
}

Operation *PyOp::get() const {
  if (!valid)
    throw std::runtime_error("this handle is stale: its operation was erased, or a pass rewrote its module");
  ctx->get();
  return op;
}

Region *PyRegion::get() const {
  Operation *op = owner->get();
  if (index >= op->getNumRegions())
    throw std::runtime_error("this handle is stale: the region is gone");
  return &op->getRegion(index);
}

Block *PyBlock::get() const {
  for (Region &region : owner->get()->getRegions())
    for (Block &candidate : region)
      if (&candidate == block)
        return block;
  throw std::runtime_error("this handle is stale: the block was erased or moved");
}

Value PyValue::get() const {
  owner->get();
  if (epoch != owner->epoch)
    throw std::runtime_error("this handle is stale: the block argument may have been replaced");
  return value;
}

namespace tpu_mlir::python {
OpP wrap(const CtxP &ctx, Operation *op) {
  if (!op)
    return nullptr;
  if (auto it = ctx->live.find(op); it != ctx->live.end())
    if (OpP known = it->second.lock())
      return known;
  auto made = std::make_shared<PyOp>(ctx, op);
  made->parent = wrap(ctx, op->getParentOp());
  ctx->live[op] = made;
  return made;
}

OpP own(const CtxP &ctx, Operation *op) {
  OpP made = wrap(ctx, op);
  made->owned = true;
  return made;
}

void attached(const OpP &op) {
  op->owned = false;
  op->parent = wrap(op->ctx, op->op->getParentOp());
}

void invalidateBelow(const OpP &root) {
  std::vector<OpP> stale; // released after the loop, because ~PyOp edits the map
  for (auto &[op, handle] : root->ctx->live)
    if (OpP known = handle.lock(); known && known != root && known->valid && root->op->isProperAncestor(op))
      stale.push_back(known);
  for (OpP &handle : stale) {
    handle->valid = false;
    root->ctx->live.erase(handle->op);
  }
  ++root->epoch;
}

// The `with` statements of this thread.
static thread_local std::vector<CtxP> contexts;
static thread_local std::vector<PyLoc> locations;
static thread_local std::vector<PyInsertionPoint> insertionPoints;

static CtxP currentContext() {
  if (!contexts.empty())
    return contexts.back();
  if (!locations.empty())
    return locations.back().ctx;
  if (!insertionPoints.empty())
    return insertionPoints.back().block.owner->ctx;
  throw py::value_error("no context: use `with Context():` or pass context=");
}

CtxP resolveContext(const py::object &context) {
  CtxP found = context.is_none() ? currentContext() : context.cast<CtxP>();
  found->get();
  return found;
}

PyLoc resolveLocation(const py::object &location) {
  if (!location.is_none())
    return location.cast<PyLoc>();
  if (!locations.empty())
    return locations.back();
  CtxP ctx = currentContext();
  return {ctx, UnknownLoc::get(ctx->get())};
}

std::optional<PyInsertionPoint> resolveInsertionPoint(const py::object &ip) {
  if (py::isinstance<py::bool_>(ip) && !ip.cast<bool>())
    return std::nullopt;
  if (!ip.is_none())
    return ip.cast<PyInsertionPoint>();
  if (insertionPoints.empty())
    return std::nullopt;
  return insertionPoints.back();
}
} // namespace tpu_mlir::python

/// Python's strings are Unicode, but diagnostics quote names and lines of files, which may hold any bytes.
static std::string unicode(StringRef text) {
  std::string result;
  auto *at = reinterpret_cast<const llvm::UTF8 *>(text.begin()), *end = at + text.size();
  while (at < end) {
    const unsigned length = llvm::getNumBytesForUTF8(*at);
    if (length <= end - at && llvm::isLegalUTF8Sequence(at, at + length)) {
      result.append(at, at + length);
      at += length;
    } else {
      result += "\\x" + llvm::utohexstr(*at++, /*LowerCase=*/true, /*Width=*/2);
    }
  }
  return result;
}

static Message message(Diagnostic &diagnostic) {
  Message result{diagnostic.getSeverity(), unicode(diagnostic.str()), {}, {}, 0, 0, {}};
  if (!isa<UnknownLoc>(diagnostic.getLocation()))
    result.location = unicode(print(diagnostic.getLocation()));
  if (auto named = dyn_cast<NameLoc>(diagnostic.getLocation()))
    result.location = unicode(named.getName());
  diagnostic.getLocation()->walk([&](Location loc) {
    auto file = dyn_cast<FileLineColLoc>(loc);
    if (!file)
      return WalkResult::advance();
    result.file = unicode(file.getFilename());
    result.line = file.getLine();
    result.column = file.getColumn();
    return WalkResult::interrupt();
  });
  if (isa<FileLineColLoc>(diagnostic.getLocation()))
    result.location = result.file + ":" + std::to_string(result.line) + ":" + std::to_string(result.column);
  for (Diagnostic &note : diagnostic.getNotes())
    result.notes.push_back(unicode(note.str()));
  return result;
}

Collector::Collector(const CtxP &ctx)
    : ctx(ctx), handler(ctx->get(), [this](Diagnostic &diagnostic) {
        std::lock_guard<std::mutex> lock(mutex);
        messages.push_back(message(diagnostic));
        return success();
      }) {}

Collector::Collector(const CtxP &ctx, ThisThread)
    : ctx(ctx), handler(ctx->shared(), [this, thread = std::this_thread::get_id()](Diagnostic &diagnostic) {
        if (std::this_thread::get_id() != thread)
          return failure(); // for another collector
        std::lock_guard<std::mutex> lock(mutex);
        messages.push_back(message(diagnostic));
        return success();
      }) {}

void Collector::raise(const std::string &what) {
  std::string text = what;
  std::vector<Message> errors;
  for (Message &m : messages) {
    if (m.severity != DiagnosticSeverity::Error)
      continue;
    if (errors.empty() && !m.file.empty() && StringRef(what).ends_with(m.file))
      text.clear(); // the place names the file
    else
      text += errors.empty() ? ": " : "\n";
    if (!m.location.empty())
      text += m.location + ": ";
    text += m.text;
    for (const std::string &note : m.notes)
      text += "\n  note: " + note;
    errors.push_back(m);
  }
  DiagnosticError error(text);
  error.messages = std::move(errors);
  throw error;
}

void Collector::report() {
  if (ctx->handlers.empty())
    return;
  auto handlers = ctx->handlers; // a handler may detach itself
  for (const Message &m : messages)
    if (m.severity != DiagnosticSeverity::Error)
      for (py::object &handler : handlers)
        handler(py::cast(m));
}

static const char *severityName(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  return "error";
}

static void bindErrors(py::module_ &m) {
  py::class_<Message>(m, "Diagnostic", "One message of the compiler.")
      .def_property_readonly("severity", [](const Message &d) { return severityName(d.severity); })
      .def_readonly("message", &Message::text)
      .def_readonly("location", &Message::location)
      .def_readonly("filename", &Message::file)
      .def_readonly("line", &Message::line)
      .def_readonly("column", &Message::column)
      .def_readonly("notes", &Message::notes)
      .def("__str__", [](const Message &d) { return d.text; });
  // Lives as long as the process, as an extension module does.
  static py::handle errorClass =
      py::object(py::exception<DiagnosticError>(m, "MLIRError", PyExc_RuntimeError)).release();
  py::register_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer)
        std::rethrow_exception(pointer);
    } catch (const DiagnosticError &error) {
      py::object instance = py::reinterpret_borrow<py::object>(errorClass)(error.what());
      instance.attr("diagnostics") = py::cast(error.messages);
      PyErr_SetObject(errorClass.ptr(), instance.ptr());
    }
  });
}

static py::object locationChild(const PyLoc &l) {
  if (auto named = dyn_cast<NameLoc>(l.loc); named && !isa<UnknownLoc>(named.getChildLoc()))
    return py::cast(PyLoc{l.ctx, named.getChildLoc()});
  return py::none();
}

/// The name that a value is known by: that of a name location, or of the first name of a fused one.
static py::object locationName(const PyLoc &l) {
  if (auto named = dyn_cast<NameLoc>(l.loc))
    return py::str(named.getName().str());
  return py::none();
}

static void bindLocation(py::module_ &m) {
  py::class_<PyLoc>(m, "Location")
      .def_static(
          "unknown",
          [](py::object context) {
            CtxP ctx = resolveContext(context);
            return PyLoc{ctx, UnknownLoc::get(ctx->get())};
          },
          py::arg("context") = py::none())
      .def_static(
          "name",
          [](const std::string &name, std::optional<PyLoc> child, py::object context) {
            CtxP ctx = child ? child->ctx : resolveContext(context);
            auto attr = StringAttr::get(ctx->get(), name);
            return PyLoc{ctx, child ? NameLoc::get(attr, child->loc) : NameLoc::get(attr)};
          },
          py::arg("name"), py::arg("child_loc") = py::none(), py::arg("context") = py::none())
      .def_static(
          "fused",
          [](const std::vector<PyLoc> &parts, std::optional<PyAttr> metadata, py::object context) {
            CtxP ctx = parts.empty() ? resolveContext(context) : parts.front().ctx;
            SmallVector<Location> locs;
            for (const PyLoc &part : parts)
              locs.push_back(part.loc);
            return PyLoc{ctx, FusedLoc::get(ctx->get(), locs, metadata ? metadata->attr : Attribute())};
          },
          py::arg("locations"), py::arg("metadata") = py::none(), py::arg("context") = py::none())
      .def_static(
          "file",
          [](const std::string &file, unsigned line, unsigned column, py::object context) {
            CtxP ctx = resolveContext(context);
            return PyLoc{ctx, FileLineColLoc::get(ctx->get(), file, line, column)};
          },
          py::arg("filename"), py::arg("line"), py::arg("col"), py::arg("context") = py::none())
      .def_property_readonly_static("current", [](py::object) { return resolveLocation(py::none()); })
      .def_readonly("context", &PyLoc::ctx)
      .def_property_readonly("name_str", &locationName, "The name of a name location, else None.")
      .def_property_readonly("child_loc", &locationChild)
      .def_property_readonly("locations",
                             [](const PyLoc &l) {
                               std::vector<PyLoc> parts;
                               if (auto fused = dyn_cast<FusedLoc>(l.loc))
                                 for (Location part : fused.getLocations())
                                   parts.push_back({l.ctx, part});
                               return parts;
                             })
      .def_property_readonly("filename",
                             [](const PyLoc &l) -> py::object {
                               if (auto file = dyn_cast<FileLineColLoc>(l.loc))
                                 return py::str(file.getFilename().str());
                               return py::none();
                             })
      .def_property_readonly("line",
                             [](const PyLoc &l) -> py::object {
                               if (auto file = dyn_cast<FileLineColLoc>(l.loc))
                                 return py::int_(file.getLine());
                               return py::none();
                             })
      .def_property_readonly("column",
                             [](const PyLoc &l) -> py::object {
                               if (auto file = dyn_cast<FileLineColLoc>(l.loc))
                                 return py::int_(file.getColumn());
                               return py::none();
                             })
      .def("__enter__",
           [](py::object self) {
             locations.push_back(self.cast<PyLoc>());
             return self;
           })
      .def("__exit__", [](PyLoc &, py::args) { locations.pop_back(); })
      .def("__eq__", [](const PyLoc &a, const PyLoc &b) { return a.loc == b.loc; })
      .def("__eq__", [](const PyLoc &, py::object) { return false; })
      .def("__hash__", [](const PyLoc &l) { return static_cast<size_t>(hash_value(l.loc)); })
      .def("__str__", [](const PyLoc &l) { return print(l.loc); })
      .def("__repr__", [](const PyLoc &l) { return print(l.loc); });
}

void tpu_mlir::python::bindContext(py::module_ &m) {
  bindErrors(m);
  py::class_<Ctx, CtxP>(m, "Context",
                        "An MLIR context with both dialects loaded. threads=True lets passes use a thread pool.")
      .def(py::init([](bool threads) { return std::make_shared<Ctx>(threads); }), py::arg("threads") = false)
      .def_property_readonly_static("current", [](py::object) { return currentContext(); })
      .def_property(
          "allow_unregistered_dialects", [](Ctx &c) { return c.get()->allowsUnregisteredDialects(); },
          [](Ctx &c, bool allow) { c.get()->allowUnregisteredDialects(allow); })
      .def(
          "attach_diagnostic_handler",
          [](Ctx &c, py::function handler) {
            c.handlers.push_back(handler);
            return handler;
          },
          "Calls handler(diagnostic) for warnings and remarks after each long call; errors are raised.")
      .def("detach_diagnostic_handler",
           [](Ctx &c, py::object handler) { std::erase_if(c.handlers, [&](py::object &h) { return h.is(handler); }); })
      .def_property_readonly("dialects",
                             [](Ctx &c) {
                               std::vector<std::string> names;
                               for (StringRef name : c.get()->getAvailableDialects())
                                 names.push_back(name.str());
                               return names;
                             })
      .def("is_registered_operation",
           [](Ctx &c, const std::string &name) { return RegisteredOperationName::lookup(name, c.get()).has_value(); })
      .def("_live_operations", [](Ctx &c) { return c.live.size(); })
      .def("__enter__",
           [](py::object self) {
             contexts.push_back(self.cast<CtxP>());
             return self;
           })
      .def("__exit__", [](Ctx &, py::args) { contexts.pop_back(); });
  bindLocation(m);
  py::class_<PyInsertionPoint>(m, "InsertionPoint", "Where new operations go.")
      .def(py::init([](py::object where) {
             if (py::isinstance<PyBlock>(where))
               return PyInsertionPoint{where.cast<PyBlock>(), nullptr};
             OpP before = toOperation(where);
             if (!before->get()->getBlock())
               throw py::value_error("the operation is not in a block");
             return PyInsertionPoint{{before->parent, before->get()->getBlock()}, before};
           }),
           py::arg("before_operation_or_block"))
      .def_static("at_block_begin",
                  [](PyBlock block) {
                    Block *b = block.get();
                    return PyInsertionPoint{block, b->empty() ? nullptr : wrap(block.owner->ctx, &b->front())};
                  })
      .def_static("at_block_terminator",
                  [](PyBlock block) {
                    Block *b = block.get();
                    if (!b->mightHaveTerminator())
                      throw py::value_error("the block has no terminator");
                    return PyInsertionPoint{block, wrap(block.owner->ctx, b->getTerminator())};
                  })
      .def_static("after",
                  [](py::object object) {
                    OpP op = toOperation(object);
                    if (!op->get()->getBlock())
                      throw py::value_error("the operation is not in a block");
                    PyBlock block{op->parent, op->get()->getBlock()};
                    return PyInsertionPoint{block, wrap(op->ctx, op->get()->getNextNode())};
                  })
      .def_property_readonly_static("current",
                                    [](py::object) {
                                      if (insertionPoints.empty())
                                        throw py::value_error("no insertion point: use `with InsertionPoint(...)`");
                                      return insertionPoints.back();
                                    })
      .def_readonly("block", &PyInsertionPoint::block)
      .def_property_readonly("ref_operation", [](PyInsertionPoint &ip) { return ip.before; })
      .def("insert",
           [](PyInsertionPoint &ip, py::object object) {
             OpP op = toOperation(object);
             if (!op->owned)
               throw py::value_error("the operation is already in a block");
             Block *block = ip.block.get();
             if (op->get()->isAncestor(ip.block.owner->op))
               throw py::value_error("an operation cannot be inserted into itself");
             block->getOperations().insert(ip.before ? ip.before->get()->getIterator() : block->end(), op->get());
             attached(op);
           })
      .def("__enter__",
           [](py::object self) {
             insertionPoints.push_back(self.cast<PyInsertionPoint>());
             return self;
           })
      .def("__exit__", [](PyInsertionPoint &, py::args) { insertionPoints.pop_back(); });
}
