// Which weights of which op take which layout (see WeightPacking.h). An op not named here reads its weights as they
// are.
#include "WeightReorder.h"

#include "IntegerWeights.h"
#include "RequantRecords.h"
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Top/IR/Weights.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Kernels/Numerics.h"
#include "tpu_mlir/Target/BM1684X/ConvFolding.h"
#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tpu_mlir;

namespace {
/// Replaces an operand's weight by another value with another layout.
void setWeight(OpOperand &operand, const Tensor &values) {
  OpBuilder builder(operand.getOwner());
  auto old = top::weightOf(operand.get());
  std::string name = top::nameOf(old.getOutput()).str() + "_reordered";
  operand.set(top::createWeight(builder, name, values).getOutput());
  if (old->use_empty())
    old->erase();
}

FailureOr<Tensor> read(Value value) {
  if (auto weight = top::weightOf(value))
    return top::readWeight(weight);
  return emitError(value.getLoc(), "weight-reorder: a filter that is not a weight cannot be packed");
}

/// Per-channel f32 values in lane order, in another element type when `type` says so.
LogicalResult packChannels(OpOperand &operand, int64_t groups, int64_t perChannel, ElementType type) {
  if (top::isNone(operand.get()))
    return success();
  FailureOr<Tensor> values = read(operand.get());
  if (failed(values))
    return failure();
  if (values->type() == ElementType::F32 && type != ElementType::F32) {
    Tensor half(type, values->shape());
    auto precision = type == ElementType::F16 ? kernels::Precision::F16 : kernels::Precision::BF16;
    kernels::convertF32ToHalf(precision, values->data<float>(), half.data<uint16_t>(), values->elements());
    *values = half;
  }
  setWeight(operand, bm1684x::packPerChannel(*values, groups, perChannel));
  return success();
}

ElementType typeOf(Value value) { return top::elementTypeOf(cast<RankedTensorType>(value.getType()).getElementType()); }

bool isByte(Value value) { return byteSize(typeOf(value)) == 1; }

/// Puts a new weight in the place of an operand, which may be none.
void replaceOperand(OpOperand &operand, StringRef name, const Tensor &values) {
  OpBuilder builder(operand.getOwner());
  auto old = top::weightOf(operand.get());
  operand.set(top::createWeight(builder, name, values).getOutput());
  if (old && old->use_empty())
    old->erase();
}

/// The records of requantization take the bias's place.
template <typename OpTy> LogicalResult packRequantization(OpTy op, int64_t groups) {
  bm1684x::RequantFactors factors{op.getQuantMode(), op.getOutScales(), top::i64ValuesOr(op.getMultiplier(), 1, 1),
                                  top::i64ValuesOr(op.getRshift(), 1, 0)};
  FailureOr<Tensor> records =
      bm1684x::requantRecords(op, op.getBias(), factors, groups, top::shapeOf(op.getOutput())[1]);
  if (failed(records))
    return failure();
  replaceOperand(op.getBiasMutable(), (top::nameOf(op.getOutput()) + "_requant").str(), *records);
  op.setWithBias(true);
  return success();
}

/// Filter and further parameters of a depthwise convolution.
template <typename OpTy> LogicalResult packDepthwise(OpTy op, int64_t area) {
  ElementType type = typeOf(op.getInput());
  if (failed(packChannels(op.getFilterMutable(), 1, area, type)))
    return failure();
  return isByte(op.getInput()) ? packRequantization(op, 1) : packChannels(op.getBiasMutable(), 1, 1, type);
}

/// Packed rows [1, oc, 1, row] in the order in which they are loaded.
Tensor inLoadOrder(const Tensor &packed, int64_t groups) {
  int64_t oc = packed.dim(1) / groups, row = packed.dim(3);
  return bm1684x::filterByLane(packed.type(), oc, row) ? bm1684x::packPerChannel(packed, groups, row) : packed;
}

bool hasZeroPoint(Value value) {
  auto quantization = top::quantizationOf(value);
  return quantization && quantization->zeroPoint != 0;
}

/// The form that a convolution is computed in where it is not the plain one. `needsPlain`: zeros of a kernel or between
/// pixels are not zeros of the sum.
template <typename OpTy>
std::optional<bm1684x::ConvFolding> foldingOf(OpTy op, bool needsPlain, const bm1684x::ReorderOptions &options) {
  constexpr bool transposed = std::is_same_v<OpTy, tpu::DeconvOp>;
  auto in = top::shapeOf(op.getInput()), out = top::shapeOf(op.getOutput());
  auto kernel = top::i64Values(op.getKernelShape()), strides = top::i64Values(op.getStrides());
  auto pads = top::i64Values(op.getPads());
  auto dilations = top::i64ValuesOr(op.getDilations(), kernel.size(), 1);
  if (op.getGroup() != 1 || needsPlain || kernel.size() != 2 || in.size() != 4)
    return std::nullopt;
  auto axis = [&](size_t i) {
    bm1684x::KernelAxis axis{kernel[i], strides[i], dilations[i], pads[i], 0};
    if (transposed) {
      axis.padBefore = axis.dilation * (axis.kernel - 1) - axis.padBefore;
      axis.insert = std::exchange(axis.stride, 1) - 1;
    }
    return axis;
  };
  bm1684x::ConvExtents extents{typeOf(op.getInput()), in[0], in[1], out[1], in[2], in[3], out[2], out[3]};
  auto turns = options.avoidPriceQuirks ? bm1684x::TurnPrice::PerLane : bm1684x::TurnPrice::AllLanes;
  return bm1684x::ConvFolding::choose(axis(0), axis(1), extents, turns);
}

/// Joins groups that leave most of the array idle.
void joinGroups(tpu::Conv2DOp op, Tensor &filter) {
  auto in = top::shapeOf(op.getInput()), out = top::shapeOf(op.getOutput());
  int64_t groups = op.getGroup();
  if (groups == 1 || op.getKernelZp() != 0 || in.size() != 4)
    return;
  bm1684x::ConvExtents extents{
      typeOf(op.getInput()), in[0], in[1] / groups, out[1] / groups, in[2], in[3], out[2], out[3]};
  int64_t count = bm1684x::groupsToJoin(extents, groups, top::product(top::i64Values(op.getKernelShape())));
  if (count == 1)
    return;
  filter = bm1684x::joinGroups(filter, groups, count);
  op.setGroup(groups / count);
}

/// Packs filter and parameters of a convolution in that form and notes it.
template <typename OpTy>
LogicalResult reorderFolded(OpTy op, const Tensor &filter, const bm1684x::ConvFolding &folding, bool rotated) {
  Tensor packed = bm1684x::packFoldedWeights(filter, folding, rotated);
  setWeight(op.getFilterMutable(), folding.phases() == 1 ? inLoadOrder(packed, 1) : packed);
  op->setAttr("rows_at_once", Builder(op.getContext()).getI64IntegerAttr(folding.rows()));
  if (folding.rowsAsChannels)
    op->setAttr("rows_as_channels", UnitAttr::get(op.getContext()));
  if (!isByte(op.getInput()) && top::isNone(op.getBias()))
    return success();
  if (isByte(op.getInput()) && failed(packRequantization(op, 1)))
    return failure();
  FailureOr<Tensor> values = read(op.getBias());
  if (failed(values))
    return failure();
  if (folding.rows() > 1)
    setWeight(op.getBiasMutable(), bm1684x::repeatForRows(*values, values->elements() / folding.oc, folding));
  return isByte(op.getInput()) ? success() : packChannels(op.getBiasMutable(), 1, 1, ElementType::F32);
}

LogicalResult reorder(tpu::A16MatMulOp op) { return bm1684x::reorderIntegerWeights(op); }

LogicalResult reorder(tpu::Conv2DOp op, const bm1684x::ReorderOptions &options) {
  if (bm1684x::hasIntegerFilter(op)) {
    FailureOr<bool> done = bm1684x::reorderIntegerFilter(op);
    if (failed(done) || *done)
      return success(succeeded(done));
  }
  FailureOr<Tensor> filter = read(op.getFilter());
  if (failed(filter))
    return failure();
  int64_t group = op.getGroup(), ic = top::shapeOf(op.getInput())[1], oc = filter->dim(0);
  int64_t area = top::product(top::i64Values(op.getKernelShape()));
  if (bm1684x::isDepthwise(group, ic, oc))
    return packDepthwise(op, area);
  joinGroups(op, *filter);
  group = op.getGroup();
  if (auto folding = filter->rank() == 4 ? foldingOf(op, op.getKernelZp() != 0, options) : std::nullopt) {
    op.setUse_3icOptimize(folding->rowsAsChannels ? 1 : 0);
    return reorderFolded(op, *filter, *folding, op.getDoKernelRotate().value_or(false));
  }
  op.setUse_3icOptimize(0);
  setWeight(op.getFilterMutable(), inLoadOrder(bm1684x::packConvWeights(*filter), group));
  if (isByte(op.getInput()))
    return packRequantization(op, group);
  return packChannels(op.getBiasMutable(), group, 1, ElementType::F32);
}

LogicalResult reorder(tpu::DeconvOp op, const bm1684x::ReorderOptions &options) {
  FailureOr<Tensor> filter = read(op.getFilter());
  if (failed(filter))
    return failure();
  int64_t group = op.getGroup(), ic = filter->dim(1), oc = filter->dim(0) * group;
  int64_t area = top::product(top::i64Values(op.getKernelShape()));
  if (bm1684x::isDepthwiseDeconv(group, ic, oc, top::i64Values(op.getStrides())))
    return packDepthwise(op, area);
  bool inserts = llvm::any_of(top::i64Values(op.getStrides()), [](int64_t stride) { return stride > 1; });
  if (auto folding =
          filter->rank() == 4 ? foldingOf(op, inserts && hasZeroPoint(op.getInput()), options) : std::nullopt)
    return reorderFolded(op, *filter, *folding, /*rotated=*/true);
  setWeight(op.getFilterMutable(), inLoadOrder(bm1684x::packDeconvWeights(*filter, group), group));
  if (isByte(op.getInput()))
    return packRequantization(op, group);
  return packChannels(op.getBiasMutable(), group, 1, ElementType::F32);
}

LogicalResult reorder(tpu::ScaleOp op) {
  bool isReal = !isByte(op.getInput()) && !isByte(op.getOutput());
  ElementType type = isReal ? typeOf(op.getInput()) : ElementType::F32;
  return success(succeeded(packChannels(op.getScaleMutable(), 1, 1, type)) &&
                 succeeded(packChannels(op.getBiasMutable(), 1, 1, type)));
}

/// Exchanges rows and columns of the matrices of a tensor.
Tensor turned(const Tensor &matrices) {
  std::vector<int64_t> shape = matrices.shape();
  int64_t rows = matrices.dim(-2), cols = matrices.dim(-1);
  int64_t batch = matrices.elements() / std::max<int64_t>(rows * cols, 1);
  std::swap(shape[shape.size() - 2], shape[shape.size() - 1]);
  Tensor result(matrices.type(), shape);
  size_t item = byteSize(matrices.type());
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < cols; ++c)
        std::memcpy(result.data<uint8_t>() + ((b * cols + c) * rows + r) * item,
                    matrices.data<uint8_t>() + ((b * rows + r) * cols + c) * item, item);
  return result;
}

/// The records of requantization, which take bias and factors in, are the operand `multi`.
LogicalResult packRequantization(tpu::MatMulOp op) {
  bm1684x::RequantFactors factors{op.getQuantMode(), op.getOutScales(), top::i64Values(op.getMultipliers()),
                                  top::i64Values(op.getRshifts())};
  FailureOr<Tensor> records =
      bm1684x::requantRecords(op, op.getBias(), factors, 1, top::shapeOf(op.getOutput()).back());
  if (failed(records))
    return failure();
  auto bias = top::weightOf(op.getBias());
  op.getBiasMutable().assign(top::noneFor(op));
  if (bias && bias->use_empty())
    bias->erase();
  replaceOperand(op->getOpOperand(3), (top::nameOf(op.getOutput()) + "_requant").str(), *records);
  return success();
}

/// Whether a product is computed with the columns of its result in lanes, for which the right matrix is stored as
/// [N, K]: bytes always, others where more lanes work than with its rows in lanes (or, in f32, with folded rows).
bool columnsInLanes(tpu::MatMulOp op) {
  if (isByte(op.getInput()))
    return true;
  auto inRounds = [](int64_t value, int64_t round) { return (value + round - 1) / round; };
  int64_t columns = top::shapeOf(op.getOutput()).back(), rows = top::elementsOf(op.getOutput()) / columns;
  if (byteSize(top::elementTypeOf(cast<RankedTensorType>(op.getInput().getType()).getElementType())) == 2)
    return inRounds(columns, 64) * inRounds(rows, 4) < inRounds(rows, 64) * inRounds(columns, 4);
  // A vector times a matrix that fits is a convolution, as a member of a group and alone.
  bool isVector = rows == 1 && top::elementsOf(op.getInput()) <= 4096;
  return isVector || inRounds(columns, 64) * inRounds(rows, 16) < rows * inRounds(columns, 16 * 64);
}

/// A constant right matrix becomes [K, N], or [N, K] where columns of the result are in lanes.
LogicalResult reorder(tpu::MatMulOp op) {
  bool integer = isByte(op.getInput()), transposed = columnsInLanes(op);
  auto weight = top::weightOf(op.getRight());
  if (weight && op.getRightTranspose() != transposed && top::shapeOf(op.getRight()).size() >= 2) {
    FailureOr<Tensor> right = read(op.getRight());
    if (failed(right))
      return failure();
    setWeight(op.getRightMutable(), turned(*right));
    op.setRightTranspose(transposed);
  }
  return integer ? packRequantization(op) : success();
}
} // namespace

LogicalResult bm1684x::reorderWeights(func::FuncOp function, const ReorderOptions &options) {
  SmallVector<Operation *> ops;
  function.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops) {
    LogicalResult result =
        llvm::TypeSwitch<Operation *, LogicalResult>(op)
            .Case<tpu::Conv2DOp, tpu::DeconvOp>([&](auto typed) { return reorder(typed, options); })
            .Case<tpu::ScaleOp, tpu::MatMulOp, tpu::A16MatMulOp>([](auto typed) { return reorder(typed); })
            .Default([](Operation *) { return success(); });
    if (failed(result))
      return failure();
  }
  return success();
}
