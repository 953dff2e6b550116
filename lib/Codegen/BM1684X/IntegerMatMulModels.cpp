// Code generation model of tpu.A16MatMul.
#include "IntegerMatMul.h"
#include "Models.h"
#include "TokenMatMul.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

/// How weight-reorder packed the weights, which have the shape [1, N, 1, bytes].
FailureOr<bm1684x::IntegerRows> layoutOf(tpu::A16MatMulOp op) {
  ArrayRef<int64_t> weight = top::shapeOf(op.getWeight());
  if (weight.size() != 4 || !top::isNone(op.getScale()))
    return op.emitOpError() << "'" << top::nameOf(op.getOutput())
                            << "': the weights are not in the chip's layout; run weight-reorder first";
  int64_t inner = top::shapeOf(op.getInput()).back(), group = op.getQGroupSize();
  bm1684x::IntegerRows layout{inner, group > 0 ? inner / group : 1, static_cast<int64_t>(op.getWeightBits()), false};
  layout.hasZeroPoint = layout.rowBytes() != weight.back();
  if (layout.rowBytes() != weight.back())
    return op.emitOpError() << "'" << top::nameOf(op.getOutput()) << "': the weights have rows of " << weight.back()
                            << " bytes instead of " << layout.rowBytes();
  return layout;
}

/// A token per channel, as the products of halves have it.
std::unique_ptr<TiledOp> withTokens(tpu::A16MatMulOp op, const CodegenContext &context,
                                    std::unique_ptr<IntegerWeightProduct> inner) {
  inner->m = top::shapeOf(op.getInput())[1];
  std::vector<TiledOperand> operands = inner->operands;
  operands[0].global = context.global(op.getInput());
  auto product = std::make_unique<TokenProduct>(std::move(inner), /*heads=*/0, /*isRightConstant=*/true);
  product->operands = std::move(operands);
  product->results = {context.global(op.getOutput())};
  product->name = top::nameOf(op.getOutput()).str();
  return product;
}

struct IntegerMatMulPlacement : PlacementInterface::ExternalModel<IntegerMatMulPlacement, tpu::A16MatMulOp> {};

struct IntegerMatMulCodegen : CodegenInterface::ExternalModel<IntegerMatMulCodegen, tpu::A16MatMulOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *operation, const CodegenContext &context) const {
    auto op = cast<tpu::A16MatMulOp>(operation);
    FailureOr<bm1684x::IntegerRows> layout = layoutOf(op);
    if (failed(layout))
      return failure();
    auto product = std::make_unique<IntegerWeightProduct>();
    product->type = codegen::elementTypeOf(op.getInput().getType());
    product->layout = *layout;
    bool isSigned = op.getSign() && !layout->hasZeroPoint;
    product->isSigned = isSigned && layout->bits == 8;
    product->offset = isSigned && layout->bits == 4 ? 8 : 0;
    product->k = layout->inner;
    product->n = top::shapeOf(op.getOutput()).back();
    product->m = top::elementsOf(op.getInput()) / product->k;
    product->leftOf = product->rightOf = {0};
    product->rightTransposed = true;
    product->operands = {{context.global(op.getInput(), {1, product->m, 1, product->k}), isWeight(op.getInput())},
                         {GlobalTensor::contiguous(context.addressOf(op.getWeight()),
                                                   {1, product->n, 1, layout->rowBytes()}, ElementType::U8),
                          true}};
    if (!top::isNone(op.getBias()))
      product->operands.push_back({context.global(op.getBias(), {1, 1, 1, product->n}), isWeight(op.getBias())});
    product->results = {context.global(op.getOutput(), {1, product->m, 1, product->n})};
    product->name = top::nameOf(op.getOutput()).str();
    llvm::ArrayRef<int64_t> left = top::shapeOf(op.getInput());
    if (left.size() == 3 && (context.inGroup || left[0] == 1))
      return withTokens(op, context, std::move(product));
    return context.inGroup ? nullptr : std::unique_ptr<TiledOp>(std::move(product));
  }
};

} // namespace

void codegen::attachIntegerMatMulModels(MLIRContext &context) {
  tpu::A16MatMulOp::attachInterface<IntegerMatMulPlacement, IntegerMatMulCodegen>(context);
}
