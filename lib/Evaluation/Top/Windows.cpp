// Evaluation of the Top ops with a sliding window.
#include "../Windows.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

// Shape inference has made automatic padding explicit.
template <typename OpTy> static bool hasAutoPad(OpTy op) {
  return op.getAutoPad() && *op.getAutoPad() != "NOTSET" && *op.getAutoPad() != "VALID";
}

static LogicalResult evaluateConv(top::ConvOp op, Call &call) {
  if (hasAutoPad(op))
    return call.refuse("has auto_pad; run --shape-infer first");
  ConvolutionArguments arguments = convolutionArguments(op, call);
  const top::Shape inserts = top::i64ValuesOr(op.getInserts(), arguments.window.kernel.size(), 0);
  Extents inserted;
  if (llvm::any_of(inserts, [](int64_t insert) { return insert != 0; })) {
    if (inserts.size() + 2 != arguments.input.shape().size())
      return call.refuse("has inserts that do not fit its input");
    const float zero = 0;
    arguments.input = insertBetween(arguments.input, inserts, &zero);
    inserted = arguments.input.shape();
    arguments.window.input = inserted;
  }
  return evaluateConvolution(call, arguments);
}

static LogicalResult evaluateDeconv(top::DeconvOp op, Call &call) {
  return evaluateTransposedConvolution(call, convolutionArguments(op, call));
}

template <typename OpTy, bool isMax> static LogicalResult evaluatePool(OpTy op, Call &call) {
  if (hasAutoPad(op) || op.getKernelShape().empty())
    return call.refuse("has auto_pad or no kernel_shape; run --shape-infer first");
  if (op.getIsAdaptive())
    return call.refuse("is_adaptive is not supported; give kernel_shape and strides");
  return evaluatePooling(
      call, {windowOf(op), isMax, op.getCountIncludePad(), static_cast<int64_t>(op.getPadValue()), reluLimits(op)});
}

void evaluation::attachTopWindowModels(MLIRContext &context) {
  attach<top::ConvOp, evaluateConv>(context);
  attach<top::DeconvOp, evaluateDeconv>(context);
  attach<top::MaxPoolOp, evaluatePool<top::MaxPoolOp, true>>(context);
  attach<top::AvgPoolOp, evaluatePool<top::AvgPoolOp, false>>(context);
}
