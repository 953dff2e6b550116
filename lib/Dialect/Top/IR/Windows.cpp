#include "Windows.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::top;

static LogicalResult checkValues(Operation *op, StringRef name, ArrayRef<int64_t> values, size_t count, int64_t least) {
  if (values.size() != count)
    return op->emitOpError() << name << " needs " << count << " values, got " << values.size();
  for (int64_t value : values)
    if (value < least || value > INT32_MAX)
      return op->emitOpError() << name << " contains " << value << "; each value must be at least " << least;
  return success();
}

/// The extent of an axis after `insert` zeros were put between its elements.
static int64_t inserted(int64_t extent, int64_t insert) { return (extent - 1) * (insert + 1) + 1; }

static int64_t kernelExtent(const Window &window, size_t axis) {
  return window.dilations[axis] * (window.kernel[axis] - 1) + 1;
}

static void resolveAutoPad(ArrayRef<int64_t> inputShape, bool upper, Window &window) {
  size_t axes = window.axes();
  for (size_t i = 0; i < axes; ++i) {
    int64_t extent = inserted(inputShape[2 + i], window.inserts[i]);
    int64_t result = (extent + window.strides[i] - 1) / window.strides[i];
    int64_t total = std::max<int64_t>((result - 1) * window.strides[i] + kernelExtent(window, i) - extent, 0);
    window.pads[i] = upper ? total / 2 : total - total / 2;
    window.pads[axes + i] = total - window.pads[i];
  }
}

FailureOr<Window> top::readWindow(Operation *op, ArrayRef<int64_t> inputShape, ArrayAttr kernel, ArrayAttr strides,
                                  ArrayAttr pads, std::optional<ArrayAttr> dilations, std::optional<ArrayAttr> inserts,
                                  std::optional<StringRef> autoPad) {
  Window window;
  window.kernel = i64Values(kernel);
  size_t axes = window.axes();
  if (axes == 0 || axes > 3)
    return op->emitOpError() << "kernel_shape has " << axes << " values; 1, 2 or 3 spatial axes are supported";
  if (inputShape.size() != 2 + axes)
    return op->emitOpError() << "has an input of rank " << inputShape.size() << " for " << axes
                             << " spatial axes; it must have rank " << 2 + axes;
  window.strides = i64ValuesOr(strides, axes, 1);
  window.pads = i64ValuesOr(pads, 2 * axes, 0);
  window.dilations = i64ValuesOr(dilations, axes, 1);
  window.inserts = i64ValuesOr(inserts, axes, 0);
  if (failed(checkValues(op, "kernel_shape", window.kernel, axes, 1)) ||
      failed(checkValues(op, "strides", window.strides, axes, 1)) ||
      failed(checkValues(op, "pads", window.pads, 2 * axes, 0)) ||
      failed(checkValues(op, "dilations", window.dilations, axes, 1)) ||
      failed(checkValues(op, "inserts", window.inserts, axes, 0)))
    return failure();
  if (autoPad && *autoPad == "VALID")
    window.pads.assign(2 * axes, 0);
  else if (autoPad && *autoPad != "NOTSET")
    resolveAutoPad(inputShape, *autoPad == "SAME_UPPER", window);
  return window;
}

FailureOr<Shape> top::windowResult(Operation *op, ArrayRef<int64_t> inputShape, const Window &window, bool ceilMode) {
  Shape result;
  for (size_t i = 0; i < window.axes(); ++i) {
    int64_t extent = inserted(inputShape[2 + i], window.inserts[i]);
    int64_t begin = window.pads[i], end = window.pads[window.axes() + i], stride = window.strides[i];
    int64_t free = extent + begin + end - kernelExtent(window, i);
    if (free < 0)
      return op->emitOpError() << "has a window of " << kernelExtent(window, i) << " on an axis of " << extent
                               << " with pads " << begin << " and " << end;
    int64_t dim = (ceilMode ? (free + stride - 1) / stride : free / stride) + 1;
    // A last window that would begin beyond the input and its leading pad does not count.
    if (ceilMode && (dim - 1) * stride >= extent + begin)
      --dim;
    result.push_back(dim);
  }
  return result;
}

FailureOr<top::Shape> top::pooledShape(Operation *op, ArrayRef<int64_t> input, const Window &window, bool ceilMode,
                                       bool keepdims) {
  for (size_t i = 0; i < window.pads.size(); ++i)
    if (int64_t kernel = window.kernel[i % window.axes()]; window.pads[i] >= kernel)
      return op->emitOpError() << "has a pad of " << window.pads[i] << " for a kernel of " << kernel
                               << "; a pad must be smaller";
  FailureOr<Shape> spatial = windowResult(op, input, window, ceilMode);
  if (failed(spatial))
    return failure();
  Shape result{input[0], input[1]};
  if (keepdims)
    llvm::append_range(result, *spatial);
  else if (product(*spatial) != 1)
    return op->emitOpError() << "keepdims = false needs a window that covers the input, the result would be "
                             << text(*spatial);
  return result;
}

bool top::padsForResult(ArrayRef<int64_t> inputShape, ArrayRef<int64_t> result, Window &window) {
  size_t axes = window.axes();
  for (size_t i = 0; i < axes; ++i) {
    int64_t extent = inserted(inputShape[2 + i], window.inserts[i]);
    int64_t needed = (result[i] - 1) * window.strides[i] + kernelExtent(window, i) - extent - window.pads[i];
    if (needed < 0)
      return false;
    window.pads[axes + i] = std::max(needed, window.pads[axes + i]);
  }
  return true;
}
