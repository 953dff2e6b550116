// Evaluation of the Tpu ops with a sliding window: operands in the chip's types, accumulation in f32, one rounding.
#include "../Windows.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static LogicalResult evaluateConv(tpu::Conv2DOp op, Call &call) {
  if (op.getDoLeakyRelu().value_or(false) || op.getKernelZp() != 0 || op.getCoeffMerged())
    return call.refuse("has do_leaky_relu, kernel_zp or coeff_merged, which only integer convolutions have");
  ConvolutionArguments arguments = convolutionArguments(op, call);
  if (op.getDoKernelRotate().value_or(false))
    arguments.filter = rotateTaps(arguments.filter, top::product(arguments.window.kernel));
  const top::Shape inserts = top::i64ValuesOr(op.getInserts(), arguments.window.kernel.size(), 0);
  Extents inserted;
  if (llvm::any_of(inserts, [](int64_t insert) { return insert != 0; })) {
    if (inserts.size() + 2 != arguments.input.shape().size())
      return call.refuse("has inserts that do not fit its input");
    arguments.input = insertZeros(arguments.input, inserts);
    inserted = arguments.input.shape();
    arguments.window.input = inserted;
  }
  return evaluateConvolution(call, arguments);
}

static LogicalResult evaluateDeconv(tpu::DeconvOp op, Call &call) {
  return evaluateTransposedConvolution(call, convolutionArguments(op, call));
}

static LogicalResult evaluatePool(tpu::Pool2DOp op, Call &call) {
  if (op.getIsAdaptive())
    return call.refuse("is_adaptive is not supported; give kernel_shape and strides");
  return evaluatePooling(call, {windowOf(op), op.getPoolMode() == tpu::PoolMode::Max, op.getCountIncludePad(),
                                static_cast<int64_t>(op.getPadValue()), reluLimits(op)});
}

void evaluation::attachTpuWindowModels(MLIRContext &context) {
  attach<tpu::Conv2DOp, evaluateConv>(context);
  attach<tpu::DeconvOp, evaluateDeconv>(context);
  attach<tpu::Pool2DOp, evaluatePool>(context);
}
