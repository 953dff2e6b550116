// tpu.Scale: a value times and plus per-channel parameters; an example of an elementwise op that may follow others.
#include "Models.h"
#include "Spatial.h"
#include "tpu_mlir/Dialect/Top/IR/Quantization.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {
/// Operands: input [n, c, h, w], scale and bias [1, lanes, 1, slots], all of one type, or bytes with f32 parameters.
struct Scale : TiledOp {
  FusedRelu relu;
  std::optional<top::Quantization> from, into; ///< of input and result

  bool isReal() const { return !from && !into; }
  ElementType computeType() const { return isReal() ? results[0].type : ElementType::F32; }
  LocalTensor temporary(uint32_t offset, const Tile &tile) const {
    return LocalTensor::aligned(offset, tile.out.shape(), ElementType::F32);
  }
  int64_t scratchBytes(const Tile &tile) const override { return isReal() ? 0 : 2 * temporary(0, tile).bytesPerLane(); }

  IterationSpace space() const override {
    const GlobalTensor &out = results[0];
    return {{out.n()}, {out.c(), 64}, {out.h()}, {out.w()}, {}};
  }

  bool loadsPlainly(unsigned i) const override { return i == 0; }
  bool storesPlainly() const override { return true; }

  Slice operandSlice(unsigned i, const Tile &tile) const override {
    return i ? wholeOf(operands[i].global.shape) : tile.out;
  }

  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override {
    if (i)
      loadPerChannel(assembler, operands[i].global, 0, buffer.offset);
    else
      TiledOp::load(assembler, i, slice, tile, buffer);
  }

  void emit(Assembler &assembler, const Tile &tile, const TileBuffers &buffers) const override {
    const LocalTensor &in = buffers.operands[0], &out = buffers.results[0];
    auto perChannel = [&](unsigned i) {
      ElementType type = computeType();
      int64_t behind = tile.out.c.begin / 64 * static_cast<int64_t>(byteSize(type));
      return LocalTensor::compact(buffers.operands[i].offset + static_cast<uint32_t>(behind), {1, out.c(), 1, 1}, type);
    };
    if (isReal()) {
      assembler.tiu.scaleBias(out, in, perChannel(1), perChannel(2));
      return relu.emit(assembler, out);
    }
    // Between two temporaries, since a step in place takes twice as long.
    LocalTensor a = temporary(buffers.scratch, tile), b = temporary(a.offset + a.bytesPerLane(), tile);
    auto &tiu = assembler.tiu;
    if (from)
      tiu.dequant(a, in, bm1684x::DequantFloat{from->dequantizeScale(), from->zeroPoint});
    tiu.scaleBias(b, from ? a : in, perChannel(1), perChannel(2));
    if (relu.enabled) {
      tiu.max(a, b, Constant::f32(0));
      std::swap(a, b);
    }
    if (relu.enabled && relu.limit > 0) {
      tiu.min(a, b, constantOf(relu.limit, ElementType::F32));
      std::swap(a, b);
    }
    if (!into)
      return tiu.copy(out, b);
    tiu.scaleBias(a, b, Constant::f32(into->quantizeScale()), Constant::f32(static_cast<float>(into->zeroPoint)));
    tiu.cast(out, a, bm1684x::Rounding::HalfToEven);
  }

  int64_t computeCycles(const Tile &tile) const override {
    int64_t item = static_cast<int64_t>(byteSize(computeType())), steps = isReal() ? 1 : 4;
    return steps * elementwiseCycles(tile.out.shape(), item) + relu.cycles(tile.out.shape(), item);
  }

  int64_t loadCycles(unsigned i, const Slice &slice) const override {
    return i ? perChannelCycles(operands[i].global) : TiledOp::loadCycles(i, slice);
  }
};

struct ScalePlacement : PlacementInterface::ExternalModel<ScalePlacement, tpu::ScaleOp> {
  bool startsGroup(Operation *) const { return true; }
  bool followsOperand(Operation *, unsigned operand) const { return operand == 0; }
};

struct ScaleCodegen : CodegenInterface::ExternalModel<ScaleCodegen, tpu::ScaleOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *operation, const CodegenContext &context) const {
    auto op = cast<tpu::ScaleOp>(operation);
    auto tiled = std::make_unique<Scale>();
    tiled->from = top::quantizationOf(op.getInput());
    tiled->into = top::quantizationOf(op.getOutput());
    ElementType parameters = codegen::elementTypeOf(op.getScale().getType());
    ElementType needed = tiled->isReal() ? codegen::elementTypeOf(op.getOutput().getType()) : ElementType::F32;
    if (parameters != needed || codegen::elementTypeOf(op.getBias().getType()) != needed)
      return op.emitOpError() << "'" << top::nameOf(op.getOutput()) << "' takes scale and bias as "
                              << StringRef(name(needed));
    auto shape = viewShape(op.getInput().getType(), ViewKind::Spatial);
    int64_t lanes = bm1684x::packedLanes(shape[1]), slots = bm1684x::packedSlots(shape[1]);
    tiled->operands.push_back({context.global(op.getInput(), shape), false});
    for (Value value : {op.getScale(), op.getBias()})
      tiled->operands.push_back({context.global(value, {1, lanes, 1, slots}), true});
    tiled->results.push_back(context.global(op.getOutput(), shape));
    tiled->relu = {op.getDoRelu(), op.getReluLimit().convertToDouble()};
    tiled->name = top::nameOf(op.getOutput()).str();
    return std::unique_ptr<TiledOp>(std::move(tiled));
  }
};
} // namespace

void codegen::attachScaleModels(MLIRContext &context) {
  tpu::ScaleOp::attachInterface<ScalePlacement, ScaleCodegen>(context);
}
