// Ranges along axes as the ops of several source frameworks state them: begin, end and step, counted from either end,
// clamped to the axis; whole slices with TensorFlow's masks; arithmetic sequences. Shape rules, rewrites and evaluation
// ask the same functions.
#pragma once
#include "tpu_mlir/Dialect/Top/IR/TopTensor.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

namespace tpu_mlir::top {

/// `count` positions from `begin` on, `step` apart, all within the axis.
struct StridedRange {
  int64_t begin, step, count;
};

/// What begin, end and step select of an axis, by Python's rules. `step` is not 0; no value exceeds 2^62.
StridedRange stridedRange(int64_t begin, int64_t end, int64_t step, int64_t extent);

/// Begin, step and end, per axis of a tensor of shape `input`, of the Slice that selects the ranges.
struct SliceEntries {
  Shape offset, steps, ends;
};
SliceEntries sliceEntries(llvm::ArrayRef<StridedRange> ranges, llvm::ArrayRef<int64_t> input);

/// The ranges of all axes, then the shape of the result. Diagnostics say what does not fit.
struct ResolvedSlice {
  llvm::SmallVector<StridedRange> ranges;
  Shape shape;
};
llvm::FailureOr<ResolvedSlice> resolveSlice(SliceAxisOp op, int64_t axis, int64_t start, int64_t step, int64_t end);
llvm::FailureOr<ResolvedSlice> resolveSlice(StridedSliceOp op, llvm::ArrayRef<int64_t> starts,
                                            llvm::ArrayRef<int64_t> ends, llvm::ArrayRef<int64_t> strides);

/// The axes whose extents a Shape gives; none for step 0.
StridedRange shapeRange(ShapeOp op);

/// Sizes of the parts of a Split; a diagnostic where they do not fit.
llvm::FailureOr<Shape> splitSizes(SplitOp op);

/// Numbers of start, start + step … before end; 0 if there are none or the operands are not finite. `single`: the
/// quotient is rounded to f32, as PyTorch's decimal steps need it.
int64_t sequenceLength(double start, double end, double step, bool single);

/// The values, where one that Tuple made stands for the tensors it was made of.
llvm::SmallVector<mlir::Value> untupled(mlir::ValueRange values);

/// The numbers of a value that follows from weights and known shapes alone; fails silently if it does not.
llvm::FailureOr<std::vector<double>> constantNumbers(mlir::Value value);

} // namespace tpu_mlir::top
