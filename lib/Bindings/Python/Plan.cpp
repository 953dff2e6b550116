// Plans of one network: searched, priced by estimates, and measured by writing their instructions. Plans are JSON text.
#include "Ir.h"
#include "Tensors.h"

#include "tpu_mlir/Codegen/PlanSource.h"
#include "tpu_mlir/Support/BuildId.h"
#include "tpu_mlir/Target/BM1684X/CycleModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::python;
using namespace tpu_mlir::codegen;

namespace {

/// The networks of one module, one for each thread that works at once: emission notes places in the ops.
class PlanBench {
public:
  explicit PlanBench(py::object object);

  /// Calls `body` without the GIL on a network of its own. Raises what was diagnosed where there is no network,
  /// ValueError for an error of `body`.
  void with(llvm::function_ref<llvm::Error(const Network &)> body);

private:
  std::unique_ptr<Network> take();
  void giveBack(std::unique_ptr<Network> network);

  OpP module;
  unsigned epoch;
  func::FuncOp function;
  std::mutex mutex;
  std::vector<std::unique_ptr<Network>> idle; // guarded by mutex
};

/// The function that is compiled: the one with an id.
func::FuncOp computeFunction(Operation *module) {
  func::FuncOp found;
  module->walk([&](func::FuncOp function) {
    if (!found && function->hasAttr("id") && !function.getBody().empty())
      found = function;
  });
  return found;
}

PlanBench::PlanBench(py::object object) : module(toOperation(object)), epoch(module->epoch) {
  function = computeFunction(module->get());
  if (!function)
    throw py::value_error("the module has no function made by subnet-divide");
  with([](const Network &) { return llvm::Error::success(); });
}

std::unique_ptr<Network> PlanBench::take() {
  {
    std::lock_guard lock(mutex);
    if (!idle.empty()) {
      std::unique_ptr<Network> network = std::move(idle.back());
      idle.pop_back();
      return network;
    }
  }
  FailureOr<Network> network = buildNetwork(function);
  return succeeded(network) ? std::make_unique<Network>(std::move(*network)) : nullptr;
}

void PlanBench::giveBack(std::unique_ptr<Network> network) {
  std::lock_guard lock(mutex);
  idle.push_back(std::move(network));
}

void PlanBench::with(llvm::function_ref<llvm::Error(const Network &)> body) {
  if (!module->valid || epoch != module->epoch)
    throw std::runtime_error("the module was changed after its plans were opened");
  Collector collector(module->ctx, Collector::ThisThread{});
  bool built = false;
  std::string failure;
  besideOthers(module->ctx, [&] {
    std::unique_ptr<Network> network = take();
    built = network != nullptr;
    if (!built)
      return;
    failure = llvm::toString(body(*network));
    giveBack(std::move(network));
  });
  if (!built)
    collector.raise("the network cannot be planned");
  collector.report();
  if (!failure.empty())
    throw py::value_error(failure);
}

PlanOptions optionsOf(int level, int64_t budget, bool overlap) {
  PlanOptions options;
  options.level = level;
  if (budget > 0)
    options.budget = budget;
  options.overlapGroups = overlap;
  return options;
}

llvm::Expected<NetworkPlan> parse(const Network &network, const std::string &text) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  return value ? planFromJson(network, *value) : value.takeError();
}

std::string textOf(const llvm::json::Value &value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

std::string search(PlanBench &bench, int level, int64_t budget, bool overlap) {
  std::string text;
  bench.with([&](const Network &network) -> llvm::Error {
    llvm::Expected<NetworkPlan> plan = planNetwork(network, optionsOf(level, budget, overlap));
    if (!plan)
      return plan.takeError();
    text = textOf(toJson(network, *plan));
    return llvm::Error::success();
  });
  return text;
}

int64_t estimate(PlanBench &bench, const std::string &text, int64_t budget, bool overlap) {
  int64_t result = 0;
  bench.with([&](const Network &network) -> llvm::Error {
    llvm::Expected<NetworkPlan> plan = parse(network, text);
    if (!plan)
      return plan.takeError();
    llvm::Expected<int64_t> cycles = estimateCycles(network, *plan, optionsOf(2, budget, overlap));
    if (!cycles)
      return cycles.takeError();
    result = *cycles;
    return llvm::Error::success();
  });
  return result;
}

/// Gives every moment of a program to the op that the TIU works on then, or else GDMA.
std::map<std::string, int64_t> sharesOf(const bm1684x::Program &program, const bm1684x::Schedule &played) {
  struct Event {
    uint64_t time;
    size_t instruction;
    bool begins;
  };
  std::vector<Event> events;
  for (auto [i, interval] : llvm::enumerate(played.intervals)) {
    events.push_back({interval.start, i, true});
    events.push_back({interval.end, i, false});
  }
  llvm::stable_sort(events, [](const Event &a, const Event &b) { return a.time < b.time; });
  std::optional<size_t> running[2]; // by engine
  std::map<std::string, int64_t> shares;
  uint64_t before = 0;
  for (const Event &event : events) {
    std::optional<size_t> owner = running[0] ? running[0] : running[1];
    if (owner && event.time > before)
      shares[program.contexts[program.contextOf[*owner]]] += static_cast<int64_t>(event.time - before);
    before = event.time;
    std::optional<size_t> &engine = running[static_cast<int>(program.instructions[event.instruction].engine())];
    if (event.begins)
      engine = event.instruction;
    else if (engine == event.instruction)
      engine.reset();
  }
  return shares;
}

py::dict measure(PlanBench &bench, const std::string &text, int64_t budget, bool overlap, bool avoidQuirks,
                 bool withShares, bool reorder) {
  bm1684x::Schedule played;
  std::map<std::string, int64_t> shares;
  bench.with([&](const Network &network) -> llvm::Error {
    llvm::Expected<NetworkPlan> plan = parse(network, text);
    if (!plan)
      return plan.takeError();
    bm1684x::AssemblerOptions instructions;
    instructions.avoidPriceQuirks = avoidQuirks;
    instructions.reorder = reorder;
    llvm::Expected<PlayedPlan> written = playPlan(network, *plan, optionsOf(2, budget, overlap), instructions);
    if (!written)
      return written.takeError();
    played = std::move(written->schedule);
    if (withShares)
      shares = sharesOf(written->program, played);
    return llvm::Error::success();
  });
  py::dict result;
  result["cycles"] = played.totalCycles;
  result["tiu_cycles"] = played.busyCycles[static_cast<int>(bm1684x::Engine::TIU)];
  result["gdma_cycles"] = played.busyCycles[static_cast<int>(bm1684x::Engine::GDMA)];
  result["bytes_read"] = played.bytesRead;
  result["bytes_written"] = played.bytesWritten;
  if (withShares)
    result["shares"] = shares;
  return result;
}

std::string digest(PlanBench &bench) {
  std::string text;
  bench.with([&](const Network &network) {
    text = networkDigest(network);
    return llvm::Error::success();
  });
  return text;
}

std::string key(PlanBench &bench, int level, int64_t budget, bool overlap) {
  std::string text;
  bench.with([&](const Network &network) {
    text = planKey(network, optionsOf(level, budget, overlap));
    return llvm::Error::success();
  });
  return text;
}

/// What a search over plans wants to know of an op; plain data, so that it can be filled without the GIL.
struct NodeFacts {
  std::string name;
  std::vector<int> producers;
  std::array<int64_t, 4> shape{1, 1, 1, 1};
  bool isMember = false;
};

std::vector<NodeFacts> nodes(PlanBench &bench) {
  std::vector<NodeFacts> all;
  bench.with([&](const Network &network) {
    for (const NetworkNode &node : network.nodes) {
      NodeFacts &facts = all.emplace_back();
      facts.name = node.name;
      facts.isMember = node.member || node.kind == NodeKind::Assembled;
      if (node.result >= 0)
        facts.shape = viewShape(network.values[node.result].value.getType(), ViewKind::Spatial);
      for (int value : node.operands)
        if (value >= 0 && network.values[value].producer >= 0)
          facts.producers.push_back(network.values[value].producer);
    }
    return llvm::Error::success();
  });
  return all;
}

} // namespace

void tpu_mlir::python::bindPlan(py::module_ &m) {
  m.def("build_id", &buildId, "Digest of this build of the compiler; empty where the linker left none.");
  py::class_<NodeFacts>(m, "PlanNode", "An op as plans see it; they list all ops by name, in this order.")
      .def_readonly("name", &NodeFacts::name)
      .def_readonly("producers", &NodeFacts::producers, "Positions of the ops that compute its operands.")
      .def_readonly("shape", &NodeFacts::shape, "[n, c, h, w] of its result.")
      .def_readonly("is_member", &NodeFacts::isMember, "Whether it can be in a sliced group.");
  py::class_<PlanBench>(m, "PlanBench",
                        "Plans of the network in a module of state TPU_DIVIDED, or TPU_ADDRESSED for measuring. The "
                        "module must not change meanwhile. Several threads may call at once.")
      .def(py::init<py::object>(), py::arg("module"))
      .def_property_readonly("digest", &digest, "Digest of the network: ops, types, connections.")
      .def("key", &key, py::arg("level") = 2, py::arg("budget") = 0, py::arg("overlap") = true,
           "Digest of a search: network, options and build of the compiler.")
      .def_property_readonly("nodes", &nodes)
      .def("search", &search, py::arg("level") = 2, py::arg("budget") = 0, py::arg("overlap") = true,
           "The plan that the compiler chooses at a level, as JSON text.")
      .def("estimate", &estimate, py::arg("plan"), py::arg("budget") = 0, py::arg("overlap") = true,
           "Estimated cycles; ValueError where the plan does not fit.")
      .def("measure", &measure, py::arg("plan"), py::arg("budget") = 0, py::arg("overlap") = true,
           py::arg("avoid_price_quirks") = false, py::arg("shares") = false, py::arg("reorder") = true,
           "Writes the instructions and plays them: cycles, tiu_cycles, gdma_cycles, bytes_read, bytes_written; "
           "shares: cycles by op that are spent on it.");
}
