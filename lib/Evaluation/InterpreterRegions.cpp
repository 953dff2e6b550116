// What the module interpreter does with branches, loops and ops of the user's own.
#include "InterpreterImpl.h"
#include "tpu_mlir/Dialect/Top/IR/Control.h"

#include <cmath>
#include <cstring>

using namespace mlir;
using namespace tpu_mlir;
using evaluation::listed;
using evaluation::Values;

void evaluation::useCaptured(Operation &op, Values &values) {
  op.walk([&](Operation *inner) {
    if (inner == &op)
      return;
    for (Value value : inner->getOperands())
      if (!op.isAncestor(value.getParentBlock()->getParentOp()))
        values.use(value);
  });
}

LogicalResult evaluation::checkCustom(top::CustomOp op, SmallVectorImpl<Tensor> &results) {
  if (results.size() != op.getNumResults())
    return op.emitOpError() << "'" << op.getName() << "' gave " << results.size() << " results where "
                            << op.getNumResults() << " are needed";
  for (auto [tensor, value] : llvm::zip(results, op.getResults())) {
    const ElementType type = top::elementTypeOf(value.getType());
    if (ArrayRef(tensor.shape()) != top::shapeOf(value))
      return op.emitOpError() << "'" << op.getName() << "' gave a result of shape " << listed(tensor.shape())
                              << " where " << listed(top::shapeOf(value)) << " is needed";
    if (tensor.type() == type)
      continue;
    if (!evaluation::isFloatType(type))
      return op.emitOpError() << "'" << op.getName() << "' gave a result of type " << tpu_mlir::name(tensor.type());
    tensor = evaluation::fromFloat(evaluation::toFloat(tensor), type);
  }
  return success();
}

// Whether the only element is not 0.
static bool isTrue(const Tensor &tensor) { return evaluation::toFloat(tensor).data<float>()[0] != 0; }

FailureOr<SmallVector<Tensor>> ModuleInterpreter::Impl::runIf(top::IfOp op, const Values &values,
                                                              const Tensor &condition,
                                                              const InvokeOptions &options) const {
  if (condition.elements() != 1)
    return op.emitOpError("needs a condition of one element");
  Values inner(nullptr, &values);
  return runBlock((isTrue(condition) ? op.getThenBranch() : op.getElseBranch()).front(), inner, nullptr, options);
}

static Tensor scalar(ArrayRef<int64_t> shape, float value) {
  Tensor tensor(ElementType::F32, shape.vec());
  std::fill_n(tensor.data<float>(), tensor.elements(), value);
  return tensor;
}

// Joins what the iterations gave along a new first axis.
static Tensor joined(Value result, ArrayRef<Tensor> parts) {
  Tensor whole(top::elementTypeOf(result.getType()), top::shapeOf(result).vec());
  size_t offset = 0;
  for (const Tensor &part : parts) {
    std::memcpy(whole.data<uint8_t>() + offset, part.data<uint8_t>(), part.bytes());
    offset += part.bytes();
  }
  return whole;
}

FailureOr<SmallVector<Tensor>> ModuleInterpreter::Impl::runLoop(top::LoopOp op, const Values &values,
                                                                ArrayRef<Tensor> operands,
                                                                const InvokeOptions &options) const {
  // A value of the body has one per iteration, of which none stands for the name.
  InvokeOptions quiet = options;
  quiet.observer = nullptr;
  Block &body = op.getBody().front();
  const Tensor &limit = operands[0], &first = operands[1];
  const size_t carried = top::carriedCount(op);
  if ((!limit.empty() && limit.elements() != 1) || (!first.empty() && first.elements() != 1))
    return op.emitOpError("needs a number of iterations and a condition of one element");
  const double most = limit.empty() ? HUGE_VAL : static_cast<double>(evaluation::toFloat(limit).data<float>()[0]);
  SmallVector<Tensor> current(operands.drop_front(2));
  std::vector<SmallVector<Tensor>> collected(op.getNumResults() - carried);
  Tensor condition = first.empty() ? scalar(top::shapeOf(body.getArgument(1)), 1) : first;
  int64_t trips = 0;
  for (; trips < most && (first.empty() || isTrue(condition)); ++trips) {
    if (trips == top::maxIterations)
      return op.emitOpError() << "runs more than " << top::maxIterations << " times";
    Values inner(nullptr, &values);
    inner.define(body.getArgument(0), scalar(top::shapeOf(body.getArgument(0)), static_cast<float>(trips)));
    inner.define(body.getArgument(1), condition);
    for (size_t i = 0; i < carried; ++i)
      inner.define(body.getArgument(i + 2), current[i]);
    auto made = runBlock(body, inner, nullptr, quiet);
    if (failed(made))
      return failure();
    if (!first.empty())
      condition = made->front();
    current.assign(made->begin() + 1, made->begin() + 1 + carried);
    for (auto [list, value] : llvm::zip(collected, ArrayRef(*made).drop_front(1 + carried)))
      list.push_back(value);
  }
  for (auto [list, result] : llvm::zip(collected, op.getResults().drop_front(carried))) {
    if (top::shapeOf(result).empty() || top::shapeOf(result).front() != trips)
      return op.emitOpError() << "collects the values of " << trips << " iterations in a result of shape "
                              << listed(top::shapeOf(result));
    current.push_back(joined(result, list));
  }
  return current;
}
