// tpu.Lut: bytes are looked up in a table that every lane keeps four times, in different banks, four elements of a lane
// per cycle. Where the banks of the tables are those of the data too, one element per cycle.
#include "Elementwise.h"
#include "Models.h"
#include "WidenedOnce.h"

#include "tpu_mlir/Dialect/Tpu/IR/TpuOps.h"

using namespace mlir;
using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

namespace {

constexpr int64_t entries = 256;

/// Seen and moved as an elementwise op of operand 0; operand 1 is the table, [1, 1, 1, 256].
class LutOp : public ElementwiseOp {
public:
  LutOp() : ElementwiseOp(MathProgram(ElementType::U8)) {}

  IterationSpace space() const override {
    IterationSpace space = ElementwiseOp::space();
    // The instruction takes a channel's plane as a row.
    space.h.maxTile = std::max<int64_t>(1, bm1684x::maxExtent / space.w.extent);
    return space;
  }
  Slice operandSlice(unsigned i, const Tile &tile) const override {
    return i == 1 ? wholeOf(operands[1].global.shape) : ElementwiseOp::operandSlice(i, tile);
  }
  LocalTensor operandBuffer(unsigned i, const Slice &slice, const Tile &tile, uint32_t offset) const override {
    if (i == 1)
      return LocalTensor::aligned(offset, {1, bm1684x::numLanes, 1, entries}, operands[1].global.type);
    return ElementwiseOp::operandBuffer(i, slice, tile, offset);
  }
  void load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &tile,
            const LocalTensor &buffer) const override {
    if (i == 1) {
      loaded.loaded(buffer);
      return assembler.gdma.channelBroadcast(buffer, operands[1].global);
    }
    ElementwiseOp::load(assembler, i, slice, tile, buffer);
  }
  int64_t loadCycles(unsigned i, const Slice &slice) const override {
    return i == 1 ? entries / 54 : ElementwiseOp::loadCycles(i, slice);
  }
  int64_t computeCycles(const Tile &tile) const override {
    auto [n, c, h, w] = tile.out.shape();
    return ceilDiv(n * ceilDiv(c, bm1684x::numLanes) * h * w, bm1684x::tableCopies);
  }
  int64_t cyclesWithoutCopies(const Tile &tile) const override { return bm1684x::tableCopies * computeCycles(tile); }
  bool keepsBanksApart() const override { return true; }
  int64_t copies(unsigned i) const override { return i == 1 ? bm1684x::tableCopies : 1; }
  bool loadsPlainly(unsigned i) const override { return i == 0 && ElementwiseOp::loadsPlainly(i); }
  bool readsFree(unsigned) const override { return false; } // the index is aligned

  void emit(Assembler &assembler, const Tile &, const TileBuffers &buffers) const override {
    auto row = [](const LocalTensor &tensor) { return tensor.reshapedPlane(1, tensor.h() * tensor.w()); };
    LocalTensor out = row(buffers.results[0]), index = row(buffers.operands[0]).as(ElementType::U8);
    LocalTensor table = buffers.operands[1].as(out.type);
    // The vendor's library uses the instruction with tables in the upper half of a lane, indices in the first quarter
    // and results in the second; that only the banks matter is what its simulator and the cycle model say.
    bool inFourBanks =
        buffers.hasCopies && !assembler.options.avoidPriceQuirks && bm1684x::Tiu::canGatherFourBanks(out, table, index);
    if (!inFourBanks)
      return assembler.tiu.gatherElements(out, table, index, {.sharedTable = true});
    if (loaded.take(buffers.operands[1]))
      copyTable(assembler, table);
    for (int64_t n = 0; n < out.n(); ++n) {
      bm1684x::Dims begin{n, 0, 0, 0}, size{1, out.c(), 1, out.w()};
      assembler.tiu.gatherFourBanks(out.slice(begin, size), table, index.slice(begin, size));
    }
  }

private:
  static void copyTable(Assembler &assembler, const LocalTensor &table) {
    LocalTensor copy = table;
    for (int64_t i = 1; i < bm1684x::tableCopies; ++i) {
      copy.offset += bm1684x::tableCopyStep;
      assembler.tiu.copy(copy, table);
    }
  }

  WidenedOnce loaded;
};

struct LutPlacement : PlacementInterface::ExternalModel<LutPlacement, tpu::LutOp> {
  bool startsGroup(Operation *) const { return true; }
  bool followsOperand(Operation *, unsigned operand) const { return operand == 0; }
};

struct LutCodegen : CodegenInterface::ExternalModel<LutCodegen, tpu::LutOp> {
  FailureOr<std::unique_ptr<TiledOp>> tile(Operation *operation, const CodegenContext &context) const {
    auto op = cast<tpu::LutOp>(operation);
    auto tiled = std::make_unique<LutOp>();
    setElementwiseViews(*tiled, context, op, {op.getInput()}, /*stepsPerLine=*/16);
    tiled->operands.push_back({context.global(op.getTable(), {1, 1, 1, entries}), isWeight(op.getTable())});
    return std::unique_ptr<TiledOp>(std::move(tiled));
  }
};

} // namespace

void codegen::attachLutModels(MLIRContext &context) { tpu::LutOp::attachInterface<LutPlacement, LutCodegen>(context); }
