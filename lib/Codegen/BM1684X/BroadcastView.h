// How an elementwise op with numpy broadcasting is seen as [n, c, h, w]: neighbouring axes that all operands treat
// alike are merged, one of them fills the lanes, and the strides of every operand follow (0 where it repeats).
#pragma once
#include "CompositeAxis.h"

#include "tpu_mlir/Codegen/Slice.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <array>
#include <optional>

namespace tpu_mlir::codegen {

using Shape4 = std::array<int64_t, 4>;
using ShapeRef = llvm::ArrayRef<int64_t>;

/// One operand in the view: extent 1 on the axes along which it is repeated. `batch` has parts when n is made of axes
/// that the operand steps through differently; the operand is then loaded for every n.
struct OperandView {
  Shape4 shape, strides;
  CompositeAxis batch;
};

/// The result's shape and strides (in elements of the row-major tensor), and the operands'.
struct BroadcastView {
  Shape4 shape, strides;
  llvm::SmallVector<OperandView, 3> operands;
};

/// Row-major strides.
llvm::SmallVector<int64_t> rowMajorStrides(ShapeRef shape);

/// The axes of `result` merged as far as all operands (broadcast to it by numpy's rule) allow: per merged axis the
/// extent, the result's stride and each operand's stride.
struct MergedAxis {
  int64_t extent;
  int64_t resultStride;
  llvm::SmallVector<int64_t, 3> operandStrides;
};
llvm::SmallVector<MergedAxis> mergeAxes(ShapeRef result, llvm::ArrayRef<ShapeRef> operands);

/// The view with the lowest estimated time. `itemBytes` is the size of an element in global memory, `stepsPerLine` the
/// TIU cycles that a line of the tile costs.
BroadcastView chooseBroadcastView(ShapeRef result, llvm::ArrayRef<ShapeRef> operands, int64_t itemBytes,
                                  int64_t stepsPerLine);

} // namespace tpu_mlir::codegen
