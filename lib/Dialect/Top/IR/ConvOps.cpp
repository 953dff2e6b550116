// Shape rules, verifiers and operation counts of convolutions.
#include "Windows.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

static FailureOr<Window> windowOf(ConvOp op) {
  std::optional<StringRef> autoPad = op.getAutoPad();
  return readWindow(op, shapeOf(op.getInput()), op.getKernelShape(), op.getStrides(), op.getPads(), op.getDilations(),
                    op.getInserts(), autoPad);
}

/// Checks that filter [first, second, kernel...] and the bias of `outputs` values fit.
static LogicalResult checkParameters(Operation *op, Value filter, Value bias, ArrayRef<int64_t> kernel, int64_t first,
                                     int64_t second, int64_t outputs) {
  Shape expected{first, second};
  llvm::append_range(expected, kernel);
  if (shapeOf(filter) != ArrayRef(expected))
    return op->emitOpError() << "needs a filter of shape " << text(expected) << ", got " << text(shapeOf(filter));
  if (!isNone(bias) && elementsOf(bias) != outputs)
    return op->emitOpError() << "needs a bias of " << outputs << " values, got shape " << text(shapeOf(bias));
  return success();
}

static LogicalResult checkGroup(Operation *op, int64_t group, int64_t channels) {
  if (group < 1 || channels % group)
    return op->emitOpError() << "cannot split " << channels << " channels into " << group << " groups";
  return success();
}

static FailureOr<Shape> resultShape(ConvOp op) {
  FailureOr<Window> window = windowOf(op);
  if (failed(window))
    return failure();
  ArrayRef<int64_t> input = shapeOf(op.getInput()), filter = shapeOf(op.getFilter());
  int64_t group = op.getGroup(), outputs = filter.empty() ? 0 : filter[0];
  if (failed(checkGroup(op, group, input[1])) || failed(checkGroup(op, group, outputs)) ||
      failed(checkParameters(op, op.getFilter(), op.getBias(), window->kernel, outputs, input[1] / group, outputs)))
    return failure();
  FailureOr<Shape> spatial = windowResult(op, input, *window, false);
  if (failed(spatial))
    return failure();
  Shape result{input[0], outputs};
  llvm::append_range(result, *spatial);
  return result;
}

LogicalResult ConvOp::inferShapes() {
  if (failed(inferByRule(*this)))
    return failure();
  FailureOr<Window> window = windowOf(*this);
  Builder builder(getContext());
  setPadsAttr(builder.getI64ArrayAttr(window->pads));
  setStridesAttr(builder.getI64ArrayAttr(window->strides));
  removeAutoPadAttr();
  return success();
}

LogicalResult ConvOp::verify() { return verifyByRule(*this); }

int64_t ConvOp::getFLOPs() {
  if (!hasStaticShape(getFilter()))
    return 0;
  int64_t perOutput = 2 * product(shapeOf(getFilter()).drop_front());
  return flopsPerElement(*this, perOutput + !isNone(getBias()) + getDoRelu());
}

static FailureOr<Shape> resultShape(DeconvOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()), filter = shapeOf(op.getFilter());
  FailureOr<Window> window = readWindow(op, input, op.getKernelShape(), op.getStrides(), op.getPads(),
                                        op.getDilations(), std::nullopt, std::nullopt);
  if (failed(window))
    return failure();
  int64_t group = op.getGroup(), outputs = (filter.empty() ? 0 : filter[0]) * group;
  if (failed(checkGroup(op, group, input[1])) ||
      failed(checkParameters(op, op.getFilter(), op.getBias(), window->kernel, outputs / group, input[1], outputs)))
    return failure();
  size_t axes = window->axes();
  Shape extra = i64ValuesOr(op.getOutputPadding(), axes, 0), result{input[0], outputs};
  if (extra.size() != axes)
    return op.emitOpError() << "output_padding needs " << axes << " values, got " << extra.size();
  for (size_t i = 0; i < axes; ++i) {
    if (extra[i] < 0 || extra[i] >= std::max(window->strides[i], window->dilations[i]))
      return op.emitOpError() << "output_padding " << extra[i] << " must be smaller than the stride or the dilation";
    int64_t dim = (input[2 + i] - 1) * window->strides[i] + window->dilations[i] * (window->kernel[i] - 1) + 1 +
                  extra[i] - window->pads[i] - window->pads[axes + i];
    if (dim < 1)
      return op.emitOpError() << "has pads that leave nothing of axis " << 2 + i;
    result.push_back(dim);
  }
  return result;
}

LogicalResult DeconvOp::inferShapes() { return inferByRule(*this); }
LogicalResult DeconvOp::verify() { return verifyByRule(*this); }

int64_t DeconvOp::getFLOPs() {
  if (!hasStaticShape(getFilter()) || !hasStaticShape(getInput()) || !hasStaticShape(getOutput()))
    return 0;
  // Every input value meets the kernel of every output channel of its group.
  int64_t products = elementsOf(getInput()) * shapeOf(getFilter())[0] * product(i64Values(getKernelShape()));
  return 2 * products + elementsOf(getOutput()) * (!isNone(getBias()) + getDoRelu());
}
} // namespace tpu_mlir::top
