// What the evaluators of the detection ops share.
#pragma once
#include "../Common.h"
#include "tpu_mlir/Dialect/Top/IR/TopDetection.h"
#include "tpu_mlir/Kernels/Detection.h"

namespace tpu_mlir::evaluation {

/// A corner further away than this is not a pixel of anything.
constexpr float farthestPixel = 1e9f;

/// Regions as rows image, x1, y1, x2, y2: images are whole numbers below `images`, corners times `scale` are pixels.
llvm::LogicalResult checkRegions(Call &call, const Tensor &regions, int64_t images, float scale);

llvm::LogicalResult evaluateYoloDetection(top::YoloDetectionOp op, Call &call);
llvm::LogicalResult evaluateProposal(top::ProposalOp op, Call &call);
llvm::LogicalResult evaluateFrcnDetection(top::FrcnDetectionOp op, Call &call);
llvm::LogicalResult evaluateRetinaFaceDetection(top::RetinaFaceDetectionOp op, Call &call);
llvm::LogicalResult evaluateRoiAlign(top::RoiAlignOp op, Call &call);
llvm::LogicalResult evaluateRoiExtractor(top::RoiExtractorOp op, Call &call);
llvm::LogicalResult evaluateROIPooling(top::ROIPoolingOp op, Call &call);
llvm::LogicalResult evaluateBboxPooler(top::MaskRCNNBboxPoolerOp op, Call &call);
llvm::LogicalResult evaluateMaskPooler(top::MaskRCNNMaskPoolerOp op, Call &call);
llvm::LogicalResult evaluateGetBboxB(top::MaskRCNNGetBboxBOp op, Call &call);
llvm::LogicalResult evaluateRPNGetBboxes(top::MaskRCNNRPNGetBboxesOp op, Call &call);

} // namespace tpu_mlir::evaluation
