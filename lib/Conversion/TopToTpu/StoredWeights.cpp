// top.Fp8MatMul: a product with the values that the weights stand for. top.A16MatMul: in half precision the chip's
// product with integer weights, which keeps them packed; in f32, where the chip has no such product, and for zero
// points that are no bytes, a product with the values that they stand for.
#include "StoredWeights.h"

#include "tpu_mlir/Dialect/Top/IR/TopAttention.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Kernels/Numerics.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace tpu_mlir;

namespace {
/// The constants of the op: bytes [columns, bytes of a column], scales and zero points [columns, groups].
struct StoredMatrix {
  std::vector<double> bytes, scale, zeroPoint;
  int64_t columns, inner, bits, groups;

  int64_t bytesPerColumn() const { return bits == 4 ? inner / 2 : inner; }
  double value(int64_t column, int64_t k) const {
    const int64_t group = column * groups + k / (inner / groups);
    double stored = bytes[column * bytesPerColumn() + (bits == 4 ? k / 2 : k)];
    if (bits == 4)
      stored = (static_cast<int>(stored) >> (k % 2 ? 4 : 0)) & 15;
    return (stored - zeroPoint[group]) * scale[group];
  }
};

bool areBytes(ArrayRef<double> values) {
  return llvm::all_of(values, [](double value) { return value >= 0 && value <= 255 && value == std::floor(value); });
}
} // namespace

static FailureOr<std::vector<double>> valuesOf(Value value, Lowering &l) {
  top::WeightOp weight = top::weightOf(value);
  if (!weight)
    return l.refuse("has stored weights, scales or zero points that are computed; they must be constant");
  return top::readWeightAsDoubles(weight);
}

static FailureOr<StoredMatrix> matrixOf(top::A16MatMulOp op, Lowering &l) {
  FailureOr<std::vector<double>> bytes = valuesOf(op.getWeight(), l), scale = valuesOf(op.getScale(), l),
                                 zeroPoint = valuesOf(op.getZp(), l);
  if (failed(bytes) || failed(scale) || failed(zeroPoint))
    return failure();
  StoredMatrix made{std::move(*bytes),
                    std::move(*scale),
                    std::move(*zeroPoint),
                    top::shapeOf(op.getOutput()).back(),
                    top::shapeOf(op.getInput()).back(),
                    static_cast<int64_t>(op.getWeightBits()),
                    1};
  made.groups = static_cast<int64_t>(made.scale.size()) / made.columns;
  if (!op.getRightTranspose()) {
    std::vector<double> rows(made.bytes.size());
    for (int64_t column = 0; column < made.columns; ++column)
      for (int64_t k = 0; k < made.bytesPerColumn(); ++k)
        rows[column * made.bytesPerColumn() + k] = made.bytes[k * made.columns + column];
    made.bytes = std::move(rows);
  }
  if (made.bits == 4)
    for (double &byte : made.bytes)
      byte = static_cast<int>(byte) & 255;
  // Bytes with a sign: the zero point takes the difference.
  if (made.bits == 8 && llvm::any_of(made.bytes, [](double byte) { return byte < 0; }))
    for (std::vector<double> *values : {&made.bytes, &made.zeroPoint})
      for (double &value : *values)
        value += 128;
  return made;
}

static Tensor bytesOf(ArrayRef<double> values, int64_t rows) {
  Tensor made(ElementType::U8, {rows, static_cast<int64_t>(values.size()) / rows});
  std::transform(values.begin(), values.end(), made.data<uint8_t>(),
                 [](double value) { return static_cast<uint8_t>(static_cast<int>(value) & 255); });
  return made;
}

/// The product with bytes.
static LogicalResult lowerPacked(top::A16MatMulOp op, Lowering &l, const StoredMatrix &matrix) {
  FailureOr<Value> input = l.operand(op.getInput()), bias = l.operand(op.getBias());
  if (failed(input) || failed(bias))
    return failure();
  const auto half = l.type == ElementType::F16 ? kernels::Precision::F16 : kernels::Precision::BF16;
  Tensor scale(l.type, {matrix.columns, matrix.groups});
  std::transform(matrix.scale.begin(), matrix.scale.end(), scale.data<uint16_t>(),
                 [&](double value) { return kernels::floatToHalf(half, static_cast<float>(value)); });
  Value scales = l.weight("_scale_" + std::string(name(l.type)), scale);
  Value zeroPoints = l.weight("_zp", bytesOf(matrix.zeroPoint, matrix.columns));
  Value weights = l.weight("_uint", bytesOf(matrix.bytes, matrix.columns));
  NamedAttrList attrs;
  attrs.set("w_transpose", l.builder.getBoolAttr(true));
  attrs.set("weight_bits", l.builder.getI64IntegerAttr(matrix.bits));
  attrs.set("sign", l.builder.getBoolAttr(true));
  attrs.set("q_group_size", l.builder.getI64IntegerAttr(matrix.groups == 1 ? 0 : matrix.inner / matrix.groups));
  return l.replace(tpu::A16MatMulOp::getOperationName(), {*input, weights, scales, zeroPoints, *bias}, attrs);
}

/// The product with constant values.
static LogicalResult lowerToProduct(Lowering &l, Value left, const Tensor &values, Value addend, bool transposed) {
  FailureOr<Value> input = l.operand(left), right = l.operand(l.weight("_values", values));
  FailureOr<Value> bias = l.operand(addend, ElementType::F32);
  if (failed(input) || failed(right) || failed(bias))
    return failure();
  NamedAttrList attrs;
  attrs.set("right_transpose", l.builder.getBoolAttr(transposed));
  Value none = l.none();
  return l.replace(tpu::MatMulOp::getOperationName(), {*input, *right, *bias, none, none}, attrs);
}

/// The product with the values that integers stand for.
static LogicalResult lowerWidened(top::A16MatMulOp op, Lowering &l, const StoredMatrix &matrix) {
  Tensor wide(ElementType::F32, {matrix.columns, matrix.inner});
  for (int64_t column = 0; column < matrix.columns; ++column)
    for (int64_t k = 0; k < matrix.inner; ++k)
      wide.data<float>()[column * matrix.inner + k] = static_cast<float>(matrix.value(column, k));
  return lowerToProduct(l, op.getInput(), wide, op.getBias(), /*transposed=*/true);
}

static LogicalResult lowerA16MatMul(top::A16MatMulOp op, Lowering &l) {
  if (StringRef type = op.getDqType(); type != "NONE" && type != "INT8" && type != "INT4")
    return l.refuse("weights of the number type " + type + " are not supported; give them as integers");
  FailureOr<StoredMatrix> matrix = matrixOf(op, l);
  if (failed(matrix))
    return failure();
  const bool packed = (l.type == ElementType::F16 || l.type == ElementType::BF16) && areBytes(matrix->zeroPoint) &&
                      areBytes(matrix->bytes);
  return packed ? lowerPacked(op, l, *matrix) : lowerWidened(op, l, *matrix);
}

/// f8E4M3 weights, as values.
static LogicalResult lowerFp8MatMul(top::Fp8MatMulOp op, Lowering &l) {
  FailureOr<std::vector<double>> stored = valuesOf(op.getWeight(), l), scale = valuesOf(op.getWeightScale(), l);
  if (failed(stored) || failed(scale))
    return failure();
  if (!isa<FloatType>(cast<ShapedType>(op.getWeight().getType()).getElementType()))
    return l.refuse("has weights that are bits of f8E4M3; give them as values");
  ArrayRef<int64_t> shape = top::shapeOf(op.getWeight());
  const int64_t block = op.getBlockSize(), blocksPerRow = (shape[1] + block - 1) / block;
  Tensor wide(ElementType::F32, {shape[0], shape[1]});
  for (int64_t row = 0; row < shape[0]; ++row)
    for (int64_t column = 0; column < shape[1]; ++column) {
      const int64_t at = row * shape[1] + column;
      wide.data<float>()[at] =
          static_cast<float>((*stored)[at] * (*scale)[row / block * blocksPerRow + column / block]);
    }
  return lowerToProduct(l, op.getInput(), wide, op.getBias(), op.getWeightTranspose());
}

void tpu_mlir::addStoredWeightLowerings(LoweringTable &table) {
  add<top::A16MatMulOp>(table, lowerA16MatMul);
  add<top::Fp8MatMulOp>(table, lowerFp8MatMul);
}
