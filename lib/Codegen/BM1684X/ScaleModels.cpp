// tpu.Scale: a value times and plus per-channel parameters; an example of an elementwise op that may follow others.
#include "Models.h"
#include "Spatial.h"
#include "tpu_mlir/Dialect/Top/IR/TopUtils.h"
#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"
#include "tpu_mlir/Target/BM1684X/WeightPacking.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {
/// Operands: input [n, c, h, w], scale and bias [1, lanes, 1, slots], all of one type.
struct Scale : TiledOp {
  FusedRelu relu;

  IterationSpace space() const override {
    const GlobalTensor &out = results[0];
    return {{out.n()}, {out.c(), 64}, {out.h()}, {out.w()}, {}};
  }

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
      int64_t behind = tile.out.c.begin / 64 * in.itemBytes();
      return LocalTensor::compact(buffers.operands[i].offset + static_cast<uint32_t>(behind), {1, out.c(), 1, 1},
                                  in.type);
    };
    assembler.tiu.scaleBias(out, in, perChannel(1), perChannel(2));
    relu.emit(assembler, out);
  }

  int64_t computeCycles(const Tile &tile) const override {
    int64_t item = results[0].itemBytes();
    return elementwiseCycles(tile.out.shape(), item) + relu.cycles(tile.out.shape(), item);
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
