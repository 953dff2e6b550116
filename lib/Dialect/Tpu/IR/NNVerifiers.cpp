// Verifiers of convolution, pooling, matrix product and normalization.
#include "Verify.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::tpu;

namespace {
/// The attributes of a window over two spatial axes.
struct Window {
  Shape kernel, strides, pads, dilations;
};
} // namespace

static FailureOr<Window> readWindow(Operation *op, ArrayAttr kernel, ArrayAttr strides, ArrayAttr pads,
                                    std::optional<ArrayAttr> dilations) {
  if (failed(expectRank(op, 4)) || failed(expectValues(op, "kernel_shape", kernel, 2, 1)) ||
      failed(expectValues(op, "strides", strides, 2, 1)) || failed(expectValues(op, "pads", pads, 4, 0)))
    return failure();
  if (dilations && failed(expectValues(op, "dilations", *dilations, 2, 1)))
    return failure();
  return Window{integers(kernel), integers(strides), integers(pads), dilations ? integers(*dilations) : Shape{1, 1}};
}

/// What convolutions in both directions have in common.
template <typename ConvOp> static LogicalResult checkChannels(ConvOp op) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()), result = shapeOf(op.getOutput());
  if (result.size() != 4 || result[0] != input[0])
    return op.emitOpError() << "has a result of shape " << text(result) << " for an input of " << text(input);
  int64_t group = op.getGroup();
  if (group < 1 || input[1] % group || result[1] % group)
    return op.emitOpError() << "cannot split " << input[1] << " and " << result[1] << " channels into " << group
                            << " groups";
  // A bias merged into the filter leaves no operand.
  bool merged = false;
  if (auto attr = op->template getAttrOfType<BoolAttr>("coeff_merged"))
    merged = attr.getValue();
  if (isNone(op.getBias()) == op.getWithBias() && !merged)
    return op.emitOpError() << "has with_bias = " << (op.getWithBias() ? "true without a" : "false with a") << " bias";
  return success();
}

LogicalResult Conv2DOp::verify() {
  FailureOr<Window> window = readWindow(*this, getKernelShape(), getStrides(), getPads(), getDilations());
  if (failed(window) || failed(checkChannels(*this)))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput());
  Shape inserts = getInserts() && !getInserts()->empty() ? integers(*getInserts()) : Shape{0, 0};
  if (inserts.size() != 2)
    return emitOpError() << "inserts needs 2 values, got " << inserts.size();
  Shape shape{input[0], shapeOf(getOutput())[1]};
  for (int i : {0, 1}) {
    int64_t extent = (input[2 + i] - 1) * (inserts[i] + 1) + 1;
    int64_t free = extent + window->pads[i] + window->pads[2 + i] - window->dilations[i] * (window->kernel[i] - 1) - 1;
    if (free < 0)
      return emitOpError() << "has a kernel larger than the padded input on axis " << 2 + i;
    shape.push_back(free / window->strides[i] + 1);
  }
  return expectShape(*this, shape);
}

LogicalResult DeconvOp::verify() {
  FailureOr<Window> window = readWindow(*this, getKernelShape(), getStrides(), getPads(), getDilations());
  if (failed(window) || failed(checkChannels(*this)))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput());
  Shape extra = getOutputPadding() && !getOutputPadding()->empty() ? integers(*getOutputPadding()) : Shape{0, 0};
  if (extra.size() != 2)
    return emitOpError() << "output_padding needs 2 values, got " << extra.size();
  Shape shape{input[0], shapeOf(getOutput())[1]};
  for (int i : {0, 1})
    shape.push_back((input[2 + i] - 1) * window->strides[i] + window->dilations[i] * (window->kernel[i] - 1) + 1 +
                    extra[i] - window->pads[i] - window->pads[2 + i]);
  return expectShape(*this, shape);
}

LogicalResult Pool2DOp::verify() {
  FailureOr<Window> window = readWindow(*this, getKernelShape(), getStrides(), getPads(), std::nullopt);
  if (failed(window))
    return failure();
  if (getIsAdaptive())
    return emitOpError("is_adaptive is not supported; give kernel_shape and strides");
  ArrayRef<int64_t> input = shapeOf(getInput());
  Shape shape{input[0], input[1]};
  for (int i : {0, 1}) {
    int64_t kernel = window->kernel[i], begin = window->pads[i], end = window->pads[2 + i];
    if (begin >= kernel || end >= kernel)
      return emitOpError() << "has a pad of " << std::max(begin, end) << " for a kernel of " << kernel
                           << "; a pad must be smaller";
    int64_t free = input[2 + i] + begin + end - kernel;
    if (free < 0)
      return emitOpError() << "has a kernel larger than the padded input on axis " << 2 + i;
    shape.push_back(free / window->strides[i] + 1);
  }
  if (auto keep = (*this)->getAttrOfType<BoolAttr>("keepdims"); keep && !keep.getValue())
    shape.resize(2);
  return expectShape(*this, shape);
}

LogicalResult ScaleOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  // Reordered parameters fill up the last round of lanes.
  int64_t packed = input.size() < 2 || input[1] < 64 ? 0 : (input[1] + 63) / 64 * 64;
  for (Value parameter : {getScale(), getBias()})
    if (input.size() < 2 || (product(shapeOf(parameter)) != input[1] && product(shapeOf(parameter)) != packed))
      return emitOpError() << "needs parameters with one value per channel of " << text(input) << ", got shape "
                           << text(shapeOf(parameter));
  return success();
}

LogicalResult MatMulOp::verify() {
  ArrayRef<int64_t> result = shapeOf(getOutput());
  if (isNone(getBias()) || result.empty())
    return success();
  int64_t values = product(shapeOf(getBias()));
  int64_t columns = result[getOutputTranspose() && result.size() >= 2 ? result.size() - 2 : result.size() - 1];
  if (values != 1 && values != columns)
    return emitOpError() << "needs a bias of " << columns << " values, got shape " << text(shapeOf(getBias()));
  return success();
}

LogicalResult A16MatMulOp::verify() {
  int64_t bits = getWeightBits(), group = getQGroupSize();
  ArrayRef<int64_t> input = shapeOf(getInput()), weight = shapeOf(getWeight());
  if (bits != 4 && bits != 8)
    return emitOpError() << "has weights of " << bits << " bits; 4 and 8 are possible";
  if (getDqType() != "NONE")
    return emitOpError("has dynamically quantized weights, which are not supported");
  if (input.empty() || (weight.size() != 2 && weight.size() != 4))
    return emitOpError() << "needs a matrix of weights, got shape " << text(weight);
  if (weight.size() == 4) { // reordered: the layout is the chip's
    Shape reordered(input.begin(), input.end());
    reordered.back() = weight[1];
    return expectShape(*this, reordered);
  }
  int64_t inner = input.back(), stored = weight[getWTranspose() ? 1 : 0], columns = weight[getWTranspose() ? 0 : 1];
  if (stored * 8 / bits != inner)
    return emitOpError() << "multiplies rows of " << inner << " values by " << stored * 8 / bits << " weights";
  if (group < 0 || (group > 0 && inner % group != 0))
    return emitOpError() << "has groups of " << group << ", which do not divide " << inner;
  int64_t wanted = columns * (group == 0 ? 1 : inner / group);
  for (Value parameter : {getScale(), getZp()})
    if (!isNone(parameter) && product(shapeOf(parameter)) != wanted)
      return emitOpError() << "needs " << wanted << " scales and zero points, got shape " << text(shapeOf(parameter));
  Shape result(input.begin(), input.end());
  result.back() = columns;
  return expectShape(*this, result);
}

LogicalResult LayerNormOp::verify() {
  if (failed(expectAxis(*this, getAxis())))
    return failure();
  ArrayRef<int64_t> input = shapeOf(getInput());
  int64_t axis = int64_t(getAxis()) < 0 ? getAxis() + input.size() : getAxis();
  Shape normalized = integers(getNormalizedShape());
  if (input.drop_front(axis) != ArrayRef(normalized))
    return emitOpError() << "normalized_shape " << text(normalized) << " is not the end of the input's shape "
                         << text(input) << " from axis " << axis;
  return expectShape(*this, input);
}

LogicalResult SoftmaxOp::verify() { return expectAxis(*this, getAxis()); }
