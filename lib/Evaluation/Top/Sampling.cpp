// Evaluation of Top ops: pooling, unpooling and sampling beyond the core.
#include "tpu_mlir/Kernels/Sampling.h"
#include "../Windows.h"
#include "tpu_mlir/Dialect/Top/IR/TopSampling.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

/// The spatial extents, in the kernels' order of axes.
static kernels::Axes spatial(ArrayRef<int64_t> shape) {
  kernels::Axes axes{1, 1, 1};
  for (size_t i = 2; i < shape.size(); ++i)
    axes[3 - shape.size() + i] = shape[i];
  return axes;
}

static const float *valuesOf(const Tensor &tensor) { return tensor.empty() ? nullptr : tensor.data<float>(); }

static LogicalResult evaluateAdaptiveAvgPool(top::AdaptiveAvgPoolOp op, Call &call) {
  const Tensor in = call.floats(size_t{0});
  Tensor out = call.floatResult();
  kernels::adaptiveAveragePooling(in.dim(0) * in.dim(1), spatial(in.shape()), spatial(out.shape()), in.data<float>(),
                                  out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateMaxPoolWithMask(top::MaxPoolWithMaskOp op, Call &call) {
  if (op.getKernelShape().empty() || (op.getAutoPad() && *op.getAutoPad() != "NOTSET" && *op.getAutoPad() != "VALID"))
    return call.refuse("has auto_pad or no kernel_shape; run --shape-infer first");
  FailureOr<kernels::Window> window = makeWindow(call, windowOf(op));
  if (failed(window))
    return failure();
  const Tensor in = call.floats(size_t{0});
  Tensor out = call.floatResult(0), mask = call.floatResult(1);
  kernels::maxPoolingWithIndices(in.dim(0) * in.dim(1), *window, in.data<float>(), out.data<float>(),
                                 mask.data<float>());
  return success(succeeded(call.finish(std::move(out), reluLimits(op))) && succeeded(call.finish(std::move(mask))));
}

static LogicalResult evaluateMaxUnpool(top::MaxUnpoolOp op, Call &call) {
  const Tensor in = call.floats(op.getInput()), mask = call.floats(op.getMask());
  Tensor out = call.floatResult();
  const int64_t positions = out.dim(2) * out.dim(3);
  std::optional<float> wrong = kernels::scatterToPlanes(in.dim(0) * in.dim(1), in.dim(2) * in.dim(3), positions,
                                                        in.data<float>(), mask.data<float>(), out.data<float>());
  if (wrong)
    return call.refuse("has the index " + Twine(std::to_string(*wrong)) + " in its mask for planes of " +
                       Twine(positions) + " values");
  return call.finish(std::move(out));
}

static LogicalResult evaluateDeformConv2D(top::DeformConv2DOp op, Call &call) {
  const Tensor offset = call.floats(op.getOffset()), mask = call.floats(op.getMask());
  const ConvolutionArguments arguments = convolutionArguments(op, call);
  FailureOr<kernels::ConvolutionShape> shape = makeConvolutionShape(call, arguments);
  if (failed(shape))
    return failure();
  Tensor out = call.floatResult();
  kernels::deformableConvolution({*shape, static_cast<int64_t>(op.getDeformGroup())}, arguments.input.data<float>(),
                                 arguments.filter.data<float>(), offset.data<float>(), valuesOf(mask),
                                 valuesOf(arguments.bias), out.data<float>(), arguments.limits);
  return call.finish(std::move(out));
}

static kernels::StereoShape stereoShape(const Tensor &in, int64_t displacements) {
  return {in.dim(0), in.dim(1), in.dim(2), in.dim(3), displacements};
}

static LogicalResult evaluateCorrelation(top::CorrelationOp op, Call &call) {
  const Tensor left = call.floats(size_t{0}), right = call.floats(size_t{1});
  Tensor out = call.floatResult();
  kernels::correlation(stereoShape(left, op.getMaxDisp()), op.getNumGroups(), left.data<float>(), right.data<float>(),
                       out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateConcatVolume(top::ConcatVolumeOp op, Call &call) {
  const Tensor left = call.floats(size_t{0}), right = call.floats(size_t{1});
  Tensor out = call.floatResult();
  kernels::concatVolume(stereoShape(left, op.getMaxDisp()), left.data<float>(), right.data<float>(), out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateGridSampler(top::GridSamplerOp op, Call &call) {
  const Tensor in = call.floats(op.getInput()), grid = call.floats(op.getGrid());
  Tensor out = call.floatResult();
  kernels::GridSampling sampling;
  sampling.batch = in.dim(0);
  sampling.channels = in.dim(1);
  sampling.axes = static_cast<int>(in.rank()) - 2;
  sampling.input = spatial(in.shape());
  sampling.positions = kernels::volume(spatial(out.shape()));
  sampling.mode = op.getMode() == 0   ? kernels::SamplingMode::Linear
                  : op.getMode() == 1 ? kernels::SamplingMode::Nearest
                                      : kernels::SamplingMode::Cubic;
  sampling.padding = op.getPaddingMode() == 0   ? kernels::SamplingPadding::Zeros
                     : op.getPaddingMode() == 1 ? kernels::SamplingPadding::Border
                                                : kernels::SamplingPadding::Reflection;
  sampling.alignCorners = op.getAlignCorners();
  kernels::gridSample(sampling, in.data<float>(), grid.data<float>(), out.data<float>());
  return call.finish(std::move(out));
}

void evaluation::attachTopSamplingModels(MLIRContext &context) {
  attach<top::AdaptiveAvgPoolOp, evaluateAdaptiveAvgPool>(context);
  attach<top::MaxPoolWithMaskOp, evaluateMaxPoolWithMask>(context);
  attach<top::MaxUnpoolOp, evaluateMaxUnpool>(context);
  attach<top::DeformConv2DOp, evaluateDeformConv2D>(context);
  attach<top::CorrelationOp, evaluateCorrelation>(context);
  attach<top::ConcatVolumeOp, evaluateConcatVolume>(context);
  attach<top::GridSamplerOp, evaluateGridSampler>(context);
}
