// What the code generation models know of a module: the global tensors of values. No state of a compile lives
// elsewhere.
#pragma once
#include "tpu_mlir/Codegen/TiledOp.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"

namespace tpu_mlir::codegen {

/// A tensor type seen as [n, c, h, w]. `Spatial`: the last two axes are h and w, the first n, missing ones are 1 (a
/// rank 3 tensor is [n, c, h, 1], rank 2 [n, c, 1, 1]). `Elementwise`: any regrouping of the row-major elements that
/// fills lanes well; equal for tensors of equal shape.
enum class ViewKind { Spatial, Elementwise };

class CodegenContext {
public:
  /// Whether the op is a member of a group whose TiledOps see tensors as [n, c, h, w] in the same way
  /// (ViewKind::Spatial).
  bool inGroup = false;
  /// In a chain of flat elementwise ops: the smallest element of all of them, in bytes, which decides their common
  /// view.
  int64_t flatItem = 0;
  /// Addresses of values, in place of those on their types.
  const llvm::DenseMap<mlir::Value, uint64_t> *addresses = nullptr;

  /// The address in global memory that the address-assign pass put on the value's type; 0 when it has none.
  uint64_t addressOf(mlir::Value value) const;
  /// The value as a contiguous global tensor of the given [n, c, h, w] shape.
  GlobalTensor global(mlir::Value value, std::array<int64_t, 4> shape) const;
  /// The value as a contiguous global tensor, with the shape given by `viewShape`.
  GlobalTensor global(mlir::Value value, ViewKind kind = ViewKind::Spatial) const;
};

/// Host element type of a tensor type; None for types without storage on the chip.
ElementType elementTypeOf(mlir::Type type);
/// The [n, c, h, w] shape of a tensor type.
std::array<int64_t, 4> viewShape(mlir::Type type, ViewKind kind);
/// True for values made by top.Weight.
bool isWeight(mlir::Value value);
/// The smallest element of an op's tensors, bytes.
int64_t smallestItem(mlir::Operation *op);
/// Whether the op may be a member of a chain that sees all its tensors flat.
bool followsFlat(mlir::Operation *op);

} // namespace tpu_mlir::codegen
