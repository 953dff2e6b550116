// Evaluation of Top ops: training.
#include "tpu_mlir/Kernels/Training.h"
#include "../ChannelLines.h"
#include "../Windows.h"
#include "tpu_mlir/Dialect/Top/IR/TopTraining.h"
#include "tpu_mlir/Kernels/GroupNormalization.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

/// [what is before the axis, the rest].
static kernels::Lines blocksOf(const Tensor &in, int64_t axis) {
  kernels::Lines lines;
  for (int64_t i = 0; i < in.rank(); ++i)
    (i < axis ? lines.outer : lines.axis) *= in.dim(i);
  return lines;
}

/// Hands over result `index` made of the values, or nothing where it is none.
static LogicalResult finishValues(Call &call, size_t index, ArrayRef<double> values) {
  if (!call.isWanted(index))
    return call.finishAsIs(Tensor());
  Tensor result = call.floatResult(index);
  for (auto [i, value] : llvm::enumerate(values))
    result.data<float>()[i] = static_cast<float>(value);
  return call.finish(std::move(result));
}

/// A result where it is wanted, else an empty tensor.
static Tensor optionalResult(const Call &call, size_t index) {
  return call.isWanted(index) ? call.floatResult(index) : Tensor();
}
static float *room(Tensor &tensor) { return tensor.empty() ? nullptr : tensor.data<float>(); }
static LogicalResult finishAll(Call &call, MutableArrayRef<Tensor> results) {
  for (Tensor &result : results)
    if (failed(result.empty() ? call.finishAsIs(Tensor()) : call.finish(std::move(result))))
      return failure();
  return success();
}

namespace {
/// What batch normalizations compute of a batch.
struct BatchStatistics {
  std::vector<double> mean, rstd, runningMean, runningVariance, scale, bias;
};
} // namespace

static BatchStatistics statisticsOf(const kernels::Lines &lines, const Tensor &in, const Tensor &runningMean,
                                    const Tensor &runningVariance, const Tensor &weight, const Tensor &bias,
                                    double epsilon, double momentum) {
  kernels::ChannelMoments moments = kernels::channelMoments(lines, in.data<float>());
  const auto count = static_cast<double>(lines.outer * lines.inner);
  BatchStatistics statistics;
  for (int64_t c = 0; c < lines.axis; ++c) {
    const double mean = moments.mean[c], variance = moments.variance[c], rstd = 1 / std::sqrt(variance + epsilon);
    const double scale = rstd * (weight.empty() ? 1.0f : weight.data<float>()[c]);
    statistics.mean.push_back(mean);
    statistics.rstd.push_back(rstd);
    statistics.runningMean.push_back((1 - momentum) * runningMean.data<float>()[c] + momentum * mean);
    statistics.runningVariance.push_back((1 - momentum) * runningVariance.data<float>()[c] +
                                         momentum * variance * count / (count - 1));
    statistics.scale.push_back(scale);
    statistics.bias.push_back((bias.empty() ? 0.0f : bias.data<float>()[c]) - mean * scale);
  }
  return statistics;
}

static LogicalResult evaluateBatchNormTrain(top::BatchNormTrainOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const kernels::Lines lines = channelLines(in);
  const BatchStatistics statistics =
      statisticsOf(lines, in, call.floats(op.getMean()), call.floats(op.getVar()), call.floats(op.getGamma()),
                   call.floats(op.getBeta()), op.getEpsilon().convertToDouble(), op.getMomentum().convertToDouble());
  Tensor out = call.floatResult();
  kernels::scaleByChannel(lines, in.data<float>(), statistics.scale, statistics.bias, out.data<float>());
  if (failed(call.finish(std::move(out), reluLimits(op))))
    return failure();
  size_t index = 1;
  for (const auto *values : {&statistics.mean, &statistics.rstd, &statistics.runningMean, &statistics.runningVariance})
    if (failed(finishValues(call, index++, *values)))
      return failure();
  return success();
}

static LogicalResult evaluateMeanRstd(top::MeanRstdOp op, Call &call) {
  const Tensor in = call.floats(op.getInput());
  const BatchStatistics statistics =
      statisticsOf(channelLines(in), in, call.floats(op.getRunningMean()), call.floats(op.getRunningVar()),
                   call.floats(op.getWeight()), call.floats(op.getBias()), op.getEps().convertToDouble(),
                   op.getMomentum().convertToDouble());
  size_t index = 0;
  for (const auto *values : {&statistics.mean, &statistics.rstd, &statistics.runningMean, &statistics.runningVariance,
                             &statistics.scale, &statistics.bias})
    if (failed(finishValues(call, index++, *values)))
      return failure();
  return success();
}

static LogicalResult evaluateBatchNormBwd(top::BatchNormBwdOp op, Call &call) {
  const Tensor gradient = call.floats(op.getGradOut()), in = call.floats(op.getInput()),
               weight = call.floats(op.getWeightOpt()), mean = call.floats(op.getSavedMean()),
               rstd = call.floats(op.getSavedInvstd());
  const kernels::Lines lines = channelLines(in);
  kernels::ChannelMoments moments;
  if (mean.empty() || rstd.empty())
    moments = kernels::channelMoments(lines, in.data<float>());
  std::vector<double> means, rstds, weightGrad, biasGrad;
  for (int64_t c = 0; c < lines.axis; ++c) {
    means.push_back(mean.empty() ? moments.mean[c] : mean.data<float>()[c]);
    rstds.push_back(rstd.empty() ? 1 / std::sqrt(moments.variance[c] + op.getEpsilon().convertToDouble())
                                 : rstd.data<float>()[c]);
  }
  Tensor inGrad = call.floatResult();
  kernels::batchNormGradients(lines, gradient.data<float>(), in.data<float>(), means, rstds, valuesOf(weight),
                              inGrad.data<float>(), weightGrad, biasGrad);
  return success(succeeded(call.finish(std::move(inGrad))) && succeeded(finishValues(call, 1, weightGrad)) &&
                 succeeded(finishValues(call, 2, biasGrad)));
}

template <typename OpTy>
static LogicalResult evaluateWithStatistics(OpTy op, Call &call, const kernels::ChannelGroups &groups) {
  const Tensor in = call.floats(op.getInput()), weight = call.floats(op.getWeight()), bias = call.floats(op.getBias());
  Tensor results[] = {call.floatResult(0), call.floatResult(1), call.floatResult(2)};
  kernels::groupNorm(groups, in.data<float>(), results[0].data<float>(), valuesOf(weight), valuesOf(bias),
                     op.getEps().convertToDouble(), results[1].data<float>(), results[2].data<float>());
  return finishAll(call, results);
}
static LogicalResult evaluateGroupNormTrain(top::GroupNormTrainOp op, Call &call) {
  const kernels::Lines lines = channelLines(call.operand(0));
  const auto groups = static_cast<int64_t>(op.getNumGroups());
  return evaluateWithStatistics(op, call, {lines.outer, groups, lines.axis / groups, lines.inner});
}
static LogicalResult evaluateLayerNormTrain(top::LayerNormTrainOp op, Call &call) {
  const Tensor &in = call.operand(0);
  const kernels::Lines blocks = blocksOf(in, top::normalizeAxis(op.getAxis(), in.rank()));
  return evaluateWithStatistics(op, call, {blocks.outer, 1, blocks.axis, 1});
}

static LogicalResult evaluateLayerNormBwd(top::LayerNormBwdOp op, Call &call) {
  const Tensor gradient = call.floats(op.getGradOut()), in = call.floats(op.getInput()),
               mean = call.floats(op.getMean()), rstd = call.floats(op.getVariance()),
               weight = call.floats(op.getWeight());
  const kernels::Lines blocks = blocksOf(in, in.rank() - static_cast<int64_t>(op.getNormalizedShape().size()));
  Tensor results[] = {optionalResult(call, 0), optionalResult(call, 1), optionalResult(call, 2)};
  kernels::layerNormGradients(blocks.outer, blocks.axis, gradient.data<float>(), in.data<float>(), mean.data<float>(),
                              rstd.data<float>(), valuesOf(weight), room(results[0]), room(results[1]),
                              room(results[2]));
  return finishAll(call, results);
}

static LogicalResult evaluateSoftmaxBwd(top::SoftmaxBwdOp op, Call &call) {
  const Tensor gradient = call.floats(op.getGradOutput()), out = call.floats(op.getOutput());
  const int64_t axis = top::normalizeAxis(op.getDim(), out.rank());
  kernels::Lines lines;
  for (int64_t i = 0; i < out.rank(); ++i)
    (i < axis ? lines.outer : i == axis ? lines.axis : lines.inner) *= out.dim(i);
  Tensor inGrad = call.floatResult();
  kernels::softmaxGradient(lines, gradient.data<float>(), out.data<float>(), inGrad.data<float>());
  return call.finish(std::move(inGrad));
}

template <typename OpTy>
static FailureOr<kernels::ConvolutionShape> convolutionOf(OpTy op, const Call &call, const Tensor &in,
                                                          const Tensor &gradient) {
  const top::Shape kernel = top::i64Values(op.getKernelShape());
  ConvolutionArguments arguments;
  WindowAttributes &window = arguments.window;
  window.input = in.shape();
  window.output = gradient.shape();
  window.kernel.assign(kernel.begin() + 2, kernel.end());
  window.strides = top::i64ValuesOr(op.getStride(), window.kernel.size(), 1);
  window.pads = top::i64ValuesOr(op.getPadding(), 2 * window.kernel.size(), 0);
  window.dilations = top::i64ValuesOr(op.getDilations(), window.kernel.size(), 1);
  arguments.groups = op.getGroups();
  return makeConvolutionShape(call, arguments);
}

static LogicalResult evaluateConvbwd(top::ConvbwdOp op, Call &call) {
  const Tensor gradient = call.floats(op.getGradOut()), in = call.floats(op.getInput()),
               kernel = call.floats(op.getKernel());
  FailureOr<kernels::ConvolutionShape> shape = convolutionOf(op, call, in, gradient);
  if (failed(shape))
    return failure();
  Tensor results[] = {optionalResult(call, 0), optionalResult(call, 1), optionalResult(call, 2)};
  if (!results[0].empty())
    kernels::inputGradient(*shape, gradient.data<float>(), kernel.data<float>(), results[0].data<float>());
  if (!results[1].empty())
    kernels::filterGradient(*shape, gradient.data<float>(), in.data<float>(), results[1].data<float>());
  if (!results[2].empty()) {
    const kernels::Lines lines = channelLines(gradient);
    const kernels::ChannelMoments moments = kernels::channelMoments(lines, gradient.data<float>());
    for (int64_t c = 0; c < lines.axis; ++c)
      results[2].data<float>()[c] =
          static_cast<float>(moments.mean[c] * static_cast<double>(lines.outer * lines.inner));
  }
  return finishAll(call, results);
}

static LogicalResult evaluateConvBwdWeight(top::ConvBwdWeightOp op, Call &call) {
  const Tensor in = call.floats(op.getInput()), gradient = call.floats(op.getGradout());
  FailureOr<kernels::ConvolutionShape> shape = convolutionOf(op, call, in, gradient);
  if (failed(shape))
    return failure();
  Tensor out = call.floatResult();
  kernels::filterGradient(*shape, gradient.data<float>(), in.data<float>(), out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateMaxPoolingIndicesBwd(top::MaxPoolingIndicesBwdOp op, Call &call) {
  const Tensor gradient = call.floats(op.getGradOutput()), indices = call.floats(op.getIndices());
  Tensor out = call.floatResult();
  const kernels::Lines planes = blocksOf(out, 2), windows = blocksOf(gradient, 2);
  std::optional<float> wrong = kernels::addToPlanes(planes.outer, windows.axis, planes.axis, gradient.data<float>(),
                                                    indices.data<float>(), out.data<float>());
  if (wrong)
    return call.refuse("has the index " + Twine(std::to_string(*wrong)) + " for planes of " + Twine(planes.axis) +
                       " values");
  return call.finish(std::move(out));
}

void evaluation::attachTopTrainingModels(MLIRContext &context) {
  attach<top::BatchNormTrainOp, evaluateBatchNormTrain>(context);
  attach<top::BatchNormBwdOp, evaluateBatchNormBwd>(context);
  attach<top::GroupNormTrainOp, evaluateGroupNormTrain>(context);
  attach<top::LayerNormTrainOp, evaluateLayerNormTrain>(context);
  attach<top::LayerNormBwdOp, evaluateLayerNormBwd>(context);
  attach<top::MeanRstdOp, evaluateMeanRstd>(context);
  attach<top::SoftmaxBwdOp, evaluateSoftmaxBwd>(context);
  attach<top::ConvbwdOp, evaluateConvbwd>(context);
  attach<top::ConvBwdWeightOp, evaluateConvBwdWeight>(context);
  attach<top::MaxPoolingIndicesBwdOp, evaluateMaxPoolingIndicesBwd>(context);
}
