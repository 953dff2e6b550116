// Lowering of ops that move data: the same ops in the Tpu dialect with `none` for the buffers that integer modes use.
#include "Lowering.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"

using namespace mlir;
using namespace tpu_mlir;

/// Lowers to `name` with the first operand and `nones` none operands behind it.
static LogicalResult lowerFirst(Lowering &l, StringRef name, unsigned nones, NamedAttrList attrs) {
  FailureOr<Value> input = l.operand(l.op->getOperand(0));
  if (failed(input))
    return failure();
  SmallVector<Value> operands{*input};
  if (nones)
    operands.append(nones, l.none());
  return l.replace(name, operands, std::move(attrs));
}

/// Refuses an op whose shape-like operand is computed at run time.
static LogicalResult requireConstant(Lowering &l, Value value, StringRef what) {
  if (!value || top::isNone(value) || top::weightOf(value))
    return success();
  return l.refuse(what + " is computed at run time; fix the shapes with --input_shapes or make it a constant");
}

static LogicalResult lowerReshape(Lowering &l) {
  NamedAttrList attrs;
  auto shape = cast<RankedTensorType>(l.op->getResult(0).getType()).getShape();
  attrs.set("shape", l.builder.getI64ArrayAttr(shape));
  if (Attribute start = l.op->getAttr("flatten_start_dim"))
    attrs.set("flatten_start_dim", start);
  return lowerFirst(l, tpu::ReshapeOp::getOperationName(), 0, attrs);
}

static LogicalResult lowerTranspose(top::TransposeOp op, Lowering &l) {
  int64_t rank = top::shapeOf(op.getInput()).size();
  int64_t a = top::normalizeAxis(op.getDim0(), rank), b = top::normalizeAxis(op.getDim1(), rank);
  if (a < 0 || b < 0)
    return l.refuse("dim0 or dim1 is not an axis of the input");
  SmallVector<int64_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[a], order[b]);
  NamedAttrList attrs;
  attrs.set("order", l.builder.getI64ArrayAttr(order));
  return lowerFirst(l, tpu::PermuteOp::getOperationName(), 1, attrs);
}

static LogicalResult lowerConcat(top::ConcatOp, Lowering &l) {
  auto operands = l.operands();
  if (failed(operands))
    return failure();
  return l.replace(tpu::ConcatOp::getOperationName(), *operands, l.attributesWithout({"round_mode"}));
}

static LogicalResult lowerSlice(top::SliceOp op, Lowering &l) {
  if (failed(requireConstant(l, op.getOffsetT(), "the start of a slice")) ||
      failed(requireConstant(l, op.getEndsT(), "the end of a slice")) ||
      failed(requireConstant(l, op.getStepsT(), "the step of a slice")))
    return failure();
  return lowerFirst(l, tpu::SliceOp::getOperationName(), 4, l.attributesWithout());
}

static LogicalResult lowerPad(top::PadOp op, Lowering &l) {
  if (failed(requireConstant(l, op.getPaddingsT(), "the padding")))
    return failure();
  tpu::PaddingMode mode = *tpu::symbolizePaddingMode(op.getMode());
  NamedAttrList attrs = l.attributesWithout({"mode"});
  attrs.set("mode", tpu::PaddingModeAttr::get(op.getContext(), mode));
  FailureOr<Value> input = l.operand(op.getInput());
  if (failed(input))
    return failure();
  // `paddingsT` is optional and left out: input, left_select, right_select, buffer … the op wants it, so all five.
  Value none = l.none();
  return l.replace(tpu::PadOp::getOperationName(), {*input, none, none, none, none}, attrs);
}

static LogicalResult lowerInterp(top::InterpOp op, Lowering &l) {
  if (failed(requireConstant(l, op.getTargetShape(), "the target shape")))
    return failure();
  NamedAttrList attrs = l.attributesWithout({"mode", "coord_mode"});
  attrs.set("mode", tpu::ResizeModeAttr::get(op.getContext(), *tpu::symbolizeResizeMode(op.getMode())));
  attrs.set("coord_mode",
            tpu::ResizeCoordModeAttr::get(op.getContext(), *tpu::symbolizeResizeCoordMode(op.getCoordMode())));
  return lowerFirst(l, tpu::InterpOp::getOperationName(), 2, attrs);
}

static LogicalResult lowerTile(top::TileOp op, Lowering &l) {
  if (failed(requireConstant(l, op.getTileT(), "the repeat count")))
    return failure();
  if (!op.getTile())
    return l.refuse("the repeat count is not known; run canonicalize");
  FailureOr<Value> input = l.operand(op.getInput());
  if (failed(input))
    return failure();
  return l.replace(tpu::TileOp::getOperationName(), {*input, l.none()}, l.attributesWithout());
}

void tpu_mlir::addShapeLowerings(LoweringTable &table) {
  add<top::ReshapeOp>(table, [](top::ReshapeOp, Lowering &l) { return lowerReshape(l); });
  add<top::FlattenOp>(table, [](top::FlattenOp, Lowering &l) { return lowerReshape(l); });
  add<top::SqueezeOp>(table, [](top::SqueezeOp, Lowering &l) {
    return lowerFirst(l, tpu::SqueezeOp::getOperationName(), 0, l.attributesWithout({"is_scalar"}));
  });
  add<top::UnsqueezeOp>(table, [](top::UnsqueezeOp, Lowering &l) {
    return lowerFirst(l, tpu::UnsqueezeOp::getOperationName(), 0, l.attributesWithout());
  });
  add<top::PermuteOp>(table, [](top::PermuteOp, Lowering &l) {
    return lowerFirst(l, tpu::PermuteOp::getOperationName(), 1, l.attributesWithout());
  });
  add<top::TransposeOp>(table, lowerTranspose);
  add<top::ConcatOp>(table, lowerConcat);
  add<top::SliceOp>(table, lowerSlice);
  add<top::PadOp>(table, lowerPad);
  add<top::InterpOp>(table, lowerInterp);
  add<top::TileOp>(table, lowerTile);
  add<top::UpsampleOp>(table, [](top::UpsampleOp, Lowering &l) {
    return lowerFirst(l, tpu::UpsampleOp::getOperationName(), 1, l.attributesWithout());
  });
  add<top::ReduceOp>(table, [](top::ReduceOp, Lowering &l) {
    return lowerFirst(l, tpu::ReduceOp::getOperationName(), 2, l.attributesWithout({"is_scalar"}));
  });
  add<top::Depth2SpaceOp>(table, [](top::Depth2SpaceOp, Lowering &l) {
    return lowerFirst(l, tpu::Depth2SpaceOp::getOperationName(), 0, l.attributesWithout());
  });
}
