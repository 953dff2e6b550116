// Data movement in terms of three kernels: permutation, selection along axes, concatenation.
#include "Layout.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;
using kernels::AxisMap;

// Bytes can only be moved to a result that reads them in the same way.
static LogicalResult finishMoved(Call &call, Tensor value) {
  const std::optional<top::Quantization> quantization = call.resultQuantization();
  for (size_t i = 0; i < call.operandCount(); ++i)
    if (const std::optional<top::Quantization> from = call.operandQuantization(i); from && from != quantization)
      return call.refuse("moves values to a result that is quantized differently");
  return call.finishAsIs(std::move(value));
}

static LogicalResult selectInto(Call &call, const Tensor &in, const std::vector<AxisMap> &maps, const void *fill,
                                const kernels::Limits &limits = {}) {
  Extents shape;
  for (const AxisMap &map : maps)
    shape.push_back(static_cast<int64_t>(map.size()));
  if (shape != call.resultShape())
    return call.refuse("has a result of unexpected shape");
  Tensor out(in.type(), shape);
  kernels::select(in.data<uint8_t>(), in.shape(), maps, fill, byteSize(in.type()), out.data<uint8_t>());
  if (limits.low == kernels::Limits().low)
    return finishMoved(call, std::move(out));
  return call.finish(realValues(out, call.op->getResult(0).getType()), limits);
}

static constexpr uint64_t zeroBits = 0;

LogicalResult evaluation::evaluateReshape(Call &call) {
  const Tensor &in = call.operand(size_t{0});
  const Extents shape = call.resultShape();
  if (top::product(shape) != in.elements())
    return call.refuse("has a result of another number of elements than its operand");
  return finishMoved(call, in.reshaped(shape));
}

LogicalResult evaluation::evaluatePermute(Call &call, ArrayRef<int64_t> order) {
  const Tensor &in = call.operand(size_t{0});
  Extents shape;
  std::vector<bool> seen(in.rank(), false);
  for (int64_t axis : order) {
    if (axis < 0 || axis >= in.rank() || seen[axis])
      return call.refuse("has an order that is no permutation of its operand's axes");
    seen[axis] = true;
    shape.push_back(in.dim(axis));
  }
  if (shape != call.resultShape())
    return call.refuse("has a result of unexpected shape");
  Tensor out(in.type(), shape);
  kernels::permute(in.data<uint8_t>(), in.shape(), {order.data(), order.size()}, byteSize(in.type()),
                   out.data<uint8_t>());
  return finishMoved(call, std::move(out));
}

LogicalResult evaluation::evaluateConcat(Call &call, int64_t axis, const kernels::Limits &limits) {
  const Tensor &first = call.operand(size_t{0});
  axis = top::normalizeAxis(axis, first.rank());
  if (axis < 0)
    return call.refuse("has an axis outside of its operands' rank");
  int64_t outer = 1;
  for (int64_t i = 0; i < axis; ++i)
    outer *= first.dim(i);
  std::vector<kernels::ConcatPart> parts;
  size_t bytes = 0;
  for (size_t i = 0; i < call.operandCount(); ++i) {
    const Tensor &part = call.operand(i);
    if (part.type() != first.type())
      return call.refuse("has operands of different types");
    parts.push_back({part.data<uint8_t>(), outer ? part.bytes() / outer : 0});
    bytes += part.bytes();
  }
  Tensor out(first.type(), call.resultShape());
  if (out.bytes() != bytes)
    return call.refuse("has a result of unexpected shape");
  kernels::concat(parts, outer, out.data<uint8_t>());
  if (limits.low == kernels::Limits().low)
    return finishMoved(call, std::move(out));
  return call.finish(realValues(out, call.op->getResult(0).getType()), limits);
}

LogicalResult evaluation::evaluateSlice(Call &call, SliceArguments arguments) {
  const Tensor &in = call.operand(size_t{0});
  const Extents shape = call.resultShape();
  if (arguments.axes.empty())
    for (size_t i = 0; i < arguments.offset.size(); ++i)
      arguments.axes.push_back(i);
  if (arguments.steps.empty())
    arguments.steps.assign(arguments.offset.size(), 1);
  if (static_cast<int64_t>(shape.size()) != in.rank() || arguments.offset.size() != arguments.axes.size() ||
      arguments.steps.size() != arguments.axes.size())
    return call.refuse("has offsets and steps that do not fit its axes");
  std::vector<AxisMap> maps;
  for (int64_t extent : in.shape())
    maps.push_back(kernels::identityMap(extent));
  for (size_t i = 0; i < arguments.axes.size(); ++i) {
    const int64_t axis = top::normalizeAxis(arguments.axes[i], in.rank());
    if (axis < 0)
      return call.refuse("has an axis outside of its operand's rank");
    const int64_t extent = in.dim(axis), step = arguments.steps[i], count = shape[axis];
    int64_t begin = arguments.offset[i] < 0 ? arguments.offset[i] + extent : arguments.offset[i];
    begin = std::clamp<int64_t>(begin, 0, std::max<int64_t>(extent - 1, 0));
    if (const int64_t last = begin + (count - 1) * step; count > 0 && (last < 0 || last >= extent))
      return call.refuse("reads beyond axis " + Twine(axis) + " of its operand");
    maps[axis] = kernels::stepMap(begin, step, count);
  }
  return selectInto(call, in, maps, &zeroBits);
}

LogicalResult evaluation::evaluatePad(Call &call, ArrayRef<int64_t> paddings, kernels::Padding mode, double value) {
  const Tensor &in = call.operand(size_t{0});
  if (static_cast<int64_t>(paddings.size()) != 2 * in.rank())
    return call.refuse("has paddings that do not fit its operand's rank");
  std::vector<AxisMap> maps;
  for (int64_t axis = 0; axis < in.rank(); ++axis) {
    const int64_t begin = paddings[axis], end = paddings[in.rank() + axis], extent = in.dim(axis);
    const int64_t most = mode == kernels::Padding::Constant    ? INT32_MAX
                         : mode == kernels::Padding::Reflect   ? extent - 1
                         : mode == kernels::Padding::Symmetric ? extent
                         : extent > 0                          ? INT32_MAX
                                                               : 0;
    if (begin < 0 || end < 0 || ((begin > 0 || end > 0) && std::max(begin, end) > most))
      return call.refuse("pads axis " + Twine(axis) + " by more than its mode allows");
    maps.push_back(kernels::paddedMap(extent, begin, end, mode));
  }
  uint64_t fill = 0;
  if (const std::optional<top::Quantization> quantization = call.resultQuantization();
      quantization && isByteType(in.type())) {
    Tensor scalar(ElementType::F32, {1});
    *scalar.data<float>() = static_cast<float>(value);
    fill = *quantized(scalar, *quantization).data<uint8_t>();
  } else if (value != 0) {
    if (!isFloatType(in.type()))
      return call.refuse("pads integers with a value other than 0, which is not supported");
    Tensor scalar(ElementType::F32, {1});
    *scalar.data<float>() = static_cast<float>(value);
    const Tensor converted = fromFloat(scalar, in.type());
    std::memcpy(&fill, converted.data<uint8_t>(), converted.bytes());
  }
  return selectInto(call, in, maps, &fill);
}

LogicalResult evaluation::evaluateTile(Call &call, ArrayRef<int64_t> repeats) {
  Tensor in = call.operand(size_t{0});
  Extents shape = in.shape(), times(repeats.begin(), repeats.end());
  while (shape.size() < times.size())
    shape.insert(shape.begin(), 1);
  while (times.size() < shape.size())
    times.insert(times.begin(), 1);
  std::vector<AxisMap> maps;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (times[i] < 0 || times[i] > INT32_MAX)
      return call.refuse("has an impossible repeat count");
    maps.push_back(kernels::repeatMap(shape[i], times[i]));
  }
  return selectInto(call, in.reshaped(shape), maps, &zeroBits);
}

LogicalResult evaluation::evaluateUpsample(Call &call, int64_t scaleH, int64_t scaleW, const kernels::Limits &limits) {
  const Tensor &in = call.operand(size_t{0});
  if (in.rank() != 4 || scaleH < 1 || scaleW < 1)
    return call.refuse("needs an operand of rank 4 and scales of at least 1");
  return selectInto(call, in,
                    {kernels::identityMap(in.dim(0)), kernels::identityMap(in.dim(1)),
                     kernels::stretchMap(in.dim(2), scaleH), kernels::stretchMap(in.dim(3), scaleW)},
                    &zeroBits, limits);
}

LogicalResult evaluation::evaluateInterp(Call &call, bool nearest, kernels::Coordinates coordinates, double scaleH,
                                         double scaleW) {
  const Tensor &in = call.operand(size_t{0});
  const Extents shape = call.resultShape();
  if ((in.rank() != 3 && in.rank() != 4) || static_cast<int64_t>(shape.size()) != in.rank() || in.elements() == 0)
    return call.refuse("needs an operand of rank 3 or 4");
  const auto axis = [](int64_t extent, int64_t out, double scale) {
    return kernels::InterpolationAxis{extent, out,
                                      scale > 0 ? scale : static_cast<double>(out) / static_cast<double>(extent)};
  };
  const bool image = in.rank() == 4;
  const kernels::InterpolationAxis height = image ? axis(in.dim(2), shape[2], scaleH) : axis(1, 1, 1);
  const kernels::InterpolationAxis width = axis(in.dim(-1), shape.back(), scaleW);
  if (nearest) {
    std::vector<AxisMap> maps{kernels::identityMap(in.dim(0)), kernels::identityMap(in.dim(1))};
    if (image)
      maps.push_back(kernels::nearestMap(height.extent, height.outExtent, height.scale, coordinates));
    maps.push_back(kernels::nearestMap(width.extent, width.outExtent, width.scale, coordinates));
    return selectInto(call, in, maps, &zeroBits);
  }
  const Tensor floats = call.floats(size_t{0});
  Tensor out = call.floatResult();
  call.rounding = kernels::RoundMode::HalfAway; // computed in f32 on the chip, then converted
  kernels::interpolate(in.dim(0) * in.dim(1), height, width, coordinates, floats.data<float>(), out.data<float>());
  return call.finish(std::move(out));
}

namespace {

// The axes of a block rearrangement by role; batch, channel, row, column of the image and row, column of the block.
enum Role { Batch, Depth, Height, Width, BlockRow, BlockColumn };

// Roles in the order in which the side with blocks in its channels stores them.
SmallVector<Role> packedRoles(const Depth2SpaceArguments &arguments, bool channelsFirst) {
  SmallVector<Role> block{BlockRow, BlockColumn};
  if (arguments.columnMajorBlocks)
    std::swap(block[0], block[1]);
  SmallVector<Role> channels{block[0], block[1]};
  channels.insert(arguments.depthMajor ? channels.begin() : channels.end(), Depth);
  SmallVector<Role> roles{Batch};
  if (channelsFirst)
    roles.append(channels);
  roles.append({Height, Width});
  if (!channelsFirst)
    roles.append(channels);
  return roles;
}

// The same for the side where blocks are part of the image.
SmallVector<Role> spreadRoles(bool channelsFirst) {
  if (channelsFirst)
    return {Batch, Depth, Height, BlockRow, Width, BlockColumn};
  return {Batch, Height, BlockRow, Width, BlockColumn, Depth};
}

} // namespace

LogicalResult evaluation::evaluateDepth2Space(Call &call, const Depth2SpaceArguments &arguments) {
  const Tensor &in = call.operand(size_t{0});
  const int64_t block = arguments.blockH * arguments.blockW;
  if (in.rank() != 4 || arguments.blockH < 1 || arguments.blockW < 1)
    return call.refuse("needs an operand of rank 4 and blocks of at least 1");
  const bool first = arguments.inputChannelsFirst;
  int64_t depth = in.dim(first ? 1 : 3), height = in.dim(first ? 2 : 1), width = in.dim(first ? 3 : 2);
  if (arguments.inverse ? height % arguments.blockH || width % arguments.blockW : depth % block)
    return call.refuse("has an operand that cannot be divided into blocks");
  if (arguments.inverse) {
    height /= arguments.blockH;
    width /= arguments.blockW;
  } else {
    depth /= block;
  }
  const int64_t extents[] = {in.dim(0), depth, height, width, arguments.blockH, arguments.blockW};
  const SmallVector<Role> from = arguments.inverse ? spreadRoles(first) : packedRoles(arguments, first);
  const SmallVector<Role> to = arguments.inverse ? packedRoles(arguments, arguments.outputChannelsFirst)
                                                 : spreadRoles(arguments.outputChannelsFirst);
  Extents shape, order;
  for (Role role : from)
    shape.push_back(extents[role]);
  for (Role role : to)
    order.push_back(llvm::find(from, role) - from.begin());
  Tensor out(in.type(), call.resultShape());
  if (out.elements() != in.elements())
    return call.refuse("has a result of unexpected shape");
  kernels::permute(in.data<uint8_t>(), shape, order, byteSize(in.type()), out.data<uint8_t>());
  return finishMoved(call, std::move(out));
}
