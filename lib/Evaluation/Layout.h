// Evaluation of ops that move values without computing, for both dialects. They keep the operand's type.
#pragma once
#include "Common.h"
#include "tpu_mlir/Kernels/Layout.h"

namespace tpu_mlir::evaluation {

/// The first operand with the result's shape; shares its storage.
llvm::LogicalResult evaluateReshape(Call &call);
llvm::LogicalResult evaluatePermute(Call &call, llvm::ArrayRef<int64_t> order);
llvm::LogicalResult evaluateConcat(Call &call, int64_t axis, const kernels::Limits &limits);

struct SliceArguments {
  top::Shape offset, steps, axes; // axes empty: all in order
};
llvm::LogicalResult evaluateSlice(Call &call, SliceArguments arguments);

/// `paddings`: all begins, then all ends.
llvm::LogicalResult evaluatePad(Call &call, llvm::ArrayRef<int64_t> paddings, kernels::Padding mode, double value);
llvm::LogicalResult evaluateTile(Call &call, llvm::ArrayRef<int64_t> repeats);
llvm::LogicalResult evaluateUpsample(Call &call, int64_t scaleH, int64_t scaleW, const kernels::Limits &limits);
llvm::LogicalResult evaluateInterp(Call &call, bool nearest, kernels::Coordinates coordinates, double scaleH,
                                   double scaleW);

struct Depth2SpaceArguments {
  int64_t blockH, blockW;
  bool depthMajor; // channels hold [depth, row, column] of a block, otherwise [row, column, depth]
  bool inverse, inputChannelsFirst, outputChannelsFirst, columnMajorBlocks;
};
llvm::LogicalResult evaluateDepth2Space(Call &call, const Depth2SpaceArguments &arguments);

template <typename OpTy> llvm::LogicalResult evaluateReshapeOp(OpTy, Call &call) { return evaluateReshape(call); }

template <typename OpTy> llvm::LogicalResult evaluatePermuteOp(OpTy op, Call &call) {
  return evaluatePermute(call, top::i64Values(op.getOrder()));
}

template <typename OpTy> llvm::LogicalResult evaluateConcatOp(OpTy op, Call &call) {
  return evaluateConcat(call, op.getAxis(), reluLimits(op));
}

/// Integers of an optional operand, else of the attribute.
template <typename Attribute> top::Shape integersOr(const Call &call, mlir::Value operand, Attribute attribute) {
  const Tensor tensor = operand ? call.operand(operand) : Tensor();
  if (tensor.empty())
    return top::i64Values(attribute);
  const Extents values = integersOf(tensor);
  return {values.begin(), values.end()};
}

template <typename OpTy> llvm::LogicalResult evaluateSliceOp(OpTy op, Call &call) {
  return evaluateSlice(call, {integersOr(call, op.getOffsetT(), op.getOffset()),
                              integersOr(call, op.getStepsT(), op.getSteps()), top::i64Values(op.getAxes())});
}

template <typename OpTy> llvm::LogicalResult evaluateTileOp(OpTy op, Call &call) {
  mlir::ArrayAttr tile = op->template getAttrOfType<mlir::ArrayAttr>("tile");
  if (!tile && !op.getTileT())
    return call.refuse("has no repeat counts");
  return evaluateTile(call, integersOr(call, op.getTileT(), tile));
}

template <typename OpTy> llvm::LogicalResult evaluateUpsampleOp(OpTy op, Call &call) {
  return evaluateUpsample(call, op.getScaleH(), op.getScaleW(), reluLimits(op));
}

template <typename OpTy> llvm::LogicalResult evaluateDepth2SpaceOp(OpTy op, Call &call) {
  return evaluateDepth2Space(call, {static_cast<int64_t>(op.getBlockH()), static_cast<int64_t>(op.getBlockW()),
                                    op.getIs_CRD(), op.getIsInversed(), op.getInIs_NCHW(), op.getOutIs_NCHW(),
                                    op.getSwapCr()});
}

} // namespace tpu_mlir::evaluation
