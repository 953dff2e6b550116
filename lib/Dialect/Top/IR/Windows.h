// Arithmetic of sliding windows, shared by convolution and pooling.
#pragma once
#include "ShapeRules.h"

namespace tpu_mlir::top {

/// Kernel, strides, pads (all begins, then all ends) and dilations, one per spatial axis.
struct Window {
  Shape kernel, strides, pads, dilations, inserts;
  size_t axes() const { return kernel.size(); }
};

/// Reads the attributes with their defaults, checks counts and signs, and resolves auto_pad for the input's shape
/// (rank = 2 + axes).
llvm::FailureOr<Window> readWindow(mlir::Operation *op, llvm::ArrayRef<int64_t> inputShape, mlir::ArrayAttr kernel,
                                   mlir::ArrayAttr strides, mlir::ArrayAttr pads,
                                   std::optional<mlir::ArrayAttr> dilations, std::optional<mlir::ArrayAttr> inserts,
                                   std::optional<llvm::StringRef> autoPad);

/// The result's spatial dimensions; an error if the window is larger than the padded input.
llvm::FailureOr<Shape> windowResult(mlir::Operation *op, llvm::ArrayRef<int64_t> inputShape, const Window &window,
                                    bool ceilMode);

/// The result of a pool: batch, channels, and the spatial dimensions unless `keepdims` is false, where they must be 1.
/// A pad as large as the kernel is an error, as a window could meet nothing.
llvm::FailureOr<Shape> pooledShape(mlir::Operation *op, llvm::ArrayRef<int64_t> inputShape, const Window &window,
                                   bool ceilMode, bool keepdims);

/// Makes a ceil_mode explicit: end pads for which the floor formula gives `result`. False if an end pad would be
/// negative.
bool padsForResult(llvm::ArrayRef<int64_t> inputShape, llvm::ArrayRef<int64_t> result, Window &window);

} // namespace tpu_mlir::top
