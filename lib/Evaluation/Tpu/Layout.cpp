// Evaluation of the Tpu ops that move values.
#include "../Layout.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

static LogicalResult evaluatePadOp(tpu::PadOp op, Call &call) {
  if (op.getWithInsertZero())
    return call.refuse("with_insert_zero is not supported");
  kernels::Padding mode = kernels::Padding::Constant;
  switch (op.getMode()) {
  case tpu::PaddingMode::constant:
    break;
  case tpu::PaddingMode::reflect:
    mode = kernels::Padding::Reflect;
    break;
  case tpu::PaddingMode::symmetric:
    mode = kernels::Padding::Symmetric;
    break;
  case tpu::PaddingMode::edge:
    mode = kernels::Padding::Edge;
    break;
  }
  return evaluatePad(call, integersOr(call, op.getPaddingsT(), op.getPaddings()), mode, op.getVal().convertToDouble());
}

static LogicalResult evaluateInterpOp(tpu::InterpOp op, Call &call) {
  kernels::Coordinates coordinates = kernels::Coordinates::Asymmetric;
  switch (op.getCoordMode()) {
  case tpu::ResizeCoordMode::align_corners:
    coordinates = kernels::Coordinates::AlignCorners;
    break;
  case tpu::ResizeCoordMode::half_pixel:
    coordinates = kernels::Coordinates::HalfPixel;
    break;
  case tpu::ResizeCoordMode::pytorch_half_pixel:
    coordinates = kernels::Coordinates::PytorchHalfPixel;
    break;
  case tpu::ResizeCoordMode::asymmetric:
    break;
  }
  return evaluateInterp(call, op.getMode() == tpu::ResizeMode::nearest, coordinates, op.getScaleH().convertToDouble(),
                        op.getScaleW().convertToDouble());
}

void evaluation::attachTpuLayoutModels(MLIRContext &context) {
  attach<tpu::ReshapeOp, evaluateReshapeOp<tpu::ReshapeOp>>(context);
  attach<tpu::SqueezeOp, evaluateReshapeOp<tpu::SqueezeOp>>(context);
  attach<tpu::UnsqueezeOp, evaluateReshapeOp<tpu::UnsqueezeOp>>(context);
  attach<tpu::PermuteOp, evaluatePermuteOp<tpu::PermuteOp>>(context);
  attach<tpu::ConcatOp, evaluateConcatOp<tpu::ConcatOp>>(context);
  attach<tpu::SliceOp, evaluateSliceOp<tpu::SliceOp>>(context);
  attach<tpu::PadOp, evaluatePadOp>(context);
  attach<tpu::UpsampleOp, evaluateUpsampleOp<tpu::UpsampleOp>>(context);
  attach<tpu::InterpOp, evaluateInterpOp>(context);
  attach<tpu::TileOp, evaluateTileOp<tpu::TileOp>>(context);
  attach<tpu::Depth2SpaceOp, evaluateDepth2SpaceOp<tpu::Depth2SpaceOp>>(context);
}
