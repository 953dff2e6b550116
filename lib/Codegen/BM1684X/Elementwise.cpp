// Views, moves and emission of elementwise ops.
#include "Elementwise.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include "mlir/IR/Operation.h"

namespace tpu_mlir::codegen {
using namespace mlir;
using bm1684x::Dims;
using bm1684x::FoldedMatrix;
using bm1684x::GlobalMatrix;

FlatView FlatView::of(int64_t elements, int64_t itemBytes) {
  // A full burst is a run of 256 bytes; longer runs make tiles coarser without gain.
  int64_t shortest = itemBytes == 1 ? 256 : 128;
  int64_t width = std::clamp<int64_t>(alignTo(ceilDiv(elements, bm1684x::numLanes), 32), shortest, 256);
  int64_t channels = std::min(bm1684x::numLanes, ceilDiv(elements, width));
  return {elements, ceilDiv(elements, channels * width), channels, width};
}

void ElementwiseOp::useFlatView(const FlatView &view, GlobalTensor result, llvm::ArrayRef<TiledOperand> inputs) {
  flat = view;
  Dims shape{view.rows, view.channels, 1, view.width};
  results = {GlobalTensor::contiguous(result.address, shape, result.type)};
  for (const TiledOperand &input : inputs)
    operands.push_back({GlobalTensor::contiguous(input.global.address, shape, input.global.type), input.isParameter});
}

IterationSpace ElementwiseOp::space() const {
  const Dims &shape = results[0].shape;
  IterationSpace space;
  space.n.extent = shape[0], space.c.extent = shape[1], space.h.extent = shape[2], space.w.extent = shape[3];
  if (flat)
    space.c.grain = shape[1], space.w.grain = shape[3];
  return space;
}

LocalTensor ElementwiseOp::operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const {
  Dims shape = slice.shape();
  if (repeatsChannels(i, tile))
    shape[1] = std::min(tile.out.c.size, bm1684x::numLanes);
  return LocalTensor::aligned(offset, shape, operands[i].global.type);
}

namespace {

/// The pieces of a flat tile: full rows as one matrix and the incomplete last row as another.
template <typename Move> void forFlatPieces(const FlatView &view, Range rows, const LocalTensor &buffer, Move move) {
  int64_t rowElements = view.channels * view.width;
  int64_t first = rows.begin * rowElements;
  int64_t count = std::min(view.elements, rows.end() * rowElements) - first;
  int64_t full = count / rowElements, rest = count % rowElements;
  if (full)
    move(FoldedMatrix::at(buffer.offset, full, rowElements, view.width, buffer.type), first, rowElements);
  if (rest) {
    uint32_t offset = buffer.offset + static_cast<uint32_t>(full * buffer.strides[0] * buffer.itemBytes());
    move(FoldedMatrix::at(offset, 1, rest, std::min(view.width, rest), buffer.type), first + full * rowElements, rest);
  }
}

} // namespace

namespace {

void loadPart(Assembler &assembler, const LocalTensor &buffer, const GlobalTensor &part, bool repeatChannels) {
  if (repeatChannels)
    assembler.gdma.channelBroadcast(buffer, part);
  else
    loadTensor(assembler, buffer, part);
}

} // namespace

void ElementwiseOp::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
                         const LocalTensor &buffer) const {
  const GlobalTensor &from = operands[i].global;
  if (flat) {
    forFlatPieces(*flat, slice.n, buffer, [&](const FoldedMatrix &local, int64_t first, int64_t pitch) {
      assembler.gdma.loadMatrix(
          local, GlobalMatrix{from.address + first * from.itemBytes(), local.rows, local.cols, pitch, from.type});
    });
    return;
  }
  GlobalTensor part = from.slice({slice.n.begin, slice.c.begin, slice.h.begin, slice.w.begin}, slice.shape());
  if (batches.empty() || batches[i].parts.empty())
    return loadPart(assembler, buffer, part, repeatsChannels(i, tile));
  uint64_t origin = part.address - slice.n.begin * from.strides[0] * from.itemBytes();
  for (const CompositeAxis::Piece &piece : batches[i].pieces(slice.n)) {
    part.address = origin + piece.offset * from.itemBytes();
    part.shape[0] = piece.count, part.strides[0] = batches[i].stride();
    Dims size = buffer.shape;
    size[0] = piece.count;
    loadPart(assembler, buffer.slice({piece.position, 0, 0, 0}, size), part, repeatsChannels(i, tile));
  }
}

void ElementwiseOp::store(Assembler &assembler, unsigned i, const Tile &tile, const LocalTensor &buffer) const {
  if (!flat)
    return TiledOp::store(assembler, i, tile, buffer);
  const GlobalTensor &to = results[i];
  forFlatPieces(*flat, tile.out.n, buffer, [&](const FoldedMatrix &local, int64_t first, int64_t pitch) {
    assembler.gdma.storeMatrix(
        GlobalMatrix{to.address + first * to.itemBytes(), local.rows, local.cols, pitch, to.type}, local);
  });
}

void ElementwiseOp::emit(Assembler &assembler, const Tile &, const TileBuffers &buffers) const {
  program.emit(assembler, buffers.results[0], buffers.operands, buffers.scratch, resident);
}

int64_t ElementwiseOp::loadCycles(unsigned i, const Slice &slice) const {
  if (!flat)
    return TiledOp::loadCycles(i, slice);
  return matrixMoveCycles(slice.n.size * flat->channels, flat->width * operands[i].global.itemBytes(), true);
}

int64_t ElementwiseOp::storeCycles(unsigned i, const Tile &tile) const {
  if (!flat)
    return TiledOp::storeCycles(i, tile);
  return matrixMoveCycles(tile.out.n.size * flat->channels, flat->width * results[i].itemBytes(), false);
}

/// The table of a look-up is a parameter of the op, whatever its shape.
static bool isTable(Operation *op, unsigned operand) { return isa<tpu::LutOp>(op) && operand == 1; }

bool isFlat(Operation *op) {
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    if (!isa<NoneType>(operand.getType()) && !isTable(op, i) && shapeOf(operand) != shapeOf(op->getResult(0)))
      return false;
  return true;
}

namespace {

/// The operand's shape in the result's [n, c, h, w] view.
OperandView spatialView(Value operand, Value result) {
  ShapeRef from = shapeOf(operand);
  SmallVector<int64_t> shape(shapeOf(result).size() - from.size(), 1);
  shape.append(from.begin(), from.end());
  Type type = RankedTensorType::get(shape, cast<RankedTensorType>(operand.getType()).getElementType());
  Shape4 view = viewShape(type, ViewKind::Spatial);
  return {view, GlobalTensor::contiguous(0, view, ElementType::F32).strides, {}};
}

} // namespace

int64_t smallestItem(Operation *op) {
  int64_t smallest = 8;
  for (Type type :
       llvm::concat<const Type>(SmallVector<Type>(op->getOperandTypes()), SmallVector<Type>(op->getResultTypes())))
    if (auto item = static_cast<int64_t>(byteSize(elementTypeOf(type))))
      smallest = std::min(smallest, item);
  return smallest;
}

bool followsFlat(Operation *op) {
  auto placement = dyn_cast<PlacementInterface>(op);
  if (!placement || !isFlat(op))
    return false;
  for (unsigned i = 0; i < op->getNumOperands(); ++i)
    if (isa<RankedTensorType>(op->getOperand(i).getType()) && !isTable(op, i) && !placement.followsOperand(i))
      return false;
  return true;
}

void setElementwiseViews(ElementwiseOp &tiled, const CodegenContext &context, Operation *op, ValueRange inputs,
                         int64_t stepsPerLine) {
  Value output = op->getResult(0);
  SmallVector<ShapeRef> shapes;
  SmallVector<TiledOperand> operands;
  for (Value input : inputs) {
    shapes.push_back(shapeOf(input));
    operands.push_back({context.global(input), isWeight(input)});
  }
  GlobalTensor result = context.global(output);
  tiled.name = top::nameOf(output).str();
  if (!context.inGroup && isFlat(op)) {
    int64_t item = context.flatItem ? context.flatItem : smallestItem(op);
    return tiled.useFlatView(FlatView::of(llvm::product_of(shapeOf(output)), item), result, operands);
  }
  SmallVector<OperandView> views;
  if (context.inGroup) {
    for (Value input : inputs)
      views.push_back(spatialView(input, output));
  } else {
    BroadcastView view = chooseBroadcastView(shapeOf(output), shapes, result.itemBytes(), stepsPerLine);
    result.shape = view.shape, result.strides = view.strides;
    views.assign(view.operands.begin(), view.operands.end());
    for (const OperandView &operand : views)
      tiled.batches.push_back(operand.batch);
  }
  tiled.results = {result};
  for (auto [operand, seen] : llvm::zip(operands, views)) {
    operand.global.shape = seen.shape, operand.global.strides = seen.strides;
    tiled.operands.push_back(operand);
  }
}

FailureOr<std::unique_ptr<TiledOp>> makeElementwise(const CodegenContext &context, Operation *op, MathProgram program,
                                                    ValueRange inputs) {
  int64_t stepsPerLine = program.cycles({1, 1, 1, 1});
  auto tiled = std::make_unique<ElementwiseOp>(std::move(program));
  setElementwiseViews(*tiled, context, op, inputs, stepsPerLine);
  return std::unique_ptr<TiledOp>(std::move(tiled));
}

} // namespace tpu_mlir::codegen
