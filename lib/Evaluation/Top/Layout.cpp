// Evaluation of the Top ops that move values.
#include "../Layout.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static LogicalResult evaluateTranspose(top::TransposeOp op, Call &call) {
  const int64_t rank = call.operand(size_t{0}).rank();
  const int64_t first = top::normalizeAxis(op.getDim0(), rank), second = top::normalizeAxis(op.getDim1(), rank);
  if (first < 0 || second < 0)
    return call.refuse("swaps axes outside of its operand's rank");
  Extents order(rank);
  for (int64_t i = 0; i < rank; ++i)
    order[i] = i == first ? second : i == second ? first : i;
  return evaluatePermute(call, order);
}

static LogicalResult evaluatePadOp(top::PadOp op, Call &call) {
  const auto mode = llvm::StringSwitch<kernels::Padding>(op.getMode())
                        .Case("reflect", kernels::Padding::Reflect)
                        .Case("symmetric", kernels::Padding::Symmetric)
                        .Case("edge", kernels::Padding::Edge)
                        .Default(kernels::Padding::Constant);
  return evaluatePad(call, integersOr(call, op.getPaddingsT(), op.getPaddings()), mode, op.getVal().convertToDouble());
}

static LogicalResult evaluateInterpOp(top::InterpOp op, Call &call) {
  const auto coordinates = llvm::StringSwitch<kernels::Coordinates>(op.getCoordMode())
                               .Case("align_corners", kernels::Coordinates::AlignCorners)
                               .Case("half_pixel", kernels::Coordinates::HalfPixel)
                               .Case("pytorch_half_pixel", kernels::Coordinates::PytorchHalfPixel)
                               .Default(kernels::Coordinates::Asymmetric);
  return evaluateInterp(call, op.getMode() == "nearest", coordinates, op.getScaleH().convertToDouble(),
                        op.getScaleW().convertToDouble());
}

void evaluation::attachTopLayoutModels(MLIRContext &context) {
  attach<top::ReshapeOp, evaluateReshapeOp<top::ReshapeOp>>(context);
  attach<top::FlattenOp, evaluateReshapeOp<top::FlattenOp>>(context);
  attach<top::SqueezeOp, evaluateReshapeOp<top::SqueezeOp>>(context);
  attach<top::UnsqueezeOp, evaluateReshapeOp<top::UnsqueezeOp>>(context);
  attach<top::PermuteOp, evaluatePermuteOp<top::PermuteOp>>(context);
  attach<top::TransposeOp, evaluateTranspose>(context);
  attach<top::ConcatOp, evaluateConcatOp<top::ConcatOp>>(context);
  attach<top::SliceOp, evaluateSliceOp<top::SliceOp>>(context);
  attach<top::PadOp, evaluatePadOp>(context);
  attach<top::UpsampleOp, evaluateUpsampleOp<top::UpsampleOp>>(context);
  attach<top::InterpOp, evaluateInterpOp>(context);
  attach<top::TileOp, evaluateTileOp<top::TileOp>>(context);
  attach<top::Depth2SpaceOp, evaluateDepth2SpaceOp<top::Depth2SpaceOp>>(context);
}
