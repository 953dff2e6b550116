// Code generation of Reduce, Softmax and LayerNorm. A tile holds whole axes; sums are formed in f32 by trees.
#include "AxisOp.h"
#include "Models.h"

#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

#include <cmath>

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;
using bm1684x::Dims;
using bm1684x::FoldedMatrix;
using bm1684x::GlobalMatrix;

namespace {

// ---- Softmax

class SoftmaxOp : public AxisOp {
public:
  SoftmaxOp(ReductionView view, ElementType type, bool log, double beta) : AxisOp(std::move(view)), log(log) {
    ElementType f32 = ElementType::F32;
    auto distance = [beta](MathProgram &p, ArrayRef<MathValue> x) {
      MathValue y = p.sub(x[0], x[1]);
      return beta == 1 ? y : p.mul(y, beta);
    };
    // Distances from the largest element are not positive, unless beta is negative.
    double highest = beta > 0 ? std::numeric_limits<double>::infinity() : 88.376;
    programs.push_back(programOf({type, f32}, f32, [&](MathProgram &p, ArrayRef<MathValue> x) {
      return log ? distance(p, x) : expOf(p, distance(p, x), -88, highest);
    }));
    programs.push_back(programOf({f32}, f32, [&](MathProgram &p, ArrayRef<MathValue> x) {
      return log ? logOf(p, x[0]) : reciprocalOf(p, x[0]);
    }));
    programs.push_back(programOf({f32, f32}, type, [&](MathProgram &p, ArrayRef<MathValue> x) {
      return log ? p.sub(x[0], x[1]) : p.mul(x[0], x[1]);
    }));
    if (log)
      programs.push_back(
          programOf({f32}, f32, [&](MathProgram &p, ArrayRef<MathValue> x) { return expOf(p, x[0], -88, highest); }));
  }

  IterationSpace space() const override { return wholeAxisSpace(); }
  int64_t scratchBytes(const Tile &tile) const override {
    Shape4 shape = rowsOf(tile.out);
    return tileBytes(shape) * (log ? 2 : 1) + 2 * tileBytes(reducedOf(shape)) +
           reduceTileBytes(shape, ElementType::F32, view.form) + programBytes(shape);
  }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override {
    Shape4 shape = rowsOf(tile.out);
    Scratch scratch{buffers.scratch};
    LocalTensor x = rowsOf(buffers.operands[0]), result = rowsOf(buffers.results[0]);
    LocalTensor y = scratch.tensor(shape, ElementType::F32);
    LocalTensor e = log ? scratch.tensor(shape, ElementType::F32) : y;
    LocalTensor factor = scratch.tensor(reducedOf(shape), ElementType::F32);
    LocalTensor widened = scratch.tensor(reducedOf(shape), ElementType::F32);
    uint32_t tree = scratch.take(reduceTileBytes(shape, ElementType::F32, view.form)), temporaries = scratch.at;
    LocalTensor largest = reduceTile(assembler, ArOp::Max, x, view.form, true, tree);
    if (x.type != ElementType::F32) { // widened before it is repeated
      assembler.tiu.cast(widened, largest);
      largest = widened;
    }
    run(assembler, 0, y, {x, largest}, temporaries);
    if (log)
      run(assembler, 3, e, {y}, temporaries);
    LocalTensor sum = reduceTile(assembler, ArOp::Add, e, view.form, true, tree);
    run(assembler, 1, factor, {sum}, temporaries);
    run(assembler, 2, result, {y, factor}, temporaries);
  }
  int64_t computeCycles(const Tile &tile) const override {
    Shape4 shape = rowsOf(tile.out);
    int64_t cycles = 2 * reduceTileCycles(shape, view.form) + programs[1].cycles(reducedOf(shape));
    for (unsigned i : {0u, 2u, 3u})
      if (i < programs.size())
        cycles += programs[i].cycles(shape);
    return cycles;
  }

private:
  bool log;
};

LogicalResult refuseLength(Operation *op, int64_t length) {
  return op->emitOpError("combines an axis of ")
         << length << " elements, which does not fit into local memory; split the axis into parts";
}

LogicalResult requireFloat(Operation *op) {
  if (bm1684x::isFloat(typeOf(op->getOperand(0))) && bm1684x::isFloat(typeOf(op->getResult(0))))
    return success();
  return op->emitOpError("has no code generation for integer tensors");
}

int64_t fromFront(int64_t axis, int64_t rank) { return axis < 0 ? axis + rank : axis; }

struct SoftmaxModel : CodegenInterface::ExternalModel<SoftmaxModel, tpu::SoftmaxOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *op, const CodegenContext &context) const {
    if (failed(requireFloat(op)))
      return failure();
    auto softmax = cast<tpu::SoftmaxOp>(op);
    ShapeRef shape = shapeOf(op->getOperand(0));
    int64_t axis = fromFront(softmax.getAxis(), shape.size());
    int64_t inner = llvm::product_of(shape.drop_front(axis + 1)), outer = llvm::product_of(shape.take_front(axis));
    CompositeAxis outerAxis{{{outer, shape[axis] * inner}}}, along{{{shape[axis], inner}}}, innerAxis{{{inner, 1}}};
    bool log = softmax.getLog();
    std::optional<ReductionView> view = spatialView(op->getResult(0), axis, log ? 11 : 10, context.inGroup);
    bool isSpatial = view.has_value();
    if (context.inGroup && !isSpatial)
      return std::unique_ptr<TiledOp>();
    if (!isSpatial)
      view = ReductionView::choose(outerAxis, along, innerAxis, log ? 11 : 10);
    if (!view)
      return refuseLength(op, shape[axis]);
    ElementType type = typeOf(op->getResult(0));
    auto tiled = std::make_unique<SoftmaxOp>(*view, type, log, softmax.getBeta().convertToDouble());
    if (isSpatial)
      tiled->seeSpatially(viewShape(op->getResult(0).getType(), ViewKind::Spatial));
    tiled->operands = {{seenBy(*view, isSpatial, context, op->getOperand(0)), false}};
    tiled->results = {seenBy(*view, isSpatial, context, op->getResult(0))};
    tiled->name = top::nameOf(op->getResult(0)).str();
    return std::unique_ptr<TiledOp>(std::move(tiled));
  }
};

// ---- LayerNorm

class LayerNormOp : public AxisOp {
public:
  LayerNormOp(ReductionView view, ElementType type, ArrayRef<ElementType> parameters, bool hasWeight, double eps)
      : AxisOp(std::move(view)), type(type) {
    ElementType f32 = ElementType::F32;
    double scale = 1.0 / static_cast<double>(this->view.shape[1] * this->view.shape[3]);
    if (this->view.form == ReductionView::Rows)
      scale = 1.0 / static_cast<double>(this->view.shape[3]);
    programs.push_back(programOf({f32}, f32, [&](MathProgram &p, auto x) { return p.mul(x[0], scale); }));
    programs.push_back(programOf({f32, f32}, f32, [](MathProgram &p, auto x) { return p.sub(x[0], x[1]); }));
    programs.push_back(programOf({f32}, f32, [](MathProgram &p, auto x) { return p.mul(x[0], x[0]); }));
    programs.push_back(
        programOf({f32}, f32, [&](MathProgram &p, auto x) { return p.rsqrt(p.add(p.mul(x[0], scale), eps)); }));
    SmallVector<ElementType> inputs{f32, f32};
    inputs.append(parameters.begin(), parameters.end());
    programs.push_back(programOf(inputs, type, [&](MathProgram &p, auto x) {
      MathValue y = p.mul(x[0], x[1]);
      if (hasWeight)
        y = p.mul(y, x[2]);
      return x.size() > (hasWeight ? 3u : 2u) ? p.add(y, x.back()) : y;
    }));
    programs.push_back(programOf({type}, f32, [](MathProgram &, auto x) { return x[0]; }));
  }

  IterationSpace space() const override { return wholeAxisSpace(); }
  Slice operandSlice(unsigned i, const Tile &tile) const override {
    return i == 0 ? tile.out : wholeOf(operands[i].global.shape);
  }
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override {
    Dims shape = slice.shape();
    if (i > 0 && view.form == ReductionView::Rows)
      shape[1] = std::min(view.shape[1], bm1684x::numLanes); // the same parameters in every lane
    return LocalTensor::aligned(offset, shape, operands[i].global.type);
  }
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override {
    if (i > 0 && view.form == ReductionView::Rows && buffer.shape[1] > 1)
      return assembler.gdma.channelBroadcast(buffer, operands[i].global);
    AxisOp::load(assembler, i, slice, tile, buffer);
  }
  int64_t scratchBytes(const Tile &tile) const override {
    Shape4 shape = rowsOf(tile.out);
    return 2 * tileBytes(shape) + 2 * tileBytes(reducedOf(shape)) +
           reduceTileBytes(shape, ElementType::F32, view.form) + programBytes(shape);
  }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override {
    Shape4 shape = rowsOf(tile.out);
    Scratch scratch{buffers.scratch};
    LocalTensor wide = scratch.tensor(shape, ElementType::F32), centered = scratch.tensor(shape, ElementType::F32);
    LocalTensor mean = scratch.tensor(reducedOf(shape), ElementType::F32);
    LocalTensor scale = scratch.tensor(reducedOf(shape), ElementType::F32);
    uint32_t tree = scratch.take(reduceTileBytes(shape, ElementType::F32, view.form)), temporaries = scratch.at;
    LocalTensor x = rowsOf(buffers.operands[0]);
    if (type != ElementType::F32) {
      run(assembler, 5, wide, {x}, temporaries);
      x = wide;
    }
    LocalTensor sum = reduceTile(assembler, ArOp::Add, x, view.form, true, tree);
    run(assembler, 0, mean, {sum}, temporaries);
    run(assembler, 1, centered, {x, mean}, temporaries);
    run(assembler, 2, wide, {centered}, temporaries);
    LocalTensor squares = reduceTile(assembler, ArOp::Add, wide, view.form, true, tree);
    run(assembler, 3, scale, {squares}, temporaries);
    SmallVector<LocalTensor> inputs{centered, scale};
    inputs.append(buffers.operands.begin() + 1, buffers.operands.end());
    run(assembler, 4, rowsOf(buffers.results[0]), inputs, temporaries);
  }
  int64_t computeCycles(const Tile &tile) const override {
    Shape4 shape = rowsOf(tile.out);
    return 2 * reduceTileCycles(shape, view.form) + programs[1].cycles(shape) + programs[2].cycles(shape) +
           programs[4].cycles(shape) + programs[5].cycles(shape) + programs[3].cycles(reducedOf(shape));
  }

private:
  ElementType type;
};

struct LayerNormModel : CodegenInterface::ExternalModel<LayerNormModel, tpu::LayerNormOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *op, const CodegenContext &context) const {
    if (failed(requireFloat(op)))
      return failure();
    auto norm = cast<tpu::LayerNormOp>(op);
    ShapeRef shape = shapeOf(norm.getInput());
    int64_t axis = fromFront(norm.getAxis(), shape.size());
    int64_t length = llvm::product_of(shape.drop_front(axis)), outer = llvm::product_of(shape.take_front(axis));
    std::optional<ReductionView> view = spatialView(op->getResult(0), axis, 12, context.inGroup);
    bool isSpatial = view.has_value();
    if (context.inGroup && !isSpatial)
      return std::unique_ptr<TiledOp>();
    if (!isSpatial)
      view = ReductionView::choose({{{outer, length}}}, {{{length, 1}}}, {}, 12);
    if (!view)
      return refuseLength(op, length);
    bool hasWeight = !isa<NoneType>(norm.getWeight().getType()), hasBias = !isa<NoneType>(norm.getBias().getType());
    SmallVector<Value> parameters;
    if (hasWeight)
      parameters.push_back(norm.getWeight());
    if (hasBias)
      parameters.push_back(norm.getBias());
    ElementType type = typeOf(op->getResult(0));
    auto tiled = std::make_unique<LayerNormOp>(*view, type, llvm::map_to_vector(parameters, typeOf), hasWeight,
                                               norm.getEps().convertToDouble());
    if (isSpatial)
      tiled->seeSpatially(viewShape(op->getResult(0).getType(), ViewKind::Spatial));
    tiled->operands = {{seenBy(*view, isSpatial, context, norm.getInput()), false}};
    for (Value parameter : parameters) {
      Dims seen = view->shape;
      seen[0] = 1;
      if (isSpatial)
        seen[2] = 1;
      if (view->form == ReductionView::Rows)
        seen[1] = 1;
      tiled->operands.push_back({context.global(parameter, seen), isWeight(parameter)});
    }
    tiled->results = {seenBy(*view, isSpatial, context, op->getResult(0))};
    tiled->name = top::nameOf(op->getResult(0)).str();
    return std::unique_ptr<TiledOp>(std::move(tiled));
  }
};

// ---- Reduce

enum class ReduceMode { Min, Max, Mean, L2, L1, Sum, Prod };

std::optional<ReduceMode> parseMode(StringRef word) {
  return llvm::StringSwitch<std::optional<ReduceMode>>(word)
      .Case("ReduceMin", ReduceMode::Min)
      .Case("ReduceMax", ReduceMode::Max)
      .Case("ReduceMean", ReduceMode::Mean)
      .Case("ReduceL2", ReduceMode::L2)
      .Case("ReduceL1", ReduceMode::L1)
      .Case("ReduceSum", ReduceMode::Sum)
      .Case("ReduceProd", ReduceMode::Prod)
      .Default(std::nullopt);
}

class ReduceOp : public AxisOp {
public:
  ReduceOp(ReductionView view, ElementType type, ReduceMode mode, int64_t count)
      : AxisOp(std::move(view)), mode(mode), native(mode == ReduceMode::Min || mode == ReduceMode::Max) {
    // Before the combination, in f32 (extrema keep their type), and after it.
    ElementType sums = native ? type : ElementType::F32;
    direct = native || (type == ElementType::F32 && mode != ReduceMode::L1 && mode != ReduceMode::L2);
    programs.push_back(programOf({type}, ElementType::F32, [&](MathProgram &p, ArrayRef<MathValue> x) {
      return mode == ReduceMode::L1 ? p.abs(x[0]) : mode == ReduceMode::L2 ? p.mul(x[0], x[0]) : x[0];
    }));
    programs.push_back(programOf({sums}, type, [&](MathProgram &p, ArrayRef<MathValue> x) {
      if (mode == ReduceMode::Mean)
        return p.mul(x[0], 1.0 / static_cast<double>(count));
      return mode == ReduceMode::L2 ? sqrtOf(p, x[0]) : x[0];
    }));
  }

  IterationSpace space() const override {
    IterationSpace space = wholeAxisSpace();
    AxisRule *rules[] = {&space.n, &space.c, &space.h, &space.w};
    for (int i = 0; i < 4; ++i)
      if (view.reduced[i] == 1)
        *rules[i] = AxisRule{};
    return space;
  }
  Slice operandSlice(unsigned, const Tile &tile) const override {
    Slice slice = tile.out;
    Range *ranges[] = {&slice.n, &slice.c, &slice.h, &slice.w};
    for (int i = 0; i < 4; ++i)
      if (view.reduced[i] == 1)
        *ranges[i] = {0, view.shape[i]};
    return slice;
  }
  int64_t scratchBytes(const Tile &tile) const override {
    Shape4 shape = operandSlice(0, tile).shape();
    return (direct ? 0 : tileBytes(shape)) + reduceTileBytes(shape, ElementType::F32, view.form) +
           std::max(direct ? 0 : programs[0].scratchBytes(shape), programs[1].scratchBytes(tile.out.shape()));
  }
  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override {
    Shape4 shape = operandSlice(0, tile).shape();
    Scratch scratch{buffers.scratch};
    LocalTensor x = buffers.operands[0];
    uint32_t tree = scratch.take(reduceTileBytes(shape, ElementType::F32, view.form));
    if (!direct) {
      LocalTensor wide = scratch.tensor(shape, ElementType::F32);
      run(assembler, 0, wide, {x}, scratch.at);
      x = wide;
    }
    LocalTensor combined = reduceTile(assembler, combination(), x, view.form, false, tree);
    run(assembler, 1, buffers.results[0], {combined}, scratch.at);
  }
  void store(Assembler &assembler, unsigned i, const Tile &tile, const LocalTensor &buffer) const override {
    const GlobalTensor &to = results[0];
    if (view.form != ReductionView::Rows)
      return TiledOp::store(assembler, i, tile, buffer);
    // One value per lane: as a matrix of one row it does not queue at a single memory channel.
    int64_t count = tile.out.c.size;
    assembler.gdma.storeMatrix(GlobalMatrix{to.address + tile.out.c.begin * to.itemBytes(), 1, count, count, to.type},
                               FoldedMatrix::at(buffer.offset, 1, count, 1, to.type));
  }
  int64_t computeCycles(const Tile &tile) const override {
    Shape4 shape = operandSlice(0, tile).shape();
    return reduceTileCycles(shape, view.form) + (direct ? 0 : programs[0].cycles(shape)) +
           programs[1].cycles(tile.out.shape());
  }

private:
  ArOp combination() const {
    switch (mode) {
    case ReduceMode::Min:
      return ArOp::Min;
    case ReduceMode::Max:
      return ArOp::Max;
    case ReduceMode::Prod:
      return ArOp::Mul;
    default:
      return ArOp::Add;
    }
  }
  ReduceMode mode;
  bool native, direct;
};

struct ReduceModel : CodegenInterface::ExternalModel<ReduceModel, tpu::ReduceOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *op, const CodegenContext &context) const {
    if (failed(requireFloat(op)))
      return failure();
    auto reduce = cast<tpu::ReduceOp>(op);
    auto mode = parseMode(reduce.getMode());
    if (!mode)
      return op->emitOpError("has no code generation for mode ") << reduce.getMode();
    ShapeRef shape = shapeOf(reduce.getInput());
    SmallVector<bool> combined(shape.size(), reduce.getAxes().empty());
    for (Attribute axis : reduce.getAxes())
      combined[fromFront(cast<IntegerAttr>(axis).getInt(), shape.size())] = true;
    // [outer, axis, inner]: kept axes before the last combined one, the combined ones, kept axes after them.
    CompositeAxis outer, along, inner;
    SmallVector<int64_t> strides = rowMajorStrides(shape);
    int64_t lastCombined = -1;
    for (size_t i = 0; i < shape.size(); ++i)
      if (combined[i] && shape[i] > 1)
        lastCombined = i;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 1)
        continue;
      CompositeAxis &to = combined[i]                                                   ? along
                          : static_cast<int64_t>(i) > lastCombined && lastCombined >= 0 ? inner
                                                                                        : outer;
      bool joins = !to.parts.empty() && to.parts.back().second == shape[i] * strides[i];
      if (joins)
        to.parts.back() = {to.parts.back().first * shape[i], strides[i]};
      else
        to.parts.push_back({shape[i], strides[i]});
    }
    auto view = ReductionView::choose(outer, along, inner, 3);
    if (!view)
      return refuseLength(op, along.extent());
    ElementType type = typeOf(op->getResult(0));
    auto tiled = std::make_unique<ReduceOp>(*view, type, *mode, along.extent());
    tiled->operands = {{seenAs(*view, context.addressOf(reduce.getInput()), type), false}};
    tiled->results = {view->reducedGlobal(context.addressOf(op->getResult(0)), type)};
    tiled->name = top::nameOf(op->getResult(0)).str();
    return std::unique_ptr<TiledOp>(std::move(tiled));
  }
};

} // namespace

void tpu_mlir::codegen::attachReductionModels(MLIRContext &context) {
  tpu::SoftmaxOp::attachInterface<SoftmaxModel>(context);
  tpu::LayerNormOp::attachInterface<LayerNormModel>(context);
  tpu::ReduceOp::attachInterface<ReduceModel>(context);
}
