// Shape rules, verifiers and operation counts of the ops that a Mask R-CNN is rebuilt of.
#include "DetectionChecks.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// Maps of the pyramid that regions are taken of.
static constexpr int64_t pyramidLevels = 4;
static constexpr int64_t opsPerSample = 16;

template <typename OpTy> static LogicalResult checkPyramid(OpTy op, ValueRange maps) {
  if (failed(checkOperands(op)) || failed(checkCount(op, "ROI_SLICE", op.getROI_SLICE())) ||
      failed(checkCount(op, "ROI_PH", op.getROI_PH())) || failed(checkCount(op, "ROI_PW", op.getROI_PW())))
    return failure();
  if (signedValue(op.getROI_NUM_LEVELS()) != pyramidLevels || signedValue(op.getROI_LEN()) != 5)
    return op.emitOpError() << "has " << signedValue(op.getROI_NUM_LEVELS()) << " levels and regions of "
                            << signedValue(op.getROI_LEN()) << " numbers instead of 4 and 5";
  const int64_t channels = op.getCHANNEL_ROI(), height = op.getROI_H(), width = op.getROI_W();
  for (auto [index, map] : llvm::enumerate(maps)) {
    Shape shape = shapeVector(map);
    if (shape.size() != 4 || shape[0] != shapeOf(maps[0])[0] || shape[1] != channels ||
        (index == 0 && (shape[2] != height || shape[3] != width)))
      return op.emitOpError() << "has map " << index << " of shape " << text(shape) << " instead of "
                              << shapeOf(maps[0])[0] << "x" << channels << "xHxW, the first of " << height << "x"
                              << width;
  }
  return success();
}

/// Whether an operand has `rows` rows of `width` numbers.
static LogicalResult checkRows(Operation *op, Value operand, StringRef what, int64_t rows, int64_t width) {
  if (elementsOf(operand) / width == rows && elementsOf(operand) % width == 0)
    return success();
  return op->emitOpError() << "has " << what << " of shape " << text(shapeOf(operand)) << " instead of " << rows
                           << " rows of " << width;
}

static FailureOr<SmallVector<Shape>> resultShapes(MaskRCNNBboxPoolerOp op) {
  Value maps[] = {op.getPtrFeat0(), op.getPtrFeat1(), op.getPtrFeat2(), op.getPtrFeat3()};
  if (failed(checkPyramid(op, maps)))
    return failure();
  const int64_t images = shapeOf(maps[0])[0], slice = op.getROI_SLICE();
  if (failed(checkRows(op, op.getRoisMultiBatch(), "regions", images * slice, 5)))
    return failure();
  FailureOr<Shape> pooled = bounded(
      op, {images * slice, signedValue(op.getCHANNEL_ROI()), signedValue(op.getROI_PH()), signedValue(op.getROI_PW())});
  if (failed(pooled))
    return failure();
  return SmallVector<Shape>{*pooled, {images, slice, 1, 5}};
}
LogicalResult MaskRCNNBboxPoolerOp::inferShapes() { return inferByRules(*this); }
LogicalResult MaskRCNNBboxPoolerOp::verify() { return verifyByRules(*this); }
int64_t MaskRCNNBboxPoolerOp::getFLOPs() { return flopsPerElement(*this, opsPerSample); }

static FailureOr<Shape> resultShape(MaskRCNNMaskPoolerOp op) {
  Value maps[] = {op.getX_0(), op.getX_1(), op.getX_2(), op.getX_3()};
  if (failed(checkPyramid(op, maps)))
    return failure();
  const int64_t rows = shapeOf(maps[0])[0] * signedValue(op.getROI_SLICE());
  if (failed(checkRows(op, op.getDetBboxesMultiBatch(), "boxes", rows, 5)) ||
      failed(checkRows(op, op.getDetLabelsMultiBatch(), "labels", rows, 1)) ||
      failed(checkRows(op, op.getScaleFactor(), "factors", rows, 4)))
    return failure();
  return bounded(op,
                 {rows, signedValue(op.getCHANNEL_ROI()), signedValue(op.getROI_PH()), signedValue(op.getROI_PW())});
}
LogicalResult MaskRCNNMaskPoolerOp::inferShapes() { return inferByRule(*this); }
LogicalResult MaskRCNNMaskPoolerOp::verify() { return verifyByRule(*this); }
int64_t MaskRCNNMaskPoolerOp::getFLOPs() { return flopsPerElement(*this, opsPerSample); }

static FailureOr<SmallVector<Shape>> resultShapes(MaskRCNNGetBboxBOp op) {
  if (failed(checkOperands(op)) || failed(checkCount(op, "NUM_CLASSES_getBboxB", op.getNUM_CLASSESGetBboxB())) ||
      failed(checkCount(op, "MAX_PER_IMG_GetBboxB", op.getMAX_PER_IMG_GetBboxB())) ||
      failed(checkNumber(op, "threshold_score_eq", op.getThresholdScoreEq())) ||
      failed(checkNumber(op, "wh_ratio_log", op.getWhRatioLog(), true)) ||
      failed(checkNumber(op, "nms_iou_thr", op.getNmsIouThr())) ||
      failed(checkNumber(op, "delta2bbox_means", op.getDelta2bboxMeans())) ||
      failed(checkNumber(op, "delta2bbox_stds_0", op.getDelta2bboxStds_0(), true)) ||
      failed(checkNumber(op, "delta2bbox_stds_1", op.getDelta2bboxStds_1(), true)))
    return failure();
  Shape factors = shapeVector(op.getScaleFactor());
  if (factors.size() < 3 || factors[0] != 1 || factors.back() != 4)
    return op.emitOpError() << "has factors of shape " << text(factors) << " instead of 1xNx...x4";
  const int64_t images = factors[1], rows = elementsOf(op.getPtrRois()) / 5, classes = op.getNUM_CLASSESGetBboxB();
  if (rows % images != 0 || elementsOf(op.getMaxVal()) % (4 * images) != 0)
    return op.emitOpError() << "has regions of shape " << text(shapeOf(op.getPtrRois())) << " and limits of shape "
                            << text(shapeOf(op.getMaxVal())) << ", which do not belong to " << images << " images";
  if (failed(checkRows(op, op.getPtrRois(), "regions", rows, 5)) ||
      failed(checkRows(op, op.getPtrBbox(), "differences", rows, 4 * classes)) ||
      failed(checkRows(op, op.getPtrScore(), "scores", rows, classes + 1)))
    return failure();
  const int64_t kept = op.getMAX_PER_IMG_GetBboxB();
  FailureOr<Shape> boxes = bounded(op, {images, 1, kept, 5});
  if (failed(boxes))
    return failure();
  return SmallVector<Shape>{*boxes, {images, 1, kept, 1}};
}
LogicalResult MaskRCNNGetBboxBOp::inferShapes() { return inferByRules(*this); }
LogicalResult MaskRCNNGetBboxBOp::verify() { return verifyByRules(*this); }
int64_t MaskRCNNGetBboxBOp::getFLOPs() {
  return operandsAreStatic(*this) ? opsPerSample * elementsOf(getPtrBbox()) : 0;
}

static LogicalResult checkLevels(MaskRCNNRPNGetBboxesOp op) {
  const int64_t scores = op.getCHANNEL_RPN_SCORES(), width = shapeOf(op.getMlvlAnchors_0()).back();
  for (unsigned level = 0; level < 5; ++level) {
    Shape score = shapeVector(op->getOperand(level)), box = shapeVector(op->getOperand(5 + level));
    Shape first = shapeVector(op->getOperand(0));
    if (score.size() != 4 || first.size() != 4 || score[0] != first[0] || score[1] != scores ||
        box != Shape{score[0], 4 * scores, score[2], score[3]})
      return op.emitOpError() << "has scores of shape " << text(score) << " and differences of shape " << text(box)
                              << " on level " << level << " for " << scores << " anchors per cell";
    Value anchors = op->getOperand(11 + level);
    if ((width != 4 && width != 5) || shapeOf(anchors).back() != width)
      return op.emitOpError() << "has anchors of shape " << text(shapeOf(anchors)) << " instead of ...x4 or ...x5";
    const int64_t cells = scores * score[2] * score[3], rows = elementsOf(anchors) / width;
    if (rows != cells && rows != cells * score[0])
      return op.emitOpError() << "has anchors of shape " << text(shapeOf(anchors)) << " on level " << level
                              << " instead of " << cells << " rows";
  }
  return success();
}

static FailureOr<Shape> resultShape(MaskRCNNRPNGetBboxesOp op) {
  if (failed(checkOperands(op)) || failed(checkCount(op, "CHANNEL_RPN_SCORES", op.getCHANNEL_RPN_SCORES())) ||
      failed(checkCount(op, "NMS_PRE", op.getNMS_PRE())) ||
      failed(checkCount(op, "MAX_PER_IMG", op.getMAX_PER_IMG())) ||
      failed(checkNumber(op, "delta2bbox_max_scalar_c", op.getDelta2bboxMaxScalarC(), true)) ||
      failed(checkNumber(op, "iou_threshold", op.getIouThreshold())) ||
      failed(checkNumber(op, "conf_threshold", op.getConfThreshold())))
    return failure();
  for (const APFloat &value :
       {op.getDelta2bboxMean_0(), op.getDelta2bboxMean_1(), op.getDelta2bboxMean_2(), op.getDelta2bboxMean_3(),
        op.getDelta2bboxStd_0(), op.getDelta2bboxStd_1(), op.getDelta2bboxStd_2(), op.getDelta2bboxStd_3()})
    if (failed(checkNumber(op, "a mean or deviation of", value)))
      return failure();
  if (signedValue(op.getCHANNEL_RPN_BBOXES()) != 4 * signedValue(op.getCHANNEL_RPN_SCORES()))
    return op.emitOpError() << "has CHANNEL_RPN_BBOXES " << signedValue(op.getCHANNEL_RPN_BBOXES()) << " for "
                            << signedValue(op.getCHANNEL_RPN_SCORES()) << " anchors per cell";
  if (failed(checkLevels(op)))
    return failure();
  const int64_t images = shapeOf(op.getClsScores_0())[0];
  if (shapeOf(op.getMaxShape()).back() < 2 ||
      (elementsOf(op.getMaxShape()) / shapeOf(op.getMaxShape()).back()) % images != 0)
    return op.emitOpError() << "has limits of shape " << text(shapeOf(op.getMaxShape())) << " for " << images
                            << " images";
  return bounded(op, {images, 1, signedValue(op.getMAX_PER_IMG()), shapeOf(op.getMlvlAnchors_0()).back()});
}
LogicalResult MaskRCNNRPNGetBboxesOp::inferShapes() { return inferByRule(*this); }
LogicalResult MaskRCNNRPNGetBboxesOp::verify() { return verifyByRule(*this); }
int64_t MaskRCNNRPNGetBboxesOp::getFLOPs() {
  int64_t elements = 0;
  for (Value operand : getOperation()->getOperands())
    elements += hasStaticShape(operand) ? elementsOf(operand) : 0;
  return opsPerSample * elements;
}
} // namespace tpu_mlir::top
