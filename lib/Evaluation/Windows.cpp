// The common part of window ops: attributes into the kernels' three-axis form, checks, calls.
#include "Windows.h"

#include <cstring>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

FailureOr<kernels::Window> evaluation::makeWindow(const Call &call, const WindowAttributes &attributes) {
  const size_t axes = attributes.kernel.size();
  if (axes < 1 || axes > 3 || attributes.input.size() != axes + 2 || attributes.strides.size() != axes ||
      attributes.pads.size() != 2 * axes || attributes.dilations.size() != axes)
    return call.refuse("has window attributes that do not fit its input of rank " + Twine(attributes.input.size()));
  // A pooling result without spatial axes stands for extents of one.
  const bool spatial = attributes.output.size() == axes + 2;
  kernels::Window window;
  for (size_t i = 0; i < axes; ++i) {
    const size_t to = 3 - axes + i;
    window.input[to] = attributes.input[2 + i];
    window.output[to] = spatial ? attributes.output[2 + i] : 1;
    window.kernel[to] = attributes.kernel[i];
    window.stride[to] = attributes.strides[i];
    window.dilation[to] = attributes.dilations[i];
    window.padBegin[to] = attributes.pads[i];
    if (window.kernel[to] < 1 || window.stride[to] < 1 || window.dilation[to] < 1)
      return call.refuse("has a kernel, stride or dilation below 1");
  }
  return window;
}

kernels::Axes evaluation::endPads(const WindowAttributes &attributes) {
  const size_t axes = attributes.kernel.size();
  kernels::Axes pads{0, 0, 0};
  for (size_t i = 0; i < axes; ++i)
    pads[3 - axes + i] = attributes.pads[axes + i];
  return pads;
}

Tensor evaluation::insertBetween(const Tensor &input, ArrayRef<int64_t> inserts, const void *fill) {
  std::vector<kernels::AxisMap> maps;
  Extents shape = input.shape();
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const int64_t step = axis < 2 ? 1 : inserts[axis - 2] + 1, extent = (shape[axis] - 1) * step + 1;
    kernels::AxisMap map(extent, kernels::outside);
    for (int64_t i = 0; i < shape[axis]; ++i)
      map[i * step] = i;
    maps.push_back(std::move(map));
    shape[axis] = extent;
  }
  Tensor result(input.type(), shape);
  kernels::select(input.data<uint8_t>(), input.shape(), maps, fill, byteSize(input.type()), result.data<uint8_t>());
  return result;
}

Tensor evaluation::rotateTaps(const Tensor &filter, int64_t taps) {
  Tensor result(filter.type(), filter.shape());
  const size_t size = byteSize(filter.type());
  for (int64_t i = 0; i < filter.elements(); ++i)
    std::memcpy(result.data<uint8_t>() + i * size,
                filter.data<uint8_t>() + (i / taps * taps + taps - 1 - i % taps) * size, size);
  return result;
}

LogicalResult evaluation::checkFilter(const Call &call, const ConvolutionArguments &arguments, int64_t first,
                                      int64_t second) {
  Extents wanted{first, second};
  wanted.insert(wanted.end(), arguments.window.kernel.begin(), arguments.window.kernel.end());
  if (arguments.filter.shape() != wanted)
    return call.refuse("has a filter that is packed for the chip and cannot be evaluated; evaluate the model before "
                       "weights are reordered (the file *_tpu.mlir)");
  const int64_t outputs = arguments.window.output[1];
  if (!arguments.bias.empty() && arguments.bias.elements() != outputs)
    return call.refuse("needs a bias of " + Twine(outputs) + " values, got " + Twine(arguments.bias.elements()));
  return success();
}

FailureOr<kernels::ConvolutionShape> evaluation::makeConvolutionShape(const Call &call,
                                                                      const ConvolutionArguments &arguments) {
  FailureOr<kernels::Window> window = makeWindow(call, arguments.window);
  if (failed(window))
    return failure();
  kernels::ConvolutionShape shape;
  shape.window = *window;
  shape.batch = arguments.window.input[0];
  shape.inputChannels = arguments.window.input[1];
  shape.outputChannels = arguments.window.output[1];
  shape.groups = arguments.groups;
  if (shape.groups < 1 || shape.inputChannels % shape.groups || shape.outputChannels % shape.groups)
    return call.refuse("has channels that " + Twine(shape.groups) + " groups do not divide");
  return shape;
}

LogicalResult evaluation::evaluateConvolution(Call &call, ConvolutionArguments arguments) {
  FailureOr<kernels::ConvolutionShape> shape = makeConvolutionShape(call, arguments);
  if (failed(shape) ||
      failed(checkFilter(call, arguments, shape->outputChannels, shape->inputChannels / shape->groups)))
    return failure();
  Tensor out = call.floatResult();
  kernels::convolution(*shape, arguments.input.data<float>(), arguments.filter.data<float>(),
                       arguments.bias.empty() ? nullptr : arguments.bias.data<float>(), out.data<float>(),
                       arguments.limits);
  return call.finish(std::move(out));
}

LogicalResult evaluation::evaluateTransposedConvolution(Call &call, ConvolutionArguments arguments) {
  FailureOr<kernels::ConvolutionShape> shape = makeConvolutionShape(call, arguments);
  if (failed(shape) ||
      failed(checkFilter(call, arguments, shape->outputChannels / shape->groups, shape->inputChannels)))
    return failure();
  Tensor out = call.floatResult();
  kernels::transposedConvolution(*shape, arguments.input.data<float>(), arguments.filter.data<float>(),
                                 arguments.bias.empty() ? nullptr : arguments.bias.data<float>(), out.data<float>(),
                                 arguments.limits);
  return call.finish(std::move(out));
}

LogicalResult evaluation::evaluatePooling(Call &call, const PoolingArguments &arguments) {
  FailureOr<kernels::Window> window = makeWindow(call, arguments.window);
  if (failed(window))
    return failure();
  if (arguments.padValue != 0)
    return call.refuse("has pad_value " + Twine(arguments.padValue) + "; only 0 is supported");
  const Tensor in = call.floats(size_t{0});
  Tensor out = call.floatResult();
  const int64_t planes = arguments.window.input[0] * arguments.window.input[1];
  if (arguments.isMax)
    kernels::maxPooling(planes, *window, in.data<float>(), out.data<float>(), -std::numeric_limits<float>::infinity(),
                        arguments.limits);
  else
    kernels::averagePooling(planes, *window, endPads(arguments.window), arguments.countPadding, in.data<float>(),
                            out.data<float>(), arguments.limits);
  return call.finish(std::move(out));
}
