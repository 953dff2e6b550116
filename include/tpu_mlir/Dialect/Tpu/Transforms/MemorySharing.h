// Which tensors of a function share global memory: views lie in their operands, operands of a concatenation in its
// result. Groups are looked through, so that the answer is the same before and after layer-group.
#pragma once
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace tpu_mlir::tpu {

/// The value that is moved or passed on: what a Load reads, a Store writes, or a Group yields; else the value itself.
mlir::Value valueOf(mlir::Value value);

/// Bytes of a tensor.
int64_t bytesOf(mlir::Value value);

/// A forest in which every value names the value that it lies in and its byte offset there. Values are those that
/// `valueOf` gives.
class MemorySharing {
public:
  struct Place {
    mlir::Value root;
    int64_t offset;
  };

  explicit MemorySharing(mlir::func::FuncOp function);

  Place find(mlir::Value value) const;

private:
  void share(mlir::Operation *op);

  llvm::DenseMap<mlir::Value, Place> parents;
};

/// Whether a value is a tensor other than a weight.
bool ownsMemory(mlir::Value value);

} // namespace tpu_mlir::tpu
