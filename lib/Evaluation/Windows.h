// Evaluation of ops with a sliding window: convolution, transposed convolution, pooling, for both dialects.
#pragma once
#include "Common.h"
#include "tpu_mlir/Kernels/Convolution.h"
#include "tpu_mlir/Kernels/Layout.h"

namespace tpu_mlir::evaluation {

/// Attributes of a window op, one value per spatial axis; pads are all begins, then all ends.
struct WindowAttributes {
  llvm::ArrayRef<int64_t> input, output; // with batch and channels
  top::Shape kernel, strides, pads, dilations;
};

/// The kernels' form. Attributes that do not fit together are an error on the op.
llvm::FailureOr<kernels::Window> makeWindow(const Call &call, const WindowAttributes &attributes);
/// End pads, in the kernels' order of axes.
kernels::Axes endPads(const WindowAttributes &attributes);

/// Puts `inserts` copies of the element `fill` between the elements of each spatial axis.
Tensor insertBetween(const Tensor &input, llvm::ArrayRef<int64_t> inserts, const void *fill);

/// A filter whose taps are in reverse order.
Tensor rotateTaps(const Tensor &filter, int64_t taps);

struct ConvolutionArguments {
  WindowAttributes window;
  Tensor input, filter, bias; // f32, or integers in integer convolutions; bias may be empty
  int64_t groups;
  kernels::Limits limits;
};
/// The kernels' form; an error if groups do not divide the channels.
llvm::FailureOr<kernels::ConvolutionShape> makeConvolutionShape(const Call &call,
                                                                const ConvolutionArguments &arguments);
/// Whether the filter has the shape that evaluation understands ([first, second, taps…]); a chip's packing has another.
llvm::LogicalResult checkFilter(const Call &call, const ConvolutionArguments &arguments, int64_t first, int64_t second);
llvm::LogicalResult evaluateConvolution(Call &call, ConvolutionArguments arguments);
llvm::LogicalResult evaluateTransposedConvolution(Call &call, ConvolutionArguments arguments);

struct PoolingArguments {
  WindowAttributes window;
  bool isMax, countPadding;
  int64_t padValue;
  kernels::Limits limits;
};
llvm::LogicalResult evaluatePooling(Call &call, const PoolingArguments &arguments);

template <typename OpTy> WindowAttributes windowOf(OpTy op) {
  WindowAttributes window;
  window.input = top::shapeOf(op.getInput());
  window.output = top::shapeOf(op.getOutput());
  window.kernel = top::i64Values(op.getKernelShape());
  window.strides = top::i64ValuesOr(op.getStrides(), window.kernel.size(), 1);
  window.pads = top::i64ValuesOr(op.getPads(), 2 * window.kernel.size(), 0);
  if constexpr (requires { op.getDilations(); })
    window.dilations = top::i64ValuesOr(op.getDilations(), window.kernel.size(), 1);
  else
    window.dilations.assign(window.kernel.size(), 1);
  return window;
}

template <typename OpTy> ConvolutionArguments convolutionArguments(OpTy op, const Call &call) {
  return {windowOf(op),
          call.floats(op.getInput()),
          call.floats(op.getFilter()),
          call.floats(op.getBias()),
          static_cast<int64_t>(op.getGroup()),
          reluLimits(op)};
}

/// The same with the operands as they are.
template <typename OpTy> ConvolutionArguments integerConvolutionArguments(OpTy op, const Call &call) {
  return {windowOf(op),
          call.operand(op.getInput()),
          call.operand(op.getFilter()),
          call.operand(op.getBias()),
          static_cast<int64_t>(op.getGroup()),
          {}};
}

} // namespace tpu_mlir::evaluation
