// Shape rules, verifiers and operation counts of pooling, unpooling and sampling beyond the core.
#include "ChannelParameters.h"
#include "Windows.h"
#include "tpu_mlir/Dialect/Top/IR/TopSampling.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// Indices are f32 values, which hold integers up to here.
static constexpr int64_t largestPlane = int64_t{1} << 24;

static FailureOr<Shape> resultShape(AdaptiveAvgPoolOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  Shape size = i64Values(op.getOutputSize());
  if (size.empty() || size.size() > 3)
    return op.emitOpError() << "output_size has " << size.size() << " values; 1, 2 or 3 spatial axes are supported";
  if (input.size() != size.size() + 2)
    return op.emitOpError() << "has an input of rank " << input.size() << " for " << size.size()
                            << " spatial axes; it must have rank " << size.size() + 2;
  for (int64_t extent : size)
    if (extent < 1)
      return op.emitOpError() << "output_size contains " << extent << "; each value must be at least 1";
  if (llvm::is_contained(input.drop_front(2), 0))
    return op.emitOpError() << "cannot take means of an input of shape " << text(input);
  Shape shape{input[0], input[1]};
  llvm::append_range(shape, size);
  return shape;
}
LogicalResult AdaptiveAvgPoolOp::inferShapes() { return inferByRule(*this); }
LogicalResult AdaptiveAvgPoolOp::verify() { return verifyByRule(*this); }
int64_t AdaptiveAvgPoolOp::getFLOPs() { return hasStaticShape(getInput()) ? elementsOf(getInput()) : 0; }

/// An empty kernel stands for the whole spatial extent.
static FailureOr<Window> windowOf(MaxPoolWithMaskOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  ArrayAttr kernel = op.getKernelShape();
  if (kernel.empty() && input.size() > 2)
    kernel = Builder(op.getContext()).getI64ArrayAttr(input.drop_front(2));
  return readWindow(op, input, kernel, op.getStrides(), op.getPads(), std::nullopt, std::nullopt, op.getAutoPad());
}

static FailureOr<SmallVector<Shape>> resultShapes(MaxPoolWithMaskOp op) {
  if (op.getIsAdaptive())
    return op.emitOpError("is_adaptive is not supported; give kernel_shape and strides");
  if (op.getPadValue() != 0)
    return op.emitOpError() << "has pad_value " << op.getPadValueAttr().getInt() << "; only 0 is supported";
  FailureOr<Window> window = windowOf(op);
  if (failed(window))
    return failure();
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  if (product(input.drop_front(2)) > largestPlane)
    return op.emitOpError() << "has planes of more than 2^24 values, whose indices f32 cannot hold";
  FailureOr<Shape> shape = pooledShape(op, input, *window, op.getCeilMode().value_or(false), op.getKeepdims());
  if (failed(shape))
    return failure();
  return SmallVector<Shape>{*shape, *shape};
}

/// After inference the window is explicit: no empty kernel, no auto_pad, no ceil_mode.
LogicalResult MaxPoolWithMaskOp::inferShapes() {
  if (failed(inferByRules(*this)))
    return failure();
  FailureOr<Window> window = windowOf(*this);
  ArrayRef<int64_t> input = shapeOf(getInput());
  if (getCeilMode().value_or(false)) {
    FailureOr<Shape> spatial = windowResult(*this, input, *window, true);
    Window padded = *window;
    if (padsForResult(input, *spatial, padded))
      *window = padded;
  }
  Builder builder(getContext());
  setKernelShapeAttr(builder.getI64ArrayAttr(window->kernel));
  setStridesAttr(builder.getI64ArrayAttr(window->strides));
  setPadsAttr(builder.getI64ArrayAttr(window->pads));
  removeAutoPadAttr();
  removeCeilModeAttr();
  return success();
}
LogicalResult MaxPoolWithMaskOp::verify() { return verifyByRules(*this); }
int64_t MaxPoolWithMaskOp::getFLOPs() {
  return flopsPerElement(*this, product(i64Values(getKernelShape())) + getDoRelu());
}

static FailureOr<Shape> resultShape(MaxUnpoolOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.size() != 4)
    return op.emitOpError() << "needs an input of rank 4, got shape " << text(shape);
  if (shapeOf(op.getMask()) != ArrayRef(shape))
    return op.emitOpError() << "needs a mask of the input's shape " << text(shape) << ", got "
                            << text(shapeOf(op.getMask()));
  for (auto [axis, scale] : {std::pair<int, int64_t>(2, op.getScaleH()), std::pair<int, int64_t>(3, op.getScaleW())}) {
    if (scale < 1 || scale > largestPlane)
      return op.emitOpError() << "has a scale of " << scale << "; it must be between 1 and 2^24";
    if (shape[axis] > largestPlane)
      return op.emitOpError("has planes of more than 2^24 values, whose indices f32 cannot hold");
    shape[axis] *= scale;
  }
  if (shape[2] > largestPlane || shape[3] > largestPlane || shape[2] * shape[3] > largestPlane)
    return op.emitOpError("has planes of more than 2^24 values, whose indices f32 cannot hold");
  return shape;
}
TPU_MLIR_TOP_METHODS(MaxUnpoolOp, 0)

static FailureOr<Window> windowOf(DeformConv2DOp op) {
  return readWindow(op, shapeOf(op.getInput()), op.getKernelShape(), op.getStrides(), op.getPads(), op.getDilations(),
                    std::nullopt, std::nullopt);
}

static LogicalResult checkShape(Operation *op, StringRef name, Value value, ArrayRef<int64_t> expected) {
  if (shapeOf(value) != expected)
    return op->emitOpError() << "needs " << name << " of shape " << text(expected) << ", got " << text(shapeOf(value));
  return success();
}

static FailureOr<Shape> resultShape(DeformConv2DOp op) {
  FailureOr<Window> window = windowOf(op);
  if (failed(window))
    return failure();
  if (window->axes() != 2)
    return op.emitOpError() << "kernel_shape has " << window->axes() << " values; it must have 2";
  ArrayRef<int64_t> input = shapeOf(op.getInput()), filter = shapeOf(op.getFilter());
  const int64_t group = op.getGroup(), deform = op.getDeformGroup(), outputs = filter.empty() ? 0 : filter[0];
  if (failed(checkGroups(op, group, input[1])) || failed(checkGroups(op, group, outputs)) ||
      failed(checkGroups(op, deform, input[1])))
    return failure();
  if (failed(checkShape(op, "a filter", op.getFilter(),
                        {outputs, input[1] / group, window->kernel[0], window->kernel[1]})))
    return failure();
  if (!isNone(op.getBias()) && elementsOf(op.getBias()) != outputs)
    return op.emitOpError() << "needs a bias of " << outputs << " values, got shape " << text(shapeOf(op.getBias()));
  FailureOr<Shape> spatial = windowResult(op, input, *window, false);
  if (failed(spatial))
    return failure();
  const int64_t taps = window->kernel[0] * window->kernel[1] * deform, height = (*spatial)[0], width = (*spatial)[1];
  if (op.getUseMask() == isNone(op.getMask()))
    return op.emitOpError("needs a mask exactly if use_mask is set");
  if (failed(checkShape(op, "an offset", op.getOffset(), {input[0], 2 * taps, height, width})) ||
      (op.getUseMask() && failed(checkShape(op, "a mask", op.getMask(), {input[0], taps, height, width}))))
    return failure();
  return Shape{input[0], outputs, height, width};
}
LogicalResult DeformConv2DOp::inferShapes() { return inferByRule(*this); }
LogicalResult DeformConv2DOp::verify() { return verifyByRule(*this); }
int64_t DeformConv2DOp::getFLOPs() {
  if (!hasStaticShape(getFilter()) || !hasStaticShape(getOffset()) || shapeOf(getFilter()).empty())
    return 0;
  int64_t perOutput = 2 * product(shapeOf(getFilter()).drop_front());
  // Each displaced tap of each channel of its group: four products and their sum, and the mask.
  ArrayRef<int64_t> input = shapeOf(getInput());
  int64_t taps =
      input.size() == 4 ? elementsOf(getOffset()) / 2 * (input[1] / std::max<int64_t>(1, getDeformGroup())) : 0;
  return flopsPerElement(*this, perOutput + !isNone(getBias()) + getDoRelu()) + taps * (7 + getUseMask());
}

/// The common shape of the two operands.
static FailureOr<Shape> stereoShape(Operation *op, int64_t displacements) {
  if (op->getNumOperands() != 2)
    return op->emitOpError() << "needs two operands, got " << op->getNumOperands();
  Shape shape = shapeVector(op->getOperand(0));
  if (shape.size() != 4 || shapeOf(op->getOperand(1)) != ArrayRef(shape))
    return op->emitOpError() << "needs two operands of the same shape of rank 4, got " << text(shape) << " and "
                             << text(shapeOf(op->getOperand(1)));
  if (displacements < 1 || displacements > INT32_MAX)
    return op->emitOpError() << "has a max_disp of " << displacements << "; it must be between 1 and 2^31 - 1";
  return shape;
}

static FailureOr<Shape> resultShape(CorrelationOp op) {
  FailureOr<Shape> shape = stereoShape(op, op.getMaxDisp());
  if (failed(shape) || failed(checkGroups(op, op.getNumGroups(), (*shape)[1])))
    return failure();
  if ((*shape)[0] != 1)
    return op.emitOpError() << "needs a batch of 1, got " << (*shape)[0];
  return Shape{static_cast<int64_t>(op.getNumGroups()), static_cast<int64_t>(op.getMaxDisp()), (*shape)[2],
               (*shape)[3]};
}
LogicalResult CorrelationOp::inferShapes() { return inferByRule(*this); }
LogicalResult CorrelationOp::verify() { return verifyByRule(*this); }
int64_t CorrelationOp::getFLOPs() {
  if (getInputs().empty() || shapeOf(getInputs()[0]).size() != 4)
    return 0;
  return flopsPerElement(*this, 2 * (shapeOf(getInputs()[0])[1] / std::max<int64_t>(1, getNumGroups())));
}

static FailureOr<Shape> resultShape(ConcatVolumeOp op) {
  FailureOr<Shape> shape = stereoShape(op, op.getMaxDisp());
  if (failed(shape))
    return failure();
  return Shape{(*shape)[0], 2 * (*shape)[1], static_cast<int64_t>(op.getMaxDisp()), (*shape)[2], (*shape)[3]};
}
TPU_MLIR_TOP_METHODS(ConcatVolumeOp, 0)

static FailureOr<Shape> resultShape(GridSamplerOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()), grid = shapeOf(op.getGrid());
  if (input.size() != 4 && input.size() != 5)
    return op.emitOpError() << "needs an input of rank 4 or 5, got shape " << text(input);
  const auto axes = static_cast<int64_t>(input.size()) - 2;
  if (grid.size() != input.size() || grid[0] != input[0] || grid.back() != axes)
    return op.emitOpError() << "needs a grid of rank " << input.size() << " that begins with " << input[0]
                            << " and ends with " << axes << ", got shape " << text(grid);
  if (llvm::is_contained(input.drop_front(2), 0))
    return op.emitOpError() << "cannot sample an input of shape " << text(input);
  const auto mode = static_cast<int64_t>(op.getMode()), padding = static_cast<int64_t>(op.getPaddingMode());
  if (mode < 0 || mode > 2 || (mode == 2 && axes == 3))
    return op.emitOpError() << "has mode " << mode
                            << "; it must be 0 (linear), 1 (nearest) or, for two axes, 2 (cubic)";
  if (padding < 0 || padding > 2)
    return op.emitOpError() << "has padding_mode " << padding << "; it must be 0 (zeros), 1 (border) or 2 (reflection)";
  Shape shape{input[0], input[1]};
  llvm::append_range(shape, grid.drop_front().drop_back());
  return shape;
}
LogicalResult GridSamplerOp::inferShapes() { return inferByRule(*this); }
LogicalResult GridSamplerOp::verify() { return verifyByRule(*this); }
int64_t GridSamplerOp::getFLOPs() {
  const int64_t taps = getMode() == 1 ? 1 : getMode() == 2 ? 16 : shapeOf(getInput()).size() == 5 ? 8 : 4;
  return flopsPerElement(*this, 2 * taps);
}

} // namespace tpu_mlir::top
