// Evaluation of Top ops: products with integer and 8-bit float weights, rows of such weights, the feed-forward block.
#include "FeedForward.h"

#include "StoredMatrix.h"
#include "tpu_mlir/Kernels/Gemm.h"
#include "tpu_mlir/Support/Parallel.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

void evaluation::multiplyRows(const float *in, int64_t rows, int64_t inner, const float *weight, int64_t columns,
                              bool transposed, const float *bias, float *out) {
  kernels::Product product;
  product.a = {in, inner, 1};
  product.b = transposed ? kernels::MatrixView{weight, 1, inner} : kernels::MatrixView{weight, columns, 1};
  product.c = out;
  product.cStride = columns;
  product.epilogue.columnBias = bias;
  kernels::gemm(rows, columns, inner, product);
}

static int64_t rowsOf(const Tensor &input) { return input.dim(-1) == 0 ? 0 : input.elements() / input.dim(-1); }

// All columns of a stored matrix as [columns, depth].
static Tensor widen(const StoredMatrix &matrix) {
  Tensor wide(ElementType::F32, {matrix.columns, matrix.depth});
  parallelFor(matrix.columns, std::max<int64_t>(1, 8192 / std::max<int64_t>(matrix.depth, 1)),
              [&](int64_t begin, int64_t end) {
                for (int64_t column = begin; column < end; ++column)
                  matrix.column(column, wide.data<float>() + column * matrix.depth);
              });
  return wide;
}

static int64_t groupsOf(int64_t depth, int64_t group) { return group == 0 ? 1 : depth / group; }

static LogicalResult evaluateA16MatMul(top::A16MatMulOp op, Call &call) {
  if (StringRef type = op.getDqType(); type != "NONE" && type != "INT8" && type != "INT4")
    return call.refuse("has weights of the number type " + type + ", which are not evaluated; give them as integers");
  const Tensor input = call.floats(op.getInput()), weight = call.floats(op.getWeight());
  const Tensor scale = call.floats(op.getScale()), zeroPoint = call.floats(op.getZp()),
               bias = call.floats(op.getBias());
  Tensor out = call.floatResult();
  const int64_t inner = input.dim(-1), columns = out.dim(-1);
  const Tensor wide = widen({weight.data<float>(), scale.data<float>(), zeroPoint.data<float>(), columns, inner,
                             static_cast<int64_t>(op.getWeightBits()),
                             groupsOf(inner, static_cast<int64_t>(op.getQGroupSize())), op.getRightTranspose()});
  multiplyRows(input.data<float>(), rowsOf(input), inner, wide.data<float>(), columns, /*transposed=*/true,
               bias.empty() ? nullptr : bias.data<float>(), out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateA16Gather(top::A16GatherOp op, Call &call) {
  const Tensor weight = call.floats(op.getWeight()), scale = call.floats(op.getScale());
  const Tensor zeroPoint = call.floats(op.getZp());
  Extents indices = integersOf(call.operand(op.getIndices()));
  Tensor out = call.floatResult();
  const int64_t rows = weight.dim(0), length = out.dim(-1);
  for (int64_t &index : indices) {
    if (index < -rows || index >= rows)
      return call.refuse("gathers row " + Twine(index) + " of " + Twine(rows));
    index += index < 0 ? rows : 0;
  }
  const StoredMatrix matrix{weight.data<float>(),
                            scale.data<float>(),
                            zeroPoint.data<float>(),
                            rows,
                            length,
                            static_cast<int64_t>(op.getWeightBits()),
                            groupsOf(length, static_cast<int64_t>(op.getQGroupSize())),
                            /*transposed=*/true};
  for (size_t i = 0; i < indices.size(); ++i)
    matrix.column(indices[i], out.data<float>() + static_cast<int64_t>(i) * length);
  return call.finish(std::move(out));
}

// The value of the bits of an f8E4M3: sign, 4 bits of exponent (bias 7), 3 of mantissa; all ones is NaN.
static float valueOfF8(int bits) {
  const int exponent = (bits >> 3) & 15, mantissa = bits & 7;
  if (exponent == 15 && mantissa == 7)
    return std::nanf("");
  const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -9)
                                        : std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
  return bits & 128 ? -magnitude : magnitude;
}

static LogicalResult evaluateFp8MatMul(top::Fp8MatMulOp op, Call &call) {
  const Tensor input = call.floats(op.getInput()), scale = call.floats(op.getWeightScale());
  const Tensor bias = call.floats(op.getBias());
  Tensor weight = call.floats(op.getWeight()).clone(), out = call.floatResult();
  const bool areBits = !isFloatType(call.operand(op.getWeight()).type());
  const int64_t rows = weight.dim(0), length = weight.dim(1), block = static_cast<int64_t>(op.getBlockSize());
  const int64_t blocksPerRow = (length + block - 1) / block;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < length; ++c) {
      float &value = weight.data<float>()[r * length + c];
      value = (areBits ? valueOfF8(static_cast<int>(value) & 255) : value) *
              scale.data<float>()[r / block * blocksPerRow + c / block];
    }
  multiplyRows(input.data<float>(), rowsOf(input), input.dim(-1), weight.data<float>(), out.dim(-1),
               op.getWeightTranspose(), bias.empty() ? nullptr : bias.data<float>(), out.data<float>());
  return call.finish(std::move(out));
}

namespace {
// One of the three products of a feed-forward block, with its operands as f32.
struct MlpPart {
  Tensor weight, bias, scale, zeroPoint;
  bool transposed;
  int64_t inner, columns;

  // The product of rows with the matrix of an expert.
  void apply(top::MlpOp op, int64_t expert, const float *in, int64_t rows, float *out) const {
    const int64_t perMatrix = weight.dim(-1) * weight.dim(-2);
    const float *matrix = weight.data<float>() + expert * perMatrix;
    const float *offsets = bias.empty() ? nullptr : bias.data<float>() + expert * columns;
    if (!op.getQuantized())
      return multiplyRows(in, rows, inner, matrix, columns, transposed, offsets, out);
    const int64_t groups = groupsOf(inner, static_cast<int64_t>(op.getQGroupSize()));
    const Tensor wide = widen({matrix, scale.data<float>() + expert * columns * groups,
                               zeroPoint.data<float>() + expert * columns * groups, columns, inner,
                               static_cast<int64_t>(op.getWeightBits()), groups, transposed});
    multiplyRows(in, rows, inner, wide.data<float>(), columns, /*transposed=*/true, offsets, out);
  }
};

struct MlpParts {
  MlpPart gate, up, down;
};
} // namespace

// down(silu(gate(in)) * up(in)) with the weights of an expert.
static void feedForward(top::MlpOp op, const MlpParts &parts, int64_t expert, const float *in, int64_t rows,
                        float *out) {
  Tensor gate(ElementType::F32, {rows, parts.gate.columns}), up(ElementType::F32, {rows, parts.gate.columns});
  parts.gate.apply(op, expert, in, rows, gate.data<float>());
  parts.up.apply(op, expert, in, rows, up.data<float>());
  parallelFor(gate.elements(), 8192, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const float x = gate.data<float>()[i];
      up.data<float>()[i] *= x / (1.0f + std::exp(-x));
    }
  });
  parts.down.apply(op, expert, up.data<float>(), rows, out);
}

static MlpParts partsOf(top::MlpOp op, Call &call) {
  auto read = [&](Value weight, Value bias, Value scale, Value zeroPoint, bool transposed, int64_t inner) {
    MlpPart part{
        call.floats(weight), call.floats(bias), call.floats(scale), call.floats(zeroPoint), transposed, inner, 0};
    part.columns = part.weight.dim(transposed ? -2 : -1);
    return part;
  };
  const int64_t inner = call.floats(op.getInput()).dim(-1);
  MlpParts parts;
  parts.gate =
      read(op.getWeightGate(), op.getBiasGate(), op.getScaleGate(), op.getZpGate(), op.getRightTransposeGate(), inner);
  parts.up = read(op.getWeightUp(), op.getBiasUp(), op.getScaleUp(), op.getZpUp(), op.getRightTransposeUp(), inner);
  parts.down = read(op.getWeightDown(), op.getBiasDown(), op.getScaleDown(), op.getZpDown(), op.getRightTransposeDown(),
                    parts.gate.columns);
  return parts;
}

static LogicalResult evaluateMlp(top::MlpOp op, Call &call) {
  const Tensor input = call.floats(op.getInput());
  const MlpParts parts = partsOf(op, call);
  Tensor out = call.floatResult();
  const int64_t rows = rowsOf(input), inner = input.dim(-1), columns = out.dim(-1);
  if (!op.getIsExpert()) {
    feedForward(op, parts, 0, input.data<float>(), rows, out.data<float>());
    return call.finish(std::move(out));
  }
  const Extents chosen = integersOf(call.operand(op.getExpertId()));
  const auto experts = static_cast<int64_t>(op.getNumExpert()), perRow = static_cast<int64_t>(op.getNumExpertPerTok());
  std::vector<Extents> slots(experts);
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] < 0 || chosen[i] >= experts)
      return call.refuse("asks for expert " + Twine(chosen[i]) + " of " + Twine(experts));
    slots[chosen[i]].push_back(static_cast<int64_t>(i));
  }
  for (int64_t expert = 0; expert < experts; ++expert) {
    const auto count = static_cast<int64_t>(slots[expert].size());
    if (count == 0)
      continue;
    Tensor in(ElementType::F32, {count, inner}), made(ElementType::F32, {count, columns});
    for (int64_t i = 0; i < count; ++i)
      std::copy_n(input.data<float>() + slots[expert][i] / perRow * inner, inner, in.data<float>() + i * inner);
    feedForward(op, parts, expert, in.data<float>(), count, made.data<float>());
    for (int64_t i = 0; i < count; ++i)
      std::copy_n(made.data<float>() + i * columns, columns, out.data<float>() + slots[expert][i] * columns);
  }
  return call.finish(std::move(out));
}

void evaluation::attachTopFeedForwardModels(MLIRContext &context) {
  attach<top::A16MatMulOp, evaluateA16MatMul>(context);
  attach<top::A16GatherOp, evaluateA16Gather>(context);
  attach<top::Fp8MatMulOp, evaluateFp8MatMul>(context);
  attach<top::MlpOp, evaluateMlp>(context);
}
