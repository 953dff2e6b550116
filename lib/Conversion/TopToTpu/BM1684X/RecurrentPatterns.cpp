// LSTM and GRU unrolled: one matrix product with the input for all steps; per step the product of the state, the gates
// and the new state. The canonical module keeps the layer, because that says more and is evaluated faster.
#include "RecurrentPatterns.h"

#include "Replacement.h"
#include "tpu_mlir/Dialect/Top/IR/TopRecurrent.h"

using namespace mlir;
using namespace tpu_mlir;
using bm1684x::isKnown;
using bm1684x::parameterValues;
using bm1684x::Replacement;
using top::Shape;

namespace {
/// Steps of all directions that are unrolled at most: each one is about 15 ops.
constexpr int64_t mostSteps = 1024;

/// The layer's extents and constants.
struct Layer {
  int64_t steps, batch, input, hidden, directions, gates;
  bool batchFirst, directionsLast;
  std::vector<double> filter, recurrence, bias;
  int64_t rows() const { return gates * hidden; }
};

/// A direction as constants [inputs, rows], which the products take.
struct Direction {
  Value filter, inputBias;
  Value recurrence;    // of all gates, or without the gate that has a product of its own
  Value newRecurrence; // of the new state of a GRU, where its reset gate scales the state
  Value stateBias;     // what the reset gate of a GRU scales with the product; null for zeros
};

std::vector<double> transposed(const double *matrix, int64_t rows, int64_t columns) {
  std::vector<double> result(rows * columns);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      result[c * rows + r] = matrix[r * columns + c];
  return result;
}

Value multiply(Replacement &made, Value left, Value right, Value bias) {
  Shape shape = llvm::to_vector(top::shapeOf(left));
  shape.back() = top::shapeOf(right).back();
  return made.make<top::MatMulOp>("product", made.real(), shape, {left, right, bias});
}

/// Cells: the states after a step from the sums of the input and the states before it (null: zeros).
struct States {
  Value h, c;
};

States lstmCell(Replacement &made, const Layer &layer, const Direction &direction, Value fromInput, States before) {
  const int64_t hidden = layer.hidden;
  Value sums = fromInput;
  if (before.h)
    sums = made.combine<top::AddOp>(sums, multiply(made, before.h, direction.recurrence, top::noneFor(made.op)));
  Value gates = made.apply<top::SigmoidOp>(made.slice(sums, 1, 0, 3 * hidden));
  Value candidate = made.apply<top::TanhOp>(made.slice(sums, 1, 3 * hidden, hidden));
  Value cell = made.combine<top::MulOp>(made.slice(gates, 1, 0, hidden), candidate);
  if (before.c)
    cell = made.combine<top::AddOp>(cell, made.combine<top::MulOp>(made.slice(gates, 1, 2 * hidden, hidden), before.c));
  return {made.combine<top::MulOp>(made.slice(gates, 1, hidden, hidden), made.apply<top::TanhOp>(cell)), cell};
}

/// n + z * (h - n).
Value gruState(Replacement &made, Value update, Value candidate, Value before) {
  if (!before)
    return made.combine<top::SubOp>(candidate, made.combine<top::MulOp>(update, candidate));
  Value difference = made.combine<top::SubOp>(before, candidate);
  return made.combine<top::AddOp>(candidate, made.combine<top::MulOp>(update, difference));
}

/// The reset gate scales the product with the state and its bias.
States gruLinearCell(Replacement &made, const Layer &layer, const Direction &direction, Value fromInput,
                     States before) {
  const int64_t hidden = layer.hidden;
  Value sums = made.slice(fromInput, 1, 0, 2 * hidden), inner = made.slice(fromInput, 1, 2 * hidden, hidden);
  Value product = before.h ? multiply(made, before.h, direction.recurrence, top::noneFor(made.op)) : Value();
  if (product)
    sums = made.combine<top::AddOp>(sums, made.slice(product, 1, 0, 2 * hidden));
  Value gates = made.apply<top::SigmoidOp>(sums), reset = made.slice(gates, 1, hidden, hidden);
  Value scaled = product ? made.slice(product, 1, 2 * hidden, hidden) : Value();
  if (direction.stateBias)
    scaled = scaled ? made.combine<top::AddOp>(scaled, direction.stateBias)
                    : made.combine<top::MulOp>(reset, direction.stateBias);
  if (product)
    scaled = made.combine<top::MulOp>(reset, scaled);
  Value candidate = made.apply<top::TanhOp>(scaled ? made.combine<top::AddOp>(inner, scaled) : inner);
  return {gruState(made, made.slice(gates, 1, 0, hidden), candidate, before.h), {}};
}

/// The reset gate scales the state before its product.
States gruCell(Replacement &made, const Layer &layer, const Direction &direction, Value fromInput, States before) {
  const int64_t hidden = layer.hidden;
  Value sums = made.slice(fromInput, 1, 0, 2 * hidden), inner = made.slice(fromInput, 1, 2 * hidden, hidden);
  Value none = top::noneFor(made.op);
  if (before.h)
    sums = made.combine<top::AddOp>(sums, multiply(made, before.h, direction.recurrence, none));
  Value gates = made.apply<top::SigmoidOp>(sums);
  if (before.h) {
    Value scaled = made.combine<top::MulOp>(made.slice(gates, 1, hidden, hidden), before.h);
    inner = made.combine<top::AddOp>(inner, multiply(made, scaled, direction.newRecurrence, none));
  }
  return {gruState(made, made.slice(gates, 1, 0, hidden), made.apply<top::TanhOp>(inner), before.h), {}};
}

using Cell = States (*)(Replacement &, const Layer &, const Direction &, Value, States);

/// Both biases join the projection of the input, except the one that a reset gate scales.
Direction directionOf(Replacement &made, const Layer &layer, int64_t number, bool linear) {
  const int64_t rows = layer.rows(), hidden = layer.hidden;
  const std::string suffix = std::to_string(number);
  const double *filter = layer.filter.data() + number * rows * layer.input,
               *recurrence = layer.recurrence.data() + number * rows * hidden,
               *bias = layer.bias.data() + number * 2 * rows;
  const int64_t together = linear ? 2 * hidden : rows;
  std::vector<double> inputBias(rows), stateBias;
  for (int64_t r = 0; r < rows; ++r) {
    inputBias[r] = bias[r] + (r < together ? bias[rows + r] : 0);
    if (r >= together)
      stateBias.push_back(bias[rows + r]);
  }
  Direction direction;
  direction.filter = made.weight("filter" + suffix, {layer.input, rows}, transposed(filter, rows, layer.input));
  direction.inputBias = made.weight("bias" + suffix, {rows}, inputBias);
  const int64_t first = layer.gates == 3 && !linear ? 2 * hidden : rows;
  direction.recurrence = made.weight("recurrence" + suffix, {hidden, first}, transposed(recurrence, first, hidden));
  if (first < rows)
    direction.newRecurrence = made.weight("new_recurrence" + suffix, {hidden, rows - first},
                                          transposed(recurrence + first * hidden, rows - first, hidden));
  if (llvm::any_of(stateBias, [](double value) { return value != 0; }))
    direction.stateBias = made.weight("state_bias" + suffix, {1, hidden}, stateBias);
  return direction;
}

/// A direction's part of an initial state, [batch, hidden]; null for none.
Value initialState(Replacement &made, const Layer &layer, Value initial, int64_t number) {
  if (top::isNone(initial) || top::weightOf(initial))
    return {};
  return made.reshape(made.slice(initial, layer.batchFirst, number, 1), {layer.batch, layer.hidden});
}

/// Per direction the states h after every step in the order of time, and the last states.
struct Unrolled {
  SmallVector<SmallVector<Value>> all;
  SmallVector<States> last;
};

Unrolled unroll(Replacement &made, const Layer &layer, Cell cell, bool linear, Value initialH, Value initialC) {
  Value input = made.op->getOperand(0);
  if (layer.batchFirst && layer.batch > 1)
    input = made.permute(input, {1, 0, 2});
  input = made.reshape(input, {layer.steps * layer.batch, layer.input});
  Unrolled result;
  for (int64_t number = 0; number < layer.directions; ++number) {
    Direction direction = directionOf(made, layer, number, linear);
    Value projected = multiply(made, input, direction.filter, direction.inputBias);
    SmallVector<Value> all(layer.steps);
    States states{initialState(made, layer, initialH, number), initialState(made, layer, initialC, number)};
    for (int64_t i = 0; i < layer.steps; ++i) {
      const int64_t t = number ? layer.steps - 1 - i : i;
      states = cell(made, layer, direction, made.slice(projected, 0, t * layer.batch, layer.batch), states);
      all[t] = states.h;
    }
    result.all.push_back(all);
    result.last.push_back(states);
  }
  return result;
}

/// Joins what the directions give along an axis of extent 1; the last op stands for the result.
Value joined(Replacement &made, ArrayRef<Value> parts, ArrayRef<int64_t> shape, int64_t axis, Value result) {
  if (parts.size() == 1)
    return made.as(result).reshape(parts.front(), shape);
  SmallVector<Value> shaped;
  for (Value part : parts)
    shaped.push_back(made.reshape(part, shape));
  return made.as(result).concat(shaped, axis);
}

Value everyStep(Replacement &made, const Layer &layer, const Unrolled &unrolled, Value result) {
  SmallVector<Value> parts;
  for (const SmallVector<Value> &all : unrolled.all) {
    Value part = all.size() == 1 ? all.front() : made.concat(all, 0);
    if (layer.batchFirst && layer.batch > 1)
      part = made.permute(made.reshape(part, {layer.steps, layer.batch, layer.hidden}), {1, 0, 2});
    parts.push_back(part);
  }
  if (layer.batchFirst)
    return joined(made, parts, {layer.batch, layer.steps, 1, layer.hidden}, 2, result);
  if (layer.directionsLast)
    return joined(made, parts, {layer.steps, layer.batch, 1, layer.hidden}, 2, result);
  return joined(made, parts, {layer.steps, 1, layer.batch, layer.hidden}, 1, result);
}

Value lastStep(Replacement &made, const Layer &layer, ArrayRef<Value> parts, Value result) {
  if (layer.batchFirst)
    return joined(made, parts, {layer.batch, 1, layer.hidden}, 1, result);
  return joined(made, parts, {1, layer.batch, layer.hidden}, 0, result);
}

/// Nothing where parameters are computed, an initial state is a constant other than zeros, or there are too many steps.
template <typename OpTy> std::optional<Layer> layerOf(OpTy op, int64_t gates, ArrayRef<Value> initials) {
  if (!isKnown(op))
    return std::nullopt;
  ArrayRef<int64_t> input = top::shapeOf(op.getInput());
  const bool first = op.getBatchFirst();
  Layer layer{input[first],
              input[!first],
              input[2],
              static_cast<int64_t>(op.getHiddenSize()),
              op.getBidirectional() ? 2 : 1,
              gates,
              first,
              !first && top::hasTorchLayout(op),
              {},
              {},
              {}};
  if (top::product(input) == 0 || layer.steps > mostSteps / layer.directions)
    return std::nullopt;
  for (Value initial : initials) {
    auto values = top::weightOf(initial) ? parameterValues(initial, 0, 0) : std::vector<double>();
    if (!values || llvm::any_of(*values, [](double value) { return value != 0; }))
      return std::nullopt;
  }
  auto filter = parameterValues(op.getFilter(), 0, 0), recurrence = parameterValues(op.getRecurrence(), 0, 0),
       bias = parameterValues(op.getBias(), layer.directions * 2 * layer.rows(), 0);
  if (!filter || !recurrence || !bias)
    return std::nullopt;
  layer.filter = std::move(*filter);
  layer.recurrence = std::move(*recurrence);
  layer.bias = std::move(*bias);
  return layer;
}

void replace(Replacement &made, const Layer &layer, const Unrolled &unrolled) {
  SmallVector<Value> results;
  for (auto [index, result] : llvm::enumerate(made.op->getResults())) {
    SmallVector<Value> last;
    for (const States &states : unrolled.last)
      last.push_back(index == 2 ? states.c : states.h);
    results.push_back(top::isNone(result) ? top::noneFor(made.op)
                      : index == 0        ? everyStep(made, layer, unrolled, result)
                                          : lastStep(made, layer, last, result));
  }
  made.rewriter.replaceOp(made.op, results);
}

struct UnrollLstm : OpRewritePattern<top::LSTMOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::LSTMOp op, PatternRewriter &rewriter) const override {
    std::optional<Layer> layer = layerOf(op, 4, {op.getInitialH(), op.getInitialC()});
    if (!layer || !top::isNone(op.getCont()))
      return failure();
    Replacement made(op, rewriter);
    replace(made, *layer, unroll(made, *layer, lstmCell, false, op.getInitialH(), op.getInitialC()));
    return success();
  }
};

struct UnrollGru : OpRewritePattern<top::GRUOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(top::GRUOp op, PatternRewriter &rewriter) const override {
    std::optional<Layer> layer = layerOf(op, 3, {op.getInitialH()});
    if (!layer)
      return failure();
    const bool linear = op.getLinearBeforeReset();
    Replacement made(op, rewriter);
    Value none = top::noneFor(op);
    replace(made, *layer, unroll(made, *layer, linear ? gruLinearCell : gruCell, linear, op.getInitialH(), none));
    return success();
  }
};
} // namespace

void bm1684x::populateRecurrentPatterns(RewritePatternSet &patterns) {
  patterns.add<UnrollLstm, UnrollGru>(patterns.getContext());
}
