// Code generation models of tpu.Conv2D and tpu.Deconv.
#include "Convolution.h"
#include "Depthwise.h"
#include "IntegerConvolution.h"
#include "Models.h"
#include "RequantizationModels.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {
using Shape4 = std::array<int64_t, 4>;

/// A plane of an activation: [n, c, h, w] with 1-dimensional data along h.
Shape4 planeOf(Value value) { return viewShape(value.getType(), ViewKind::Spatial); }

FusedRelu reluOf(bool enabled, const llvm::APFloat &limit) { return {enabled, limit.convertToDouble()}; }

template <typename OpTy> PlaneWindow windowOf(OpTy op) {
  return PlaneWindow::of(top::i64Values(op.getKernelShape()), top::i64Values(op.getStrides()),
                         top::i64Values(op.getPads()),
                         top::i64ValuesOr(op.getDilations(), op.getKernelShape().size(), 1));
}

/// The window of a convolution that computes a deconvolution: zeros between the pixels, the kernel turned round.
PlaneWindow transposedWindow(PlaneWindow window) {
  for (Window *axis : {&window.h, &window.w}) {
    axis->padBefore = axis->dilation * (axis->kernel - 1) - axis->padBefore;
    axis->insert = axis->stride - 1;
    axis->stride = 1;
  }
  return window;
}

LogicalResult checkWindow(Operation *op, const PlaneWindow &window) {
  for (const Window &axis : {window.h, window.w})
    if (axis.kernel > 1 && axis.dilation > 16)
      return op->emitOpError() << "'" << top::nameOf(op->getResult(0))
                               << "': a dilation above 16 is not supported on bm1684x";
  return success();
}

bool isByte(ElementType type) { return byteSize(type) == 1; }

int64_t kernelZeroPointOf(tpu::Conv2DOp op) { return op.getKernelZp(); }
int64_t kernelZeroPointOf(tpu::DeconvOp) { return 0; }
tpu::RoundMode roundModeOf(tpu::Conv2DOp op) { return op.getRoundMode(); }
tpu::RoundMode roundModeOf(tpu::DeconvOp) { return tpu::RoundMode::HalfUp; }

/// The records of a convolution of bytes, which weight-reorder put in the bias's place.
template <typename OpTy>
FailureOr<TiledOperand> requantizeAs(OpTy op, const CodegenContext &context, int64_t groups, int64_t channels,
                                     std::optional<Requantization> &requantization) {
  auto made =
      requantizationOf(op, op.getQuantMode(), roundModeOf(op), op.getDoRelu(), op.getReluLimit().convertToDouble());
  if (failed(made))
    return failure();
  requantization = *made;
  return recordsOperand(op, op.getBias(), context, *made, groups, channels);
}

template <typename OpTy>
FailureOr<std::unique_ptr<TiledOp>> makeDepthwise(OpTy op, const CodegenContext &context, const PlaneWindow &window,
                                                  bool rotate) {
  auto tiled = std::make_unique<Depthwise>();
  tiled->window = window;
  tiled->rotateKernel = rotate;
  tiled->type = codegen::elementTypeOf(op.getInput().getType());
  tiled->relu = reluOf(op.getDoRelu(), op.getReluLimit());
  Shape4 in = planeOf(op.getInput());
  int64_t lanes = bm1684x::packedLanes(in[1]), slots = bm1684x::packedSlots(in[1]);
  tiled->operands.push_back({context.global(op.getInput(), in), false});
  tiled->operands.push_back(
      {context.global(op.getFilter(), {1, lanes, 1, slots * window.h.kernel * window.w.kernel}), true});
  if (isByte(tiled->type)) {
    tiled->inputZeroPoint = zeroPointOf(op.getInput());
    FailureOr<TiledOperand> records = requantizeAs(op, context, 1, in[1], tiled->requantization);
    if (failed(records))
      return failure();
    tiled->operands.push_back(*records);
  } else if (!top::isNone(op.getBias())) {
    tiled->operands.push_back({context.global(op.getBias(), {1, lanes, 1, slots}), true});
  }
  tiled->results.push_back(context.global(op.getOutput(), planeOf(op.getOutput())));
  tiled->name = top::nameOf(op.getOutput()).str();
  return std::unique_ptr<TiledOp>(std::move(tiled));
}

/// The form that weight-reorder chose.
FailureOr<std::optional<bm1684x::ConvFolding>> foldingOf(Operation *op, const PlaneWindow &window, int64_t ic,
                                                         int64_t oc) {
  auto rows = op->getAttrOfType<IntegerAttr>("rows_at_once");
  if (!rows)
    return std::optional<bm1684x::ConvFolding>();
  auto axis = [](const Window &w) {
    return bm1684x::KernelAxis{w.kernel, w.stride, w.dilation, w.padBefore, w.insert};
  };
  auto form =
      bm1684x::ConvFolding::of(axis(window.h), axis(window.w), ic, oc, rows.getInt(), op->hasAttr("rows_as_channels"));
  if (!form)
    return op->emitOpError() << "'" << top::nameOf(op->getResult(0))
                             << "': rows_at_once does not go with its channels and strides";
  return form;
}

template <typename OpTy>
FailureOr<std::unique_ptr<TiledOp>> makeConvolution(OpTy op, const CodegenContext &context, const PlaneWindow &window,
                                                    bool rotate) {
  auto tiled = std::make_unique<Convolution>();
  Shape4 in = planeOf(op.getInput()), out = planeOf(op.getOutput());
  int64_t groups = op.getGroup();
  tiled->window = window;
  tiled->rotateKernel = rotate;
  tiled->groups = groups;
  tiled->ic = in[1] / groups;
  tiled->oc = out[1] / groups;
  tiled->type = codegen::elementTypeOf(op.getInput().getType());
  tiled->relu = reluOf(op.getDoRelu(), op.getReluLimit());
  auto folding = foldingOf(op, window, tiled->ic, tiled->oc);
  if (failed(folding))
    return failure();
  tiled->folding = *folding;
  int64_t pack = bm1684x::convChannelPack(tiled->type), area = window.h.kernel * window.w.kernel;
  int64_t channels = tiled->ic, computed = tiled->oc, filters = groups;
  if (tiled->folding) {
    channels = tiled->folding->inChannels();
    area = tiled->folding->kernelArea();
    computed = tiled->folding->outChannels();
    filters = tiled->folding->phases();
  }
  int64_t rows = ceilDiv(channels, pack), width = area * pack;
  if (isByte(tiled->type)) { // in the form that allows the larger kernels
    rows *= area;
    width = pack;
  }
  if (width > bm1684x::maxExtent || area > bm1684x::maxExtent)
    return op.emitOpError() << "'" << top::nameOf(op.getOutput()) << "': the kernel of " << area
                            << " values is too large for bm1684x";
  tiled->operands.push_back({context.global(op.getInput(), {in[0] * groups, tiled->ic, in[2], in[3]}), false});
  tiled->filterByLane = filters == groups && bm1684x::filterByLane(tiled->type, computed, rows * width);
  Shape4 filter{filters, computed, rows, width};
  if (tiled->filterByLane)
    filter = {groups, bm1684x::numLanes, bm1684x::packedSlots(computed), rows * width};
  tiled->operands.push_back({context.global(op.getFilter(), filter), true});
  if (isByte(tiled->type)) {
    tiled->inputZeroPoint = zeroPointOf(op.getInput());
    tiled->kernelZeroPoint = kernelZeroPointOf(op);
    FailureOr<TiledOperand> records = requantizeAs(op, context, groups, computed, tiled->requantization);
    if (failed(records))
      return failure();
    tiled->operands.push_back(*records);
  } else if (!top::isNone(op.getBias())) {
    tiled->operands.push_back(
        {context.global(op.getBias(), {groups, bm1684x::packedLanes(computed), 1, bm1684x::packedSlots(computed)}),
         true});
  }
  tiled->results.push_back(context.global(op.getOutput(), {out[0] * groups, tiled->oc, out[2], out[3]}));
  tiled->name = top::nameOf(op.getOutput()).str();
  if (!isByte(tiled->type) && isByte(codegen::elementTypeOf(op.getFilter().getType()))) {
    auto bits = op->template getAttrOfType<IntegerAttr>("weight_bits");
    return withIntegerFilter(*tiled, bits ? bits.getInt() : 8);
  }
  return std::unique_ptr<TiledOp>(std::move(tiled));
}

struct ConvPlacement : PlacementInterface::ExternalModel<ConvPlacement, tpu::Conv2DOp> {
  bool startsGroup(Operation *op) const {
    // A grouped convolution is computed group by group, not in tiles of its result's shape.
    auto conv = cast<tpu::Conv2DOp>(op);
    return conv.getGroup() == 1 ||
           bm1684x::isDepthwise(conv.getGroup(), planeOf(conv.getInput())[1], planeOf(conv.getOutput())[1]);
  }
};

struct ConvCodegen : CodegenInterface::ExternalModel<ConvCodegen, tpu::Conv2DOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *operation, const CodegenContext &context) const {
    auto op = cast<tpu::Conv2DOp>(operation);
    PlaneWindow window = windowOf(op);
    if (failed(checkWindow(op, window)))
      return failure();
    if (bm1684x::isDepthwise(op.getGroup(), planeOf(op.getInput())[1], planeOf(op.getOutput())[1]))
      return makeDepthwise(op, context, window, op.getDoKernelRotate().value_or(false));
    return makeConvolution(op, context, window, op.getDoKernelRotate().value_or(false));
  }
};

struct DeconvPlacement : PlacementInterface::ExternalModel<DeconvPlacement, tpu::DeconvOp> {
  bool startsGroup(Operation *op) const { return cast<tpu::DeconvOp>(op).getGroup() == 1; }
};

struct DeconvCodegen : CodegenInterface::ExternalModel<DeconvCodegen, tpu::DeconvOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *operation, const CodegenContext &context) const {
    auto op = cast<tpu::DeconvOp>(operation);
    PlaneWindow window = windowOf(op);
    if (failed(checkWindow(op, window)))
      return failure();
    bool depthwise = bm1684x::isDepthwiseDeconv(op.getGroup(), planeOf(op.getInput())[1], planeOf(op.getOutput())[1],
                                                top::i64Values(op.getStrides()));
    window = transposedWindow(window);
    if (depthwise)
      return makeDepthwise(op, context, window, /*rotate=*/true);
    return makeConvolution(op, context, window, /*rotate=*/true);
  }
};
} // namespace

void codegen::attachConvolutionModels(MLIRContext &context) {
  tpu::Conv2DOp::attachInterface<ConvPlacement, ConvCodegen>(context);
  tpu::DeconvOp::attachInterface<DeconvPlacement, DeconvCodegen>(context);
}
