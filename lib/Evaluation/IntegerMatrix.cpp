// Evaluation of integer matrix products, and of matrices kept as integers beside half-precision operands.
#include "Integer.h"
#include "Matrix.h"
#include "Stacks.h"

#include "tpu_mlir/Kernels/IntegerMatrix.h"
#include "tpu_mlir/Kernels/Layout.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static kernels::ByteMatrix matrixOf(const Tensor &tensor, const Stack &stack, int64_t offset, int32_t zeroPoint) {
  return {tensor.data<uint8_t>() + offset, stack.rowStride, stack.columnStride, tensor.type() == ElementType::I8,
          zeroPoint};
}

// Exchanges the last two axes of the stacked results.
static Tensor transposeResults(const Tensor &tensor, const ProductStacks &stacks) {
  const Extents shape{stacks.count, stacks.result.rows, stacks.result.columns};
  Tensor result(tensor.type(), tensor.shape());
  kernels::permute(tensor.data<uint8_t>(), shape, Extents{0, 2, 1}, byteSize(tensor.type()), result.data<uint8_t>());
  return result;
}

LogicalResult evaluation::evaluateIntegerMatMul(Call &call, tpu::MatMulOp op) {
  const Tensor &left = call.operand(op.getInput()), &right = call.operand(op.getRight());
  if (!isByteType(left.type()) || !isByteType(right.type()))
    return call.refuse("needs both operands in 8 bits");
  if (op.getInputZp() != 0)
    return call.refuse("has an input_zp; the zero point of the left operand belongs into the bias");
  if (op.getOutputTranspose() && op.getHdimIsBatch())
    return call.refuse("hdim_is_batch together with output_transpose is not supported");
  FailureOr<ProductStacks> stacks = makeStacks(call, left.shape(), right.shape(),
                                               {op.getLeftTranspose(), op.getRightTranspose(), op.getHdimIsBatch()});
  if (failed(stacks))
    return failure();
  const int64_t rows = stacks->left.rows, columns = stacks->right.columns;
  FailureOr<kernels::Requantization> form =
      makeRequantization(call, requantizationAttributes(op), call.operand(op.getBias()), columns);
  if (failed(form))
    return failure();
  Tensor out(call.resultType(), call.resultShape());
  if (stacks->count * rows * columns != out.elements())
    return call.refuse("has a result of unexpected shape");
  std::vector<kernels::ByteProduct> products;
  const auto zeroPoint = static_cast<int32_t>(op.getRightZp());
  for (int64_t i = 0; i < stacks->count; ++i)
    products.push_back({matrixOf(left, stacks->left, stacks->offset(stacks->left, i), 0),
                        matrixOf(right, stacks->right, stacks->offset(stacks->right, i), zeroPoint),
                        out.data<uint8_t>() + stacks->offset(stacks->result, i) * form->resultBytes(),
                        stacks->result.rowStride});
  kernels::integerMatMul(stacks->count, rows, columns, stacks->left.columns, products, *form);
  return call.finishAsIs(op.getOutputTranspose() ? transposeResults(out, *stacks) : std::move(out));
}

namespace {

// The stored integers of an A16MatMul as a [N, K] matrix and their scales.
struct StoredWeights {
  const Tensor &weight;
  int64_t bits, rows, depth; // rows = N, depth = K
  bool transposed, isSigned;

  int64_t at(int64_t row, int64_t column) const {
    const int64_t stored = bits == 4 ? column / 2 : column, length = bits == 4 ? depth / 2 : depth;
    uint8_t byte = weight.data<uint8_t>()[transposed ? row * length + stored : stored * rows + row];
    if (bits == 8)
      return isSigned ? int64_t{static_cast<int8_t>(byte)} : int64_t{byte};
    byte = column % 2 ? byte >> 4 : byte & 15;
    return isSigned && byte >= 8 ? int64_t{byte} - 16 : int64_t{byte};
  }
};

// f(f(q − zp) · scale), every step rounded to `type`.
Tensor widenWeights(const StoredWeights &stored, const Tensor &scale, const Tensor &zeroPoint, int64_t groups,
                    ElementType type) {
  Tensor result(ElementType::F32, {stored.rows, stored.depth});
  const int64_t perGroup = stored.depth / groups;
  for (int64_t row = 0; row < stored.rows; ++row)
    for (int64_t column = 0; column < stored.depth; ++column) {
      const int64_t group = row * groups + column / perGroup;
      const float zero = zeroPoint.empty() ? 0 : zeroPoint.data<float>()[group];
      result.data<float>()[row * stored.depth + column] = static_cast<float>(stored.at(row, column)) - zero;
    }
  roundToType(result.data<float>(), result.elements(), type);
  if (scale.empty())
    return result;
  for (int64_t row = 0; row < stored.rows; ++row)
    for (int64_t column = 0; column < stored.depth; ++column)
      result.data<float>()[row * stored.depth + column] *= scale.data<float>()[row * groups + column / perGroup];
  roundToType(result.data<float>(), result.elements(), type);
  return result;
}

} // namespace

LogicalResult evaluation::evaluateA16MatMul(Call &call, tpu::A16MatMulOp op) {
  const Tensor input = call.floats(op.getInput()), bias = call.floats(op.getBias());
  const Tensor &weight = call.operand(op.getWeight());
  const ElementType type = call.operand(op.getInput()).type();
  if (type != ElementType::F16 && type != ElementType::BF16)
    return call.refuse("needs a left operand of f16 or bf16");
  const bool transposed = op.getWTranspose();
  const int64_t bits = op.getWeightBits(), depth = input.dim(-1);
  const int64_t rows = weight.rank() == 2 ? weight.dim(transposed ? 0 : 1) : 0;
  const int64_t groups = op.getQGroupSize() > 0 ? depth / op.getQGroupSize() : 1;
  const Tensor scale = toFloat(call.operand(op.getScale())), zeroPoint = toFloat(call.operand(op.getZp()));
  if (groups < 1 || depth < groups || !isByteType(weight.type()) || weight.elements() * 8 != rows * depth * bits ||
      (bits == 4 && depth % 2) || (!scale.empty() && scale.elements() != rows * groups) ||
      (!zeroPoint.empty() && zeroPoint.elements() != rows * groups))
    return call.refuse("has weights, scales or zero points that do not fit its input");
  const StoredWeights stored{weight, bits, rows, depth, transposed, op.getSign() && zeroPoint.empty()};
  return evaluateMatMul(
      call, {input, widenWeights(stored, scale, zeroPoint, groups, type), bias, false, true, false, false, {}});
}
