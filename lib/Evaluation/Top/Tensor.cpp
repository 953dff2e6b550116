// Evaluation of the Top ops that cut, join, pick and fill.
#include "../Layout.h"
#include "Einsum.h"
#include "tpu_mlir/Dialect/Top/IR/Ranges.h"
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"
#include "tpu_mlir/Support/Parallel.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::AxisMap;

/// Hands over a tensor of the type of operand `from`; another type or quantization of the result is converted to.
static LogicalResult finishAs(Call &call, Tensor value, size_t from) {
  if (value.type() == call.resultType() && call.operandQuantization(from) == call.resultQuantization())
    return call.finishAsIs(std::move(value));
  return call.finish(realValues(value, call.op->getOperand(from).getType()));
}

static std::vector<AxisMap> wholeMaps(const Tensor &in) {
  std::vector<AxisMap> maps;
  for (int64_t extent : in.shape())
    maps.push_back(kernels::identityMap(extent));
  return maps;
}

/// The selected elements as the next result, whose shape has as many elements.
static LogicalResult finishSelected(Call &call, const Tensor &in, const std::vector<AxisMap> &maps, Extents shape) {
  static constexpr uint64_t zero = 0;
  Extents selected;
  for (const AxisMap &map : maps)
    selected.push_back(static_cast<int64_t>(map.size()));
  if (top::product(selected) != top::product(shape))
    return call.refuse("has a result of unexpected shape");
  Tensor out(in.type(), selected);
  kernels::select(in.data<uint8_t>(), in.shape(), maps, &zero, byteSize(in.type()), out.data<uint8_t>());
  return finishAs(call, out.reshaped(std::move(shape)), 0);
}

static LogicalResult evaluateSplit(top::SplitOp op, Call &call) {
  const Tensor &in = call.operand(size_t{0});
  const FailureOr<top::Shape> sizes = top::splitSizes(op);
  if (failed(sizes))
    return failure();
  std::vector<AxisMap> maps = wholeMaps(in);
  int64_t begin = 0;
  for (auto [index, size] : llvm::enumerate(*sizes)) {
    maps[top::normalizeAxis(op.getAxis(), in.rank())] = kernels::stepMap(begin, 1, size);
    if (failed(finishSelected(call, in, maps, call.resultShape(index))))
      return failure();
    begin += size;
  }
  return success();
}

static LogicalResult evaluateUnpack(top::UnpackOp op, Call &call) {
  const Tensor &in = call.operand(size_t{0});
  std::vector<AxisMap> maps = wholeMaps(in);
  for (size_t index = 0; index < op.getNumResults(); ++index) {
    maps[top::normalizeAxis(op.getAxis(), in.rank())] = {static_cast<int64_t>(index)};
    if (failed(finishSelected(call, in, maps, call.resultShape(index))))
      return failure();
  }
  return success();
}

/// The operands' bytes, one after the other for every index of the axes before `axis`, from axis `axis` on.
static FailureOr<Tensor> joined(Call &call, int64_t axis, Extents shape) {
  const Tensor &first = call.operand(size_t{0});
  int64_t outer = 1;
  for (int64_t i = 0; i < axis; ++i)
    outer *= first.dim(i);
  std::vector<kernels::ConcatPart> parts;
  size_t bytes = 0;
  for (size_t i = 0; i < call.operandCount(); ++i) {
    const Tensor &part = call.operand(i);
    if (part.type() != first.type() || call.operandQuantization(i) != call.operandQuantization(0))
      return call.refuse("has operands of different types");
    parts.push_back({part.data<uint8_t>(), outer ? part.bytes() / outer : 0});
    bytes += part.bytes();
  }
  Tensor out(first.type(), std::move(shape));
  if (out.bytes() != bytes)
    return call.refuse("has a result of unexpected shape");
  kernels::concat(parts, outer, out.data<uint8_t>());
  return out;
}

static LogicalResult finishJoined(Call &call, int64_t axis) {
  FailureOr<Tensor> out = joined(call, axis, call.resultShape());
  return failed(out) ? failure() : finishAs(call, *out, 0);
}

static LogicalResult evaluatePack(top::PackOp op, Call &call) {
  return finishJoined(call, top::normalizeAxis(op.getAxis(), call.operand(size_t{0}).rank() + 1));
}
static LogicalResult evaluateList(top::ListOp, Call &call) { return finishJoined(call, 0); }
static LogicalResult evaluateTuple(top::TupleOp, Call &call) { return finishJoined(call, 0); }

static LogicalResult evaluateUnTuple(top::UnTupleOp op, Call &call) {
  size_t result = 0;
  for (auto [index, value] : llvm::enumerate(op.getInputs())) {
    const Tensor &in = call.operand(index);
    auto tuple = value.getDefiningOp<top::TupleOp>();
    int64_t begin = 0;
    for (size_t part = 0, parts = tuple ? tuple.getInputs().size() : 1; part < parts; ++part, ++result) {
      Tensor out(in.type(), call.resultShape(result));
      if (in.elements() < begin + out.elements())
        return call.refuse("has results that are larger than its tuples");
      std::memcpy(out.data<uint8_t>(), in.data<uint8_t>() + begin * byteSize(in.type()), out.bytes());
      begin += out.elements();
      if (failed(finishAs(call, out, index)))
        return failure();
    }
  }
  return success();
}

/// The first operand, in which the range of `axis` from `offset` on is the second one; `keep` says where the rest of
/// the axis comes from.
static LogicalResult finishReplaced(Call &call, int64_t axis, int64_t first, int64_t offset, int64_t last) {
  const Tensor &in = call.operand(size_t{0}), &part = call.operand(size_t{1});
  if (part.type() != in.type() || call.operandQuantization(1) != call.operandQuantization(0))
    return call.refuse("has operands of different types");
  int64_t outer = 1, inner = 1;
  for (int64_t i = 0; i < in.rank(); ++i)
    (i < axis ? outer : inner) *= i == axis ? 1 : in.dim(i);
  const size_t line = inner * byteSize(in.type()), whole = in.dim(axis) * line, inserted = part.dim(axis) * line;
  Tensor out(in.type(), in.shape());
  for (int64_t i = 0; i < outer; ++i) {
    const uint8_t *from = in.data<uint8_t>() + i * whole;
    uint8_t *to = out.data<uint8_t>() + i * whole;
    std::memcpy(to, from + first * line, offset * line);
    std::memcpy(to + offset * line, part.data<uint8_t>() + i * inserted, inserted);
    std::memcpy(to + offset * line + inserted, from + last * line, whole - offset * line - inserted);
  }
  return finishAs(call, out, 0);
}

static LogicalResult evaluateInsert(top::InsertOp op, Call &call) {
  const int64_t axis = top::normalizeAxis(op.getAxis(), call.operand(size_t{0}).rank());
  const int64_t offset = op.getOffset();
  return finishReplaced(call, axis, 0, offset, offset + call.operand(1).dim(axis));
}

static LogicalResult evaluateConcatSlice(top::ConcatSliceOp op, Call &call) {
  const int64_t axis = top::normalizeAxis(op.getAxis(), call.operand(size_t{0}).rank());
  const int64_t whole = call.operand(size_t{0}).dim(axis), part = call.operand(1).dim(axis);
  return finishReplaced(call, axis, part, whole - part, whole);
}

static LogicalResult evaluateReverse(top::ReverseOp op, Call &call) {
  const Tensor &in = call.operand(size_t{0});
  std::vector<AxisMap> maps = wholeMaps(in);
  AxisMap &map = maps[top::normalizeAxis(op.getAxis(), in.rank())];
  std::reverse(map.begin(), map.end());
  return finishSelected(call, in, maps, call.resultShape());
}

static LogicalResult evaluateShuffleChannel(top::ShuffleChannelOp op, Call &call) {
  const Tensor &in = call.operand(size_t{0});
  const int64_t group = op.getGroup(), size = in.dim(1) / group;
  std::vector<AxisMap> maps = wholeMaps(in);
  for (int64_t i = 0; i < group; ++i)
    for (int64_t j = 0; j < size; ++j)
      maps[1][j * group + i] = i * size + j;
  return finishSelected(call, in, maps, call.resultShape());
}

static LogicalResult evaluateSwapDimInner(top::SwapDimInnerOp op, Call &call) {
  const Tensor &in = call.operand(size_t{0});
  std::vector<AxisMap> maps = wholeMaps(in);
  for (auto [map, offset] : llvm::zip(maps, top::i64Values(op.getOffset())))
    std::rotate(map.begin(), map.begin() + offset, map.end());
  return finishSelected(call, in, maps, call.resultShape());
}

/// Integers that an operand holds, within the bounds that ranges are computed in.
static top::Shape positions(const Call &call, size_t index) {
  const Tensor values = call.floats(index);
  top::Shape numbers;
  for (int64_t i = 0; i < values.elements(); ++i) {
    const double number = values.data<float>()[i];
    numbers.push_back(number != number ? 0 : static_cast<int64_t>(std::clamp(number, -4.6e18, 4.6e18)));
  }
  return numbers;
}

static LogicalResult finishSlice(Call &call, const FailureOr<top::ResolvedSlice> &slice) {
  if (failed(slice))
    return failure();
  const Extents shape = call.resultShape();
  if (ArrayRef(slice->shape) != ArrayRef(shape))
    return call.refuse("selects another shape than that of its result");
  std::vector<AxisMap> maps;
  for (const top::StridedRange &range : slice->ranges)
    maps.push_back(kernels::stepMap(range.begin, range.step, range.count));
  return finishSelected(call, call.operand(size_t{0}), maps, shape);
}

static LogicalResult evaluateSliceAxis(top::SliceAxisOp op, Call &call) {
  const top::Shape step = top::isNone(op.getStep()) ? top::Shape{1} : positions(call, 3);
  return finishSlice(
      call, top::resolveSlice(op, positions(call, 1)[0], positions(call, 2)[0], step[0], positions(call, 4)[0]));
}

static LogicalResult evaluateStridedSlice(top::StridedSliceOp op, Call &call) {
  return finishSlice(call, top::resolveSlice(op, positions(call, 1), positions(call, 2), positions(call, 3)));
}

static LogicalResult evaluateCopy(top::CopyOp op, Call &call) {
  const Tensor in = call.floats(size_t{0});
  Tensor out = call.floatResult();
  std::fill_n(out.data<float>(), out.elements(), 0.0f);
  const top::Shape shape = top::i64Values(op.getShape()), from = top::i64Values(op.getInputStride()),
                   to = top::i64Values(op.getOutputStride());
  top::Shape index(shape.size(), 0);
  int64_t read = 0, written = 0;
  for (int64_t left = top::product(shape); left > 0; --left) {
    out.data<float>()[written] = in.data<float>()[read];
    for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
      read += from[axis];
      written += to[axis];
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
      read -= from[axis] * shape[axis];
      written -= to[axis] * shape[axis];
    }
  }
  return call.finish(std::move(out));
}

static LogicalResult evaluateExpand(top::ExpandOp, Call &call) {
  const Tensor &in = call.operand(size_t{0});
  const Extents shape = call.resultShape();
  Extents aligned(shape.size() - std::min<size_t>(shape.size(), in.rank()), 1);
  aligned.insert(aligned.end(), in.shape().begin(), in.shape().end());
  if (aligned.size() != shape.size())
    return call.refuse("has a result of lower rank than its operand");
  std::vector<AxisMap> maps;
  for (auto [from, to] : llvm::zip(aligned, shape)) {
    if (from != to && from != 1)
      return call.refuse("cannot be broadcast to the shape of its result");
    maps.push_back(from == to ? kernels::identityMap(to) : kernels::repeatMap(1, to));
  }
  return finishSelected(call, in.reshaped(aligned), maps, shape);
}

static LogicalResult evaluateRepeat(top::RepeatOp, Call &call) {
  const top::Shape repeats = positions(call, 1);
  const Tensor &in = call.operand(size_t{0});
  const Extents shape = call.resultShape();
  bool fits = repeats.size() == shape.size() && in.rank() <= static_cast<int64_t>(shape.size());
  for (size_t i = 0; fits && i < shape.size(); ++i) {
    const int64_t behind = shape.size() - i, extent = behind <= in.rank() ? in.dim(in.rank() - behind) : 1;
    fits = repeats[i] > 0 && repeats[i] <= INT32_MAX && repeats[i] * extent == shape[i];
  }
  return fits ? evaluateTile(call, repeats) : call.refuse("has repeats that do not give the shape of its result");
}

static LogicalResult evaluateConstantFill(top::ConstantFillOp op, Call &call) {
  Tensor out = call.floatResult();
  std::fill_n(out.data<float>(), out.elements(), static_cast<float>(op.getValue().convertToDouble()));
  return call.finish(std::move(out));
}

static LogicalResult finishSequence(Call &call, bool single) {
  double numbers[] = {0, 0, 1};
  for (size_t i = 0; i < 3; ++i)
    if (const Tensor value = call.floats(i); !value.empty())
      numbers[i] = value.data<float>()[0];
  Tensor out = call.floatResult();
  if (top::sequenceLength(numbers[0], numbers[1], numbers[2], single) != out.elements())
    return call.refuse("has operands that do not give the shape of its result");
  for (int64_t i = 0; i < out.elements(); ++i)
    out.data<float>()[i] = static_cast<float>(numbers[0] + static_cast<double>(i) * numbers[2]);
  return call.finish(std::move(out));
}
static LogicalResult evaluateRange(top::RangeOp, Call &call) { return finishSequence(call, false); }
static LogicalResult evaluateArange(top::ArangeOp, Call &call) { return finishSequence(call, true); }

static LogicalResult evaluateShape(top::ShapeOp op, Call &call) {
  const ArrayRef<int64_t> shape = top::shapeOf(op.getInput());
  const top::StridedRange range = top::shapeRange(op);
  Tensor out = call.floatResult();
  for (int64_t i = 0; i < out.elements(); ++i)
    out.data<float>()[i] = static_cast<float>(shape[range.begin + i * range.step]);
  return call.finish(std::move(out));
}

static LogicalResult evaluateSize(top::SizeOp op, Call &call) {
  const ArrayRef<int64_t> shape = top::shapeOf(op.getInput());
  Tensor out = call.floatResult();
  for (int64_t i = 0; i < out.elements(); ++i)
    out.data<float>()[i] =
        static_cast<float>(shape[op.getAxis() ? top::normalizeAxis(*op.getAxis(), shape.size()) : i]);
  return call.finish(std::move(out));
}

static LogicalResult evaluateRandnLike(top::RandnLikeOp, Call &call) { return finishAs(call, call.operand(1), 1); }

static LogicalResult evaluateMeshGrid(top::MeshGridOp op, Call &call) {
  const size_t count = call.operandCount();
  for (size_t i = 0; i < count; ++i) {
    const Extents shape = call.resultShape(i);
    const size_t axis = op.getIsReverse() ? count - 1 - i : i;
    int64_t inner = 1;
    for (size_t behind = axis + 1; behind < count; ++behind)
      inner *= shape[behind];
    const Tensor in = call.floats(i);
    Tensor out = call.floatResult(i);
    for (int64_t position = 0; position < out.elements(); ++position)
      out.data<float>()[position] = in.data<float>()[position / inner % shape[axis]];
    if (failed(call.finish(std::move(out))))
      return failure();
  }
  return success();
}

void evaluation::attachTopTensorModels(MLIRContext &context) {
  attach<top::SplitOp, evaluateSplit>(context);
  attach<top::PackOp, evaluatePack>(context);
  attach<top::UnpackOp, evaluateUnpack>(context);
  attach<top::ListOp, evaluateList>(context);
  attach<top::TupleOp, evaluateTuple>(context);
  attach<top::UnTupleOp, evaluateUnTuple>(context);
  attach<top::InsertOp, evaluateInsert>(context);
  attach<top::ConcatSliceOp, evaluateConcatSlice>(context);
  attach<top::ReverseOp, evaluateReverse>(context);
  attach<top::ShuffleChannelOp, evaluateShuffleChannel>(context);
  attach<top::SwapDimInnerOp, evaluateSwapDimInner>(context);
  attach<top::SliceAxisOp, evaluateSliceAxis>(context);
  attach<top::StridedSliceOp, evaluateStridedSlice>(context);
  attach<top::CopyOp, evaluateCopy>(context);
  attach<top::ViewOp, evaluateReshapeOp<top::ViewOp>>(context);
  attach<top::ExpandOp, evaluateExpand>(context);
  attach<top::RepeatOp, evaluateRepeat>(context);
  attach<top::ConstantFillOp, evaluateConstantFill>(context);
  attach<top::RangeOp, evaluateRange>(context);
  attach<top::ArangeOp, evaluateArange>(context);
  attach<top::ShapeOp, evaluateShape>(context);
  attach<top::SizeOp, evaluateSize>(context);
  attach<top::RandnLikeOp, evaluateRandnLike>(context);
  attach<top::MeshGridOp, evaluateMeshGrid>(context);
  attach<top::EinsumOp, evaluateEinsum>(context);
}
