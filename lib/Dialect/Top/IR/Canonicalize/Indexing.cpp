// Gathers and scatters by constant indices as slices and joins of them,
// searches of which only a part is used.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopIndexing.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
/// A range of equally spaced positions of an axis.
struct Run {
  int64_t begin, step, count;
};
} // namespace

/// Indices as runs; a step other than 1 only where it is the step of all of
/// them.
static SmallVector<Run> runsOf(ArrayRef<int64_t> indices) {
  const int64_t count = indices.size();
  const int64_t step = count > 1 ? indices[1] - indices[0] : 1;
  bool regular = step != 0;
  for (int64_t i = 2; regular && i < count; ++i)
    regular = indices[i] - indices[i - 1] == step;
  if (regular)
    return {{indices[0], step, count}};
  SmallVector<Run> runs;
  for (int64_t index : indices)
    if (!runs.empty() && index == runs.back().begin + runs.back().count)
      ++runs.back().count;
    else
      runs.push_back({index, 1, 1});
  return runs;
}

static Value sliceAlong(PatternRewriter &rewriter, Location location, Value input, int64_t axis, const Run &run,
                        Value none) {
  Shape offset(shapeOf(input).size(), 0), steps(offset.size(), 1), ends(shapeOf(input)), shape(shapeOf(input));
  const int64_t extent = shape[axis], end = run.begin + run.step * run.count;
  offset[axis] = run.begin;
  steps[axis] = run.step;
  ends[axis] = run.step < 0 && end < 0 ? -(extent + 1) : std::min(end, extent);
  shape[axis] = run.count;
  auto type = RankedTensorType::get(shape, cast<ShapedType>(input.getType()).getElementType());
  return make<SliceOp>(rewriter, location, type, {input, none, none, none},
                       {named(rewriter, "offset", rewriter.getI64ArrayAttr(offset)),
                        named(rewriter, "steps", rewriter.getI64ArrayAttr(steps)),
                        named(rewriter, "ends", rewriter.getI64ArrayAttr(ends))})
      .getOutput();
}

namespace {
/// A gather by few constant indices is a slice, or some of them joined,
/// reshaped to the indices' axes.
struct TopGatherToSlice : TopPattern<GatherOp, TopGatherToSlice> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    Value input = op.getInput();
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    if (weightOf(input) || !weightOf(op.getIndices()) || elementsOf(op.getIndices()) > maxIndices ||
        elementsOf(op.getOutput()) == 0 || type.getElementType() != cast<ShapedType>(input.getType()).getElementType())
      return failure();
    FailureOr<Shape> indices = constantIntegers(op.getIndices());
    const int64_t axis = normalizeAxis(op.getAxis(), shapeOf(input).size());
    if (failed(indices))
      return failure();
    for (int64_t &index : *indices) {
      index = normalizeAxis(index, shapeOf(input)[axis]);
      if (index < 0)
        return failure();
    }
    SmallVector<Run> runs = runsOf(*indices);
    if (runs.size() > maxRuns)
      return failure();
    Shape shape(shapeOf(input));
    shape[axis] = indices->size();
    const bool reshaped = type.getShape() != ArrayRef<int64_t>(shape);
    const std::string name = nameOf(op.getOutput()).str();
    const auto locationOf = [&](StringRef suffix, bool last) {
      return last ? op.getLoc() : nameLoc(op.getContext(), name + suffix.str());
    };
    Value none = noneFor(op);
    SmallVector<Value> parts;
    for (auto [index, run] : llvm::enumerate(runs)) {
      const std::string suffix = runs.size() == 1 ? "_slice" : "_slice_" + std::to_string(index);
      parts.push_back(sliceAlong(rewriter, locationOf(suffix, runs.size() == 1 && !reshaped), input, axis, run, none));
    }
    Value result = parts.front();
    if (parts.size() > 1)
      result = make<ConcatOp>(rewriter, locationOf("_joined", !reshaped),
                              RankedTensorType::get(shape, type.getElementType()), parts,
                              {named(rewriter, "axis", rewriter.getSI32IntegerAttr(axis))})
                   .getOutput();
    if (reshaped)
      result = make<ReshapeOp>(rewriter, op.getLoc(), type, {result},
                               {named(rewriter, "shape", rewriter.getI64ArrayAttr(type.getShape()))})
                   .getOutput();
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  static constexpr int64_t maxIndices = 1 << 16;
  static constexpr size_t maxRuns = 16;
};

/// An extremum whose position nobody uses is a reduction.
struct ArgToReduce : TopPattern<ArgOp, ArgToReduce> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ArgOp op, PatternRewriter &rewriter) const override {
    if (isNone(op.getValues()) || !op.getIndices().use_empty() || op.getValues().use_empty())
      return failure();
    const int64_t axis = normalizeAxis(op.getAxis(), shapeOf(op.getInput()).size());
    auto reduce = make<ReduceOp>(
        rewriter, nameLoc(op.getContext(), nameOf(op.getValues())), op.getValues().getType(), op.getInput(),
        {named(rewriter, "axes", rewriter.getI64ArrayAttr({axis})), named(rewriter, "keepdims", op.getKeepdimsAttr()),
         named(rewriter, "mode", rewriter.getStringAttr(op.getMode() == "ArgMax" ? "ReduceMax" : "ReduceMin"))});
    rewriter.replaceAllUsesWith(op.getValues(), reduce.getOutput());
    rewriter.eraseOp(op);
    return success();
  }
};

/// An optional result that nobody uses is of type none.
template <typename OpTy> struct DropUnusedResult : TopPattern<OpTy, DropUnusedResult<OpTy>> {
  using TopPattern<OpTy, DropUnusedResult>::TopPattern;
  static bool isOptional(OpTy op, Value result) {
    if constexpr (std::is_same_v<OpTy, TopKOp>)
      return result == op.getValues() || result == op.getIndices();
    else
      return result == op.getValues();
  }
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    bool used = false;
    SmallVector<Value> unused;
    for (Value result : op->getResults()) {
      used |= !result.use_empty();
      if (result.use_empty() && !isNone(result) && isOptional(op, result))
        unused.push_back(result);
    }
    if (!used || unused.empty())
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      for (Value result : unused)
        result.setType(rewriter.getNoneType());
    });
    return success();
  }
};
} // namespace

namespace {
/// A range per leading axis of a tensor.
struct Box {
  Shape begin, extents;
};
} // namespace

/// The ranges that constant tuples of indices run through in row-major order;
/// nullopt if they do not.
static std::optional<Box> boxOf(Value indices, ArrayRef<int64_t> data, int64_t width) {
  constexpr int64_t maxIndices = 1 << 22;
  if (!weightOf(indices) || elementsOf(indices) == 0 || elementsOf(indices) > maxIndices)
    return std::nullopt;
  FailureOr<Shape> values = constantIntegers(indices);
  if (failed(values))
    return std::nullopt;
  const int64_t count = values->size() / width;
  Box box{Shape(data.take_front(width)), Shape(width, -1)};
  for (int64_t i = 0; i < count * width; ++i) {
    int64_t &index = (*values)[i], axis = i % width;
    index = normalizeAxis(index, data[axis]);
    if (index < 0)
      return std::nullopt;
    box.begin[axis] = std::min(box.begin[axis], index);
    box.extents[axis] = std::max(box.extents[axis], index);
  }
  int64_t product = 1;
  for (int64_t axis = 0; axis < width; ++axis) {
    box.extents[axis] += 1 - box.begin[axis];
    product *= box.extents[axis]; // at most the number of elements of the data
  }
  if (product != count)
    return std::nullopt;
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = i;
    for (int64_t axis = width; axis-- > 0; rest /= box.extents[axis])
      if ((*values)[i * width + axis] != box.begin[axis] + rest % box.extents[axis])
        return std::nullopt;
  }
  return box;
}

static Value reshaped(PatternRewriter &rewriter, Location location, Value value, ArrayRef<int64_t> shape) {
  if (shapeOf(value) == shape)
    return value;
  auto type = RankedTensorType::get(shape, cast<ShapedType>(value.getType()).getElementType());
  return make<ReshapeOp>(rewriter, location, type, {value}, {named(rewriter, "shape", rewriter.getI64ArrayAttr(shape))})
      .getOutput();
}

/// The part of the op's first operand within the box along its first `axes`
/// axes, and from `begin` to `end` along the next one.
static Value partOf(PatternRewriter &rewriter, Location location, Operation *op, const Box &box, int64_t axes,
                    int64_t begin, int64_t end) {
  Value data = op->getOperand(0), none = noneFor(op);
  Shape offset(shapeOf(data).size(), 0), ends(shapeOf(data)), shape(shapeOf(data));
  for (int64_t axis = 0; axis <= axes; ++axis) {
    offset[axis] = axis < axes ? box.begin[axis] : begin;
    ends[axis] = axis < axes ? offset[axis] + box.extents[axis] : end;
    shape[axis] = ends[axis] - offset[axis];
  }
  auto type = RankedTensorType::get(shape, cast<ShapedType>(data.getType()).getElementType());
  return make<SliceOp>(rewriter, location, type, {data, none, none, none},
                       {named(rewriter, "offset", rewriter.getI64ArrayAttr(offset)),
                        named(rewriter, "steps", rewriter.getI64ArrayAttr(Shape(offset.size(), 1))),
                        named(rewriter, "ends", rewriter.getI64ArrayAttr(ends))})
      .getOutput();
}

/// `data` with the box replaced by `updates`: what lies before and behind it is
/// joined to it, axis by axis.
static LogicalResult replaceBox(PatternRewriter &rewriter, Operation *op, Value data, Value updates, const Box &box) {
  ArrayRef<int64_t> shape = shapeOf(data);
  const int64_t width = box.begin.size();
  const std::string name = nameOf(op->getResult(0)).str();
  int64_t last = -1; // the outermost axis that is not covered gives the result
  for (int64_t axis = width; axis-- > 0;)
    if (box.extents[axis] != shape[axis])
      last = axis;
  if (last < 0) {
    if (updates.getType() == op->getResult(0).getType())
      return replaceByOperand(rewriter, op, updates);
    rewriter.replaceOp(op, reshaped(rewriter, op->getLoc(), updates, shape));
    return success();
  }
  int parts = 0;
  const auto location = [&](StringRef what) {
    return nameLoc(op->getContext(), name + "_" + what.str() + "_" + std::to_string(parts++));
  };
  Shape inner(box.extents);
  llvm::append_range(inner, shape.drop_front(width));
  Value value = reshaped(rewriter, location("updates"), updates, inner);
  for (int64_t axis = width; axis-- > last;) {
    const int64_t begin = box.begin[axis], end = begin + box.extents[axis];
    if (begin == 0 && end == shape[axis])
      continue;
    SmallVector<Value> joined;
    if (begin > 0)
      joined.push_back(partOf(rewriter, location("before"), op, box, axis, 0, begin));
    joined.push_back(value);
    if (end < shape[axis])
      joined.push_back(partOf(rewriter, location("behind"), op, box, axis, end, shape[axis]));
    inner[axis] = shape[axis];
    auto type = RankedTensorType::get(inner, cast<ShapedType>(data.getType()).getElementType());
    value = make<ConcatOp>(rewriter, axis == last ? op->getLoc() : location("joined"), type, joined,
                           {named(rewriter, "axis", rewriter.getSI32IntegerAttr(axis))})
                .getOutput();
  }
  rewriter.replaceOp(op, value);
  return success();
}

namespace {
/// Replaced elements that fill a box, as an assignment to a slice gives them.
struct ScatterNDToConcat : TopPattern<ScatterNDOp, ScatterNDToConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ScatterNDOp op, PatternRewriter &rewriter) const override {
    Value data = op.getInputData();
    if (op.getReduction() != 0 || elementsOf(data) == 0 || op.getOutput().getType() != data.getType())
      return failure();
    std::optional<Box> box = boxOf(op.getIndices(), shapeOf(data), shapeOf(op.getIndices()).back());
    return box ? replaceBox(rewriter, op, data, op.getUpdates(), *box) : failure();
  }
};

struct IndexPutToConcat : TopPattern<IndexPutOp, IndexPutToConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(IndexPutOp op, PatternRewriter &rewriter) const override {
    Value data = op.getInput();
    if (op.getAccumulate() || elementsOf(data) == 0 || op.getOutput().getType() != data.getType())
      return failure();
    std::optional<Box> box = boxOf(op.getIndices(), shapeOf(data), 1);
    if (!box || elementsOf(op.getValues()) / box->extents[0] * shapeOf(data)[0] != elementsOf(data))
      return failure();
    return replaceBox(rewriter, op, data, op.getValues(), *box);
  }
};

/// Gathered elements that fill a box.
struct GatherNDToSlice : TopPattern<GatherNDOp, GatherNDToSlice> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(GatherNDOp op, PatternRewriter &rewriter) const override {
    Value data = op.getInput();
    if (op.getBatchDims() != 0 || weightOf(data) || elementsOf(op.getOutput()) == 0)
      return failure();
    const int64_t width = shapeOf(op.getIndices()).back();
    std::optional<Box> box = boxOf(op.getIndices(), shapeOf(data), width);
    if (!box)
      return failure();
    Shape shape(box->extents);
    llvm::append_range(shape, shapeOf(data).drop_front(width));
    const bool isLast = shapeOf(op.getOutput()) == ArrayRef<int64_t>(shape);
    Location location = isLast ? op.getLoc() : nameLoc(op.getContext(), (nameOf(op.getOutput()) + "_slice").str());
    const int64_t begin = box->begin.back();
    Value part = partOf(rewriter, location, op, *box, width - 1, begin, begin + box->extents.back());
    rewriter.replaceOp(op, reshaped(rewriter, op.getLoc(), part, shapeOf(op.getOutput())));
    return success();
  }
};
} // namespace

void top::populateIndexingPatterns(RewritePatternSet &patterns) {
  patterns.add<TopGatherToSlice, ScatterNDToConcat, IndexPutToConcat, GatherNDToSlice, ArgToReduce,
               DropUnusedResult<ArgOp>, DropUnusedResult<SortOp>, DropUnusedResult<TopKOp>>(patterns.getContext());
}
