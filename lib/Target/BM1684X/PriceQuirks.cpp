// Tensor moves in place of forms that are priced too low.
#include "PriceQuirks.h"

namespace tpu_mlir::bm1684x::price_quirks {
namespace {

/// Elements of a block that can be parameters of channels; larger ones are activations in another order.
constexpr int64_t mostParameters = 1 << 14;

/// Calls move(local, global) for the channels of a folded matrix that are full, and for the rest.
template <typename Move> void forTensors(const FoldedMatrix &folded, const GlobalMatrix &matrix, Move move) {
  const int64_t full = folded.cols / folded.width, rest = folded.cols % folded.width;
  auto part = [&](int64_t first, int64_t channels, int64_t width) {
    LocalTensor local = folded.tensor;
    local.shape = {folded.rows, full + (rest > 0), 1, folded.width};
    local.strides[2] = folded.width;
    uint64_t address = matrix.address + static_cast<uint64_t>(first * folded.width * local.itemBytes());
    move(local.slice({0, first, 0, 0}, {folded.rows, channels, 1, width}),
         GlobalTensor{address,
                      matrix.type,
                      {folded.rows, channels, 1, width},
                      {matrix.rows == 1 ? matrix.cols : matrix.pitch, folded.width, folded.width, 1}});
  };
  if (full)
    part(0, full, folded.width);
  if (rest)
    part(full, 1, rest);
}

/// [n, w, h, c] of [n, c, h, w].
GlobalTensor exchanged(const GlobalTensor &tensor) { return tensor.permuted({0, 3, 2, 1}); }

/// Scratch for a tensor that TIU transposes to or from `beside`, which only then is in the layout that it takes.
std::optional<LocalTensor> scratchFor(Assembler &assembler, const LocalTensor &beside, const Dims &shape) {
  if (beside.h() != 1 || !precisionOf(beside.type) || beside.offset % lineBytes != 0 ||
      !beside.hasStridesOf(alignedStrides(beside.shape, beside.type, beside.lane)))
    return std::nullopt;
  LocalTensor result = LocalTensor::aligned(0, shape, beside.type);
  std::optional<uint32_t> offset = assembler.takeScratch(result.bytesPerLane());
  if (offset)
    result.offset = *offset;
  return offset ? std::optional(result) : std::nullopt;
}

void loadTransposed(Assembler &assembler, const LocalTensor &to, const GlobalTensor &from) {
  std::optional<LocalTensor> rows = scratchFor(assembler, to, from.shape);
  if (!rows)
    return assembler.gdma.copy(to, exchanged(from));
  assembler.gdma.copy(*rows, from);
  assembler.tiu.cwTranspose(to, *rows);
}

void storeTransposed(Assembler &assembler, const GlobalTensor &to, const LocalTensor &from) {
  std::optional<LocalTensor> rows = scratchFor(assembler, from, to.shape);
  if (!rows)
    return assembler.gdma.copy(exchanged(to), from);
  assembler.tiu.wcTranspose(*rows, from);
  assembler.gdma.copy(to, *rows);
}

/// One value per channel, contiguous in global memory, as one row of them; nothing for other tensors.
std::optional<GlobalTensor> asRow(const GlobalTensor &values) {
  if (values.n() != 1 || values.c() == 1 || values.h() * values.w() != 1 || values.strides[1] != 1)
    return std::nullopt;
  return GlobalTensor::contiguous(values.address, {1, 1, 1, values.c()}, values.type);
}

} // namespace

bool transposePlainly(Assembler &assembler, const MemoryTensor &to, const MemoryTensor &from) {
  if (from.shape()[2] != 1 || elementsOf(from.shape()) > mostParameters)
    return false;
  if (!from.isLocal() && to.isLocal())
    return loadTransposed(assembler, to.local(), from.global()), true;
  if (from.isLocal() && !to.isLocal())
    return storeTransposed(assembler, to.global(), from.local()), true;
  return false;
}

void loadMatrixPlainly(Assembler &assembler, const FoldedMatrix &to, const GlobalMatrix &from) {
  forTensors(to, from, [&](const LocalTensor &local, const GlobalTensor &global) {
    if (std::optional<GlobalTensor> row = asRow(global))
      loadTransposed(assembler, local, *row);
    else
      assembler.gdma.copy(local, global);
  });
}

void storeMatrixPlainly(Assembler &assembler, const GlobalMatrix &to, const FoldedMatrix &from) {
  forTensors(from, to, [&](const LocalTensor &local, const GlobalTensor &global) {
    if (std::optional<GlobalTensor> row = asRow(global))
      storeTransposed(assembler, *row, local);
    else
      assembler.gdma.copy(global, local);
  });
}

} // namespace tpu_mlir::bm1684x::price_quirks
