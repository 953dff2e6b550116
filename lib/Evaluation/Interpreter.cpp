// The module interpreter: walks functions, groups, branches and loops in order, keeps a value until its last use.
#include "InterpreterImpl.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using evaluation::listed;
using evaluation::Plan;
using evaluation::Values;

// Whether the interpreter itself knows what the op does.
static bool isStructural(Operation *op) {
  return isa<top::NoneOp, top::WeightOp, top::InputOp, tpu::GroupOp, tpu::YieldOp, func::ReturnOp, func::CallOp,
             top::IfOp, top::LoopOp, top::YieldOp, top::CustomOp>(op);
}

std::string evaluation::listed(ArrayRef<int64_t> shape) {
  std::string out = "[";
  llvm::raw_string_ostream os(out);
  llvm::interleaveComma(shape, os);
  return out + "]";
}

static LogicalResult checkResult(Value value, const Tensor &tensor) {
  if (ArrayRef(tensor.shape()) == top::shapeOf(value) && tensor.type() == top::elementTypeOf(value.getType()))
    return success();
  return value.getDefiningOp()->emitOpError("internal error: evaluation gave a ")
         << listed(tensor.shape()) << " of " << tpu_mlir::name(tensor.type());
}

// A value as the caller wants to see it.
static Tensor shown(const InvokeOptions &options, Value value, const Tensor &tensor) {
  return options.realValues && top::isQuantized(value) ? evaluation::realValues(tensor, value.getType()) : tensor;
}

// Groups, their transfers and calls pass on values that were observed where they were made.
static void observe(const InvokeOptions &options, Value value, const Tensor &tensor) {
  const bool passesOn = isa<tpu::GroupOp, tpu::LoadOp, tpu::StoreOp, func::CallOp>(value.getDefiningOp());
  if (options.observer && !passesOn && !top::nameOf(value).empty())
    options.observer(top::nameOf(value), shown(options, value, tensor));
}

LogicalResult ModuleInterpreter::Impl::findMain(ModuleOp outer) {
  main = outer.lookupSymbol<func::FuncOp>("main");
  module = outer;
  if (main)
    return success();
  // After subnet division the functions live in a nested module, one per device.
  SmallVector<ModuleOp> nested(outer.getOps<ModuleOp>());
  if (nested.size() != 1)
    return outer.emitError() << "has no function 'main' and " << nested.size()
                             << " nested modules; a module for one device is needed";
  module = nested.front();
  main = module.lookupSymbol<func::FuncOp>("main");
  return main ? success() : LogicalResult(outer.emitError("has no function 'main'"));
}

// Whether tensors can hold the value.
static bool isTensor(Value value) {
  return top::isNone(value) || (top::hasStaticShape(value) && top::elementTypeOf(value.getType()) != ElementType::None);
}

LogicalResult ModuleInterpreter::Impl::prepareOp(Operation *op) {
  const bool arguments =
      llvm::all_of(op->getRegions(), [](Region &region) { return llvm::all_of(region.getArguments(), isTensor); });
  if (!arguments || !llvm::all_of(op->getResults(), isTensor))
    return op->emitOpError("has a result without a static shape or of a type that cannot be evaluated; run "
                           "--shape-infer first");
  if (auto weight = dyn_cast<top::WeightOp>(op)) {
    FailureOr<Tensor> value = top::readWeight(weight);
    if (failed(value))
      return failure();
    weights[weight.getOutput()] = *value;
    return success();
  }
  if (auto none = dyn_cast<top::NoneOp>(op))
    weights[none.getNone()] = Tensor();
  if (!isStructural(op) && !isa<InferenceInterface>(op))
    return op->emitOpError("cannot be evaluated on the host");
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
    if (!callee || callee.isExternal() || callee == main)
      return op->emitOpError("calls a function that is not there or cannot be evaluated");
  }
  return success();
}

LogicalResult ModuleInterpreter::Impl::prepare(func::FuncOp function) {
  if (function.isExternal() || !function.getBody().hasOneBlock())
    return function.emitOpError("needs a body of one block");
  WalkResult walk = function.walk([&](Operation *op) {
    return op == function || succeeded(prepareOp(op)) ? WalkResult::advance() : WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult ModuleInterpreter::Impl::collectPorts() {
  const auto portOf = [](Value value) {
    ArrayRef<int64_t> shape = top::shapeOf(value);
    return NetworkPort{top::nameOf(value).str(), top::elementTypeOf(value.getType()), {shape.begin(), shape.end()}};
  };
  llvm::StringMap<bool> names;
  for (auto input : main.getOps<top::InputOp>()) {
    inputs.push_back(portOf(input.getOutput()));
    if (!names.try_emplace(inputs.back().name, true).second)
      return input.emitOpError("has a name that another input has too");
  }
  for (Operation &op : main.getBody().front())
    for (Value value : op.getResults())
      if (!top::nameOf(value).empty() && !isa<top::WeightOp, top::NoneOp>(op))
        named.try_emplace(top::nameOf(value), value);
  for (auto weight : main.getOps<top::WeightOp>())
    named.try_emplace(top::nameOf(weight.getOutput()), weight.getOutput());
  // A call has no name of its own: its results are named where they are made.
  for (Value value : main.getBody().front().getTerminator()->getOperands()) {
    while (auto call = value.getDefiningOp<func::CallOp>()) {
      auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
      value = callee.getBody().front().getTerminator()->getOperand(cast<OpResult>(value).getResultNumber());
    }
    outputs.push_back(portOf(value));
  }
  return success();
}

FailureOr<Tensor> ModuleInterpreter::Impl::takeInput(top::InputOp op, const llvm::StringMap<Tensor> &given) const {
  const StringRef name = top::nameOf(op.getOutput());
  auto found = given.find(name);
  if (found == given.end())
    return op.emitOpError() << "needs a value for the input '" << name << "', none was given";
  return fitting(op.getOutput(), found->second);
}

// The tensor as a value of the module: of its shape, converted to its type where that is a float or quantized type.
FailureOr<Tensor> ModuleInterpreter::Impl::fitting(Value value, const Tensor &tensor) const {
  Operation *op = value.getDefiningOp();
  const StringRef name = top::nameOf(value);
  const StringRef what = isa<top::InputOp>(op) ? "input" : "value";
  ArrayRef<int64_t> shape = top::shapeOf(value);
  if (ArrayRef(tensor.shape()) != shape)
    return op->emitOpError() << "needs an " << what << " '" << name << "' of shape " << listed(shape) << ", got "
                             << listed(tensor.shape());
  const ElementType type = top::elementTypeOf(value.getType());
  if (tensor.type() == type)
    return tensor;
  // Real values for a quantized one: inputs are rounded as the cast that they replace, others are exact but for noise.
  if (const std::optional<top::Quantization> quantization = top::quantizationOf(value);
      quantization && evaluation::isByteType(type) && evaluation::isFloatType(tensor.type()))
    return evaluation::quantized(evaluation::toFloat(tensor), *quantization,
                                 isa<top::InputOp>(op) ? kernels::RoundMode::HalfAway : kernels::RoundMode::HalfEven);
  if (!evaluation::isFloatType(type))
    return op->emitOpError() << "needs an " << what << " '" << name << "' of type " << tpu_mlir::name(type) << ", got "
                             << tpu_mlir::name(tensor.type());
  return evaluation::fromFloat(evaluation::toFloat(tensor), type);
}

FailureOr<Value> ModuleInterpreter::Impl::find(StringRef name) const {
  auto found = named.find(name);
  if (found == named.end())
    return emitError(main.getLoc()) << "the module computes no value named '" << name << "'";
  return found->second;
}

FailureOr<Plan> ModuleInterpreter::Impl::plan(const InvokeOptions &options) const {
  Plan plan;
  for (const auto &entry : options.given) {
    FailureOr<Value> value = find(entry.getKey());
    if (failed(value))
      return failure();
    FailureOr<Tensor> tensor = fitting(*value, entry.getValue());
    if (failed(tensor))
      return failure();
    plan.given[*value] = *tensor;
  }
  for (const std::string &name : options.wanted) {
    FailureOr<Value> value = find(name);
    if (failed(value))
      return failure();
    plan.wanted.push_back(*value);
  }
  Operation *end = main.getBody().front().getTerminator();
  if (plan.wanted.empty())
    llvm::append_range(plan.wanted, end->getOperands());
  SmallVector<Value> pending(plan.wanted);
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || plan.given.contains(value) || weights.contains(value) || !plan.run.insert(op).second)
      continue;
    llvm::append_range(pending, op->getOperands());
    op->walk([&](Operation *inner) { // what its regions read from outside
      if (inner != op)
        llvm::append_range(pending, inner->getOperands());
    });
  }
  return plan;
}

FailureOr<std::vector<NamedTensor>> ModuleInterpreter::Impl::runPartially(const llvm::StringMap<Tensor> &arrays,
                                                                          const InvokeOptions &options) const {
  FailureOr<Plan> made = plan(options);
  if (failed(made))
    return failure();
  Values values(&*made);
  DenseMap<Value, Tensor> kept(made->given.begin(), made->given.end());
  for (auto &[value, tensor] : made->given)
    values.define(value, tensor);
  const DenseSet<Value> wanted(made->wanted.begin(), made->wanted.end());
  for (Operation &op : main.getBody().front()) {
    if (!made->isRun(&op) || op.hasTrait<OpTrait::IsTerminator>())
      continue;
    SmallVector<Tensor> results;
    if (failed(runOp(op, values, &arrays, options, results)))
      return failure();
    for (Value value : op.getOperands())
      values.use(value);
    for (auto [value, tensor] : llvm::zip(op.getResults(), results)) {
      if (made->given.contains(value))
        continue;
      if (failed(checkResult(value, tensor)))
        return failure();
      observe(options, value, tensor);
      if (wanted.contains(value))
        kept[value] = tensor;
      values.define(value, std::move(tensor));
    }
  }
  std::vector<NamedTensor> found;
  for (auto [i, value] : llvm::enumerate(made->wanted)) {
    auto computed = kept.find(value);
    const Tensor &tensor = computed != kept.end() ? computed->second : weights.find(value)->second;
    found.push_back({options.wanted.empty() ? outputs[i].name : options.wanted[i], shown(options, value, tensor)});
  }
  return found;
}

LogicalResult ModuleInterpreter::Impl::runOp(Operation &op, Values &values, const llvm::StringMap<Tensor> *inputs,
                                             const InvokeOptions &options, SmallVectorImpl<Tensor> &results) const {
  SmallVector<Tensor> operands;
  for (Value value : op.getOperands())
    operands.push_back(isa<top::InputOp>(op) ? Tensor() : operand(value, values));
  if (auto input = dyn_cast<top::InputOp>(op)) {
    if (!inputs)
      return op.emitOpError("is only possible in the main function");
    FailureOr<Tensor> value = takeInput(input, *inputs);
    if (failed(value))
      return failure();
    results.push_back(*value);
    return success();
  }
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto made = runFunction(module.lookupSymbol<func::FuncOp>(call.getCallee()), operands, nullptr, options);
    if (failed(made))
      return failure();
    results.append(made->begin(), made->end());
    return success();
  }
  if (auto group = dyn_cast<tpu::GroupOp>(op)) {
    auto made = runBlock(group.getBody().front(), values, nullptr, options);
    if (failed(made))
      return failure();
    results.append(made->begin(), made->end());
    return success();
  }
  if (isa<top::IfOp, top::LoopOp>(op)) {
    auto branch = dyn_cast<top::IfOp>(op);
    auto made = branch ? runIf(branch, values, operands.front(), options)
                       : runLoop(cast<top::LoopOp>(op), values, operands, options);
    if (failed(made))
      return failure();
    results.append(made->begin(), made->end());
    evaluation::useCaptured(op, values);
    return success();
  }
  if (auto custom = dyn_cast<top::CustomOp>(op)) {
    if (!options.custom)
      return custom.emitOpError() << "needs a function for '" << custom.getName() << "'; register one to evaluate it";
    if (failed(options.custom(custom, operands, results)))
      return failure();
    return evaluation::checkCustom(custom, results);
  }
  if (failed(cast<InferenceInterface>(op).evaluate(operands, results)))
    return failure();
  if (results.size() != op.getNumResults())
    return op.emitOpError("internal error: evaluation gave another number of results");
  return success();
}

FailureOr<SmallVector<Tensor>> ModuleInterpreter::Impl::runBlock(Block &block, Values &values,
                                                                 const llvm::StringMap<Tensor> *inputs,
                                                                 const InvokeOptions &options) const {
  for (Operation &op : block) {
    if (isa<top::WeightOp, top::NoneOp>(op))
      continue;
    if (op.hasTrait<OpTrait::IsTerminator>()) {
      SmallVector<Tensor> returned;
      for (Value value : op.getOperands())
        returned.push_back(operand(value, values));
      for (Value value : op.getOperands())
        values.use(value);
      return returned;
    }
    SmallVector<Tensor> results;
    if (failed(runOp(op, values, inputs, options, results)))
      return failure();
    for (Value value : op.getOperands())
      values.use(value);
    for (auto [value, tensor] : llvm::zip(op.getResults(), results)) {
      if (failed(checkResult(value, tensor)))
        return failure();
      observe(options, value, tensor);
      values.define(value, std::move(tensor));
    }
  }
  return block.getParentOp()->emitOpError("has no terminator");
}

FailureOr<SmallVector<Tensor>> ModuleInterpreter::Impl::runFunction(func::FuncOp function, ArrayRef<Tensor> arguments,
                                                                    const llvm::StringMap<Tensor> *inputs,
                                                                    const InvokeOptions &options) const {
  Values values;
  for (auto [argument, tensor] : llvm::zip(function.getArguments(), arguments))
    values.define(argument, tensor);
  return runBlock(function.getBody().front(), values, inputs, options);
}

ModuleInterpreter::ModuleInterpreter(std::unique_ptr<Impl> impl) : impl(std::move(impl)) {}
ModuleInterpreter::~ModuleInterpreter() = default;
ArrayRef<NetworkPort> ModuleInterpreter::inputs() const { return impl->inputs; }
ArrayRef<NetworkPort> ModuleInterpreter::outputs() const { return impl->outputs; }

FailureOr<std::unique_ptr<ModuleInterpreter>> ModuleInterpreter::create(ModuleOp module) {
  auto impl = std::make_unique<Impl>();
  if (failed(impl->findMain(module)))
    return failure();
  for (auto function : impl->module.getOps<func::FuncOp>())
    if (failed(impl->prepare(function)))
      return failure();
  if (failed(impl->collectPorts()))
    return failure();
  return std::unique_ptr<ModuleInterpreter>(new ModuleInterpreter(std::move(impl)));
}

FailureOr<std::vector<NamedTensor>> ModuleInterpreter::invoke(const llvm::StringMap<Tensor> &inputs,
                                                              const InvokeOptions &options) const {
  for (const auto &entry : inputs)
    if (llvm::none_of(impl->inputs, [&](const NetworkPort &port) { return port.name == entry.getKey(); })) {
      InFlightDiagnostic diagnostic = emitError(impl->main.getLoc())
                                      << "the module has no input named '" << entry.getKey() << "'; it has ";
      llvm::interleaveComma(impl->inputs, diagnostic, [&](const NetworkPort &port) { diagnostic << port.name; });
      return diagnostic;
    }
  if (!options.given.empty() || !options.wanted.empty())
    return impl->runPartially(inputs, options);
  SmallVector<Tensor> arguments(impl->main.getNumArguments());
  auto results = impl->runFunction(impl->main, arguments, &inputs, options);
  if (failed(results))
    return failure();
  std::vector<NamedTensor> outputs;
  for (auto [port, tensor, value] :
       llvm::zip(impl->outputs, *results, impl->main.getBody().front().getTerminator()->getOperands()))
    outputs.push_back({port.name, shown(options, value, tensor)});
  return outputs;
}

FailureOr<std::vector<NamedTensor>> ModuleInterpreter::invokeAll(const llvm::StringMap<Tensor> &inputs) const {
  std::vector<NamedTensor> all;
  InvokeOptions options;
  options.observer = [&](StringRef name, const Tensor &value) { all.push_back({name.str(), value}); };
  if (failed(invoke(inputs, options)))
    return failure();
  return all;
}
