// Code generation model of tpu.MatMul.
#include "Models.h"
#include "RequantizationModels.h"
#include "TokenMatMul.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {
/// The product's sizes and which matrices meet, from the operands' shapes by the rules of numpy.matmul.
void readShapes(tpu::MatMulOp op, MatrixProduct &product) {
  top::Shape left(top::shapeOf(op.getInput())), right(top::shapeOf(op.getRight()));
  if (op.getHdimIsBatch()) { // one head
    left = {left[1], left[3]};
    right = {right[1], right[3]};
  }
  product.leftTransposed = op.getLeftTranspose();
  product.rightTransposed = op.getRightTranspose();
  if (left.size() == 1)
    left.insert(left.begin(), 1);
  if (right.size() == 1)
    right.push_back(1);
  auto pop = [](top::Shape &shape) { return shape.pop_back_val(); };
  int64_t leftCols = pop(left), leftRows = pop(left), rightCols = pop(right), rightRows = pop(right);
  product.m = product.leftTransposed ? leftCols : leftRows;
  product.k = product.leftTransposed ? leftRows : leftCols;
  product.n = product.rightTransposed ? rightRows : rightCols;
  size_t rank = std::max(left.size(), right.size());
  left.insert(left.begin(), rank - left.size(), 1);
  right.insert(right.begin(), rank - right.size(), 1);
  product.batch = 1;
  for (size_t i = 0; i < rank; ++i)
    product.batch *= std::max(left[i], right[i]);
  for (int64_t b = 0; b < product.batch; ++b) {
    int64_t rest = b, leftStep = 1, rightStep = 1, l = 0, r = 0;
    for (size_t i = rank; i-- > 0;) {
      int64_t extent = std::max(left[i], right[i]), index = rest % extent;
      rest /= extent;
      l += left[i] == 1 ? 0 : index * leftStep;
      r += right[i] == 1 ? 0 : index * rightStep;
      leftStep *= left[i];
      rightStep *= right[i];
    }
    product.leftOf.push_back(l);
    product.rightOf.push_back(r);
  }
  // One right matrix for all: the rows of all left matrices are one matrix.
  int64_t rightCount = top::product(right);
  if (rightCount == 1 && !product.leftTransposed && product.batch > 1) {
    product.m *= product.batch;
    product.batch = 1;
    product.leftOf = product.rightOf = {0};
  }
}

template <typename Product>
void fill(tpu::MatMulOp op, const CodegenContext &context, Product &product, bool rowsInLanes) {
  auto stored = [&](bool transposed, int64_t rows, int64_t cols, Value value) {
    int64_t count = top::elementsOf(value) / (rows * cols);
    if (transposed)
      std::swap(rows, cols);
    return TiledOperand{rowsInLanes ? context.global(value, {count, rows, 1, cols})
                                    : context.global(value, {count, 1, rows, cols}),
                        isWeight(value)};
  };
  product.operands.push_back(stored(product.leftTransposed, product.m, product.k, op.getInput()));
  product.operands.push_back(stored(product.rightTransposed, product.k, product.n, op.getRight()));
  if (!top::isNone(op.getBias()) && byteSize(product.operands[0].global.type) > 1)
    product.operands.push_back({context.global(op.getBias(), {1, 1, 1, product.n}), isWeight(op.getBias())});
  product.results.push_back(rowsInLanes ? context.global(op.getOutput(), {product.batch, product.m, 1, product.n})
                                        : context.global(op.getOutput(), {product.batch, 1, product.m, product.n}));
  product.relu = {op.getDoRelu(), op.getReluLimit().convertToDouble()};
  product.name = top::nameOf(op.getOutput()).str();
}

/// Whether the product's tensors can keep a token per channel: [n, rows, columns], or [n, rows, heads, columns] with
/// `hdim_is_batch`.
bool keepsTokens(tpu::MatMulOp op) {
  llvm::ArrayRef<int64_t> left = top::shapeOf(op.getInput()), right = top::shapeOf(op.getRight());
  llvm::ArrayRef<int64_t> result = top::shapeOf(op.getOutput());
  if (op.getHdimIsBatch())
    return true;
  if (op.getOutputTranspose() || left.size() != 3 || result.size() != 3)
    return false;
  bool shared = top::product(right.drop_back(2)) == 1 && right.size() >= 2;
  return shared || (right.size() == 3 && right[0] == left[0]);
}

/// An operand in the shape that its producer gives it where that differs in the arrangement of a channel's plane only,
/// [n, c, h, w] as [n, c, h * w, 1] or the other way round.
GlobalTensor asMade(const CodegenContext &context, Value value) {
  GlobalTensor seen = context.global(value);
  while (auto reshape = value.getDefiningOp<tpu::ReshapeOp>()) {
    value = reshape.getInput();
    auto [n, c, h, w] = viewShape(value.getType(), ViewKind::Spatial);
    if (n != seen.n() || c != seen.c() || h * w != seen.h() * seen.w() || (w != 1 && seen.w() != 1))
      break;
    seen = seen.reshaped({n, c, h, w});
  }
  return seen;
}

/// The product with a token per channel; `inner` is filled as for plain matrices.
std::unique_ptr<TiledOp> withTokens(tpu::MatMulOp op, const CodegenContext &context,
                                    std::unique_ptr<Mm2Product> inner) {
  llvm::ArrayRef<int64_t> left = top::shapeOf(op.getInput()), right = top::shapeOf(op.getRight());
  bool heads = op.getHdimIsBatch(), constant = !heads && top::product(right.drop_back(2)) == 1;
  inner->batch = 1;
  inner->leftOf = inner->rightOf = {0};
  inner->m = left[inner->leftTransposed ? (heads ? 3 : 2) : 1];
  std::vector<TiledOperand> operands = inner->operands;
  operands[0].global = asMade(context, op.getInput());
  if (!constant)
    operands[1].global = asMade(context, op.getRight());
  auto product = std::make_unique<TokenProduct>(std::move(inner), heads ? left[2] : 0, constant);
  product->operands = std::move(operands);
  product->results = {context.global(op.getOutput())};
  product->name = top::nameOf(op.getOutput()).str();
  return product;
}

/// Whether the product is one of a vector and a constant matrix, [1, K] times [K, N].
bool isVector(tpu::MatMulOp op) {
  llvm::ArrayRef<int64_t> left = top::shapeOf(op.getInput()), right = top::shapeOf(op.getRight());
  return left.size() == 2 && right.size() == 2 && left[0] == 1 && !op.getLeftTranspose() && !op.getOutputTranspose() &&
         top::shapeOf(op.getOutput()).size() == 2 && isWeight(op.getRight());
}

std::unique_ptr<TiledOp> asVectors(tpu::MatMulOp op, const CodegenContext &context, std::unique_ptr<Mm2Product> inner) {
  inner->leftTransposed = inner->keepsColumns = true;
  inner->operands[0].global = inner->operands[0].global.reshaped({1, inner->k, 1, 1});
  std::vector<TiledOperand> operands = inner->operands;
  auto product = std::make_unique<VectorProduct>(std::move(inner));
  product->operands = std::move(operands);
  product->results = {context.global(op.getOutput())};
  product->name = top::nameOf(op.getOutput()).str();
  return product;
}

/// The tiled form by where the product stands: members of a group need tokens in channels, and a lone product has no
/// disadvantage by them where one batch fills the lanes.
template <typename Product>
std::unique_ptr<TiledOp> placed(tpu::MatMulOp op, const CodegenContext &context, std::unique_ptr<Product> product) {
  if (context.inGroup && isVector(op))
    return asVectors(op, context, std::move(product));
  if (!keepsTokens(op))
    return context.inGroup ? nullptr : std::unique_ptr<TiledOp>(std::move(product));
  if (context.inGroup || op.getHdimIsBatch() || top::shapeOf(op.getOutput()).front() == 1)
    return withTokens(op, context, std::move(product));
  return product;
}

/// A product of bytes.
FailureOr<std::unique_ptr<TiledOp>> makeByteProduct(tpu::MatMulOp op, const CodegenContext &context) {
  auto product = std::make_unique<ByteMatrixProduct>();
  product->type = codegen::elementTypeOf(op.getInput().getType());
  if (op.getInputZp() != 0 || byteSize(codegen::elementTypeOf(op.getRight().getType())) != 1)
    return op.emitOpError() << "'" << top::nameOf(op.getOutput())
                            << "': a left zero point, or bytes times another type, is not supported on bm1684x";
  auto requantization =
      requantizationOf(op, op.getQuantMode(), op.getRoundMode(), op.getDoRelu(), op.getReluLimit().convertToDouble());
  if (failed(requantization))
    return failure();
  product->requantization = *requantization;
  product->rightZeroPoint = op.getRightZp();
  readShapes(op, *product);
  fill(op, context, *product, /*rowsInLanes=*/true);
  FailureOr<TiledOperand> records = recordsOperand(op, op.getMulti(), context, *requantization, 1, product->n);
  if (failed(records))
    return failure();
  product->operands.push_back(*records);
  return placed(op, context, std::move(product));
}

/// A product in f32: a convolution where that keeps more of the array busy than folded matrices do.
std::unique_ptr<TiledOp> makeFloatProduct(tpu::MatMulOp op, const CodegenContext &context) {
  auto convolved = std::make_unique<ConvolvedMatrixProduct>();
  readShapes(op, *convolved);
  fill(op, context, *convolved, /*rowsInLanes=*/true);
  auto folded = std::make_unique<FloatMatrixProduct>();
  readShapes(op, *folded);
  fill(op, context, *folded, /*rowsInLanes=*/false);
  auto cyclesOf = [](const MatrixProduct &product, bool rowsInLanes) {
    Range one{0, 1}, rows{0, product.m}, columns{0, product.n};
    Tile whole{rowsInLanes ? Slice{one, rows, one, columns} : Slice{one, one, rows, columns}, {0, product.k}};
    return product.computeCycles(whole);
  };
  bool canConvolve = convolved->k <= ConvolvedMatrixProduct::longestInner;
  // Folded matrices have no place in groups, and lone products of vectors wait for the matrix in any form.
  if (op.getHdimIsBatch() || (canConvolve && isVector(op)) ||
      (canConvolve && cyclesOf(*convolved, true) <= cyclesOf(*folded, false)))
    return placed(op, context, std::move(convolved));
  return context.inGroup ? nullptr : std::unique_ptr<TiledOp>(std::move(folded));
}

struct MatMulPlacement : PlacementInterface::ExternalModel<MatMulPlacement, tpu::MatMulOp> {};

struct MatMulCodegen : CodegenInterface::ExternalModel<MatMulCodegen, tpu::MatMulOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *operation, const CodegenContext &context) const {
    auto op = cast<tpu::MatMulOp>(operation);
    ElementType type = codegen::elementTypeOf(op.getInput().getType());
    if (byteSize(type) == 1)
      return makeByteProduct(op, context);
    if (!top::isNone(op.getBias()) && top::elementsOf(op.getBias()) != top::shapeOf(op.getOutput()).back())
      return op.emitOpError() << "'" << top::nameOf(op.getOutput()) << "': the bias has not one value per column";
    if (type == ElementType::F32)
      return makeFloatProduct(op, context);
    auto product = std::make_unique<HalfMatrixProduct>();
    product->type = type;
    readShapes(op, *product);
    fill(op, context, *product, /*rowsInLanes=*/true);
    return placed(op, context, std::move(product));
  }
};
} // namespace

void codegen::attachMatMulModels(MLIRContext &context) {
  tpu::MatMulOp::attachInterface<MatMulPlacement, MatMulCodegen>(context);
}
