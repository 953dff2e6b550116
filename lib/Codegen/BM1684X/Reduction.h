// How an op that combines all elements along some axes sees its tensors: [outer, axis, inner], laid out so that a tile
// keeps whole axes in local memory. Used by Reduce, Softmax and LayerNorm.
#pragma once
#include "BroadcastView.h"
#include "CompositeAxis.h"

#include "tpu_mlir/Codegen/CodegenInterface.h"

#include <optional>

namespace tpu_mlir::codegen {
using bm1684x::ArOp;

/// The arrangement of [outer, axis, inner] in lanes.
struct ReductionView {
  enum Form {
    Rows,    ///< inner = 1: [1, outer, 1, axis], combined along w
    Columns, ///< [1, outer, axis, inner] or [outer, inner / p, axis, p], combined along h
    Wide,    ///< inner = 1: [outer, c, 1, axis / c], combined along w, then over lanes
  };
  Form form = Rows;
  std::array<CompositeAxis, 4> axes; ///< of the operand
  Shape4 shape;                      ///< of the operand
  Shape4 reduced;                    ///< of the result, with the combined axes of extent 1

  /// `tilesOfAxis`: how many f32 tiles of the operand a step keeps in local memory at once. Nothing when an axis is too
  /// long for local memory.
  static std::optional<ReductionView> choose(const CompositeAxis &outer, const CompositeAxis &axis,
                                             const CompositeAxis &inner, int64_t tilesOfAxis);
  /// The reduced tensor as contiguous global tensor of the view's shape.
  GlobalTensor reducedGlobal(uint64_t address, ElementType type) const;
  /// The axis combined in a lane: 3 (w) or 2 (h).
  int laneAxis() const { return form == Columns ? 2 : 3; }
};

/// Elementwise combination of two halves, as often as needed: a tree over `axis` of `in`. `scratch` is the byte offset
/// of reduceTreeBytes; the result is a tensor with extent 1 on the axis, there or, of one position, in `in`.
LocalTensor reduceTree(Assembler &assembler, ArOp op, const LocalTensor &in, int axis, uint32_t scratch);
int64_t reduceTreeBytes(Shape4 shape, ElementType type, int axis);

/// The reduction of a whole tile: in the lanes, for Wide over lanes too. With `spread`, a Wide result is put into every
/// lane again; else it is in lane 0 only.
LocalTensor reduceTile(Assembler &assembler, ArOp op, const LocalTensor &in, ReductionView::Form form, bool spread,
                       uint32_t scratch);
int64_t reduceTileBytes(Shape4 shape, ElementType type, ReductionView::Form form);
int64_t reduceTileCycles(Shape4 shape, ReductionView::Form form);

} // namespace tpu_mlir::codegen
