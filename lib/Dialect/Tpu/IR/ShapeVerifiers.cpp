// Verifiers of ops that move data or change shapes, and of layer groups.
#include "Verify.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::tpu;

LogicalResult ReshapeOp::verify() { return expectSameElements(*this); }
LogicalResult SqueezeOp::verify() { return expectSameElements(*this); }
LogicalResult UnsqueezeOp::verify() { return expectSameElements(*this); }

LogicalResult PermuteOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  Shape order = integers(getOrder()), sorted = order, shape;
  llvm::sort(sorted);
  if (sorted != llvm::to_vector(llvm::seq<int64_t>(0, input.size())))
    return emitOpError() << "order is not a permutation of the input's " << input.size() << " axes";
  for (int64_t axis : order)
    shape.push_back(input[axis]);
  return expectShape(*this, shape);
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("needs at least one input");
  if (failed(expectAxis(*this, getAxis())))
    return failure();
  Shape shape = llvm::to_vector(shapeOf(getInputs().front()));
  int64_t axis = int32_t(getAxis()) < 0 ? int32_t(getAxis()) + int64_t(shape.size()) : int64_t(getAxis());
  for (Value input : getInputs().drop_front()) {
    Shape other = llvm::to_vector(shapeOf(input));
    if (other.size() != shape.size())
      return emitOpError("has inputs of different ranks");
    std::swap(shape[axis], other[axis]);
    int64_t joined = shape[axis] + other[axis];
    shape[axis] = other[axis] = joined;
    if (shape != other)
      return emitOpError() << "cannot join " << text(shapeOf(getInputs().front())) << " and " << text(shapeOf(input))
                           << " along axis " << axis;
  }
  return expectShape(*this, shape);
}

LogicalResult SliceOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), result = shapeOf(getOutput());
  Shape offset = integers(getOffset()), steps = integers(getSteps());
  if (!isNone(getOffsetT()) || !isNone(getStepsT()) || !isNone(getEndsT()))
    return emitOpError("has offsets, ends or steps that are not constant, which is not supported");
  if (offset.size() != input.size() || steps.size() != input.size() || result.size() != input.size())
    return emitOpError() << "needs an offset and a step for each of " << input.size() << " axes";
  for (size_t i = 0; i < input.size(); ++i) {
    if (steps[i] == 0)
      return emitOpError() << "has step 0 on axis " << i;
    int64_t first = offset[i] < 0 ? offset[i] + input[i] : offset[i], last = first + (result[i] - 1) * steps[i];
    if (first < 0 || first >= input[i] || last < 0 || last >= input[i])
      return emitOpError() << "takes elements " << first << " to " << last << " of axis " << i << " of extent "
                           << input[i];
  }
  return success();
}

LogicalResult PadOp::verify() {
  Shape shape = llvm::to_vector(shapeOf(getInput()));
  size_t rank = shape.size();
  if (failed(expectValues(*this, "paddings", getPaddings(), 2 * rank, 0)))
    return failure();
  Shape paddings = integers(getPaddings());
  for (size_t i = 0; i < rank; ++i)
    shape[i] += paddings[i] + paddings[rank + i];
  return getWithInsertZero() ? success() : expectShape(*this, shape);
}

LogicalResult UpsampleOp::verify() {
  if (failed(expectRank(*this, 4)))
    return failure();
  Shape shape = llvm::to_vector(shapeOf(getInput()));
  if (int64_t(getScaleH()) < 1 || int64_t(getScaleW()) < 1)
    return emitOpError("scale_h and scale_w must be at least 1");
  shape[2] *= getScaleH();
  shape[3] *= getScaleW();
  return expectShape(*this, shape);
}

LogicalResult InterpOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), result = shapeOf(getOutput());
  if (input.size() < 3 || input.size() > 4 || result.size() != input.size() ||
      input.take_front(2) != result.take_front(2))
    return emitOpError() << "has a result of shape " << text(result) << " for an input of " << text(input);
  return success();
}

LogicalResult ReduceOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  SmallVector<bool> reduced(input.size(), false);
  for (int64_t axis : integers(getAxes())) {
    if (failed(expectAxis(*this, axis)))
      return failure();
    reduced[axis < 0 ? axis + input.size() : axis] = true;
  }
  Shape shape;
  for (size_t i = 0; i < input.size(); ++i)
    if (!reduced[i])
      shape.push_back(input[i]);
    else if (getKeepdims())
      shape.push_back(1);
  if (shape.empty())
    shape.push_back(1);
  return expectShape(*this, shape);
}

LogicalResult TileOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), result = shapeOf(getOutput());
  bool fits = result.size() >= input.size();
  for (size_t i = 0; fits && i < input.size(); ++i) {
    int64_t extent = input[input.size() - 1 - i];
    fits = extent > 0 && result[result.size() - 1 - i] % extent == 0;
  }
  if (!fits)
    return emitOpError() << "cannot repeat " << text(input) << " to " << text(result);
  return success();
}

LogicalResult Depth2SpaceOp::verify() {
  if (failed(expectRank(*this, 4)) || failed(expectSameElements(*this)))
    return failure();
  if (int64_t(getBlockH()) < 1 || int64_t(getBlockW()) < 1)
    return emitOpError("needs blocks of at least 1");
  return success();
}

LogicalResult GroupOp::verify() {
  for (StringRef name : {"nsecs", "csecs", "dsecs", "hsecs", "wsecs"})
    if (auto value = (*this)->getAttrOfType<IntegerAttr>(name); value && value.getInt() < 1)
      return emitOpError() << name << " must be at least 1, got " << value.getInt();
  Block &body = getBody().front();
  auto yield = body.empty() ? YieldOp() : dyn_cast<YieldOp>(body.back());
  if (!yield)
    return emitOpError("needs a body that ends with tpu.Yield");
  if (yield.getInputs().size() != getOutputs().size())
    return emitOpError() << "has " << getOutputs().size() << " outputs but yields " << yield.getInputs().size();
  for (auto [output, value] : llvm::zip(getOutputs(), yield.getInputs()))
    if (shapeOf(output) != cast<RankedTensorType>(value.getType()).getShape())
      return emitOpError() << "yields " << value.getType() << " for an output of type " << output.getType();
  return success();
}
