// Axes of a local view that several axes of a global tensor make up, and loads of such views.
#pragma once
#include "tpu_mlir/Codegen/TiledOp.h"

#include "llvm/ADT/SmallVector.h"

namespace tpu_mlir::codegen {

/// An axis put together from axes of the tensor, the last one fastest: extent and stride in elements of each.
struct CompositeAxis {
  llvm::SmallVector<std::pair<int64_t, int64_t>, 2> parts;

  int64_t extent() const;
  /// Stride of a step, for an axis that is made of one part.
  int64_t stride() const { return parts.empty() ? 1 : parts.back().second; }
  bool isSimple() const { return parts.size() <= 1; }
  /// Pieces of a range that have one stride: first position in the range, count, and offset of its first element.
  struct Piece {
    int64_t position, count, offset;
  };
  llvm::SmallVector<Piece, 4> pieces(Range range) const;
};

/// Loads a box of a tensor with composite axes into a local tensor of the box's shape.
void loadComposite(Assembler &assembler, const LocalTensor &to, uint64_t address,
                   const std::array<CompositeAxis, 4> &axes, const Slice &slice);

} // namespace tpu_mlir::codegen
