// Wrappers of MLIR objects for Python: what keeps what alive, and which handles are still valid. Every wrapper holds
// its context; an operation has one wrapper, found through Ctx::live. Used by all files of this room; see
// docs/python.md.
#pragma once
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Operation.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <mutex>
#include <unordered_map>

namespace tpu_mlir::python {
namespace py = pybind11;

struct PyOp;
using OpP = std::shared_ptr<PyOp>;

/// One per MLIRContext; the last wrapper that holds it destroys it.
struct Ctx : std::enable_shared_from_this<Ctx> {
  mlir::MLIRContext context;
  std::unordered_map<mlir::Operation *, std::weak_ptr<PyOp>> live; // guarded by the GIL
  bool busy = false;                // a call without the GIL is under way; guarded by the GIL
  int readers = 0;                  // such calls that only read and may run at once; guarded by the GIL
  std::vector<py::object> handlers; // of diagnostics that are not errors

  explicit Ctx(bool threads);
  /// The context for use; raises while a long call of another thread works in it.
  mlir::MLIRContext *get();
  /// The same for a call that only reads: others of that kind may be under way.
  mlir::MLIRContext *shared();
};
using CtxP = std::shared_ptr<Ctx>;

/// A detached operation is owned by its wrapper; an attached one keeps its chain of parents alive.
struct PyOp : std::enable_shared_from_this<PyOp> {
  CtxP ctx;
  mlir::Operation *op;
  OpP parent;
  bool owned = false, valid = true;
  unsigned epoch = 0; // counts the changes that may have replaced its blocks' arguments

  PyOp(CtxP ctx, mlir::Operation *op) : ctx(std::move(ctx)), op(op) {}
  ~PyOp();
  /// The operation; raises when the handle is stale.
  mlir::Operation *get() const;
};

struct PyType {
  CtxP ctx;
  mlir::Type type;
};
struct PyAttr {
  CtxP ctx;
  mlir::Attribute attr;
};
struct PyLoc {
  CtxP ctx;
  mlir::Location loc;
};
struct PyRegion {
  OpP owner;
  unsigned index;
  mlir::Region *get() const;
};
struct PyBlock {
  OpP owner; // the operation whose region holds the block
  mlir::Block *block;
  mlir::Block *get() const;
};
struct PyValue {
  OpP owner; // the defining operation, or the parent operation of a block argument
  mlir::Value value;
  unsigned epoch;
  mlir::Value get() const;
};
struct PyOpResult : PyValue {};
struct PyBlockArgument : PyValue {};
/// Where new operations go: before `before`, or at the end of the block.
struct PyInsertionPoint {
  PyBlock block;
  OpP before;
};

OpP wrap(const CtxP &ctx, mlir::Operation *op);
/// The wrapper of a detached operation, which it owns.
OpP own(const CtxP &ctx, mlir::Operation *op);
/// Everything below `root` may be rewritten or destroyed: its Python handles become invalid.
void invalidateBelow(const OpP &root);
void attached(const OpP &op);

py::object toPython(const CtxP &ctx, mlir::Value value);
py::object toPython(const CtxP &ctx, mlir::Type type);
py::object toPython(const CtxP &ctx, mlir::Attribute attr);
/// The Python class chosen for the operation (a generated class, or OpView).
py::object opView(const OpP &op);

/// A value, or the only result of an operation.
PyValue toValue(py::handle object);
/// An operation from an Operation, an OpView or a Module.
OpP toOperation(py::handle object);
/// An attribute from an Attribute, a Type or a plain Python or NumPy value.
mlir::Attribute toAttribute(const CtxP &ctx, py::handle object);
/// A plain Python value for the simple attributes; an Attribute for the others.
py::object attributeValue(const CtxP &ctx, mlir::Attribute attr);

/// The given context or location, or the innermost one of the `with` statements.
CtxP resolveContext(const py::object &context);
PyLoc resolveLocation(const py::object &location);
/// None where `ip` is None and no `with InsertionPoint` is open; False means detached.
std::optional<PyInsertionPoint> resolveInsertionPoint(const py::object &ip);

/// One reported diagnostic.
struct Message {
  mlir::DiagnosticSeverity severity;
  std::string text, location, file;
  unsigned line = 0, column = 0;
  std::vector<std::string> notes;
};
struct DiagnosticError : std::runtime_error {
  using std::runtime_error::runtime_error;
  std::vector<Message> messages;
};

/// Collects diagnostics without touching Python: handlers may run without the GIL and on pool threads.
class Collector {
public:
  explicit Collector(const CtxP &ctx);
  /// Only what the calling thread reports; other threads may have collectors of their own.
  struct ThisThread {};
  Collector(const CtxP &ctx, ThisThread);
  /// Raises MLIRError made of `what` and the collected errors.
  [[noreturn]] void raise(const std::string &what);
  /// Hands warnings and remarks to the context's handlers.
  void report();

private:
  CtxP ctx;
  std::mutex mutex;
  std::vector<Message> messages;
  mlir::ScopedDiagnosticHandler handler;
};

/// Runs `body` without the GIL; meanwhile the context answers no other thread.
template <typename F> auto withoutGil(const CtxP &ctx, F &&body) {
  ctx->get();
  struct Busy {
    Ctx &ctx;
    explicit Busy(Ctx &ctx) : ctx(ctx) { ctx.busy = true; }
    ~Busy() { ctx.busy = false; }
  } busy(*ctx);
  py::gil_scoped_release release;
  return body();
}

/// The same for a body that only reads the context's IR: several threads may be in one at once.
template <typename F> auto besideOthers(const CtxP &ctx, F &&body) {
  ctx->shared();
  struct Reader {
    Ctx &ctx;
    explicit Reader(Ctx &ctx) : ctx(ctx) { ++ctx.readers; }
    ~Reader() { --ctx.readers; }
  } reader(*ctx);
  py::gil_scoped_release release;
  return body();
}

template <typename T> std::string print(T &&object) {
  std::string text;
  llvm::raw_string_ostream os(text);
  object.print(os);
  return text;
}

void bindContext(py::module_ &m);
void bindTypes(py::module_ &m);
void bindAttributes(py::module_ &m);
void bindOperations(py::module_ &m);
void bindStructure(py::module_ &m);
void bindPasses(py::module_ &m);
void bindTensors(py::module_ &m);
void bindEvaluation(py::module_ &m);
void bindSimulator(py::module_ &m);
void bindPlan(py::module_ &m);
} // namespace tpu_mlir::python
