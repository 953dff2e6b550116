// How matrix products lie in tensors: stacks of matrices with broadcast batches, transposed operands, heads as batches.
#pragma once
#include "Common.h"

namespace tpu_mlir::evaluation {

/// A stack of matrices in a tensor: strides in elements, batch axes from the outermost.
struct Stack {
  Extents batch, batchStrides;
  int64_t rows, columns, rowStride, columnStride;
};

/// The operands and the (untransposed) result of `count` products.
struct ProductStacks {
  Stack left, right, result;
  Extents batch;
  int64_t count;

  /// Where the matrix of a product starts in one of the stacks, whose batch axes may repeat.
  int64_t offset(const Stack &stack, int64_t index) const;
};

struct ProductForm {
  bool leftTranspose, rightTranspose;
  bool headBatch; // tensors are [B, rows, H, columns]
};
llvm::FailureOr<ProductStacks> makeStacks(const Call &call, const Extents &left, const Extents &right,
                                          const ProductForm &form);

} // namespace tpu_mlir::evaluation
