// Evaluation of integer ops with a sliding window, and of filters kept as integers beside float inputs.
#include "Integer.h"

#include "tpu_mlir/Kernels/IntegerConvolution.h"

#include <limits>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static kernels::ByteImage imageOf(const Tensor &tensor, const top::Quantization &quantization) {
  return {tensor.data<uint8_t>(), tensor.type() == ElementType::I8, static_cast<int32_t>(quantization.zeroPoint)};
}

LogicalResult evaluation::evaluateIntegerConvolution(Call &call, const ConvolutionArguments &arguments,
                                                     const RequantizationAttributes &attributes) {
  FailureOr<kernels::ConvolutionShape> shape = makeConvolutionShape(call, arguments);
  if (failed(shape) ||
      failed(checkFilter(call, arguments, shape->outputChannels, shape->inputChannels / shape->groups)))
    return failure();
  const std::optional<top::Quantization> quantization = call.operandQuantization(0);
  if (!quantization || !isByteType(arguments.input.type()) || arguments.filter.type() != ElementType::I8)
    return call.refuse("needs an input quantized to 8 bits and a filter of signed 8-bit integers");
  FailureOr<kernels::Requantization> form = makeRequantization(call, attributes, arguments.bias, shape->outputChannels);
  if (failed(form))
    return failure();
  Tensor out(call.resultType(), call.resultShape());
  kernels::integerConvolution(*shape, imageOf(arguments.input, *quantization), arguments.filter.data<int8_t>(), *form,
                              out.data<uint8_t>());
  return call.finishAsIs(std::move(out));
}

// [outputs / groups, inputs, taps] as the filter of a convolution: [outputs, inputs / groups, taps], taps reversed.
static Tensor transposeFilter(const Tensor &filter, int64_t groups, int64_t taps) {
  const int64_t perGroup = filter.dim(0), inputs = filter.dim(1), inputsPerGroup = inputs / groups;
  Extents shape = filter.shape();
  shape[0] = perGroup * groups;
  shape[1] = inputsPerGroup;
  Tensor result(ElementType::I8, shape);
  int8_t *to = result.data<int8_t>();
  for (int64_t group = 0; group < groups; ++group)
    for (int64_t o = 0; o < perGroup; ++o)
      for (int64_t i = 0; i < inputsPerGroup; ++i) {
        const int8_t *from = filter.data<int8_t>() + (o * inputs + group * inputsPerGroup + i) * taps;
        for (int64_t tap = taps; tap-- > 0;)
          *to++ = from[tap];
      }
  return result;
}

LogicalResult evaluation::evaluateIntegerDeconvolution(Call &call, ConvolutionArguments arguments,
                                                       const RequantizationAttributes &attributes) {
  WindowAttributes &window = arguments.window;
  const size_t axes = window.kernel.size();
  if (arguments.groups < 1 || window.input.size() != axes + 2 || window.output[1] % arguments.groups ||
      window.input[1] % arguments.groups || arguments.filter.type() != ElementType::I8 ||
      !call.operandQuantization(0) || !isByteType(arguments.input.type()))
    return call.refuse("needs an input quantized to 8 bits and a filter of signed 8-bit integers");
  if (failed(checkFilter(call, arguments, window.output[1] / arguments.groups, window.input[1])))
    return failure();
  arguments.filter = transposeFilter(arguments.filter, arguments.groups, top::product(window.kernel));
  top::Shape inserts;
  for (size_t i = 0; i < axes; ++i) {
    inserts.push_back(window.strides[i] - 1);
    const int64_t reach = window.dilations[i] * (window.kernel[i] - 1);
    window.pads[i] = reach - window.pads[i];
    window.pads[axes + i] = reach - window.pads[axes + i];
    window.strides[i] = 1;
  }
  const auto zeroPoint = static_cast<uint8_t>(call.operandQuantization(0)->zeroPoint);
  arguments.input = insertBetween(arguments.input, inserts, &zeroPoint);
  const Extents stretched = arguments.input.shape();
  window.input = stretched;
  return evaluateIntegerConvolution(call, arguments, attributes);
}

LogicalResult evaluation::evaluateIntegerPooling(Call &call, const PoolingArguments &arguments, bool doRelu,
                                                 double reluLimit) {
  FailureOr<kernels::Window> window = makeWindow(call, arguments.window);
  if (failed(window))
    return failure();
  const std::optional<top::Quantization> from = call.operandQuantization(0), to = call.resultQuantization();
  if (!from || !to || !isByteType(from->storage) || !isByteType(to->storage))
    return call.refuse("needs an input and a result quantized to 8 bits");
  const ByteLimits limits = byteLimits(*to, doRelu, reluLimit);
  const Tensor &in = call.operand(size_t{0});
  Tensor out(call.resultType(), call.resultShape());
  const int64_t planes = arguments.window.input[0] * arguments.window.input[1];
  if (arguments.isMax) {
    if (!(*from == *to))
      return call.refuse("is a maximum whose result is quantized differently from its input");
    kernels::integerMaxPooling(planes, *window, imageOf(in, *from), limits.low, limits.high, out.data<uint8_t>());
  } else {
    kernels::integerAveragePooling(
        planes, *window, endPads(arguments.window), arguments.countPadding, imageOf(in, *from),
        {from->scale / to->scale, static_cast<int32_t>(to->zeroPoint), limits.low, limits.high}, out.data<uint8_t>());
  }
  return call.finishAsIs(std::move(out));
}

FailureOr<Tensor> evaluation::widenFilter(const Call &call, const Tensor &filter, std::optional<ArrayAttr> scales,
                                          ElementType type) {
  const int64_t channels = filter.rank() ? filter.dim(0) : 0, count = scales ? scales->size() : 0;
  if (!scales || channels == 0 || (count != channels && count != 1))
    return call.refuse("has an integer filter beside a float input and needs out_scales, one for all or for each of " +
                       Twine(channels) + " channels");
  Tensor result = toFloat(filter);
  const int64_t inner = result.elements() / channels;
  for (int64_t c = 0; c < channels; ++c) {
    const auto scale = static_cast<float>(cast<FloatAttr>((*scales)[count == 1 ? 0 : c]).getValueAsDouble());
    for (int64_t i = 0; i < inner; ++i)
      result.data<float>()[c * inner + i] *= scale;
  }
  roundToType(result.data<float>(), result.elements(), type);
  return result;
}
