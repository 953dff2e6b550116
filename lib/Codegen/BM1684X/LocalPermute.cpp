// The two tiled forms of an exchange of axes.
#include "LocalPermute.h"

#include "tpu_mlir/Target/BM1684X/Tensors.h"

#include "llvm/ADT/STLExtras.h"

namespace tpu_mlir::codegen {
namespace {
using bm1684x::Dims;

/// Price of a transposition, which has no penalty for short runs.
int64_t transposeCycles(const GlobalTensor &tensor) { return std::max<int64_t>(1, tensor.bytes() / 64); }

class GlobalExchange : public TiledOp {
public:
  explicit GlobalExchange(const GlobalMove &move) : move(move) {}

  IterationSpace space() const override {
    const Dims &s = results[0].shape;
    auto whole = [](int64_t extent) { return AxisRule{extent, extent, extent}; };
    return {whole(s[0]), whole(s[1]), whole(s[2]), whole(s[3]), {}};
  }
  // Nothing is in local memory.
  Slice operandSlice(unsigned, const Tile &) const override { return wholeOf({1, 1, 1, 1}); }
  LocalTensor resultBuffer(unsigned, const Tile &, uint32_t offset) const override {
    return LocalTensor::aligned(offset, {1, 1, 1, 1}, results[0].type);
  }
  void load(Assembler &, unsigned, const Slice &, const Tile &, const LocalTensor &) const override {}
  void emit(Assembler &, const Tile &, const TileBuffers &) const override {}
  void store(Assembler &assembler, unsigned, const Tile &, const LocalTensor &) const override {
    emitMove(assembler, move);
  }
  int64_t computeCycles(const Tile &) const override { return 0; }
  int64_t loadCycles(unsigned, const Slice &) const override { return 0; }
  int64_t storeCycles(unsigned, const Tile &) const override { return transposeCycles(results[0]); }

private:
  GlobalMove move;
};

class LocalExchange : public TiledOp {
public:
  explicit LocalExchange(const Exchange &exchange) : exchange(exchange) {}

  IterationSpace space() const override {
    const Dims &s = results[0].shape;
    int64_t width = operands[0].global.w();
    return {
        {1}, {s[1], s[1], s[1]}, {s[2], 1, std::max<int64_t>(1, bm1684x::maxExtent / width)}, {s[3], s[3], s[3]}, {}};
  }
  Slice operandSlice(unsigned, const Tile &tile) const override {
    Slice slice = wholeOf(operands[0].global.shape);
    slice.h = tile.out.h;
    return slice;
  }
  LocalTensor resultBuffer(unsigned, const Tile &tile, uint32_t offset) const override {
    return LocalTensor::aligned(offset, operandSlice(0, tile).shape(), results[0].type);
  }
  bool loadsPlainly(unsigned) const override { return true; }
  bool readsFree(unsigned) const override { return true; }
  void emit(Assembler &assembler, const Tile &, const TileBuffers &buffers) const override {
    assembler.tiu.copy(buffers.results[0], buffers.operands[0]);
  }
  void store(Assembler &assembler, unsigned, const Tile &tile, const LocalTensor &buffer) const override {
    int64_t rows = tile.out.h.size * buffer.w(), first = tile.out.h.begin * buffer.w();
    for (int64_t a = 0; a < exchange.outer; ++a) {
      LocalTensor part = buffer.slice({0, a * exchange.channels, 0, 0}, {1, exchange.channels, buffer.h(), buffer.w()});
      int64_t element = (a * exchange.positions + first) * exchange.channels;
      assembler.gdma.cwTranspose(
          GlobalTensor::contiguous(results[0].address + static_cast<uint64_t>(element * results[0].itemBytes()),
                                   {1, rows, 1, exchange.channels}, results[0].type),
          LocalTensor::aligned(part.offset, {1, exchange.channels, 1, rows}, part.type, part.lane));
    }
  }
  int64_t computeCycles(const Tile &tile) const override {
    return elementwiseCycles(operandSlice(0, tile).shape(), results[0].itemBytes());
  }
  int64_t storeCycles(unsigned, const Tile &tile) const override {
    return std::max<int64_t>(1, transposeCycles(results[0]) * tile.out.h.size / results[0].h());
  }

private:
  Exchange exchange;
};

} // namespace

std::optional<Exchange> Exchange::of(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> order) {
  size_t begin = 0, rank = shape.size();
  while (begin < rank && order[begin] == static_cast<int64_t>(begin))
    ++begin;
  if (begin == rank)
    return std::nullopt;
  auto middle = static_cast<size_t>(order[begin]);
  for (size_t i = begin; i < rank; ++i) {
    size_t rotated = middle + (i - begin);
    if (static_cast<size_t>(order[i]) != (rotated < rank ? rotated : rotated - rank + begin))
      return std::nullopt;
  }
  auto product = [&](size_t from, size_t to) {
    int64_t result = 1;
    for (size_t i = from; i < to; ++i)
      result *= shape[i];
    return result;
  };
  return Exchange{product(0, begin), product(begin, middle), product(middle, rank)};
}

std::unique_ptr<TiledOp> makeGlobalExchange(const GlobalMove &move, GlobalTensor input, GlobalTensor result) {
  auto op = std::make_unique<GlobalExchange>(move);
  op->operands.push_back({input, false});
  op->results.push_back(result);
  return op;
}

std::unique_ptr<TiledOp> makeLocalExchange(const Exchange &exchange, GlobalTensor input, GlobalTensor result) {
  bool fits = input.n() == 1 && input.c() == exchange.outer * exchange.channels &&
              input.h() * input.w() == exchange.positions && result.n() == 1 && result.c() == exchange.outer &&
              result.h() == input.h() && result.w() == input.w() * exchange.channels &&
              exchange.channels <= bm1684x::maxExtent;
  if (!fits)
    return nullptr;
  auto op = std::make_unique<LocalExchange>(exchange);
  op->operands.push_back({input, false});
  op->results.push_back(result);
  return op;
}

} // namespace tpu_mlir::codegen
