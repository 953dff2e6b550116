// Matrix products as lists of strided products; line-wise ops on [outer, axis, inner] views.
#include "Matrix.h"

#include "Stacks.h"
#include "tpu_mlir/Kernels/Gemm.h"
#include "tpu_mlir/Kernels/Layout.h"

#include "llvm/ADT/StringSwitch.h"

#include <optional>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

namespace {

class MatMulProducts : public kernels::ProductList {
public:
  MatMulProducts(const ProductStacks &stacks, const float *left, const float *right, float *out,
                 const kernels::Epilogue &epilogue)
      : stacks(stacks), left(left), right(right), out(out), epilogue(epilogue) {}

  kernels::Product get(int64_t index) const override {
    kernels::Product product;
    product.a = {left + stacks.offset(stacks.left, index), stacks.left.rowStride, stacks.left.columnStride};
    product.b = {right + stacks.offset(stacks.right, index), stacks.right.rowStride, stacks.right.columnStride};
    product.c = out + stacks.offset(stacks.result, index);
    product.cStride = stacks.result.rowStride;
    product.epilogue = epilogue;
    return product;
  }

private:
  const ProductStacks &stacks;
  const float *left, *right;
  float *out;
  kernels::Epilogue epilogue;
};

kernels::Lines linesAround(const Extents &shape, int64_t first, int64_t last) {
  kernels::Lines lines;
  for (int64_t i = 0; i < static_cast<int64_t>(shape.size()); ++i)
    (i < first ? lines.outer : i < last ? lines.axis : lines.inner) *= shape[i];
  return lines;
}

} // namespace

LogicalResult evaluation::evaluateMatMul(Call &call, const MatMulArguments &arguments) {
  FailureOr<ProductStacks> stacks =
      makeStacks(call, arguments.left.shape(), arguments.right.shape(),
                 {arguments.leftTranspose, arguments.rightTranspose, arguments.headBatch});
  if (failed(stacks))
    return failure();
  int64_t rows = stacks->left.rows, columns = stacks->right.columns;
  const Tensor &bias = arguments.bias;
  if (!bias.empty() && bias.elements() != columns && bias.elements() != 1)
    return call.refuse("needs a bias of " + Twine(columns) + " values, got " + Twine(bias.elements()));
  std::vector<float> biasValues;
  if (!bias.empty())
    for (int64_t i = 0; i < columns; ++i)
      biasValues.push_back(bias.data<float>()[bias.elements() == 1 ? 0 : i]);
  Tensor out = call.floatResult();
  if (stacks->count * rows * columns != out.elements())
    return call.refuse("has a result of unexpected shape");
  kernels::Epilogue epilogue{nullptr, bias.empty() ? nullptr : biasValues.data(), arguments.limits.low,
                             arguments.limits.high};
  const float *left = arguments.left.data<float>(), *right = arguments.right.data<float>();
  const int64_t depth = stacks->left.columns;
  if (arguments.outputTranspose) {
    // (A·B)ᵀ = Bᵀ·Aᵀ
    if (arguments.headBatch)
      return call.refuse("hdim_is_batch together with output_transpose is not supported");
    std::swap(stacks->left, stacks->right);
    std::swap(left, right);
    for (Stack *stack : {&stacks->left, &stacks->right})
      std::swap(stack->rowStride, stack->columnStride);
    std::swap(epilogue.rowBias, epilogue.columnBias);
    stacks->result.rowStride = rows;
    std::swap(rows, columns);
  }
  kernels::gemm(stacks->count, rows, columns, depth, MatMulProducts(*stacks, left, right, out.data<float>(), epilogue));
  return call.finish(std::move(out));
}

LogicalResult evaluation::evaluateSoftmax(Call &call, int64_t axis, double beta, bool logarithm) {
  const Tensor in = call.floats(size_t{0});
  axis = top::normalizeAxis(axis, in.rank());
  if (axis < 0)
    return call.refuse("has an axis outside of its operand's rank");
  Tensor out = call.floatResult();
  call.rounding = kernels::RoundMode::HalfAway; // computed in f32 there, then converted
  kernels::softmax(linesAround(in.shape(), axis, axis + 1), in.data<float>(), out.data<float>(),
                   static_cast<float>(beta), logarithm);
  return call.finish(std::move(out));
}

LogicalResult evaluation::evaluateLayerNorm(Call &call, const Tensor &weight, const Tensor &bias, int64_t axis,
                                            double epsilon) {
  const Tensor in = call.floats(size_t{0});
  axis = top::normalizeAxis(axis, in.rank());
  if (axis < 0)
    return call.refuse("has an axis outside of its operand's rank");
  const kernels::Lines lines = linesAround(in.shape(), axis, in.rank());
  if ((!weight.empty() && weight.elements() != lines.axis) || (!bias.empty() && bias.elements() != lines.axis))
    return call.refuse("needs a weight and a bias of " + Twine(lines.axis) + " values");
  Tensor out = call.floatResult();
  call.rounding = kernels::RoundMode::HalfAway; // computed in f32 there, then converted
  kernels::layerNorm(lines.outer, lines.axis, in.data<float>(), out.data<float>(),
                     weight.empty() ? nullptr : weight.data<float>(), bias.empty() ? nullptr : bias.data<float>(),
                     epsilon);
  return call.finish(std::move(out));
}

static std::optional<kernels::Reduction> reductionOf(StringRef mode) {
  using kernels::Reduction;
  return llvm::StringSwitch<std::optional<Reduction>>(mode)
      .Case("ReduceMin", Reduction::Min)
      .Case("ReduceMax", Reduction::Max)
      .Case("ReduceMean", Reduction::Mean)
      .Case("ReduceL2", Reduction::L2)
      .Case("ReduceL1", Reduction::L1)
      .Case("ReduceSum", Reduction::Sum)
      .Case("ReduceProd", Reduction::Prod)
      .Default(std::nullopt);
}

LogicalResult evaluation::evaluateReduce(Call &call, ArrayRef<int64_t> axes, StringRef mode) {
  Tensor in = call.floats(size_t{0});
  std::optional<kernels::Reduction> reduction = reductionOf(mode);
  if (!reduction)
    return call.refuse("has the unknown mode " + mode);
  std::vector<bool> reduced(in.rank(), axes.empty());
  for (int64_t axis : axes) {
    const int64_t position = top::normalizeAxis(axis, in.rank());
    if (position < 0)
      return call.refuse("has axis " + Twine(axis) + " for an operand of rank " + Twine(in.rank()));
    reduced[position] = true;
  }
  // Neighbouring axes are reduced in place; otherwise they are moved to the end first.
  Extents order;
  for (bool take : {false, true})
    for (int64_t axis = 0; axis < in.rank(); ++axis)
      if (reduced[axis] == take)
        order.push_back(axis);
  const int64_t count = llvm::count(reduced, true), first = llvm::find(reduced, true) - reduced.begin();
  bool neighbours = true;
  for (int64_t i = first; i < first + count; ++i)
    neighbours = neighbours && reduced[i];
  int64_t begin = first;
  if (!neighbours) {
    Extents shape;
    for (int64_t axis : order)
      shape.push_back(in.dim(axis));
    Tensor moved(ElementType::F32, shape);
    kernels::permute(in.data<float>(), in.shape(), order, sizeof(float), moved.data<float>());
    in = moved;
    begin = in.rank() - count;
  }
  Tensor out = call.floatResult();
  call.rounding = kernels::RoundMode::HalfAway; // computed in f32 there, then converted
  kernels::reduce(*reduction, linesAround(in.shape(), begin, begin + count), in.data<float>(), out.data<float>());
  return call.finish(std::move(out));
}
