// Evaluation of Top ops: normalizations beyond the core.
#include "../ChannelLines.h"
#include "tpu_mlir/Dialect/Top/IR/TopNorm.h"
#include "tpu_mlir/Kernels/GroupNormalization.h"
#include "tpu_mlir/Kernels/Layout.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::evaluation;

template <typename OpTy> static LogicalResult evaluateGroups(OpTy op, Call &call, int64_t groups) {
  const Tensor in = call.floats(size_t{0}), weight = call.floats(op.getWeight()), bias = call.floats(op.getBias());
  const kernels::Lines lines = channelLines(in);
  Tensor out = call.floatResult();
  kernels::groupNorm({lines.outer, groups, lines.axis / groups, lines.inner}, in.data<float>(), out.data<float>(),
                     valuesOf(weight), valuesOf(bias), op.getEps().convertToDouble());
  return call.finish(std::move(out));
}
static LogicalResult evaluateGroupNorm(top::GroupNormOp op, Call &call) {
  return evaluateGroups(op, call, op.getNumGroups());
}
static LogicalResult evaluateInstanceNorm(top::InstanceNormOp op, Call &call) {
  return evaluateGroups(op, call, std::max<int64_t>(1, top::shapeOf(op.getInput())[1]));
}

static LogicalResult evaluateRmsNorm(top::RMSNormOp op, Call &call) {
  const Tensor in = call.floats(size_t{0}), gamma = call.floats(op.getGamma());
  Tensor out = call.floatResult();
  const int64_t extent = in.dim(-1);
  if (extent > 0)
    kernels::rmsNorm(in.elements() / extent, extent, in.data<float>(), out.data<float>(), valuesOf(gamma),
                     op.getEps().convertToDouble());
  return call.finish(std::move(out));
}

static LogicalResult evaluatePixelNorm(top::PixelNormOp op, Call &call) {
  const Tensor in = call.floats(size_t{0}), weight = call.floats(op.getWeight()), bias = call.floats(op.getBias());
  Tensor out = call.floatResult();
  kernels::axisNorm(channelLines(in), in.data<float>(), out.data<float>(), valuesOf(weight), valuesOf(bias),
                    op.getEps().convertToDouble());
  return call.finish(std::move(out));
}

static LogicalResult evaluateLrn(top::LRNOp op, Call &call) {
  const Tensor in = call.floats(size_t{0});
  Tensor out = call.floatResult();
  kernels::localResponseNorm(channelLines(in),
                             {static_cast<int64_t>(op.getSize()), op.getAlpha().convertToDouble(),
                              op.getBeta().convertToDouble(), op.getBias().convertToDouble()},
                             in.data<float>(), out.data<float>());
  return call.finish(std::move(out));
}

static LogicalResult evaluateNormalize(top::NormalizeOp op, Call &call) {
  const Tensor in = call.floats(size_t{0}), scale = call.floats(op.getScale());
  kernels::Lines lines = channelLines(in);
  const int64_t positions = lines.inner;
  if (op.getAcrossSpatial())
    lines = {lines.outer, lines.axis * lines.inner, 1};
  std::vector<float> scales;
  for (int64_t i = 0; i < lines.axis; ++i)
    scales.push_back(scale.data<float>()[op.getChannelShared() ? 0 : op.getAcrossSpatial() ? i / positions : i]);
  Tensor out = call.floatResult();
  kernels::euclideanNorm(lines, in.data<float>(), out.data<float>(), scales.data(), 1e-10);
  return call.finish(std::move(out));
}

/// Reduced axes are moved to the end.
static LogicalResult evaluateVariance(top::VarianceOp op, Call &call) {
  const Tensor in = call.floats(size_t{0});
  const top::Shape axes = top::i64Values(op.getReduceList());
  std::vector<bool> reduced(in.rank(), axes.empty());
  for (int64_t axis : axes)
    reduced[top::normalizeAxis(axis, in.rank())] = true;
  Extents order, shape;
  int64_t extent = 1;
  for (bool take : {false, true})
    for (int64_t axis = 0; axis < in.rank(); ++axis)
      if (reduced[axis] == take) {
        order.push_back(axis);
        shape.push_back(in.dim(axis));
        extent *= take ? in.dim(axis) : 1;
      }
  Tensor moved = in, out = call.floatResult();
  if (!llvm::is_sorted(order)) {
    moved = Tensor(ElementType::F32, shape);
    kernels::permute(in.data<float>(), in.shape(), order, sizeof(float), moved.data<float>());
  }
  kernels::variance(out.elements(), extent, op.getCorrection().convertToDouble(), moved.data<float>(),
                    out.data<float>());
  return call.finish(std::move(out));
}

void evaluation::attachTopNormModels(MLIRContext &context) {
  attach<top::GroupNormOp, evaluateGroupNorm>(context);
  attach<top::InstanceNormOp, evaluateInstanceNorm>(context);
  attach<top::RMSNormOp, evaluateRmsNorm>(context);
  attach<top::PixelNormOp, evaluatePixelNorm>(context);
  attach<top::LRNOp, evaluateLrn>(context);
  attach<top::NormalizeOp, evaluateNormalize>(context);
  attach<top::VarianceOp, evaluateVariance>(context);
}
