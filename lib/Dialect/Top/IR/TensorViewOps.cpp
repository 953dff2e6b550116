// Shape rules, verifiers and operation counts of ops that pick and reorder elements: Reverse, ShuffleChannel,
// SwapDimInner, SliceAxis, StridedSlice, Copy.
#include "ShapeRules.h"
#include "tpu_mlir/Dialect/Top/IR/Ranges.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static FailureOr<Shape> resultShape(ReverseOp op) {
  Shape shape = shapeVector(op.getInput());
  int64_t axis = op.getAxis();
  if (normalizeAxis(axis, shape.size()) < 0)
    return op.emitOpError() << "has axis " << axis << " for an input of rank " << shape.size();
  return shape;
}
TPU_MLIR_TOP_METHODS(ReverseOp, 0)

static FailureOr<Shape> resultShape(ShuffleChannelOp op) {
  Shape shape = shapeVector(op.getInput());
  int64_t group = op.getGroup();
  if (shape.size() < 2)
    return op.emitOpError() << "needs an input of rank 2 or more, got " << text(shape);
  if (group < 1 || shape[1] % group)
    return op.emitOpError() << "cannot divide " << shape[1] << " channels into " << group << " groups";
  return shape;
}
TPU_MLIR_TOP_METHODS(ShuffleChannelOp, 0)

static FailureOr<Shape> resultShape(SwapDimInnerOp op) {
  Shape shape = shapeVector(op.getInput()), offset = i64Values(op.getOffset());
  if (offset.size() != shape.size())
    return op.emitOpError() << "has " << offset.size() << " offsets for an input of rank " << shape.size();
  for (size_t i = 0; i < shape.size(); ++i)
    if (offset[i] < 0 || offset[i] >= std::max<int64_t>(shape[i], 1))
      return op.emitOpError() << "has offset " << offset[i] << " for axis " << i << " of extent " << shape[i];
  return shape;
}
TPU_MLIR_TOP_METHODS(SwapDimInnerOp, 0)

StridedRange stridedRange(int64_t begin, int64_t end, int64_t step, int64_t extent) {
  if (begin < 0)
    begin += extent;
  if (end < 0)
    end += extent;
  begin = std::clamp<int64_t>(begin, step > 0 ? 0 : -1, step > 0 ? extent : extent - 1);
  end = std::clamp<int64_t>(end, step > 0 ? 0 : -1, extent);
  int64_t distance = step > 0 ? end - begin : begin - end, stride = std::abs(step);
  return {begin, step, distance <= 0 ? 0 : 1 + (distance - 1) / stride};
}

SliceEntries sliceEntries(ArrayRef<StridedRange> ranges, ArrayRef<int64_t> input) {
  SliceEntries entries;
  for (auto [range, extent] : llvm::zip(ranges, input)) {
    // One step is as good as another for a single element.
    int64_t step = range.count == 1 ? 1 : range.step, last = range.begin + (range.count - 1) * step;
    entries.offset.push_back(range.begin);
    entries.steps.push_back(step);
    // A backward range that takes the first element ends before it.
    entries.ends.push_back(step > 0 ? last + 1 : last > 0 ? last - 1 : -(extent + 1));
  }
  return entries;
}

static StridedRange whole(int64_t extent) { return {0, 1, extent}; }

static Shape countsOf(ArrayRef<StridedRange> ranges) {
  Shape shape;
  for (const StridedRange &range : ranges)
    shape.push_back(range.count);
  return shape;
}

FailureOr<ResolvedSlice> resolveSlice(SliceAxisOp op, int64_t axis, int64_t start, int64_t step, int64_t end) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  int64_t position = normalizeAxis(axis, input.size());
  if (position < 0)
    return op.emitOpError() << "has axis " << axis << " for an input of rank " << input.size();
  if (step == 0)
    return op.emitOpError("has step 0");
  ResolvedSlice slice;
  for (int64_t extent : input)
    slice.ranges.push_back(whole(extent));
  slice.ranges[position] = stridedRange(start, end, step, input[position]);
  slice.shape = countsOf(slice.ranges);
  if (product(slice.shape) == 0)
    return op.emitOpError() << "takes nothing from an input of shape " << text(input);
  return slice;
}

static FailureOr<ResolvedSlice> constantSlice(SliceAxisOp op) {
  Shape numbers;
  for (Value operand : op->getOperands().drop_front()) {
    FailureOr<Shape> value = isNone(operand) ? FailureOr<Shape>(Shape{1}) : constantIntegers(operand);
    if (failed(value) || value->size() != 1)
      return op.emitOpError("needs axis, start, step and end of one element that are constant");
    numbers.push_back(value->front());
  }
  return resolveSlice(op, numbers[0], numbers[1], numbers[2], numbers[3]);
}
LogicalResult SliceAxisOp::inferShapes() {
  FailureOr<ResolvedSlice> slice = constantSlice(*this);
  return failed(slice) ? failure() : setResultShape(*this, slice->shape);
}
LogicalResult SliceAxisOp::verify() {
  for (Value operand : getOperation()->getOperands().drop_front())
    if (hasStaticShape(operand) && elementsOf(operand) != 1)
      return emitOpError() << "needs axis, start, step and end of one element, got " << text(shapeOf(operand));
  auto input = dyn_cast<RankedTensorType>(getInput().getType()),
       output = dyn_cast<RankedTensorType>(getOutput().getType());
  if (input && output && input.getRank() != output.getRank())
    return emitOpError() << "has a result of rank " << output.getRank() << " for an input of rank " << input.getRank();
  return success();
}
int64_t SliceAxisOp::getFLOPs() { return 0; }

FailureOr<ResolvedSlice> resolveSlice(StridedSliceOp op, ArrayRef<int64_t> starts, ArrayRef<int64_t> ends,
                                      ArrayRef<int64_t> strides) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  const auto has = [](uint64_t mask, size_t entry) { return (mask >> entry) & 1; };
  const size_t count = starts.size();
  if (ends.size() != count || strides.size() != count || count > 31)
    return op.emitOpError() << "has " << count << " starts, " << ends.size() << " ends and " << strides.size()
                            << " strides; up to 31 of each are possible";
  // Axes that the entries name; the ellipsis stands for the others, at the end if it is not written.
  size_t named = 0, ellipsis = count, ellipses = 0;
  for (size_t i = 0; i < count; ++i)
    if (has(op.getEllipsisMask(), i)) {
      ellipsis = i;
      ++ellipses;
    } else if (!has(op.getNewAxisMask(), i)) {
      ++named;
    }
  if (ellipses > 1 || named > input.size())
    return op.emitOpError() << "names " << named << " axes and " << ellipses << " ellipses for an input of rank "
                            << input.size();
  ResolvedSlice slice;
  const auto takeRest = [&] {
    for (size_t i = named; i < input.size(); ++i) {
      slice.shape.push_back(input[slice.ranges.size()]);
      slice.ranges.push_back(whole(slice.shape.back()));
    }
  };
  for (size_t i = 0; i < count; ++i) {
    if (i == ellipsis) {
      takeRest();
      continue;
    }
    if (has(op.getNewAxisMask(), i)) {
      slice.shape.push_back(1);
      continue;
    }
    const int64_t extent = input[slice.ranges.size()], stride = strides[i];
    if (has(op.getShrinkAxisMask(), i)) {
      int64_t position = normalizeAxis(has(op.getBeginMask(), i) ? 0 : starts[i], extent);
      if (position < 0 || stride < 1)
        return op.emitOpError() << "takes position " << starts[i] << " with stride " << stride << " of an axis of "
                                << extent;
      slice.ranges.push_back({position, 1, 1});
      continue;
    }
    if (stride == 0)
      return op.emitOpError() << "has stride 0 on axis " << slice.ranges.size();
    int64_t begin = has(op.getBeginMask(), i) ? (stride > 0 ? 0 : extent - 1) : starts[i];
    int64_t end = has(op.getEndMask(), i) ? (stride > 0 ? extent : -(extent + 1)) : ends[i];
    slice.ranges.push_back(stridedRange(begin, end, stride, extent));
    slice.shape.push_back(slice.ranges.back().count);
  }
  if (ellipsis == count)
    takeRest();
  if (product(countsOf(slice.ranges)) == 0)
    return op.emitOpError() << "takes nothing from an input of shape " << text(input);
  if (slice.shape.empty())
    slice.shape.push_back(1);
  return slice;
}

LogicalResult StridedSliceOp::inferShapes() {
  FailureOr<Shape> starts = constantIntegers(getStarts()), ends = constantIntegers(getEnds()),
                   strides = constantIntegers(getStrides());
  if (failed(starts) || failed(ends) || failed(strides))
    return emitOpError("needs starts, ends and strides that are constant");
  FailureOr<ResolvedSlice> slice = resolveSlice(*this, *starts, *ends, *strides);
  return failed(slice) ? failure() : setResultShape(*this, slice->shape);
}
LogicalResult StridedSliceOp::verify() {
  std::optional<int64_t> entries;
  for (Value operand : {getStarts(), getEnds(), getStrides()}) {
    if (!hasStaticShape(operand))
      continue;
    if (shapeOf(operand).size() != 1 || elementsOf(operand) > 31 ||
        entries.value_or(elementsOf(operand)) != elementsOf(operand))
      return emitOpError("needs starts, ends and strides that are vectors of one length, at most 31");
    entries = elementsOf(operand);
  }
  return success();
}
int64_t StridedSliceOp::getFLOPs() { return 0; }

/// The largest position that a copy reaches in a tensor; nullopt beyond any tensor.
static std::optional<int64_t> lastPosition(ArrayRef<int64_t> shape, ArrayRef<int64_t> strides) {
  constexpr int64_t most = int64_t{1} << 31;
  int64_t last = 0;
  for (auto [extent, stride] : llvm::zip(shape, strides)) {
    if (stride < 0 || stride > most)
      return std::nullopt;
    if (extent > 1 && (last += (extent - 1) * stride) > most)
      return std::nullopt;
  }
  return last;
}
static FailureOr<Shape> resultShape(CopyOp op) {
  Shape shape = i64Values(op.getShape()), from = i64Values(op.getInputStride()), to = i64Values(op.getOutputStride());
  if (from.size() != shape.size() || to.size() != shape.size())
    return op.emitOpError() << "has " << from.size() << " input and " << to.size() << " output strides for "
                            << shape.size() << " axes";
  if (failed(checkElements(op, shape)))
    return failure();
  if (llvm::is_contained(shape, 0))
    return op.emitOpError("copies nothing");
  std::optional<int64_t> read = lastPosition(shape, from), written = lastPosition(shape, to);
  if (!read || *read >= elementsOf(op.getInput()) || !written || *written >= product(shape))
    return op.emitOpError() << "has strides that leave its operand of " << elementsOf(op.getInput())
                            << " elements or its result of " << product(shape);
  return shape;
}
TPU_MLIR_TOP_METHODS(CopyOp, 0)
} // namespace tpu_mlir::top
