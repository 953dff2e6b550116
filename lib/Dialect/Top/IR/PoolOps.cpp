// Shape rules, verifiers and operation counts of pooling, upsampling and interpolation.
#include "Windows.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// An empty kernel stands for the whole spatial extent.
template <typename PoolOp> static FailureOr<Window> windowOf(PoolOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  ArrayAttr kernel = op.getKernelShape();
  Builder builder(op.getContext());
  if (kernel.empty() && input.size() > 2)
    kernel = builder.getI64ArrayAttr(input.drop_front(2));
  return readWindow(op, input, kernel, op.getStrides(), op.getPads(), std::nullopt, std::nullopt, op.getAutoPad());
}

template <typename PoolOp> static FailureOr<Shape> poolShape(PoolOp op) {
  if (op.getIsAdaptive())
    return op.emitOpError("is_adaptive is not supported; give kernel_shape and strides");
  FailureOr<Window> window = windowOf(op);
  if (failed(window))
    return failure();
  return pooledShape(op, shapeOf(op.getInput()), *window, op.getCeilMode().value_or(false), op.getKeepdims());
}
static FailureOr<Shape> resultShape(MaxPoolOp op) { return poolShape(op); }
static FailureOr<Shape> resultShape(AvgPoolOp op) { return poolShape(op); }

/// Whether the divisor at the border changes when ceil_mode becomes pads: pads made for it do not count as elements.
static LogicalResult settleDivisor(MaxPoolOp, const Window &, const Window &) { return success(); }
static LogicalResult settleDivisor(AvgPoolOp op, const Window &before, const Window &after) {
  if (before.pads == after.pads || !op.getCountIncludePad())
    return success();
  if (product(before.pads) != 0 || llvm::any_of(before.pads, [](int64_t pad) { return pad != 0; }))
    return op.emitOpError("ceil_mode together with pads and count_include_pad is not supported; pad with a Pad op");
  op.setCountIncludePad(false);
  return success();
}

/// After inference the window is explicit: no empty kernel, no auto_pad, no ceil_mode.
template <typename PoolOp> static LogicalResult inferPool(PoolOp op) {
  if (failed(inferByRule(op)))
    return failure();
  FailureOr<Window> window = windowOf(op);
  ArrayRef<int64_t> input = shapeOf(op.getInput());
  if (op.getCeilMode().value_or(false)) {
    FailureOr<Shape> spatial = windowResult(op, input, *window, true);
    Window padded = *window;
    if (padsForResult(input, *spatial, padded)) {
      if (failed(settleDivisor(op, *window, padded)))
        return failure();
      *window = padded;
    }
  }
  Builder builder(op.getContext());
  op.setKernelShapeAttr(builder.getI64ArrayAttr(window->kernel));
  op.setStridesAttr(builder.getI64ArrayAttr(window->strides));
  op.setPadsAttr(builder.getI64ArrayAttr(window->pads));
  op.removeAutoPadAttr();
  op.removeCeilModeAttr();
  return success();
}

template <typename PoolOp> static int64_t poolFlops(PoolOp op) {
  return flopsPerElement(op, product(i64Values(op.getKernelShape())) + op.getDoRelu());
}

LogicalResult MaxPoolOp::inferShapes() { return inferPool(*this); }
LogicalResult MaxPoolOp::verify() { return verifyByRule(*this); }
int64_t MaxPoolOp::getFLOPs() { return poolFlops(*this); }
LogicalResult AvgPoolOp::inferShapes() { return inferPool(*this); }
LogicalResult AvgPoolOp::verify() { return verifyByRule(*this); }
int64_t AvgPoolOp::getFLOPs() { return poolFlops(*this); }

static FailureOr<Shape> resultShape(UpsampleOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.size() != 4)
    return op.emitOpError() << "needs an input of rank 4, got " << shape.size();
  shape[2] *= op.getScaleH();
  shape[3] *= op.getScaleW();
  return shape;
}
LogicalResult UpsampleOp::inferShapes() { return inferByRule(*this); }
LogicalResult UpsampleOp::verify() {
  if (int64_t(getScaleH()) < 1 || int64_t(getScaleW()) < 1)
    return emitOpError("scale_h and scale_w must be at least 1");
  return verifyByRule(*this);
}
int64_t UpsampleOp::getFLOPs() { return flopsPerElement(*this, 1); }

/// floor(extent * scale), where a scale that was itself computed as a ratio may miss an integer by an ulp.
static int64_t scaled(int64_t extent, double scale) {
  double exact = static_cast<double>(extent) * scale, nearest = std::nearbyint(exact);
  return static_cast<int64_t>(std::abs(exact - nearest) < 1e-6 * std::max(1.0, exact) ? nearest : std::floor(exact));
}

static FailureOr<Shape> resultShape(InterpOp op) {
  Shape shape = shapeVector(op.getInput());
  if (shape.size() < 3 || shape.size() > 4)
    return op.emitOpError() << "needs an input of rank 3 or 4, got " << shape.size();
  double scaleH = op.getScaleH().convertToDouble(), scaleW = op.getScaleW().convertToDouble();
  if (shape.size() == 4)
    shape[2] = scaled(shape[2], scaleH);
  shape.back() = scaled(shape.back(), scaleW);
  if (shape[2] < 1 || shape.back() < 1)
    return op.emitOpError() << "scales " << scaleH << " and " << scaleW << " leave nothing of "
                            << text(shapeOf(op.getInput()));
  return shape;
}

LogicalResult InterpOp::inferShapes() {
  if (isNone(getTargetShape()))
    return inferByRule(*this);
  FailureOr<Shape> target = constantIntegers(getTargetShape());
  if (failed(target))
    return emitOpError("needs a target_shape that is constant");
  ArrayRef<int64_t> input = shapeOf(getInput());
  size_t axes = input.size() - 2;
  if (target->size() != axes && target->size() != input.size())
    return emitOpError() << "has a target_shape of " << target->size() << " values for an input of rank "
                         << input.size();
  Shape shape = llvm::to_vector(input.take_front(2));
  for (int64_t dim : ArrayRef(*target).take_back(axes))
    shape.push_back(dim);
  Builder builder(getContext());
  setScaleHAttr(builder.getF64FloatAttr(axes == 2 ? double(shape[2]) / double(input[2]) : 1.0));
  setScaleWAttr(builder.getF64FloatAttr(double(shape.back()) / double(input.back())));
  getTargetShapeMutable().assign(noneFor(*this));
  return setResultShape(*this, shape);
}
LogicalResult InterpOp::verify() { return isNone(getTargetShape()) ? verifyByRule(*this) : success(); }
int64_t InterpOp::getFLOPs() { return flopsPerElement(*this, getMode() == "nearest" ? 1 : 4); }
} // namespace tpu_mlir::top
