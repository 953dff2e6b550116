// Defaults of TiledOp and the price estimates that tile search uses (the formulas of the cycle model, docs/cycles.md).
#include "tpu_mlir/Codegen/TiledOp.h"

using namespace tpu_mlir;
using namespace tpu_mlir::codegen;

static Range clipped(Range range, int64_t extent) {
  if (extent == 1)
    return {0, 1};
  int64_t begin = std::min(range.begin, extent);
  return {begin, std::min(range.end(), extent) - begin};
}

Slice TiledOp::operandSlice(unsigned i, const Tile &tile) const {
  const GlobalTensor &global = operands[i].global;
  return {clipped(tile.out.n, global.n()), clipped(tile.out.c, global.c()), clipped(tile.out.h, global.h()),
          clipped(tile.out.w, global.w())};
}

LocalTensor TiledOp::operandBuffer(unsigned i, const Slice &slice, const Tile &, uint32_t offset) const {
  return LocalTensor::aligned(offset, slice.shape(), operands[i].global.type);
}

LocalTensor TiledOp::resultBuffer(unsigned i, const Tile &tile, uint32_t offset) const {
  return LocalTensor::aligned(offset, tile.out.shape(), results[i].type);
}

int64_t TiledOp::resultBytes(unsigned i, const Tile &tile) const { return resultBuffer(i, tile, 0).bytesPerLane(); }

namespace {
/// How a box of whole planes is moved as matrices: `channels` of them at once, a run of `width` units each.
struct PlaneRuns {
  ElementType type; ///< 32-bit words where planes consist of them
  int64_t width, channels;
  int64_t itemBytes() const { return static_cast<int64_t>(byteSize(type)); }
};

std::optional<PlaneRuns> planeRuns(const GlobalTensor &global, std::array<int64_t, 4> shape) {
  auto [n, c, h, w] = shape;
  bool planes = (w == 1 || global.strides[3] == 1) && (h == 1 || global.strides[2] == w);
  if (!planes || (c > 1 && global.strides[1] != h * w) || (n > 1 && global.strides[0] < c * h * w))
    return std::nullopt;
  PlaneRuns runs{global.type, h * w, c};
  int64_t bytes = h * w * global.itemBytes(), pitch = global.strides[0] * global.itemBytes();
  if (c * h * w > bm1684x::maxExtent && bytes % 4 == 0 && global.address % 4 == 0 && (n == 1 || pitch % 4 == 0)) {
    runs.type = ElementType::F32;
    runs.width = bytes / 4;
  }
  while (runs.channels * runs.width > bm1684x::maxExtent)
    runs.channels = runs.channels > bm1684x::numLanes ? bm1684x::numLanes : runs.channels / 2;
  constexpr int64_t mostPieces = 32;
  bool inPieces = runs.channels < c;
  if (runs.channels == 0 || (inPieces && n > 1) || bm1684x::ceilDiv(c, runs.channels) > mostPieces)
    return std::nullopt;
  return runs;
}
} // namespace

static GlobalTensor sliceOf(const GlobalTensor &global, const Slice &slice) {
  return global.slice({slice.n.begin, slice.c.begin, slice.h.begin, slice.w.begin}, slice.shape());
}

bool codegen::movesAsMatrix(const GlobalTensor &global, std::array<int64_t, 4> shape) {
  return planeRuns(global, shape).has_value();
}

/// Whether a box is contiguous with one value per channel: then a transposition of c and w moves it, which has no
/// stride penalty.
static bool movesTransposed(const GlobalTensor &global, std::array<int64_t, 4> shape) {
  auto [n, c, h, w] = shape;
  return h * w == 1 && c > 1 && c <= bm1684x::maxExtent && global.strides[1] == 1 && (n == 1 || global.strides[0] == c);
}

/// Calls move(matrix, folded) for the pieces of a box of whole planes.
template <typename Move> static void forMatrices(const GlobalTensor &global, const LocalTensor &local, Move move) {
  PlaneRuns runs = *planeRuns(global, global.shape);
  int64_t n = global.n(), c = global.c();
  auto inUnits = [&](int64_t elements) { return elements * global.itemBytes() / runs.itemBytes(); };
  for (int64_t first = 0; first < c; first += runs.channels) {
    int64_t count = std::min(runs.channels, c - first), cols = count * runs.width;
    LocalTensor part = local.slice({0, first, 0, 0}, {n, count, local.h(), local.w()});
    part.type = runs.type;
    part.shape = {n, count, 1, runs.width};
    part.strides = {inUnits(local.strides[0]), inUnits(local.strides[1]), runs.width, 1};
    if (n == 1) // the hardware adds the batch's stride, also if there is one batch only, and must stay within the lane
      part.strides[0] = part.slots() * part.strides[1];
    uint64_t address = global.address + static_cast<uint64_t>(first * global.strides[1] * global.itemBytes());
    move(bm1684x::GlobalMatrix{address, n, cols, n == 1 ? cols : inUnits(global.strides[0]), runs.type},
         bm1684x::FoldedMatrix{part, n, cols, runs.width});
  }
}

void codegen::loadTensor(Assembler &assembler, const LocalTensor &to, const GlobalTensor &from) {
  bool aligned = to.layout == bm1684x::Layout::Aligned;
  if (aligned && movesTransposed(from, from.shape))
    return assembler.gdma.cwTranspose(to, from.reshaped({from.n(), 1, 1, from.c()}));
  if (!aligned || !movesAsMatrix(from, from.shape))
    return assembler.gdma.copy(to, from);
  forMatrices(from, to, [&](const auto &matrix, const auto &folded) { assembler.gdma.loadMatrix(folded, matrix); });
}

void codegen::storeTensor(Assembler &assembler, const GlobalTensor &to, const LocalTensor &from) {
  bool aligned = from.layout == bm1684x::Layout::Aligned;
  if (aligned && movesTransposed(to, to.shape))
    return assembler.gdma.cwTranspose(to.reshaped({to.n(), 1, 1, to.c()}), from);
  if (!aligned || !movesAsMatrix(to, to.shape))
    return assembler.gdma.copy(to, from);
  forMatrices(to, from, [&](const auto &matrix, const auto &folded) { assembler.gdma.storeMatrix(matrix, folded); });
}

void TiledOp::load(Assembler &assembler, unsigned i, const Slice &slice, const Tile &,
                   const LocalTensor &buffer) const {
  loadTensor(assembler, buffer, sliceOf(operands[i].global, slice));
}

void TiledOp::store(Assembler &assembler, unsigned i, const Tile &tile, const LocalTensor &buffer) const {
  storeTensor(assembler, sliceOf(results[i], tile.out), buffer);
}

int64_t TiledOp::loadCycles(unsigned i, const Slice &slice) const {
  return tensorMoveCycles(operands[i].global, slice.shape(), /*toLocal=*/true);
}

int64_t TiledOp::storeCycles(unsigned i, const Tile &tile) const {
  return tensorMoveCycles(results[i], tile.out.shape(), /*toLocal=*/false);
}

int64_t codegen::matrixMoveCycles(int64_t runs, int64_t runBytes, bool toLocal) {
  return runs * std::max<int64_t>(256, runBytes) / (toLocal ? 58 : 44);
}

/// DDR is four channels, interleaved by 4 KiB from the start of a move. How many of them the first 16 KiB of a box
/// touch.
static int64_t memoryChannels(const GlobalTensor &global, std::array<int64_t, 4> shape) {
  auto [n, c, h, w] = shape;
  int64_t item = global.itemBytes(), pages = std::min<int64_t>(4, ceilDiv(h * global.strides[2] * item, 4096));
  unsigned touched = 0;
  for (int64_t i = 0; i < n && i * global.strides[0] * item < 16384 && touched != 15; ++i)
    for (int64_t j = 0; j < c && touched != 15; ++j) {
      int64_t offset = (i * global.strides[0] + j * global.strides[1]) * item;
      if (offset >= 16384)
        break;
      for (int64_t page = 0; page < pages; ++page)
        touched |= 1u << ((offset / 4096 + page) % 4);
    }
  return std::max(1, __builtin_popcount(touched));
}

int64_t codegen::tensorMoveCycles(const GlobalTensor &global, std::array<int64_t, 4> shape, bool toLocal) {
  auto [n, c, h, w] = shape;
  int64_t bytes = global.itemBytes();
  // A run is a whole h*w plane when rows are contiguous, else a row.
  bool planes = h == 1 || global.strides[2] == w;
  int64_t run = (planes ? h * w : w) * bytes, runs = n * c * (planes ? 1 : h);
  if (movesTransposed(global, shape))
    return std::max<int64_t>(1, n * c * bytes / 64);
  if (movesAsMatrix(global, shape))
    return matrixMoveCycles(runs, run, toLocal);
  // Bytes per cycle of tensor moves: 58 (44) GiB/s at 1 GHz.
  double price = static_cast<double>(runs) * std::max<int64_t>(256, run) / (toLocal ? 54.0167 : 40.9782);
  return static_cast<int64_t>(price * 4 / static_cast<double>(memoryChannels(global, shape)));
}

int64_t codegen::elementwiseCycles(std::array<int64_t, 4> shape, int64_t itemBytes) {
  return shape[0] * ceilDiv(shape[1], 64) * ceilDiv(shape[2] * shape[3], 64 / itemBytes);
}
