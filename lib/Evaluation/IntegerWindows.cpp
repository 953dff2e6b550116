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

LogicalResult evaluation::evaluateIntegerDeconvolution(Call &call, const ConvolutionArguments &arguments,
                                                       const RequantizationAttributes &attributes) {
  FailureOr<kernels::ConvolutionShape> shape = makeConvolutionShape(call, arguments);
  if (failed(shape) ||
      failed(checkFilter(call, arguments, shape->outputChannels / shape->groups, shape->inputChannels)))
    return failure();
  const std::optional<top::Quantization> quantization = call.operandQuantization(0);
  if (!quantization || !isByteType(arguments.input.type()) || arguments.filter.type() != ElementType::I8)
    return call.refuse("needs an input quantized to 8 bits and a filter of signed 8-bit integers");
  FailureOr<kernels::Requantization> form = makeRequantization(call, attributes, arguments.bias, shape->outputChannels);
  if (failed(form))
    return failure();
  Tensor out(call.resultType(), call.resultShape());
  kernels::integerTransposedConvolution(*shape, imageOf(arguments.input, *quantization),
                                        arguments.filter.data<int8_t>(), *form, out.data<uint8_t>());
  return call.finishAsIs(std::move(out));
}

LogicalResult evaluation::evaluateIntegerPooling(Call &call, const PoolingArguments &arguments, bool doRelu,
                                                 double reluLimit) {
  FailureOr<kernels::Window> window = makeWindow(call, arguments.window);
  if (failed(window))
    return failure();
  const std::optional<top::Quantization> from = call.operandQuantization(0), given = call.resultQuantization();
  const bool toReal = !arguments.isMax && !given && call.resultType() == ElementType::F32;
  if (!from || !isByteType(from->storage) || (!toReal && (!given || !isByteType(given->storage))))
    return call.refuse("needs an input and a result quantized to 8 bits (a mean may also be f32)");
  const top::Quantization to = given.value_or(top::Quantization{});
  const ByteLimits limits = byteLimits(to, doRelu, reluLimit);
  const Tensor &in = call.operand(size_t{0});
  Tensor out(call.resultType(), call.resultShape());
  const int64_t planes = arguments.window.input[0] * arguments.window.input[1];
  if (arguments.isMax) {
    if (!(*from == to))
      return call.refuse("is a maximum whose result is quantized differently from its input");
    kernels::integerMaxPooling(planes, *window, imageOf(in, *from), limits.low, limits.high, out.data<uint8_t>());
  } else {
    kernels::integerAveragePooling(planes, *window, endPads(arguments.window), arguments.countPadding,
                                   imageOf(in, *from),
                                   {from->scale / to.scale, static_cast<int32_t>(to.zeroPoint), limits.low, limits.high,
                                    toReal, realLimits(doRelu, reluLimit)},
                                   out.data<uint8_t>());
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
