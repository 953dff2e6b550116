// Shape rules, verifiers and operation counts of recurrent layers.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/TopRecurrent.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

namespace {
/// The extents that the shapes of a layer are made of.
struct Extents {
  int64_t steps, batch, input, hidden, directions, gates;
};
} // namespace

bool hasTorchLayout(Operation *op) {
  for (auto module = op->getParentOfType<ModuleOp>(); module; module = module->getParentOfType<ModuleOp>())
    if (auto platform = module->getAttrOfType<StringAttr>("module.platform"))
      return platform.getValue() == "TORCH";
  return false;
}

template <typename OpTy> static FailureOr<Extents> extentsOf(OpTy op, int64_t gates) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  if (input.size() != 3)
    return op.emitOpError() << "needs an input of rank 3, got shape " << text(input);
  const auto hidden = static_cast<int64_t>(op.getHiddenSize());
  if (hidden < 1 || hidden > (int64_t{1} << 28))
    return op.emitOpError() << "has a hidden_size of " << hidden << "; it must be between 1 and 2^28";
  const bool first = op.getBatchFirst();
  return Extents{input[first], input[!first], input[2], hidden, op.getBidirectional() ? 2 : 1, gates};
}

/// Parameters may have the axis of directions, or be merged with it.
static LogicalResult checkParameter(Operation *op, StringRef name, Value value, const Extents &extents, int64_t rows,
                                    std::optional<int64_t> columns) {
  if (isNone(value))
    return success();
  Shape apart{extents.directions, rows}, merged{extents.directions * rows};
  if (columns) {
    apart.push_back(*columns);
    merged.push_back(*columns);
  }
  if (shapeOf(value) != ArrayRef(apart) && shapeOf(value) != ArrayRef(merged))
    return op->emitOpError() << name << " must have the shape " << text(apart) << " or " << text(merged) << ", got "
                             << text(shapeOf(value));
  return success();
}

template <typename OpTy> static FailureOr<SmallVector<Shape>> recurrentShapes(OpTy op, int64_t gates) {
  FailureOr<Extents> e = extentsOf(op, gates);
  if (failed(e))
    return failure();
  const int64_t rows = gates * e->hidden;
  if (failed(checkParameter(op, "filter", op.getFilter(), *e, rows, e->input)) ||
      failed(checkParameter(op, "recurrence", op.getRecurrence(), *e, rows, e->hidden)) ||
      failed(checkParameter(op, "bias", op.getBias(), *e, 2 * rows, std::nullopt)))
    return failure();
  const Shape state =
      op.getBatchFirst() ? Shape{e->batch, e->directions, e->hidden} : Shape{e->directions, e->batch, e->hidden};
  // Operands from the fifth on are states, before `cont`.
  for (Value initial : op->getOperands().slice(4, gates == 4 ? 2 : 1))
    if (!isNone(initial) && shapeOf(initial) != ArrayRef(state))
      return op.emitOpError() << "needs initial states of shape " << text(state) << ", got " << text(shapeOf(initial));
  Shape all = op.getBatchFirst()   ? Shape{e->batch, e->steps, e->directions, e->hidden}
              : hasTorchLayout(op) ? Shape{e->steps, e->batch, e->directions, e->hidden}
                                   : Shape{e->steps, e->directions, e->batch, e->hidden};
  SmallVector<Shape> shapes(op->getNumResults(), state);
  shapes[0] = all;
  return shapes;
}

static FailureOr<SmallVector<Shape>> resultShapes(LSTMOp op) {
  FailureOr<SmallVector<Shape>> shapes = recurrentShapes(op, 4);
  if (failed(shapes) || isNone(op.getCont()))
    return shapes;
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  const Shape cont{input[op.getBatchFirst()], input[!op.getBatchFirst()]};
  if (shapeOf(op.getCont()) != ArrayRef(cont))
    return op.emitOpError() << "cont must have the shape " << text(cont) << " (steps, batch), got "
                            << text(shapeOf(op.getCont()));
  return shapes;
}

static FailureOr<SmallVector<Shape>> resultShapes(GRUOp op) { return recurrentShapes(op, 3); }

/// Both products and the functions of every gate and state.
template <typename OpTy> static int64_t recurrentFlops(OpTy op, int64_t gates, int64_t perState) {
  if (!hasStaticShape(op.getInput()) || shapeOf(op.getInput()).size() != 3)
    return 0;
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  const auto hidden = static_cast<int64_t>(op.getHiddenSize());
  const int64_t states = input[0] * input[1] * hidden * (op.getBidirectional() ? 2 : 1);
  return states * (2 * gates * (input[2] + hidden) + perState);
}

LogicalResult LSTMOp::inferShapes() { return inferByRules(*this); }
LogicalResult LSTMOp::verify() { return verifyByRules(*this); }
int64_t LSTMOp::getFLOPs() { return recurrentFlops(*this, 4, 4 * 4 + 3 + 4 + 1); }
LogicalResult GRUOp::inferShapes() { return inferByRules(*this); }
LogicalResult GRUOp::verify() { return verifyByRules(*this); }
int64_t GRUOp::getFLOPs() { return recurrentFlops(*this, 3, 3 * 4 + 1 + 4); }

} // namespace tpu_mlir::top
