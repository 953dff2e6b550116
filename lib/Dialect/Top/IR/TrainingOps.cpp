// Shape rules, verifiers and operation counts of the ops of training.
#include "ChannelParameters.h"
#include "Windows.h"
#include "tpu_mlir/Dialect/Top/IR/TopTraining.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// [1, channels, 1...].
static Shape channelShape(ArrayRef<int64_t> input) {
  Shape shape(input.size(), 1);
  shape[1] = input[1];
  return shape;
}

static LogicalResult checkShape(Operation *op, StringRef name, Value value, ArrayRef<int64_t> expected) {
  if (shapeOf(value) != expected)
    return op->emitOpError() << "needs " << name << " of shape " << text(expected) << ", got " << text(shapeOf(value));
  return success();
}

static LogicalResult checkShapeAttribute(Operation *op, StringRef name, ArrayAttr attribute, Value value) {
  Shape shape = i64Values(attribute);
  if (ArrayRef(shape) != shapeOf(value))
    return op->emitOpError() << "has the " << name << " " << text(shape) << ", but the operand has the shape "
                             << text(shapeOf(value));
  return success();
}

static FailureOr<SmallVector<Shape>> resultShapes(BatchNormTrainOp op) {
  if (failed(checkEpsilon(op, op.getEpsilon())) ||
      failed(checkPerChannel(op, op.getInput(), op->getOperands().drop_front())))
    return failure();
  SmallVector<Shape> shapes(5, channelShape(shapeOf(op.getInput())));
  shapes[0] = shapeVector(op.getInput());
  return shapes;
}
TPU_MLIR_TOP_METHODS_N(BatchNormTrainOp, 8 + getDoRelu())

static FailureOr<SmallVector<Shape>> resultShapes(BatchNormBwdOp op) {
  if (failed(checkEpsilon(op, op.getEpsilon())) ||
      failed(checkPerChannel(op, op.getInput(), op->getOperands().drop_front(2))) ||
      failed(checkShape(op, "a grad_out", op.getGradOut(), shapeOf(op.getInput()))))
    return failure();
  Shape channels = channelShape(shapeOf(op.getInput()));
  return SmallVector<Shape>{shapeVector(op.getInput()), channels, channels};
}
TPU_MLIR_TOP_METHODS_N(BatchNormBwdOp, 10)

static FailureOr<SmallVector<Shape>> resultShapes(GroupNormTrainOp op) {
  if (failed(checkEpsilon(op, op.getEps())) ||
      failed(checkPerChannel(op, op.getInput(), op->getOperands().drop_front())) ||
      failed(checkGroups(op, op.getNumGroups(), shapeOf(op.getInput())[1])))
    return failure();
  Shape groups{shapeOf(op.getInput())[0], static_cast<int64_t>(op.getNumGroups())};
  return SmallVector<Shape>{shapeVector(op.getInput()), groups, groups};
}
TPU_MLIR_TOP_METHODS_N(GroupNormTrainOp, 8 + !isNone(getWeight()) + !isNone(getBias()))

static LogicalResult checkBlock(Operation *op, ArrayRef<int64_t> shape, ArrayRef<int64_t> normalized,
                                ValueRange parameters) {
  if (normalized.size() > shape.size() || shape.take_back(normalized.size()) != normalized)
    return op->emitOpError() << "normalized_shape " << text(normalized) << " is not the end of the input's shape "
                             << text(shape);
  for (Value parameter : parameters)
    if (!isNone(parameter) && elementsOf(parameter) != product(normalized))
      return op->emitOpError() << "needs parameters of " << product(normalized) << " values, got shape "
                               << text(shapeOf(parameter));
  return success();
}

static FailureOr<SmallVector<Shape>> resultShapes(LayerNormTrainOp op) {
  Shape shape = shapeVector(op.getInput()), normalized = i64Values(op.getNormalizedShape());
  int64_t axis = normalizeAxis(op.getAxis(), shape.size());
  if (axis < 0)
    return op.emitOpError() << "has axis " << op.getAxis() << " for an input of rank " << shape.size();
  if (normalized.size() != shape.size() - axis)
    return op.emitOpError() << "normalized_shape " << text(normalized) << " is not the input's shape " << text(shape)
                            << " from axis " << axis;
  if (failed(checkEpsilon(op, op.getEps())) ||
      failed(checkBlock(op, shape, normalized, {op.getWeight(), op.getBias()})))
    return failure();
  Shape blocks = shape;
  std::fill(blocks.begin() + axis, blocks.end(), 1);
  return SmallVector<Shape>{shape, blocks, blocks};
}
TPU_MLIR_TOP_METHODS_N(LayerNormTrainOp, 8 + !isNone(getWeight()) + !isNone(getBias()))

static FailureOr<SmallVector<Shape>> resultShapes(LayerNormBwdOp op) {
  Shape shape = shapeVector(op.getInput()), normalized = i64Values(op.getNormalizedShape());
  if (failed(checkShape(op, "a grad_out", op.getGradOut(), shape)) ||
      failed(checkBlock(op, shape, normalized, {op.getWeight(), op.getBias()})))
    return failure();
  int64_t blocks = product(ArrayRef(shape).drop_back(normalized.size()));
  for (Value statistics : {op.getMean(), op.getVariance()})
    if (elementsOf(statistics) != blocks)
      return op.emitOpError() << "needs statistics of " << blocks << " values, got shape " << text(shapeOf(statistics));
  return SmallVector<Shape>{shape, normalized, normalized};
}
LogicalResult LayerNormBwdOp::inferShapes() { return inferByRules(*this); }
LogicalResult LayerNormBwdOp::verify() { return verifyByRules(*this); }
int64_t LayerNormBwdOp::getFLOPs() { return hasStaticShape(getInput()) ? 14 * elementsOf(getInput()) : 0; }

static FailureOr<SmallVector<Shape>> resultShapes(MeanRstdOp op) {
  if (failed(checkEpsilon(op, op.getEps())) ||
      failed(checkPerChannel(op, op.getInput(), op->getOperands().drop_front())))
    return failure();
  return SmallVector<Shape>(6, shapeVector(op.getRunningMean()));
}
LogicalResult MeanRstdOp::inferShapes() { return inferByRules(*this); }
LogicalResult MeanRstdOp::verify() { return verifyByRules(*this); }
int64_t MeanRstdOp::getFLOPs() { return hasStaticShape(getInput()) ? 4 * elementsOf(getInput()) : 0; }

static FailureOr<Shape> resultShape(SoftmaxBwdOp op) {
  Shape shape = shapeVector(op.getOutput());
  if (normalizeAxis(op.getDim(), shape.size()) < 0)
    return op.emitOpError() << "has dim " << op.getDim() << " for an output of rank " << shape.size();
  if (failed(checkShape(op, "a grad_output", op.getGradOutput(), shape)))
    return failure();
  return shape;
}
TPU_MLIR_TOP_METHODS(SoftmaxBwdOp, 4)

/// Checks that a convolution of the input by the window gives grad_out.
static LogicalResult checkConvolution(Operation *op, Value input, Value gradOut, ArrayRef<int64_t> kernel,
                                      int64_t groups, ArrayAttr strides, ArrayAttr pads, ArrayAttr dilations) {
  ArrayRef<int64_t> shape = shapeOf(input);
  if (kernel.size() < 3)
    return op->emitOpError() << "needs a kernel of rank 3 or more, got " << text(kernel);
  FailureOr<Window> window = readWindow(op, shape, Builder(op->getContext()).getI64ArrayAttr(kernel.drop_front(2)),
                                        strides, pads, dilations, std::nullopt, std::nullopt);
  if (failed(window) || failed(checkGroups(op, groups, shape[1])) || failed(checkGroups(op, groups, kernel[0])))
    return failure();
  if (kernel[1] != shape[1] / groups)
    return op->emitOpError() << "needs a kernel for " << shape[1] / groups << " input channels, got " << text(kernel);
  FailureOr<Shape> spatial = windowResult(op, shape, *window, false);
  if (failed(spatial))
    return failure();
  Shape expected{shape[0], kernel[0]};
  llvm::append_range(expected, *spatial);
  return checkShape(op, "a gradient of the result", gradOut, expected);
}

static FailureOr<SmallVector<Shape>> resultShapes(ConvbwdOp op) {
  if (failed(checkShapeAttribute(op, "input_shape", op.getInputShape(), op.getInput())) ||
      failed(checkShapeAttribute(op, "grad_out_shape", op.getGradOutShape(), op.getGradOut())) ||
      failed(checkShapeAttribute(op, "kernel_shape", op.getKernelShape(), op.getKernel())))
    return failure();
  ArrayRef<int64_t> kernel = shapeOf(op.getKernel());
  if (failed(checkConvolution(op, op.getInput(), op.getGradOut(), kernel, op.getGroups(), op.getStride(),
                              op.getPadding(), op.getDilations())))
    return failure();
  Shape strides = i64ValuesOr(op.getStride(), kernel.size() - 2, 1), inserts = i64Values(op.getInserts());
  if (!inserts.empty() && inserts.size() != strides.size())
    return op.emitOpError() << "inserts needs " << strides.size() << " values, got " << inserts.size();
  for (auto [insert, stride] : llvm::zip(inserts, strides))
    if (insert != 0 && insert != stride - 1)
      return op.emitOpError() << "inserts contains " << insert << " for a stride of " << stride;
  bool enabled[] = {op.getGradInputEnable(), op.getGradWeightEnable(), op.getGradBiasEnable()};
  for (unsigned i = 0; i < 3; ++i)
    if (!enabled[i] && !isNone(op->getResult(i)))
      return op.emitOpError() << "has a result " << i << " that its attributes do not enable";
  return SmallVector<Shape>{shapeVector(op.getInput()), shapeVector(op.getKernel()), Shape{kernel[0]}};
}
LogicalResult ConvbwdOp::inferShapes() { return inferByRules(*this); }
LogicalResult ConvbwdOp::verify() { return verifyByRules(*this); }

/// Every value of grad_out meets every weight of its channel.
static int64_t convolutionFlops(Value gradOut, ArrayRef<int64_t> kernel) {
  return hasStaticShape(gradOut) && kernel.size() > 2 ? 2 * elementsOf(gradOut) * product(kernel.drop_front()) : 0;
}
int64_t ConvbwdOp::getFLOPs() {
  int64_t products = convolutionFlops(getGradOut(), shapeOf(getKernel()));
  return products * (!isNone(getGradInput()) + !isNone(getGradWeight())) +
         (isNone(getGradBias()) || !hasStaticShape(getGradOut()) ? 0 : elementsOf(getGradOut()));
}

static FailureOr<Shape> resultShape(ConvBwdWeightOp op) {
  if (op.getGradBiasEnable())
    return op.emitOpError("grad_bias_enable is not supported: the op has no result for it; use Convbwd");
  if (failed(checkShapeAttribute(op, "input_shape", op.getInputShape(), op.getInput())) ||
      failed(checkShapeAttribute(op, "grad_out_shape", op.getGradOutShape(), op.getGradout())))
    return failure();
  Shape kernel = i64Values(op.getKernelShape()), exchanged = shapeVector(op.getGradout());
  if (failed(checkConvolution(op, op.getInput(), op.getGradout(), kernel, op.getGroups(), op.getStride(),
                              op.getPadding(), op.getDilations())))
    return failure();
  std::swap(exchanged[0], exchanged[1]);
  if (failed(checkShape(op, "a gradout_transpose", op.getGradoutTranspose(), exchanged)))
    return failure();
  return kernel;
}
LogicalResult ConvBwdWeightOp::inferShapes() { return inferByRule(*this); }
LogicalResult ConvBwdWeightOp::verify() { return verifyByRule(*this); }
int64_t ConvBwdWeightOp::getFLOPs() { return convolutionFlops(getGradout(), i64Values(getKernelShape())); }

static FailureOr<Shape> resultShape(MaxPoolingIndicesBwdOp op) {
  Shape input = i64Values(op.getInputShape());
  ArrayRef<int64_t> gradient = shapeOf(op.getGradOutput());
  double plane = 1;
  for (size_t i = 2; i < input.size(); ++i)
    plane *= static_cast<double>(input[i]);
  if (llvm::any_of(input, [](int64_t extent) { return extent < 1 || extent > INT32_MAX; }) || plane > 1 << 24)
    return op.emitOpError() << "has the input_shape " << text(input)
                            << "; its extents must be at least 1 and a plane must not have more than 2^24 values";
  FailureOr<Window> window = readWindow(op, input, op.getKernelShape(), op.getStrides(), op.getPads(),
                                        op.getDilations(), std::nullopt, std::nullopt);
  if (failed(window))
    return failure();
  if (gradient.size() != input.size() || gradient.take_front(2) != ArrayRef(input).take_front(2))
    return op.emitOpError() << "needs a grad_output with batch and channels of " << text(input) << ", got shape "
                            << text(gradient);
  if (failed(checkShape(op, "indices", op.getIndices(), gradient)))
    return failure();
  return input;
}
LogicalResult MaxPoolingIndicesBwdOp::inferShapes() { return inferByRule(*this); }
LogicalResult MaxPoolingIndicesBwdOp::verify() { return verifyByRule(*this); }
int64_t MaxPoolingIndicesBwdOp::getFLOPs() { return hasStaticShape(getGradOutput()) ? elementsOf(getGradOutput()) : 0; }

} // namespace tpu_mlir::top
