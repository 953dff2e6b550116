// Pass pipelines: parsed from their text, run without the GIL.
#include "Ir.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "tpu_mlir/Tools/Pipeline.h"

using namespace mlir;
using namespace tpu_mlir::python;

namespace {
struct PyPassManager {
  CtxP ctx;
  std::unique_ptr<PassManager> manager;
};
} // namespace

static PyPassManager parsePipeline(const std::string &text, py::object context) {
  CtxP ctx = resolveContext(context);
  std::string error;
  llvm::raw_string_ostream os(error);
  Collector collector(ctx);
  // The form with one argument keeps the outer anchor; the one that fills a manager would nest it once more.
  FailureOr<OpPassManager> pipeline = parsePassPipeline(text, os);
  if (failed(pipeline))
    throw py::value_error("bad pass pipeline '" + text + "': " + llvm::StringRef(error).rtrim().str());
  auto manager = std::make_unique<PassManager>(ctx->get(), pipeline->getOpAnchorName());
  static_cast<OpPassManager &>(*manager) = std::move(*pipeline);
  return {ctx, std::move(manager)};
}

static void run(PyPassManager &self, py::object module) {
  OpP root = toOperation(module);
  Operation *op = root->get();
  if (root->ctx != self.ctx)
    throw py::value_error("the pass manager and the operation belong to different contexts");
  StringRef anchor = self.manager->getOpAnchorName();
  if (anchor != OpPassManager::getAnyOpAnchorName() && anchor != op->getName().getStringRef())
    throw py::value_error("the pipeline is made for " + anchor.str() + ", not for " +
                          op->getName().getStringRef().str());
  invalidateBelow(root);
  Collector collector(self.ctx);
  LogicalResult result = withoutGil(self.ctx, [&] { return self.manager->run(op); });
  if (failed(result))
    collector.raise("the pass pipeline failed");
  collector.report();
}

static OpP load(const std::string &path, py::object context) {
  CtxP ctx = resolveContext(context);
  Collector collector(ctx);
  Operation *op = withoutGil(ctx, [&]() -> Operation * { return tpu_mlir::loadModule(ctx->context, path).release(); });
  if (!op)
    collector.raise("cannot load " + path);
  collector.report();
  return own(ctx, op);
}

static void runTextPipeline(py::object object, const std::string &pipeline, const std::string &output) {
  OpP root = toOperation(object);
  auto module = dyn_cast<ModuleOp>(root->get());
  if (!module)
    throw py::type_error("a module is needed");
  invalidateBelow(root);
  Collector collector(root->ctx);
  LogicalResult result = withoutGil(root->ctx, [&] { return tpu_mlir::runPipeline(module, pipeline, output); });
  if (failed(result))
    collector.raise("the pass pipeline failed");
  collector.report();
}

void tpu_mlir::python::bindPasses(py::module_ &m) {
  registerPassManagerCLOptions(); // runPipeline applies them; all have their defaults
  m.def("_load_module", &load);
  m.def("_run_pipeline", &runTextPipeline);
  py::class_<PyPassManager>(m, "PassManager")
      .def(py::init([](const std::string &anchor, py::object context) {
             CtxP ctx = resolveContext(context);
             return PyPassManager{ctx, std::make_unique<PassManager>(ctx->get(), anchor)};
           }),
           py::arg("anchor_op") = "builtin.module", py::arg("context") = py::none())
      .def_static("parse", &parsePipeline, py::arg("pipeline"), py::arg("context") = py::none(),
                  "A manager of a pipeline such as builtin.module(shape-infer,canonicalize).")
      .def(
          "add",
          [](PyPassManager &p, const std::string &pass) {
            std::string error;
            llvm::raw_string_ostream os(error);
            if (failed(parsePassPipeline(pass, *p.manager, os)))
              throw py::value_error("bad pass '" + pass + "': " + llvm::StringRef(error).rtrim().str());
          },
          py::arg("pipeline"))
      .def(
          "enable_verifier", [](PyPassManager &p, bool on) { p.manager->enableVerifier(on); }, py::arg("enable") = true)
      .def("enable_timing", [](PyPassManager &p) { p.manager->enableTiming(); })
      .def(
          "enable_ir_printing",
          [](PyPassManager &p, bool before, bool after, bool onlyOnChange) {
            if (p.ctx->get()->isMultithreadingEnabled())
              throw py::value_error("IR printing needs a context without threads");
            p.manager->enableIRPrinting([=](Pass *, Operation *) { return before; },
                                        [=](Pass *, Operation *) { return after; }, false, onlyOnChange);
          },
          py::arg("print_before_all") = false, py::arg("print_after_all") = true, py::arg("print_after_change") = false,
          "Prints to stderr.")
      .def("run", &run, py::arg("operation"), "Rewrites the operation in place; handles of operations below go stale.")
      .def("__str__", [](PyPassManager &p) {
        std::string text;
        llvm::raw_string_ostream os(text);
        p.manager->printAsTextualPipeline(os);
        return text;
      });
  m.def("is_registered_pass", [](const std::string &name) { return PassInfo::lookup(name) != nullptr; });
}
