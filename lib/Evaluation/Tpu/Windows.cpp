// Evaluation of the Tpu ops with a sliding window: operands in the chip's types, accumulation in f32
// and one rounding, or exact integers.
#include "../Integer.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static bool isIntegerFilter(const Tensor &filter) { return !filter.empty() && !isFloatType(filter.type()); }

// What do_kernel_rotate and inserts say is done to the operands beforehand.
static LogicalResult prepareConv(tpu::Conv2DOp op, Call &call, ConvolutionArguments &arguments, Extents &inserted) {
  if (op.getDoKernelRotate().value_or(false))
    arguments.filter = rotateTaps(arguments.filter, top::product(arguments.window.kernel));
  const top::Shape inserts = top::i64ValuesOr(op.getInserts(), arguments.window.kernel.size(), 0);
  if (llvm::none_of(inserts, [](int64_t insert) { return insert != 0; }))
    return success();
  if (inserts.size() + 2 != arguments.input.shape().size())
    return call.refuse("has inserts that do not fit its input");
  uint64_t fill = 0;
  if (const std::optional<top::Quantization> quantization = call.operandQuantization(0))
    fill = static_cast<uint8_t>(quantization->zeroPoint);
  arguments.input = insertBetween(arguments.input, inserts, &fill);
  inserted = arguments.input.shape();
  arguments.window.input = inserted;
  return success();
}

static LogicalResult evaluateConv(tpu::Conv2DOp op, Call &call) {
  if (op.getDoLeakyRelu().value_or(false) || op.getKernelZp() != 0 || op.getCoeffMerged())
    return call.refuse("has do_leaky_relu, kernel_zp or coeff_merged, which cannot be evaluated");
  const bool integerFilter = isIntegerFilter(call.operand(op.getFilter()));
  const bool integer = integerFilter && call.operandQuantization(0);
  ConvolutionArguments arguments = integer ? integerConvolutionArguments(op, call) : convolutionArguments(op, call);
  if (integerFilter && !integer) {
    FailureOr<Tensor> filter =
        widenFilter(call, call.operand(op.getFilter()), op.getOutScales(), call.operand(op.getInput()).type());
    if (failed(filter))
      return failure();
    arguments.filter = *filter;
  }
  Extents inserted;
  if (failed(prepareConv(op, call, arguments, inserted)))
    return failure();
  if (integer)
    return evaluateIntegerConvolution(call, arguments, requantizationAttributes(op));
  return evaluateConvolution(call, arguments);
}

static LogicalResult evaluateDeconv(tpu::DeconvOp op, Call &call) {
  if (isIntegerFilter(call.operand(op.getFilter())))
    return evaluateIntegerDeconvolution(call, integerConvolutionArguments(op, call), requantizationAttributes(op));
  return evaluateTransposedConvolution(call, convolutionArguments(op, call));
}

static LogicalResult evaluatePool(tpu::Pool2DOp op, Call &call) {
  if (op.getIsAdaptive())
    return call.refuse("is_adaptive is not supported; give kernel_shape and strides");
  const PoolingArguments arguments{windowOf(op), op.getPoolMode() == tpu::PoolMode::Max, op.getCountIncludePad(),
                                   static_cast<int64_t>(op.getPadValue()), reluLimits(op)};
  const bool toReal = !arguments.isMax && call.resultType() == ElementType::F32;
  if (call.operandQuantization(0) && (call.resultQuantization() || toReal))
    return evaluateIntegerPooling(call, arguments, op.getDoRelu(), op.getReluLimit().convertToDouble());
  return evaluatePooling(call, arguments);
}

void evaluation::attachTpuWindowModels(MLIRContext &context) {
  attach<tpu::Conv2DOp, evaluateConv>(context);
  attach<tpu::DeconvOp, evaluateDeconv>(context);
  attach<tpu::Pool2DOp, evaluatePool>(context);
}
