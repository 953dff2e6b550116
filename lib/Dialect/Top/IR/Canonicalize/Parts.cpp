// Ops that cut and join tensors become Slices, Concats and Reshapes: Split, Pack, Unpack, ConcatSlice, Insert, List,
// MeshGrid; tuples disappear.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/Ranges.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

static Location part(Operation *op, const Twine &suffix) {
  return nameLoc(op->getContext(), (nameOf(op->getResult(0)) + "_" + suffix).str());
}

static Value reshape(PatternRewriter &rewriter, Location loc, Value value, RankedTensorType type) {
  return make<ReshapeOp>(rewriter, loc, type, {value},
                         {named(rewriter, "shape", rewriter.getI64ArrayAttr(type.getShape()))})
      .getOutput();
}

/// Positions [begin, begin + count) of an axis.
static Value slice(PatternRewriter &rewriter, Operation *op, Location loc, Value input, int64_t axis, int64_t begin,
                   int64_t count) {
  Shape shape = llvm::to_vector(shapeOf(input)), offset(shape.size(), 0), steps(shape.size(), 1), ends = shape;
  offset[axis] = begin;
  ends[axis] = begin + count;
  shape[axis] = count;
  Value none = noneFor(op);
  auto type = cast<RankedTensorType>(input.getType()).clone(shape);
  return make<SliceOp>(rewriter, loc, type, {input, none, none, none},
                       {named(rewriter, "offset", rewriter.getI64ArrayAttr(offset)),
                        named(rewriter, "steps", rewriter.getI64ArrayAttr(steps)),
                        named(rewriter, "ends", rewriter.getI64ArrayAttr(ends)),
                        named(rewriter, "axes", rewriter.getI64ArrayAttr({}))})
      .getOutput();
}

static NamedAttribute axisAttribute(PatternRewriter &rewriter, int64_t axis) {
  return named(rewriter, "axis", rewriter.getIntegerAttr(rewriter.getIntegerType(32, true), axis));
}

/// Where the results of an op of several come from a location each.
static Location locationOf(Value result) {
  StringRef name = nameOf(result);
  return name.empty() ? result.getLoc() : nameLoc(result.getContext(), name);
}

namespace {
struct SplitToSlice : TopPattern<SplitOp, SplitToSlice> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(SplitOp op, PatternRewriter &rewriter) const override {
    FailureOr<Shape> sizes = splitSizes(op);
    if (failed(sizes))
      return failure();
    int64_t axis = normalizeAxis(op.getAxis(), shapeOf(op.getInput()).size()), begin = 0;
    SmallVector<Value> parts;
    for (auto [result, size] : llvm::zip(op.getOutputs(), *sizes)) {
      parts.push_back(slice(rewriter, op, locationOf(result), op.getInput(), axis, begin, size));
      begin += size;
    }
    rewriter.replaceOp(op, parts);
    return success();
  }
};

struct UnpackToSlice : TopPattern<UnpackOp, UnpackToSlice> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(UnpackOp op, PatternRewriter &rewriter) const override {
    int64_t axis = normalizeAxis(op.getAxis(), shapeOf(op.getInput()).size());
    SmallVector<Value> parts;
    for (auto [index, result] : llvm::enumerate(op.getOutputs())) {
      Location loc = nameLoc(op.getContext(), (nameOf(result) + "_slice").str());
      Value taken = slice(rewriter, op, loc, op.getInput(), axis, index, 1);
      parts.push_back(reshape(rewriter, locationOf(result), taken, cast<RankedTensorType>(result.getType())));
    }
    rewriter.replaceOp(op, parts);
    return success();
  }
};

struct PackToConcat : TopPattern<PackOp, PackToConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(PackOp op, PatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getOutput().getType());
    int64_t axis = normalizeAxis(op.getAxis(), type.getRank());
    Shape single = llvm::to_vector(type.getShape());
    single[axis] = 1;
    SmallVector<Value> parts;
    for (auto [index, input] : llvm::enumerate(op.getInputs()))
      parts.push_back(reshape(rewriter, part(op, "part" + Twine(index)), input,
                              cast<RankedTensorType>(input.getType()).clone(single)));
    replaceBy<ConcatOp>(rewriter, op, parts, {axisAttribute(rewriter, axis)});
    return success();
  }
};

struct ListToConcat : TopPattern<ListOp, ListToConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ListOp op, PatternRewriter &rewriter) const override {
    replaceBy<ConcatOp>(rewriter, op, op.getInputs(), {axisAttribute(rewriter, 0)});
    return success();
  }
};

/// A network output keeps its name: what it is made of passes through a Reshape.
struct RemoveUnTuple : TopPattern<UnTupleOp, RemoveUnTuple> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(UnTupleOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> values = untupled(op.getInputs());
    for (auto [value, result] : llvm::zip(values, op.getOutputs()))
      if (isNetworkOutput(result))
        value = reshape(rewriter, locationOf(result), value, cast<RankedTensorType>(result.getType()));
    rewriter.replaceOp(op, values);
    return success();
  }
};

/// A tuple that is used as a vector.
struct TupleToConcat : TopPattern<TupleOp, TupleToConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(TupleOp op, PatternRewriter &rewriter) const override {
    if (llvm::any_of(op.getOutput().getUsers(), [](Operation *user) { return isa<UnTupleOp>(user); }))
      return failure();
    SmallVector<Value> parts;
    for (auto [index, input] : llvm::enumerate(op.getInputs()))
      parts.push_back(reshape(rewriter, part(op, "part" + Twine(index)), input,
                              cast<RankedTensorType>(input.getType()).clone({elementsOf(input)})));
    replaceBy<ConcatOp>(rewriter, op, parts, {axisAttribute(rewriter, 0)});
    return success();
  }
};

struct ConcatSliceToConcat : TopPattern<ConcatSliceOp, ConcatSliceToConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(ConcatSliceOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = shapeOf(op.getIn0());
    int64_t axis = normalizeAxis(op.getAxis(), shape.size()), extent = shape[axis], added = shapeOf(op.getIn1())[axis];
    SmallVector<Value> parts;
    if (added < extent)
      parts.push_back(slice(rewriter, op, part(op, "kept"), op.getIn0(), axis, added, extent - added));
    parts.push_back(op.getIn1());
    replaceBy<ConcatOp>(rewriter, op, parts, {axisAttribute(rewriter, axis)});
    return success();
  }
};

struct InsertToConcat : TopPattern<InsertOp, InsertToConcat> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(InsertOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> shape = shapeOf(op.getInput());
    int64_t axis = normalizeAxis(op.getAxis(), shape.size()), extent = shape[axis], offset = op.getOffset();
    int64_t end = offset + shapeOf(op.getRhs())[axis];
    SmallVector<Value> parts;
    if (offset > 0)
      parts.push_back(slice(rewriter, op, part(op, "before"), op.getInput(), axis, 0, offset));
    parts.push_back(op.getRhs());
    if (end < extent)
      parts.push_back(slice(rewriter, op, part(op, "after"), op.getInput(), axis, end, extent - end));
    replaceBy<ConcatOp>(rewriter, op, parts, {axisAttribute(rewriter, axis)});
    return success();
  }
};

struct MeshGridToTile : TopPattern<MeshGridOp, MeshGridToTile> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MeshGridOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> grids;
    size_t count = op.getInputs().size();
    for (auto [index, result] : llvm::enumerate(op.getOutputs())) {
      auto type = cast<RankedTensorType>(result.getType());
      size_t axis = op.getIsReverse() ? count - 1 - index : index;
      Shape repeats = llvm::to_vector(type.getShape()), line(count, 1);
      repeats[axis] = 1;
      line[axis] = type.getDimSize(axis);
      Location loc = nameLoc(op.getContext(), (nameOf(result) + "_line").str());
      Value value = reshape(rewriter, loc, op.getInputs()[index], type.clone(line));
      grids.push_back(make<TileOp>(rewriter, locationOf(result), type, {value},
                                   {named(rewriter, "tile", rewriter.getI64ArrayAttr(repeats))})
                          .getOutput());
    }
    rewriter.replaceOp(op, grids);
    return success();
  }
};
} // namespace

void top::populatePartPatterns(RewritePatternSet &patterns) {
  patterns.add<SplitToSlice, UnpackToSlice, PackToConcat, ListToConcat, RemoveUnTuple, TupleToConcat,
               ConcatSliceToConcat, InsertToConcat, MeshGridToTile>(patterns.getContext());
}
