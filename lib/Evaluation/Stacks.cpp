// Strides of matrix products in tensors.
#include "Stacks.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static Extents denseStrides(const Extents &shape) {
  Extents strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

// The last two axes are the matrix; a vector is a row (left operand) or a column (right operand).
static Stack lastAxesStack(Extents shape, bool transpose, bool vectorIsRow) {
  Extents strides = denseStrides(shape);
  if (shape.size() == 1) {
    shape.insert(vectorIsRow ? shape.begin() : shape.end(), 1);
    strides.insert(vectorIsRow ? strides.begin() : strides.end(), 1);
    transpose = false;
  }
  const size_t rank = shape.size();
  Stack stack{{shape.begin(), shape.end() - 2},
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
static Stack headStack(const Extents &shape, bool transpose) {
  const Extents strides = denseStrides(shape);
  Stack stack{{shape[0], shape[2]}, {strides[0], strides[2]}, shape[1], shape[3], strides[1], strides[3]};
  if (transpose) {
    std::swap(stack.rows, stack.columns);
    std::swap(stack.rowStride, stack.columnStride);
  }
  return stack;
}

static std::optional<Extents> broadcastBatch(const Extents &a, const Extents &b) {
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

int64_t ProductStacks::offset(const Stack &stack, int64_t index) const {
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

FailureOr<ProductStacks> evaluation::makeStacks(const Call &call, const Extents &left, const Extents &right,
                                                const ProductForm &form) {
  if (left.empty() || right.empty() || (form.headBatch && (left.size() != 4 || right.size() != 4)))
    return call.refuse("has operands of unexpected rank");
  ProductStacks stacks;
  stacks.left = form.headBatch ? headStack(left, form.leftTranspose) : lastAxesStack(left, form.leftTranspose, true);
  stacks.right =
      form.headBatch ? headStack(right, form.rightTranspose) : lastAxesStack(right, form.rightTranspose, false);
  std::optional<Extents> batch = broadcastBatch(stacks.left.batch, stacks.right.batch);
  if (!batch || stacks.left.columns != stacks.right.rows)
    return call.refuse("has operands whose shapes do not fit");
  stacks.batch = *batch;
  stacks.count = 1;
  for (int64_t extent : *batch)
    stacks.count *= extent;
  const int64_t rows = stacks.left.rows, columns = stacks.right.columns;
  stacks.result = {*batch, {}, rows, columns, columns, 1};
  if (form.headBatch) {
    stacks.result.batchStrides = {rows * (*batch)[1] * columns, columns};
    stacks.result.rowStride = (*batch)[1] * columns;
  } else {
    stacks.result.batchStrides = denseStrides(*batch);
    for (int64_t &stride : stacks.result.batchStrides)
      stride *= rows * columns;
  }
  return stacks;
}
