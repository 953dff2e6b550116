// Shape rules, verifiers and operation counts of the ops that cut regions out of feature maps.
#include "DetectionChecks.h"

using namespace mlir;
using namespace tpu_mlir;
namespace tpu_mlir::top {

/// What a bilinear sample costs.
static constexpr int64_t opsPerSample = 16;

static int64_t sampleFlops(Operation *op, int64_t ratio) {
  const int64_t perSide = std::clamp<int64_t>(ratio, 1, 64);
  return flopsPerElement(op, perSide * perSide * opsPerSample);
}

template <typename OpTy> static LogicalResult checkSampling(OpTy op) {
  if (failed(checkCount(op, "output_height", op.getOutputHeight())) ||
      failed(checkCount(op, "output_width", op.getOutputWidth())))
    return failure();
  if (const int64_t ratio = op.getSamplingRatio(); ratio < 0 || ratio > 1024)
    return op.emitOpError() << "has sampling_ratio " << ratio << ", which must be from 0 to 1024";
  return success();
}

static LogicalResult checkMap(Operation *op, Value map) {
  if (shapeOf(map).size() == 4)
    return success();
  return op->emitOpError() << "has a map of shape " << text(shapeOf(map)) << " instead of rank 4";
}

static FailureOr<Shape> resultShape(RoiAlignOp op) {
  if (failed(checkOperands(op)) || failed(checkSampling(op)) || failed(checkMap(op, op.getInput())) ||
      failed(checkNumber(op, "spatial_scale", op.getSpatialScale(), true)))
    return failure();
  Shape regions = shapeVector(op.getRois());
  if (regions.size() != 2 || regions[1] != 5)
    return op.emitOpError() << "has regions of shape " << text(regions) << " instead of Rx5";
  return bounded(
      op, {regions[0], shapeOf(op.getInput())[1], signedValue(op.getOutputHeight()), signedValue(op.getOutputWidth())});
}
LogicalResult RoiAlignOp::inferShapes() { return inferByRule(*this); }
LogicalResult RoiAlignOp::verify() { return verifyByRule(*this); }
int64_t RoiAlignOp::getFLOPs() { return sampleFlops(*this, getSamplingRatio()); }

static FailureOr<Shape> resultShape(RoiExtractorOp op) {
  if (failed(checkOperands(op)) || failed(checkSampling(op)))
    return failure();
  const int64_t levels = op.getInputs().size();
  if (levels < 1 || signedValue(op.getNumLevels()) != levels ||
      static_cast<int64_t>(op.getSpatialScales().size()) != levels)
    return op.emitOpError() << "has " << levels << " maps and " << op.getSpatialScales().size() << " scales for "
                            << signedValue(op.getNumLevels()) << " levels";
  if (failed(checkNumbers(op, "a scale of", op.getSpatialScales(), true)))
    return failure();
  Shape regions = shapeVector(op.getRois()), first = shapeVector(op.getInputs()[0]);
  if (regions.size() != 2 || regions[1] != 5)
    return op.emitOpError() << "has regions of shape " << text(regions) << " instead of Rx5";
  if (elementsOf(op.getTargetLvls()) != regions[0])
    return op.emitOpError() << "has " << elementsOf(op.getTargetLvls()) << " levels for " << regions[0] << " regions";
  for (Value map : op.getInputs()) {
    if (failed(checkMap(op, map)))
      return failure();
    if (shapeOf(map).take_front(2) != ArrayRef(first).take_front(2))
      return op.emitOpError() << "has maps of shapes " << text(first) << " and " << text(shapeOf(map))
                              << ", which must have equal images and channels";
  }
  return bounded(op, {regions[0], first[1], signedValue(op.getOutputHeight()), signedValue(op.getOutputWidth())});
}
LogicalResult RoiExtractorOp::inferShapes() { return inferByRule(*this); }
LogicalResult RoiExtractorOp::verify() { return verifyByRule(*this); }
int64_t RoiExtractorOp::getFLOPs() { return sampleFlops(*this, getSamplingRatio()); }

static FailureOr<Shape> resultShape(ROIPoolingOp op) {
  if (op.getInputs().size() != 2)
    return op.emitOpError() << "has " << op.getInputs().size() << " operands instead of 2";
  if (failed(checkOperands(op)) || failed(checkMap(op, op.getInputs()[0])) ||
      failed(checkCount(op, "pooled_h", op.getPooledH())) || failed(checkCount(op, "pooled_w", op.getPooledW())) ||
      failed(checkNumber(op, "spatial_scale", op.getSpatialScale(), true)))
    return failure();
  Shape regions = shapeVector(op.getInputs()[1]);
  if (regions.back() != 5)
    return op.emitOpError() << "has regions of shape " << text(regions) << " instead of ...x5";
  return bounded(op, {product(regions) / 5, shapeOf(op.getInputs()[0])[1], signedValue(op.getPooledH()),
                      signedValue(op.getPooledW())});
}
LogicalResult ROIPoolingOp::inferShapes() { return inferByRule(*this); }
LogicalResult ROIPoolingOp::verify() { return verifyByRule(*this); }
int64_t ROIPoolingOp::getFLOPs() { return hasStaticShape(getInputs()[0]) ? elementsOf(getInputs()[0]) : 0; }
} // namespace tpu_mlir::top
