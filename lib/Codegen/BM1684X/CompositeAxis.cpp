// Pieces of composite axes.
#include "CompositeAxis.h"

namespace tpu_mlir::codegen {
using bm1684x::Dims;

int64_t CompositeAxis::extent() const {
  int64_t product = 1;
  for (auto [extent, stride] : parts)
    product *= extent;
  return product;
}

llvm::SmallVector<CompositeAxis::Piece, 4> CompositeAxis::pieces(Range range) const {
  if (parts.empty())
    return {{0, 1, 0}};
  llvm::SmallVector<Piece, 4> result;
  int64_t last = parts.back().first;
  for (int64_t at = range.begin; at < range.end();) {
    int64_t within = at % last, count = std::min(last - within, range.end() - at);
    int64_t offset = within * parts.back().second, rest = at / last;
    for (size_t i = parts.size() - 1; i-- > 0; rest /= parts[i].first)
      offset += rest % parts[i].first * parts[i].second;
    result.push_back({at - range.begin, count, offset});
    at += count;
  }
  return result;
}

void loadComposite(Assembler &assembler, const LocalTensor &to, uint64_t address,
                   const std::array<CompositeAxis, 4> &axes, const Slice &slice) {
  auto n = axes[0].pieces(slice.n), c = axes[1].pieces(slice.c), h = axes[2].pieces(slice.h),
       w = axes[3].pieces(slice.w);
  for (const auto &pn : n)
    for (const auto &pc : c)
      for (const auto &ph : h)
        for (const auto &pw : w) {
          Dims size{pn.count, pc.count, ph.count, pw.count};
          GlobalTensor from{address + (pn.offset + pc.offset + ph.offset + pw.offset) * to.itemBytes(),
                            to.type,
                            size,
                            {axes[0].stride(), axes[1].stride(), axes[2].stride(), axes[3].stride()}};
          assembler.gdma.copy(to.slice({pn.position, pc.position, ph.position, pw.position}, size), from);
        }
}

} // namespace tpu_mlir::codegen
