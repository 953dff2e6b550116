// Matrix products with broadcast batches as a list of strided products; line-wise ops on [outer, axis, inner] views.
#include "Matrix.h"

#include "tpu_mlir/Kernels/Gemm.h"
#include "tpu_mlir/Kernels/Layout.h"

#include "llvm/ADT/StringSwitch.h"

#include <optional>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

namespace {

// A stack of matrices in a tensor: strides in elements, batch axes from the outermost.
struct Stack {
  const float *data;
  Extents batch, batchStrides;
  int64_t rows, columns, rowStride, columnStride;
};

Extents denseStrides(const Extents &shape) {
  Extents strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

// The last two axes are the matrix; a vector is a row (left operand) or a column (right operand).
Stack lastAxesStack(const Tensor &tensor, bool transpose, bool vectorIsRow) {
  Extents shape = tensor.shape(), strides = denseStrides(shape);
  if (shape.size() == 1) {
    shape.insert(vectorIsRow ? shape.begin() : shape.end(), 1);
    strides.insert(vectorIsRow ? strides.begin() : strides.end(), 1);
    transpose = false;
  }
  const size_t rank = shape.size();
  Stack stack{tensor.data<float>(),
              {shape.begin(), shape.end() - 2},
              {strides.begin(), strides.end() - 2},
              shape[rank - 2],
              shape[rank - 1],
              strides[rank - 2],
              strides[rank - 1]};
  if (transpose) {
    std::swap(stack.rows, stack.columns);
    std::swap(stack.rowStride, stack.columnStride);
  }
  return stack;
}

// [B, rows, H, columns]: the heads (axis 2) are batches too.
Stack headStack(const Tensor &tensor, bool transpose) {
  const Extents &shape = tensor.shape(), strides = denseStrides(shape);
  Stack stack{
      tensor.data<float>(), {shape[0], shape[2]}, {strides[0], strides[2]}, shape[1], shape[3], strides[1], strides[3]};
  if (transpose) {
    std::swap(stack.rows, stack.columns);
    std::swap(stack.rowStride, stack.columnStride);
  }
  return stack;
}

std::optional<Extents> broadcastBatch(const Extents &a, const Extents &b) {
  Extents out(std::max(a.size(), b.size()), 1);
  for (const Extents *batch : {&a, &b})
    for (size_t i = 0; i < batch->size(); ++i) {
      int64_t &extent = out[out.size() - batch->size() + i];
      if ((*batch)[i] != 1 && extent != 1 && extent != (*batch)[i])
        return std::nullopt;
      extent = (*batch)[i] == 1 ? extent : (*batch)[i];
    }
  return out;
}

// Offset of one batch of a stack whose batch axes may repeat.
int64_t offsetOf(const Stack &stack, const Extents &batch, int64_t index) {
  int64_t offset = 0;
  for (size_t fromEnd = 0; fromEnd < batch.size(); ++fromEnd) {
    const int64_t extent = batch[batch.size() - 1 - fromEnd], at = index % extent;
    index /= extent;
    if (fromEnd < stack.batch.size()) {
      const size_t axis = stack.batch.size() - 1 - fromEnd;
      offset += stack.batch[axis] == 1 ? 0 : at * stack.batchStrides[axis];
    }
  }
  return offset;
}

class MatMulProducts : public kernels::ProductList {
public:
  MatMulProducts(const Stack &left, const Stack &right, const Stack &result, const Extents &batch, float *out,
                 const kernels::Epilogue &epilogue)
      : left(left), right(right), result(result), batch(batch), out(out), epilogue(epilogue) {}

  kernels::Product get(int64_t index) const override {
    kernels::Product product;
    product.a = {left.data + offsetOf(left, batch, index), left.rowStride, left.columnStride};
    product.b = {right.data + offsetOf(right, batch, index), right.rowStride, right.columnStride};
    product.c = out + offsetOf(result, batch, index);
    product.cStride = result.rowStride;
    product.epilogue = epilogue;
    return product;
  }

private:
  const Stack &left, &right, &result;
  const Extents &batch;
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
  const Tensor &leftTensor = arguments.left, &rightTensor = arguments.right;
  if (leftTensor.rank() < 1 || rightTensor.rank() < 1 ||
      (arguments.headBatch && (leftTensor.rank() != 4 || rightTensor.rank() != 4)))
    return call.refuse("has operands of unexpected rank");
  Stack left = arguments.headBatch ? headStack(leftTensor, arguments.leftTranspose)
                                   : lastAxesStack(leftTensor, arguments.leftTranspose, true);
  Stack right = arguments.headBatch ? headStack(rightTensor, arguments.rightTranspose)
                                    : lastAxesStack(rightTensor, arguments.rightTranspose, false);
  std::optional<Extents> batch = broadcastBatch(left.batch, right.batch);
  if (!batch || left.columns != right.rows)
    return call.refuse("has operands whose shapes do not fit");
  const int64_t m = left.rows, n = right.columns;
  const Tensor &bias = arguments.bias;
  if (!bias.empty() && bias.elements() != n && bias.elements() != 1)
    return call.refuse("needs a bias of " + Twine(n) + " values, got " + Twine(bias.elements()));
  std::vector<float> biasValues;
  if (!bias.empty())
    for (int64_t i = 0; i < n; ++i)
      biasValues.push_back(bias.data<float>()[bias.elements() == 1 ? 0 : i]);
  Tensor out = call.floatResult();
  Stack result{nullptr, *batch, {}, m, n, n, 1};
  if (arguments.headBatch) {
    result.batchStrides = {m * (*batch)[1] * n, n};
    result.rowStride = (*batch)[1] * n;
  } else {
    result.batchStrides = denseStrides(*batch);
    for (int64_t &stride : result.batchStrides)
      stride *= m * n;
  }
  int64_t count = 1;
  for (int64_t extent : *batch)
    count *= extent;
  if (count * m * n != out.elements())
    return call.refuse("has a result of unexpected shape");
  kernels::Epilogue epilogue{nullptr, bias.empty() ? nullptr : biasValues.data(), arguments.limits.low,
                             arguments.limits.high};
  const int64_t depth = left.columns;
  int64_t rows = m, columns = n;
  if (arguments.outputTranspose) {
    // (A·B)ᵀ = Bᵀ·Aᵀ
    if (arguments.headBatch)
      return call.refuse("hdim_is_batch together with output_transpose is not supported");
    std::swap(left, right);
    for (Stack *stack : {&left, &right})
      std::swap(stack->rowStride, stack->columnStride);
    std::swap(epilogue.rowBias, epilogue.columnBias);
    std::swap(rows, columns);
    result.rowStride = m;
  }
  kernels::gemm(count, rows, columns, depth, MatMulProducts(left, right, result, *batch, out.data<float>(), epilogue));
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
