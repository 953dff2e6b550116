// Pooling beyond the core by ops of the core.
#include "Patterns.h"
#include "tpu_mlir/Dialect/Top/IR/TopSampling.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

namespace {
/// Windows are equal and do not overlap where the result's extents divide the input's.
struct AdaptiveToAvgPool : TopPattern<AdaptiveAvgPoolOp, AdaptiveToAvgPool> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AdaptiveAvgPoolOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> input = shapeOf(op.getInput()), output = shapeOf(op.getOutput());
    Shape kernel;
    for (size_t i = 2; i < input.size(); ++i) {
      if (input[i] % output[i])
        return failure();
      kernel.push_back(input[i] / output[i]);
    }
    replaceBy<AvgPoolOp>(rewriter, op, {op.getInput()},
                         {named(rewriter, "kernel_shape", rewriter.getI64ArrayAttr(kernel)),
                          named(rewriter, "strides", rewriter.getI64ArrayAttr(kernel)),
                          named(rewriter, "pads", rewriter.getI64ArrayAttr(Shape(2 * kernel.size(), 0))),
                          named(rewriter, "count_include_pad", rewriter.getBoolAttr(true))});
    return success();
  }
};

/// Other windows are the columns of a matrix, if that has at most this many values.
constexpr int64_t largestMatrix = 1 << 20;

/// The share of each position of the input in each of the result, for one more axis: [positions so far * extent,
/// results so far * size].
std::vector<double> withAxis(const std::vector<double> &shares, int64_t rows, int64_t extent, int64_t size) {
  const auto columns = static_cast<int64_t>(shares.size()) / rows;
  std::vector<double> all(shares.size() * extent * size, 0.0);
  for (int64_t o = 0; o < size; ++o) {
    const int64_t begin = o * extent / size, end = ((o + 1) * extent + size - 1) / size;
    for (int64_t i = begin; i < end; ++i)
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < columns; ++column)
          all[(row * extent + i) * columns * size + column * size + o] =
              shares[row * columns + column] / static_cast<double>(end - begin);
  }
  return all;
}

struct AdaptiveToMatMul : TopPattern<AdaptiveAvgPoolOp, AdaptiveToMatMul> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(AdaptiveAvgPoolOp op, PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> input = shapeOf(op.getInput()), output = shapeOf(op.getOutput());
    double size = 1;
    for (size_t i = 2; i < input.size(); ++i)
      size *= static_cast<double>(input[i]) * static_cast<double>(output[i]);
    if (size > largestMatrix)
      return failure();
    std::vector<double> matrix{1.0};
    int64_t rows = 1, columns = 1;
    for (size_t i = 2; i < input.size(); ++i) {
      matrix = withAxis(matrix, rows, input[i], output[i]);
      rows *= input[i];
      columns *= output[i];
    }
    std::string name = nameOf(op.getOutput()).str();
    Type element = cast<TensorType>(op.getOutput().getType()).getElementType();
    Value weight = newWeight(rewriter, name + "_matrix", {rows, columns}, matrix);
    auto typeOf = [&](int64_t last) { return RankedTensorType::get({input[0], input[1], last}, element); };
    auto reshape = [&](StringRef suffix) { return nameLoc(op.getContext(), name + suffix.str()); };
    auto flat = make<ReshapeOp>(rewriter, reshape("_flat"), typeOf(rows), {op.getInput()},
                                {named(rewriter, "shape", rewriter.getI64ArrayAttr({input[0], input[1], rows}))});
    auto means = make<MatMulOp>(rewriter, reshape("_means"), typeOf(columns), {flat.getOutput(), weight, noneFor(op)});
    replaceBy<ReshapeOp>(rewriter, op, {means.getOutput()},
                         {named(rewriter, "shape", rewriter.getI64ArrayAttr(output))});
    return success();
  }
};

/// Nobody asks where the maximum was.
struct RemoveUnusedMask : TopPattern<MaxPoolWithMaskOp, RemoveUnusedMask> {
  using TopPattern::TopPattern;
  LogicalResult matchAndRewrite(MaxPoolWithMaskOp op, PatternRewriter &rewriter) const override {
    if (!op.getMask().use_empty())
      return failure();
    auto pool = make<MaxPoolOp>(rewriter, nameLoc(op.getContext(), nameOf(op.getOutput())), op.getOutput().getType(),
                                {op.getInput()}, llvm::to_vector(op->getAttrs()));
    rewriter.replaceAllUsesWith(op.getOutput(), pool.getOutput());
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void top::populateSamplingPatterns(RewritePatternSet &patterns) {
  patterns.add<AdaptiveToAvgPool>(patterns.getContext(), 2);
  patterns.add<AdaptiveToMatMul, RemoveUnusedMask>(patterns.getContext(), 1);
}
