// Global moves: merging of axes, recognition of transposes, and the split into four-dimensional instructions.
#include "GlobalMove.h"
#include "LocalMove.h"

#include "llvm/ADT/STLExtras.h"

#include <optional>

namespace tpu_mlir::codegen {
using namespace bm1684x;
namespace {

/// Axes from the largest to the smallest result stride, without extents of 1, neighbours merged where both sides allow.
void normalize(GlobalMove &move) {
  llvm::erase_if(move.axes, [](const MoveAxis &axis) { return axis.extent == 1; });
  llvm::stable_sort(move.axes, [](const MoveAxis &a, const MoveAxis &b) { return a.to > b.to; });
  llvm::SmallVector<MoveAxis, 6> merged;
  for (const MoveAxis &axis : move.axes) {
    if (!merged.empty() && merged.back().to == axis.to * axis.extent && merged.back().from == axis.from * axis.extent) {
      merged.back() = {merged.back().extent * axis.extent, axis.to, axis.from};
    } else {
      merged.push_back(axis);
    }
  }
  move.axes = std::move(merged);
}

/// Runs `visit` with the two byte offsets of every position of `axes`.
template <typename Visit>
void forPositions(llvm::ArrayRef<MoveAxis> axes, int64_t itemBytes, uint64_t to, uint64_t from, Visit visit) {
  if (axes.empty())
    return visit(to, from);
  for (int64_t i = 0; i < axes[0].extent; ++i)
    forPositions(axes.drop_front(), itemBytes, to + i * axes[0].to * itemBytes, from + i * axes[0].from * itemBytes,
                 visit);
}

/// The number of trailing axes that are a dense block on both sides and there a C<->W transpose [w, h, c] of [c, h, w]
/// (h may be missing); 0 when there is none.
unsigned transposedBlock(llvm::ArrayRef<MoveAxis> axes) {
  for (unsigned count : {3u, 2u}) {
    if (axes.size() < count)
      continue;
    llvm::ArrayRef<MoveAxis> block = axes.take_back(count);
    bool matches = llvm::all_of(block, [](const MoveAxis &axis) { return axis.extent <= maxExtent; });
    int64_t to = 1, from = 1;
    for (const MoveAxis &axis : llvm::reverse(block))
      matches &= axis.to == to, to *= axis.extent;
    for (const MoveAxis &axis : block)
      matches &= axis.from == from, from *= axis.extent;
    if (matches)
      return count;
  }
  return 0;
}

void emitTransposes(Assembler &assembler, const GlobalMove &move, unsigned count) {
  llvm::ArrayRef<MoveAxis> outer = llvm::ArrayRef(move.axes).drop_back(count);
  llvm::ArrayRef<MoveAxis> block = llvm::ArrayRef(move.axes).take_back(count);
  int64_t w = block.front().extent, h = count == 3 ? block[1].extent : 1, c = block.back().extent, n = 1;
  // One dense outer axis is the instruction's n.
  if (!outer.empty() && outer.back().to == w * h * c && outer.back().from == w * h * c &&
      outer.back().extent <= maxExtent) {
    n = outer.back().extent;
    outer = outer.drop_back();
  }
  forPositions(outer, static_cast<int64_t>(byteSize(move.type)), move.to, move.from, [&](uint64_t to, uint64_t from) {
    assembler.gdma.cwTranspose(GlobalTensor::contiguous(to, {n, w, h, c}, move.type),
                               GlobalTensor::contiguous(from, {n, c, h, w}, move.type));
  });
}

/// Splits the axes into up to four for one instruction (the last of them moved as a row) and the ones to loop over, and
/// calls `visit` with both sides for every instruction.
template <typename Visit> void forTensors(const GlobalMove &move, bool needsUnitSource, Visit visit) {
  int64_t itemBytes = static_cast<int64_t>(byteSize(move.type));
  llvm::SmallVector<MoveAxis, 6> axes(move.axes);
  MoveAxis row{1, 1, 1};
  if (!axes.empty() && axes.back().to == 1 && (!needsUnitSource || axes.back().from == 1))
    row = axes.pop_back_val();
  // Long axes are cut into pieces of equal length and a rest.
  for (MoveAxis *axis : llvm::to_vector(llvm::map_range(axes, [](MoveAxis &a) { return &a; })))
    if (axis->extent > maxExtent) {
      GlobalMove head = move, tail = move;
      int64_t index = axis - axes.data(), full = axis->extent / maxExtent, rest = axis->extent % maxExtent;
      head.axes.assign(axes.begin(), axes.end());
      head.axes.push_back(row);
      tail.axes = head.axes;
      head.axes[index] = {full, axis->to * maxExtent, axis->from * maxExtent};
      head.axes.insert(head.axes.begin() + index + 1, {maxExtent, axis->to, axis->from});
      forTensors(head, needsUnitSource, visit);
      if (rest) {
        tail.axes[index].extent = rest;
        tail.to += full * maxExtent * axis->to * itemBytes, tail.from += full * maxExtent * axis->from * itemBytes;
        forTensors(tail, needsUnitSource, visit);
      }
      return;
    }
  if (row.extent > maxExtent) {
    for (int64_t begin = 0; begin < row.extent; begin += maxExtent) {
      GlobalMove part = move;
      part.axes.assign(axes.begin(), axes.end());
      part.axes.push_back({std::min(maxExtent, row.extent - begin), row.to, row.from});
      part.to += begin * row.to * itemBytes, part.from += begin * row.from * itemBytes;
      forTensors(part, needsUnitSource, visit);
    }
    return;
  }
  // The three longest axes are n, c and h; the others are loops.
  llvm::SmallVector<MoveAxis, 6> loops;
  while (axes.size() > 3) {
    auto shortest = llvm::min_element(axes, [](const MoveAxis &a, const MoveAxis &b) { return a.extent < b.extent; });
    loops.push_back(*shortest);
    axes.erase(shortest);
  }
  while (axes.size() < 3)
    axes.insert(axes.begin(), {1, 1, 1});
  axes.push_back(row);
  forPositions(loops, itemBytes, move.to, move.from, [&](uint64_t to, uint64_t from) {
    GlobalTensor target{to, move.type}, source{from, move.type};
    for (int i = 0; i < 4; ++i) {
      target.shape[i] = source.shape[i] = axes[i].extent;
      target.strides[i] = axes[i].to, source.strides[i] = axes[i].from;
    }
    visit(target, source);
  });
}

} // namespace

void emitMove(Assembler &assembler, GlobalMove move) {
  if (llvm::any_of(move.axes, [](const MoveAxis &axis) { return axis.extent == 0; }))
    return;
  normalize(move);
  if (move.to == move.from && llvm::all_of(move.axes, [](const MoveAxis &axis) { return axis.to == axis.from; }))
    return;
  if (move.axes.empty())
    return assembler.gdma.copyLinear(move.to, move.from, 1, move.type);
  if (move.axes.size() == 1 && move.axes[0].to == 1 && move.axes[0].from == 1)
    return assembler.gdma.copyLinear(move.to, move.from, move.axes[0].extent, move.type);
  if (assembler.options.avoidPriceQuirks && emitThroughLocal(assembler, move))
    return;
  if (unsigned count = transposedBlock(move.axes))
    return emitTransposes(assembler, move, count);
  if (emitThroughLocal(assembler, move))
    return;
  forTensors(move, /*needsUnitSource=*/true,
             [&](const GlobalTensor &to, const GlobalTensor &from) { assembler.gdma.copy(to, from); });
}

void emitFill(Assembler &assembler, GlobalMove box, Constant value) {
  if (llvm::any_of(box.axes, [](const MoveAxis &axis) { return axis.extent == 0; }))
    return;
  for (MoveAxis &axis : box.axes)
    axis.from = axis.to;
  normalize(box);
  forTensors(box, /*needsUnitSource=*/false,
             [&](const GlobalTensor &to, const GlobalTensor &) { assembler.gdma.fill(to, value); });
}

} // namespace tpu_mlir::codegen
