// Code generation of ops that only move data. Views and in-place concatenation cost nothing; everything else is a
// GlobalMove. Elements are moved as bits, so every type of the chip is served.
#include "BroadcastView.h"
#include "GlobalMove.h"
#include "LocalPermute.h"
#include "Models.h"
#include "Spatial.h"
#include "StoredNumber.h"

#include "tpu_mlir/Codegen/CodegenInterface.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

ShapeRef shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }
int64_t itemBytes(Value value) { return static_cast<int64_t>(byteSize(elementTypeOf(value.getType()))); }

SmallVector<int64_t> integers(ArrayAttr attr) {
  return llvm::map_to_vector(attr, [](Attribute a) { return cast<IntegerAttr>(a).getInt(); });
}

GlobalMove moveOf(const CodegenContext &context, Value from, Value to) {
  return {elementTypeOf(to.getType()), context.addressOf(to), context.addressOf(from), {}};
}

// ---- views

/// Reshape, Squeeze and Unsqueeze: the same bytes.
template <typename OpTy> struct ViewPlacement : PlacementInterface::ExternalModel<ViewPlacement<OpTy>, OpTy> {
  Placement placement(Operation *) const { return Placement::view(0); }
};
template <typename OpTy> struct ViewModel : CodegenInterface::ExternalModel<ViewModel<OpTy>, OpTy> {
  LogicalResult emitGlobal(Operation *op, const CodegenContext &context, Assembler &assembler) const {
    GlobalMove move = moveOf(context, op->getOperand(0), op->getResult(0));
    move.axes = {{llvm::product_of(shapeOf(op->getResult(0))), 1, 1}};
    emitMove(assembler, std::move(move));
    return success();
  }
};

// ---- Permute

/// The tensor that a value is a view of, from its first byte on.
Value rootOf(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    auto placed = dyn_cast<PlacementInterface>(op);
    std::optional<Placement> placement = placed ? std::optional(placed.placement()) : std::nullopt;
    if (!placement || placement->kind != Placement::View || placement->byteOffset)
      break;
    value = op->getOperand(placement->operand);
  }
  return value;
}

struct PermuteModel : CodegenInterface::ExternalModel<PermuteModel, tpu::PermuteOp> {
  static GlobalMove permutation(Operation *op, const CodegenContext &context) {
    Value input = op->getOperand(0), output = op->getResult(0);
    SmallVector<int64_t> from = rowMajorStrides(shapeOf(input)), to = rowMajorStrides(shapeOf(output));
    GlobalMove move = moveOf(context, input, output);
    for (auto [i, axis] : llvm::enumerate(integers(cast<tpu::PermuteOp>(op).getOrder())))
      move.axes.push_back({shapeOf(output)[i], to[i], from[axis]});
    return move;
  }
  LogicalResult emitGlobal(Operation *op, const CodegenContext &context, Assembler &assembler) const {
    emitMove(assembler, permutation(op, context));
    return success();
  }
  /// Exchanges of channels and positions of a tensor that is in local memory need no move of their own.
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *op, const CodegenContext &context) const {
    Value input = op->getOperand(0), root = rootOf(input);
    GlobalTensor result = context.global(op->getResult(0));
    auto exchange = Exchange::of(shapeOf(input), integers(cast<tpu::PermuteOp>(op).getOrder()));
    std::unique_ptr<TiledOp> member;
    if (exchange && llvm::product_of(shapeOf(root)) == llvm::product_of(shapeOf(input)))
      member = makeLocalExchange(*exchange, context.global(root), result);
    if (!member || context.inGroup)
      return std::move(member);
    return makeGlobalExchange(permutation(op, context), context.global(input), result);
  }
};

/// A permutation that moves only axes of extent 1 keeps the order of elements.
struct PermutePlacement : PlacementInterface::ExternalModel<PermutePlacement, tpu::PermuteOp> {
  Placement placement(Operation *op) const {
    int64_t last = -1;
    ShapeRef shape = shapeOf(op->getOperand(0));
    for (int64_t axis : integers(cast<tpu::PermuteOp>(op).getOrder())) {
      if (shape[axis] == 1)
        continue;
      if (axis < last)
        return Placement::own();
      last = axis;
    }
    return Placement::view(0);
  }
};

// ---- Concat

/// Elements of one operand's block: everything from the concatenated axis on.
int64_t blockOf(Value value, int64_t axis) { return llvm::product_of(shapeOf(value).drop_front(axis)); }

struct ConcatPlacement : PlacementInterface::ExternalModel<ConcatPlacement, tpu::ConcatOp> {
  Placement placement(Operation *op) const {
    int64_t axis = cast<tpu::ConcatOp>(op).getAxis();
    if (llvm::product_of(shapeOf(op->getResult(0)).take_front(axis)) != 1)
      return Placement::own();
    SmallVector<int64_t> offsets;
    int64_t offset = 0;
    for (Value input : op->getOperands()) {
      offsets.push_back(offset);
      offset += blockOf(input, axis) * itemBytes(input);
    }
    return Placement::assembled(std::move(offsets));
  }
};

struct ConcatModel : CodegenInterface::ExternalModel<ConcatModel, tpu::ConcatOp> {
  LogicalResult emitGlobal(Operation *op, const CodegenContext &context, Assembler &assembler) const {
    auto concat = cast<tpu::ConcatOp>(op);
    if (concat.getDoRelu())
      return op->emitOpError("has a fused ReLU, which concatenation does not do; keep the ReLU as an op of its own");
    int64_t axis = concat.getAxis();
    Value output = op->getResult(0);
    int64_t outer = llvm::product_of(shapeOf(output).take_front(axis)), pitch = blockOf(output, axis), offset = 0;
    for (Value input : op->getOperands()) {
      GlobalMove move = moveOf(context, input, output);
      int64_t block = blockOf(input, axis);
      move.to += offset * itemBytes(output);
      move.axes = {{outer, pitch, block}, {block, 1, 1}};
      emitMove(assembler, std::move(move));
      offset += block;
    }
    return success();
  }
};

// ---- Slice

/// First position and step of every axis of the input.
struct Steps {
  SmallVector<int64_t> begin, step;
};

Steps stepsOf(tpu::SliceOp op) {
  ShapeRef shape = shapeOf(op.getInput());
  SmallVector<int64_t> offset = integers(op.getOffset()), step = integers(op.getSteps()), axes = integers(op.getAxes());
  if (offset.size() == shape.size() || axes.size() != offset.size()) {
    axes.resize(offset.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  Steps steps{SmallVector<int64_t>(shape.size(), 0), SmallVector<int64_t>(shape.size(), 1)};
  for (size_t i = 0; i < offset.size(); ++i) {
    int64_t axis = axes[i] < 0 ? axes[i] + shape.size() : axes[i], extent = shape[axis];
    steps.step[axis] = i < step.size() ? step[i] : 1;
    int64_t begin = offset[i] < 0 ? offset[i] + extent : offset[i];
    steps.begin[axis] = std::clamp<int64_t>(begin, 0, steps.step[axis] > 0 ? extent : extent - 1);
  }
  return steps;
}

int64_t startElement(const Steps &steps, ShapeRef shape) {
  int64_t start = 0;
  for (auto [begin, stride] : llvm::zip(steps.begin, rowMajorStrides(shape)))
    start += begin * stride;
  return start;
}

struct SlicePlacement : PlacementInterface::ExternalModel<SlicePlacement, tpu::SliceOp> {
  /// A dense part of the input is used where it is.
  Placement placement(Operation *op) const {
    auto slice = cast<tpu::SliceOp>(op);
    ShapeRef in = shapeOf(op->getOperand(0)), out = shapeOf(op->getResult(0));
    Steps steps = stepsOf(slice);
    bool inside = false; // an axis above has more than one position
    for (size_t i = 0; i < in.size(); ++i) {
      if ((inside && in[i] != out[i]) || (out[i] > 1 && steps.step[i] != 1))
        return Placement::own();
      inside |= out[i] > 1;
    }
    return Placement::view(0, startElement(steps, in) * itemBytes(op->getOperand(0)));
  }
};

struct SliceModel : CodegenInterface::ExternalModel<SliceModel, tpu::SliceOp> {
  LogicalResult emitGlobal(Operation *op, const CodegenContext &context, Assembler &assembler) const {
    Value input = op->getOperand(0), output = op->getResult(0);
    Steps steps = stepsOf(cast<tpu::SliceOp>(op));
    GlobalMove move = moveOf(context, input, output);
    move.from += startElement(steps, shapeOf(input)) * itemBytes(input);
    SmallVector<int64_t> from = rowMajorStrides(shapeOf(input)), to = rowMajorStrides(shapeOf(output));
    SmallVector<MoveAxis> backwards;
    for (size_t i = 0; i < from.size(); ++i) {
      MoveAxis axis{shapeOf(output)[i], to[i], from[i] * steps.step[i]};
      if (axis.from < 0)
        backwards.push_back(axis);
      else
        move.axes.push_back(axis);
    }
    emitBackwards(assembler, move, backwards);
    return success();
  }

  /// The chip's strides are not negative: axes that run backwards are moved position by position.
  static void emitBackwards(Assembler &assembler, const GlobalMove &move, ArrayRef<MoveAxis> backwards) {
    if (backwards.empty())
      return emitMove(assembler, move);
    int64_t bytes = byteSize(move.type);
    for (int64_t i = 0; i < backwards.front().extent; ++i) {
      GlobalMove part = move;
      part.to += i * backwards.front().to * bytes;
      part.from += i * backwards.front().from * bytes;
      emitBackwards(assembler, part, backwards.drop_front());
    }
  }
};

// ---- Pad

/// The pad value in the tensor's type.
Constant paddingOf(double value, Value tensor) {
  ElementType type = elementTypeOf(tensor.getType());
  if (std::optional<top::Quantization> quantization = top::quantizationOf(tensor))
    return Constant::integer(storedNumber(value, *quantization), type);
  return bm1684x::isFloat(type) ? constantOf(value, type) : Constant::integer(static_cast<int64_t>(value), type);
}

class Padder {
public:
  Padder(tpu::PadOp op, const CodegenContext &context, Assembler &assembler)
      : op(op), assembler(assembler), in(shapeOf(op.getInput())), out(shapeOf(op.getOutput())),
        from(rowMajorStrides(in)), to(rowMajorStrides(out)), pads(integers(op.getPaddings())),
        whole(moveOf(context, op.getInput(), op.getOutput())), bytes(itemBytes(op.getOutput())) {}

  void run() {
    GlobalMove inside = whole;
    for (size_t i = 0; i < in.size(); ++i) {
      inside.to += begin(i) * to[i] * bytes;
      inside.axes.push_back({in[i], to[i], from[i]});
    }
    emitMove(assembler, std::move(inside));
    // Axis by axis from the last: a border spans the finished later axes and the unpadded earlier ones.
    for (size_t axis = in.size(); axis-- > 0;) {
      if (op.getMode() == tpu::PaddingMode::constant) {
        fill(axis, 0, begin(axis));
        fill(axis, begin(axis) + in[axis], end(axis));
      } else if (op.getMode() == tpu::PaddingMode::edge) {
        repeat(axis, 0, begin(axis), begin(axis), 0);
        repeat(axis, begin(axis) + in[axis], end(axis), begin(axis) + in[axis] - 1, 0);
      } else {
        mirror(axis);
      }
    }
  }

private:
  int64_t begin(size_t axis) const { return pads[axis]; }
  int64_t end(size_t axis) const { return pads[in.size() + axis]; }

  /// The box of `count` positions of `axis` from `position` on, as a move within the result from `source`.
  GlobalMove border(size_t axis, int64_t position, int64_t count, int64_t source, int64_t sourceStep) const {
    GlobalMove move = whole;
    move.from = whole.to;
    for (size_t i = 0; i < out.size(); ++i) {
      if (i == axis) {
        move.axes.push_back({count, to[i], sourceStep * to[i]});
        move.to += position * to[i] * bytes, move.from += source * to[i] * bytes;
      } else {
        move.axes.push_back({i < axis ? in[i] : out[i], to[i], to[i]});
        int64_t skipped = i < axis ? begin(i) * to[i] * bytes : 0;
        move.to += skipped, move.from += skipped;
      }
    }
    return move;
  }
  void fill(size_t axis, int64_t position, int64_t count) {
    if (count)
      emitFill(assembler, border(axis, position, count, position, 1),
               paddingOf(op.getVal().convertToDouble(), op.getOutput()));
  }
  void repeat(size_t axis, int64_t position, int64_t count, int64_t source, int64_t step) {
    if (count)
      emitMove(assembler, border(axis, position, count, source, step));
  }
  void mirror(size_t axis) {
    // Reflection leaves the edge out, symmetry repeats it.
    int64_t skip = op.getMode() == tpu::PaddingMode::reflect ? 1 : 0;
    int64_t first = begin(axis), last = first + in[axis] - 1;
    for (int64_t i = 0; i < begin(axis); ++i)
      repeat(axis, first - 1 - i, 1, first + skip + i, 1);
    for (int64_t i = 0; i < end(axis); ++i)
      repeat(axis, last + 1 + i, 1, last - skip - i, 1);
  }

  tpu::PadOp op;
  Assembler &assembler;
  ShapeRef in, out;
  SmallVector<int64_t> from, to, pads;
  GlobalMove whole;
  int64_t bytes;
};

struct PadModel : CodegenInterface::ExternalModel<PadModel, tpu::PadOp> {
  LogicalResult emitGlobal(Operation *op, const CodegenContext &context, Assembler &assembler) const {
    auto pad = cast<tpu::PadOp>(op);
    if (pad.getWithInsertZero())
      return op->emitOpError("has inserted zeros, for which there is no code generation");
    Padder(pad, context, assembler).run();
    return success();
  }
};

// ---- Tile

struct TileModel : CodegenInterface::ExternalModel<TileModel, tpu::TileOp> {
  LogicalResult emitGlobal(Operation *op, const CodegenContext &context, Assembler &assembler) const {
    Value input = op->getOperand(0), output = op->getResult(0);
    ShapeRef out = shapeOf(output);
    SmallVector<int64_t> in(shapeOf(input));
    in.insert(in.begin(), out.size() - in.size(), 1);
    SmallVector<int64_t> from = rowMajorStrides(in), to = rowMajorStrides(out);
    GlobalMove move = moveOf(context, input, output);
    for (size_t i = 0; i < out.size(); ++i) {
      move.axes.push_back({out[i] / in[i], to[i] * in[i], 0});
      move.axes.push_back({in[i], to[i], from[i]});
    }
    emitMove(assembler, std::move(move));
    return success();
  }
};

// ---- Depth2Space

struct Depth2SpaceModel : CodegenInterface::ExternalModel<Depth2SpaceModel, tpu::Depth2SpaceOp> {
  LogicalResult emitGlobal(Operation *op, const CodegenContext &context, Assembler &assembler) const {
    auto d2s = cast<tpu::Depth2SpaceOp>(op);
    Value input = op->getOperand(0), output = op->getResult(0);
    bool inverse = d2s.getIsInversed();
    // The deep tensor has the blocks in its channels, the wide one in its rows and columns.
    Value deep = inverse ? output : input, wide = inverse ? input : output;
    bool deepFirst = inverse ? d2s.getOutIs_NCHW() : d2s.getInIs_NCHW();
    bool wideFirst = inverse ? d2s.getInIs_NCHW() : d2s.getOutIs_NCHW();
    int64_t blockH = d2s.getBlockH(), blockW = d2s.getBlockW();
    ShapeRef deepShape = shapeOf(deep), wideShape = shapeOf(wide);
    int64_t n = deepShape[0], h = deepShape[deepFirst ? 2 : 1], w = deepShape[deepFirst ? 3 : 2];
    int64_t c = wideShape[wideFirst ? 1 : 3];
    SmallVector<int64_t> deepStrides = rowMajorStrides(deepShape), wideStrides = rowMajorStrides(wideShape);
    int64_t channel = deepStrides[deepFirst ? 1 : 3];
    // Strides of block row, block column and channel in the deep channel axis.
    int64_t rowStep, columnStep, channelStep;
    if (d2s.getIs_CRD())
      columnStep = channel, rowStep = blockW * channel, channelStep = blockH * blockW * channel;
    else
      channelStep = channel, columnStep = c * channel, rowStep = blockW * c * channel;
    if (d2s.getSwapCr())
      return op->emitOpError("has swap_cr, for which there is no code generation");
    int64_t row = wideStrides[wideFirst ? 2 : 1], column = wideStrides[wideFirst ? 3 : 2];
    struct Pair {
      int64_t extent, deep, wide;
    };
    Pair pairs[] = {{n, deepStrides[0], wideStrides[0]},
                    {c, channelStep, wideStrides[wideFirst ? 1 : 3]},
                    {h, deepStrides[deepFirst ? 2 : 1], row * blockH},
                    {blockH, rowStep, row},
                    {w, deepStrides[deepFirst ? 3 : 2], column * blockW},
                    {blockW, columnStep, column}};
    GlobalMove move = moveOf(context, input, output);
    for (const Pair &pair : pairs)
      move.axes.push_back({pair.extent, inverse ? pair.deep : pair.wide, inverse ? pair.wide : pair.deep});
    emitMove(assembler, std::move(move));
    return success();
  }
};

template <typename OpTy> void attachView(MLIRContext &context) {
  OpTy::template attachInterface<ViewPlacement<OpTy>, ViewModel<OpTy>>(context);
}

} // namespace

void tpu_mlir::codegen::attachMovementModels(MLIRContext &context) {
  attachView<tpu::ReshapeOp>(context);
  attachView<tpu::SqueezeOp>(context);
  attachView<tpu::UnsqueezeOp>(context);
  tpu::PermuteOp::attachInterface<PermutePlacement, PermuteModel>(context);
  tpu::ConcatOp::attachInterface<ConcatPlacement, ConcatModel>(context);
  tpu::SliceOp::attachInterface<SlicePlacement, SliceModel>(context);
  tpu::PadOp::attachInterface<PadModel>(context);
  tpu::TileOp::attachInterface<TileModel>(context);
  tpu::Depth2SpaceOp::attachInterface<Depth2SpaceModel>(context);
}
