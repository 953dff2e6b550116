// Code generation model of tpu.Pool2D.
#include "Models.h"
#include "Pool.h"
#include "RequantizationModels.h"
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {
struct PoolPlacement : PlacementInterface::ExternalModel<PoolPlacement, tpu::Pool2DOp> {
  bool startsGroup(Operation *) const { return true; }
};

/// Scales and limits of a pooling of bytes.
LogicalResult quantize(tpu::Pool2DOp op, Pool &tiled) {
  FailureOr<Requantization> made = requantizationOf(op, tpu::RequantMode::OnlyScale, tpu::RoundMode::HalfToEven,
                                                    op.getDoRelu(), op.getReluLimit().convertToDouble());
  auto from = top::quantizationOf(op.getInput()), to = top::quantizationOf(op.getOutput());
  if (failed(made))
    return failure();
  if (!from || (tiled.isMax && !(to && *from == *to)))
    return op.emitOpError() << "'" << top::nameOf(op.getOutput())
                            << "': operand and result are not quantized, or a maximum in two different ways";
  tiled.requantization = *made;
  tiled.inputScale = from->scale;
  tiled.inputZeroPoint = from->zeroPoint;
  if (to) {
    tiled.resultScale = to->scale;
    tiled.resultZeroPoint = to->zeroPoint;
  }
  return success();
}

struct PoolCodegen : CodegenInterface::ExternalModel<PoolCodegen, tpu::Pool2DOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *operation, const CodegenContext &context) const {
    auto op = cast<tpu::Pool2DOp>(operation);
    auto tiled = std::make_unique<Pool>();
    SmallVector<int64_t> pads = top::i64Values(op.getPads());
    tiled->window = PlaneWindow::of(top::i64Values(op.getKernelShape()), top::i64Values(op.getStrides()), pads, {});
    tiled->isMax = op.getPoolMode() == tpu::PoolMode::Max;
    tiled->countPadding = op.getCountIncludePad();
    size_t axes = pads.size() / 2;
    tiled->padAfterH = pads[axes];
    tiled->padAfterW = axes > 1 ? pads[axes + 1] : 0;
    tiled->type = codegen::elementTypeOf(op.getInput().getType());
    tiled->relu = {op.getDoRelu(), op.getReluLimit().convertToDouble()};
    if (byteSize(tiled->type) == 1 && failed(quantize(op, *tiled)))
      return failure();
    tiled->operands.push_back({context.global(op.getInput()), false});
    tiled->results.push_back(context.global(op.getOutput()));
    tiled->name = top::nameOf(op.getOutput()).str();
    return std::unique_ptr<TiledOp>(std::move(tiled));
  }
};
} // namespace

void codegen::attachPoolModels(MLIRContext &context) {
  tpu::Pool2DOp::attachInterface<PoolPlacement, PoolCodegen>(context);
}
