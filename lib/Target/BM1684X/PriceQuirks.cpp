// Tensor moves in place of forms that are priced too low.
#include "PriceQuirks.h"

namespace tpu_mlir::bm1684x::price_quirks {
namespace {

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

} // namespace

bool transposePlainly(Gdma &gdma, const MemoryTensor &to, const MemoryTensor &from) {
  if (!from.isLocal() && to.isLocal())
    return gdma.copy(to, exchanged(from.global())), true;
  if (from.isLocal() && !to.isLocal())
    return gdma.copy(exchanged(to.global()), from), true;
  return false;
}

void loadMatrixPlainly(Gdma &gdma, const FoldedMatrix &to, const GlobalMatrix &from) {
  forTensors(to, from, [&](const LocalTensor &local, const GlobalTensor &global) { gdma.copy(local, global); });
}

void storeMatrixPlainly(Gdma &gdma, const GlobalMatrix &to, const FoldedMatrix &from) {
  forTensors(from, to, [&](const LocalTensor &local, const GlobalTensor &global) { gdma.copy(global, local); });
}

} // namespace tpu_mlir::bm1684x::price_quirks
