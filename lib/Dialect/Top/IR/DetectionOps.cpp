// Shape rules, verifiers and operation counts of the ops that turn a network's outputs into boxes.
#include "DetectionChecks.h"
#include "tpu_mlir/Dialect/Top/IR/PriorBoxes.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// A decoded and compared box costs about as much as this many operations.
static constexpr int64_t opsPerBox = 32;

static int64_t boxFlops(Operation *op) {
  int64_t elements = 0;
  for (Value operand : op->getOperands())
    elements += hasStaticShape(operand) ? elementsOf(operand) : 0;
  return elements + opsPerBox * flopsPerElement(op, 1);
}

static LogicalResult checkOperandNumber(Operation *op, unsigned least, unsigned most) {
  if (op->getNumOperands() >= least && op->getNumOperands() <= most)
    return success();
  auto diagnostic = op->emitOpError() << "has " << op->getNumOperands() << " operands instead of " << least;
  if (most > least)
    diagnostic << " or " << most;
  return failure();
}

// DetectionOutput

static FailureOr<Shape> resultShape(DetectionOutputOp op) {
  if (failed(checkOperandNumber(op, 3, 3)) || failed(checkOperands(op)) ||
      failed(checkCount(op, "num_classes", op.getNumClasses(), 2)) ||
      failed(checkCount(op, "keep_top_k", op.getKeepTopK())) ||
      failed(checkNumber(op, "nms_threshold", op.getNmsThreshold())) ||
      failed(checkNumber(op, "confidence_threshold", op.getConfidenceThreshold())) ||
      failed(checkNumber(op, "eta", op.getEta(), true)) ||
      failed(checkNumber(op, "variance_encoded_in_target", op.getVarianceEncodedInTarget())))
    return failure();
  if (const int64_t best = op.getTopK(); best != -1 && failed(checkCount(op, "top_k", best)))
    return failure();
  Shape locations = shapeVector(op.getInputs()[0]), scores = shapeVector(op.getInputs()[1]),
        priors = shapeVector(op.getInputs()[2]);
  const int64_t images = locations[0], classes = op.getNumClasses();
  if (priors.size() != 3 || priors[1] != 2 || priors[2] % 4 != 0 || (priors[0] != 1 && priors[0] != images))
    return op.emitOpError() << "has priors of shape " << text(priors) << " instead of 1x2x4P or " << images << "x2x4P";
  const int64_t boxes = priors[2] / 4, perBox = op.getShareLocation() ? 4 : 4 * classes;
  if (product(locations) / images != boxes * perBox || product(locations) % images != 0)
    return op.emitOpError() << "has locations of shape " << text(locations) << " instead of " << images << "x"
                            << boxes * perBox << " for " << boxes << " priors";
  if (scores[0] != images || product(scores) / images != boxes * classes)
    return op.emitOpError() << "has scores of shape " << text(scores) << " instead of " << images << "x"
                            << boxes * classes << " for " << boxes << " priors of " << classes << " classes";
  return bounded(op, {images, 1, signedValue(op.getKeepTopK()), 7});
}
LogicalResult DetectionOutputOp::inferShapes() {
  FailureOr<Shape> shape = resultShape(*this);
  return failed(shape) ? failure() : setResultShape(*this, *shape);
}
LogicalResult DetectionOutputOp::verify() {
  if (!operandsAreStatic(*this))
    return success();
  FailureOr<Shape> shape = resultShape(*this);
  return failed(shape) ? failure() : checkOneOf(*this, *shape, {1, 1, (*shape)[0] * (*shape)[2], 7});
}
int64_t DetectionOutputOp::getFLOPs() { return boxFlops(*this); }

// YoloDetection

static LogicalResult checkHeads(YoloDetectionOp op) {
  const int64_t channels = op.getNumBoxes() * (5 + op.getClassNum());
  SmallVector<int64_t> areas;
  for (Value input : op.getInputs()) {
    Shape shape = shapeVector(input);
    if (shape.size() != 4 || shape[1] != channels || shape[0] != shapeOf(op.getInputs()[0])[0])
      return op.emitOpError() << "has a head of shape " << text(shape) << " instead of "
                              << shapeOf(op.getInputs()[0])[0] << "x" << channels << "xHxW for " << op.getNumBoxes()
                              << " boxes of " << op.getClassNum() << " classes";
    if (llvm::is_contained(areas, shape[2] * shape[3]))
      return op.emitOpError() << "has two heads of " << shape[2] * shape[3]
                              << " cells, so that it is unknown whose anchors come first";
    areas.push_back(shape[2] * shape[3]);
  }
  const size_t wanted = 2 * op.getNumBoxes() * op.getInputs().size();
  if (op.getAnchors().size() != wanted)
    return op.emitOpError() << "has " << op.getAnchors().size() << " numbers in anchors instead of " << wanted
                            << ", two for each of " << op.getNumBoxes() << " boxes of " << op.getInputs().size()
                            << " heads";
  return checkNumbers(op, "an anchor of", op.getAnchors(), true);
}

/// Boxes that the network has decoded say by their shape how many classes there are; upstream's files state 80.
static LogicalResult checkDecoded(YoloDetectionOp op) {
  const StringRef version = op.getVersion();
  Shape shape = shapeVector(op.getInputs()[0]);
  auto refuse = [&](StringRef wanted) -> LogicalResult {
    return op.emitOpError() << "has an operand of shape " << text(shape) << " instead of " << wanted << " of "
                            << version;
  };
  if (op.getInputs().size() != 1)
    return op.emitOpError() << "has " << op.getInputs().size() << " operands, but " << version
                            << " takes one with decoded boxes";
  if (version == "yolov26")
    return shape.size() == 3 && shape[2] == 6 ? success() : refuse("NxBx6");
  if (version == "yolov8" || version == "yolov11")
    return shape.size() == 3 && shape[1] > 4 ? success() : refuse("Nx(4 + classes)xB");
  return shape[2] > 5 ? success() : refuse("NxBx(5 + classes)");
}

static FailureOr<Shape> resultShape(YoloDetectionOp op) {
  if (op.getInputs().empty())
    return op.emitOpError() << "has no operands";
  if (failed(checkOperands(op)) || failed(checkCount(op, "net_input_h", op.getNetInputH())) ||
      failed(checkCount(op, "net_input_w", op.getNetInputW())) ||
      failed(checkCount(op, "keep_topk", op.getKeepTopk())) || failed(checkCount(op, "class_num", op.getClassNum())) ||
      failed(checkCount(op, "num_boxes", op.getNumBoxes())) ||
      failed(checkNumber(op, "nms_threshold", op.getNmsThreshold())) ||
      failed(checkNumber(op, "obj_threshold", op.getObjThreshold())))
    return failure();
  Shape first = shapeVector(op.getInputs()[0]);
  const bool decoded =
      first.size() == 3 || op.getVersion() == "yolov8" || op.getVersion() == "yolov11" || op.getVersion() == "yolov26";
  if (failed(decoded ? checkDecoded(op) : checkHeads(op)))
    return failure();
  auto module = outerModule(op);
  if (module && module->hasAttr("module.postprocess"))
    return bounded(op, {1, 1, first[0] * signedValue(op.getKeepTopk()), 7});
  return bounded(op, {first[0], 1, signedValue(op.getKeepTopk()), 6});
}
LogicalResult YoloDetectionOp::inferShapes() {
  if (hasStaticShape(getOutput()))
    return verify();
  return inferByRule(*this);
}
LogicalResult YoloDetectionOp::verify() {
  if (!operandsAreStatic(*this))
    return success();
  if (failed(resultShape(*this)))
    return failure();
  if (!hasStaticShape(getOutput()))
    return success();
  const int64_t images = shapeOf(getInputs()[0])[0], kept = getKeepTopk();
  ArrayRef<int64_t> shape = shapeOf(getOutput());
  if (shape == ArrayRef<int64_t>{images, 1, kept, 6} || shape == ArrayRef<int64_t>{images, 1, kept, 7} ||
      shape == ArrayRef<int64_t>{1, 1, images * kept, 7})
    return success();
  return emitOpError() << "has a result of shape " << text(shape) << " instead of 1x1x" << images * kept << "x7 or "
                       << images << "x1x" << kept << "x6";
}
int64_t YoloDetectionOp::getFLOPs() { return boxFlops(*this); }

// PriorBox

static int64_t boxesPerCell(PriorBoxOp op) {
  int64_t ratios = op.getUseDefaultAspectRatio() ? 1 : 0;
  for (double ratio : doublesOf(op.getAspectRatios()))
    ratios += std::abs(ratio - 1) >= 1e-6;
  return ratios * op.getMinSize().size() + op.getMaxSize().size();
}

static LogicalResult checkPriorSizes(PriorBoxOp op) {
  if (op.getMinSize().empty())
    return op.emitOpError() << "has no min_size";
  if (!op.getMaxSize().empty() && op.getMaxSize().size() != op.getMinSize().size())
    return op.emitOpError() << "has " << op.getMaxSize().size() << " max_size for " << op.getMinSize().size()
                            << " min_size";
  if (failed(checkNumbers(op, "a value of min_size", op.getMinSize(), true)) ||
      failed(checkNumbers(op, "a value of max_size", op.getMaxSize(), true)) ||
      failed(checkNumbers(op, "a value of aspect_ratios", op.getAspectRatios(), true)) ||
      failed(checkNumbers(op, "a value of variance", op.getVariance(), true)))
    return failure();
  for (auto [low, high] : llvm::zip(doublesOf(op.getMinSize()), doublesOf(op.getMaxSize())))
    if (high <= low)
      return op.emitOpError() << "has max_size " << high << ", which must be greater than min_size " << low;
  if (op.getVariance().size() != 1 && op.getVariance().size() != 4)
    return op.emitOpError() << "has " << op.getVariance().size() << " values of variance instead of one or four";
  if (signedValue(op.getNumPriors()) != boxesPerCell(op))
    return op.emitOpError() << "has num_priors " << signedValue(op.getNumPriors()) << ", but its sizes and ratios give "
                            << boxesPerCell(op) << " boxes per cell";
  return success();
}

static FailureOr<Shape> resultShape(PriorBoxOp op) {
  if (failed(checkOperandNumber(op, 1, 2)) || failed(checkOperands(op)) || failed(checkPriorSizes(op)) ||
      failed(checkCount(op, "img_h", op.getImgH(), 0)) || failed(checkCount(op, "img_w", op.getImgW(), 0)) ||
      failed(checkNumber(op, "step_h", op.getStepH())) || failed(checkNumber(op, "step_w", op.getStepW())) ||
      failed(checkNumber(op, "offset", op.getOffset())))
    return failure();
  for (Value input : op.getInputs())
    if (shapeOf(input).size() != 4)
      return op.emitOpError() << "has an operand of shape " << text(shapeOf(input)) << " instead of rank 4";
  if (op.getInputs().size() == 1 && (op.getImgH() == 0 || op.getImgW() == 0))
    return op.emitOpError() << "needs img_h and img_w, or a second operand of that size";
  Shape map = shapeVector(op.getInputs()[0]);
  const int64_t perCell = boxesPerCell(op);
  if (failed(bounded(op, {map[2], map[3], perCell, 4})))
    return failure();
  return bounded(op, {1, 2, map[2] * map[3] * perCell * 4});
}
TPU_MLIR_TOP_METHODS(PriorBoxOp, 0)

std::vector<double> priorBoxes(PriorBoxOp op) {
  Shape map = shapeVector(op.getInputs()[0]);
  ArrayRef<int64_t> image = op.getInputs().size() > 1 ? shapeOf(op.getInputs()[1]) : ArrayRef<int64_t>();
  const double imageH = op.getImgH() ? op.getImgH() : image[2], imageW = op.getImgW() ? op.getImgW() : image[3];
  double stepH = op.getStepH().convertToDouble(), stepW = op.getStepW().convertToDouble();
  if (stepH == 0 || stepW == 0)
    stepH = imageH / map[2], stepW = imageW / map[3];
  const std::vector<double> minimum = doublesOf(op.getMinSize()), maximum = doublesOf(op.getMaxSize());
  const std::vector<double> ratios = doublesOf(op.getAspectRatios()), variance = doublesOf(op.getVariance());
  SmallVector<std::pair<double, double>> sizes; // width, height of the boxes of a cell
  for (size_t i = 0; i < minimum.size(); ++i) {
    if (op.getUseDefaultAspectRatio())
      sizes.push_back({minimum[i], minimum[i]});
    if (!maximum.empty())
      sizes.push_back({std::sqrt(minimum[i] * maximum[i]), std::sqrt(minimum[i] * maximum[i])});
    for (double ratio : ratios)
      if (std::abs(ratio - 1) >= 1e-6)
        sizes.push_back({minimum[i] * std::sqrt(ratio), minimum[i] / std::sqrt(ratio)});
  }
  const double offset = op.getOffset().convertToDouble();
  std::vector<double> values;
  values.reserve(2 * map[2] * map[3] * sizes.size() * 4);
  for (int64_t y = 0; y < map[2]; ++y)
    for (int64_t x = 0; x < map[3]; ++x)
      for (auto [width, height] : sizes) {
        const double centerX = (x + offset) * stepW, centerY = (y + offset) * stepH;
        values.insert(values.end(), {(centerX - width / 2) / imageW, (centerY - height / 2) / imageH,
                                     (centerX + width / 2) / imageW, (centerY + height / 2) / imageH});
      }
  if (op.getClip())
    for (double &value : values)
      value = std::clamp(value, 0.0, 1.0);
  const size_t coordinates = values.size();
  for (size_t i = 0; i < coordinates; ++i)
    values.push_back(variance[variance.size() == 1 ? 0 : i % 4]);
  return values;
}

// Proposal, FrcnDetection, RetinaFaceDetection

static FailureOr<Shape> resultShape(ProposalOp op) {
  if (failed(checkOperandNumber(op, 2, 3)) || failed(checkOperands(op)) ||
      failed(checkCount(op, "net_input_h", op.getNetInputH())) ||
      failed(checkCount(op, "net_input_w", op.getNetInputW())) ||
      failed(checkCount(op, "feat_stride", op.getFeatStride())) ||
      failed(checkCount(op, "anchor_base_size", op.getAnchorBaseSize())) ||
      failed(checkCount(op, "rpn_nms_post_top_n", op.getRpnNmsPostTopN())) ||
      failed(checkNumber(op, "rpn_obj_threshold", op.getRpnObjThreshold())) ||
      failed(checkNumber(op, "rpn_nms_threshold", op.getRpnNmsThreshold())))
    return failure();
  Shape scores = shapeVector(op.getInputs()[0]), deltas = shapeVector(op.getInputs()[1]);
  if (scores.size() != 4 || scores[1] != 18)
    return op.emitOpError() << "has scores of shape " << text(scores) << " instead of Nx18xHxW for nine anchors";
  if (deltas != Shape{scores[0], 36, scores[2], scores[3]})
    return op.emitOpError() << "has differences of shape " << text(deltas) << " for scores of shape " << text(scores);
  return bounded(op, {scores[0], 1, signedValue(op.getRpnNmsPostTopN()), 5});
}
LogicalResult ProposalOp::inferShapes() { return inferByRule(*this); }
LogicalResult ProposalOp::verify() { return verifyByRule(*this); }
int64_t ProposalOp::getFLOPs() { return boxFlops(*this); }

static FailureOr<Shape> resultShape(FrcnDetectionOp op) {
  if (failed(checkOperandNumber(op, 3, 3)) || failed(checkOperands(op)) ||
      failed(checkCount(op, "class_num", op.getClassNum(), 2)) ||
      failed(checkCount(op, "keep_topk", op.getKeepTopk())) ||
      failed(checkNumber(op, "obj_threshold", op.getObjThreshold())) ||
      failed(checkNumber(op, "nms_threshold", op.getNmsThreshold())))
    return failure();
  Shape deltas = shapeVector(op.getInputs()[0]), scores = shapeVector(op.getInputs()[1]),
        regions = shapeVector(op.getInputs()[2]);
  if (regions.back() != 5)
    return op.emitOpError() << "has regions of shape " << text(regions) << " instead of ...x5";
  const int64_t count = product(regions) / 5, classes = op.getClassNum();
  if (product(deltas) != count * 4 * classes || product(scores) != count * classes)
    return op.emitOpError() << "has differences of shape " << text(deltas) << " and scores of shape " << text(scores)
                            << " for " << count << " regions of " << classes << " classes";
  return bounded(op, {regions.size() > 2 ? regions[0] : 1, 1, signedValue(op.getKeepTopk()), 6});
}
LogicalResult FrcnDetectionOp::inferShapes() { return inferByRule(*this); }
LogicalResult FrcnDetectionOp::verify() { return verifyByRule(*this); }
int64_t FrcnDetectionOp::getFLOPs() { return boxFlops(*this); }

static FailureOr<Shape> resultShape(RetinaFaceDetectionOp op) {
  if (failed(checkOperandNumber(op, 9, 9)) || failed(checkOperands(op)) ||
      failed(checkCount(op, "keep_topk", op.getKeepTopk())) ||
      failed(checkNumber(op, "nms_threshold", op.getNmsThreshold())) ||
      failed(checkNumber(op, "confidence_threshold", op.getConfidenceThreshold())))
    return failure();
  const int64_t images = shapeOf(op.getInputs()[0])[0], channels[] = {4, 8, 20};
  for (auto [index, input] : llvm::enumerate(op.getInputs())) {
    Shape shape = shapeVector(input), first = shapeVector(op.getInputs()[index - index % 3]);
    if (shape.size() != 4 || first.size() != 4 || shape != Shape{images, channels[index % 3], first[2], first[3]})
      return op.emitOpError() << "has operand " << index << " of shape " << text(shape) << " instead of " << images
                              << "x" << channels[index % 3] << "xHxW of its level";
  }
  return bounded(op, {images, 1, signedValue(op.getKeepTopk()), 15});
}
LogicalResult RetinaFaceDetectionOp::inferShapes() { return inferByRule(*this); }
LogicalResult RetinaFaceDetectionOp::verify() { return verifyByRule(*this); }
int64_t RetinaFaceDetectionOp::getFLOPs() { return boxFlops(*this); }
} // namespace tpu_mlir::top
