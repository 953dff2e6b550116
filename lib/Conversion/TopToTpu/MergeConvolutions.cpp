// Joining of convolutions that follow each other without a function in between.
#include "MergeConvolutions.h"

#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopOps.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;

/// Lanes, and input channels that a lane takes at once.
static constexpr int64_t kLanes = 64;

static int64_t steps(int64_t outputs, int64_t inputs, int64_t taps) {
  return llvm::divideCeil(outputs, kLanes) * llvm::divideCeil(inputs, kLanes) * taps;
}

static bool isFloatWeight(Value value) {
  auto weight = top::weightOf(value);
  return weight && !weight.getScale() && top::elementTypeOf(value.getType()) == ElementType::F32;
}

/// A convolution of real values with constant parameters and without groups.
static bool isPlain(top::ConvOp op) {
  auto inserts = top::i64ValuesOr(op.getInserts(), 0, 0);
  return op.getGroup() == 1 && isFloatWeight(op.getFilter()) &&
         (top::isNone(op.getBias()) || isFloatWeight(op.getBias())) && !top::isQuantized(op.getOutput()) &&
         llvm::all_of(inserts, [](int64_t inserted) { return inserted == 0; });
}

/// Whether the op is a product at every position.
static bool isPointwise(top::ConvOp op) {
  auto all = [](ArrayAttr values, int64_t wanted) {
    return llvm::all_of(top::i64Values(values), [&](int64_t value) { return value == wanted; });
  };
  return all(op.getKernelShape(), 1) && all(op.getStrides(), 1) && all(op.getPads(), 0);
}

/// Tables of networks in which the two were one have no range for the first; it cannot be quantized alone then.
static bool isWorthwhile(top::ConvOp first, top::ConvOp second) {
  if (!top::calibratedRangeOf(first.getOutput().getType()))
    return true;
  ArrayRef<int64_t> a = top::shapeOf(first.getFilter()), b = top::shapeOf(second.getFilter());
  int64_t taps = top::product(a.drop_front(2));
  return steps(b[0], a[1], taps) <= steps(a[0], a[1], taps) + steps(b[0], b[1], 1);
}

/// second(first(x)): filter[o, i] = sum over m of second[o, m] * first[m, i].
static LogicalResult merge(top::ConvOp first, top::ConvOp second) {
  FailureOr<Tensor> a = top::readWeight(top::weightOf(first.getFilter())),
                    b = top::readWeight(top::weightOf(second.getFilter()));
  if (failed(a) || failed(b))
    return failure();
  int64_t outputs = b->dim(0), middle = a->dim(0), inner = a->elements() / middle;
  std::vector<double> filter(outputs * inner), bias(outputs);
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t m = 0; m < middle; ++m)
      for (int64_t i = 0; i < inner; ++i)
        filter[o * inner + i] += double{b->data<float>()[o * middle + m]} * a->data<float>()[m * inner + i];
  if (auto weight = top::weightOf(second.getBias())) {
    FailureOr<std::vector<double>> values = top::readWeightAsDoubles(weight);
    if (failed(values))
      return failure();
    bias = *values;
  }
  if (auto weight = top::weightOf(first.getBias())) {
    FailureOr<std::vector<double>> values = top::readWeightAsDoubles(weight);
    if (failed(values))
      return failure();
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t m = 0; m < middle; ++m)
        bias[o] += double{b->data<float>()[o * middle + m]} * (*values)[m];
  }
  OpBuilder builder(second);
  SmallVector<int64_t> shape(top::shapeOf(first.getFilter()));
  shape[0] = outputs;
  std::string name = top::nameOf(second.getOutput()).str();
  Value newFilter = top::createWeightF32(builder, name + "_merged_filter", shape, filter).getOutput();
  Value newBias = top::createWeightF32(builder, name + "_merged_bias", {outputs}, bias).getOutput();
  NamedAttrList attrs = first->getAttrs();
  for (StringRef kept : {"do_relu", "relu_limit"})
    if (Attribute value = second->getAttr(kept))
      attrs.set(kept, value);
  OperationState state(second.getLoc(), top::ConvOp::getOperationName(),
                       ValueRange{first.getInput(), newFilter, newBias}, second->getResultTypes(), attrs);
  second.getOutput().replaceAllUsesWith(builder.create(state)->getResult(0));
  second.erase();
  first.erase();
  return success();
}

LogicalResult tpu_mlir::mergeConvolutions(func::FuncOp function, function_ref<bool(Operation *)> keeps) {
  SmallVector<top::ConvOp> convolutions;
  function.walk([&](top::ConvOp op) { convolutions.push_back(op); });
  for (top::ConvOp second : convolutions) {
    auto first = second.getInput().getDefiningOp<top::ConvOp>();
    if (!first || !first.getOutput().hasOneUse() || first.getDoRelu() || !isPlain(first) || !isPlain(second) ||
        !isPointwise(second) || keeps(first) || keeps(second) || !isWorthwhile(first, second))
      continue;
    if (failed(merge(first, second)))
      return failure();
  }
  return success();
}
