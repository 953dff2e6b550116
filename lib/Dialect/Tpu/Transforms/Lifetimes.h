// How long results of a block are alive, and an order of its ops in which they die early.
#pragma once
#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"

#include <vector>

namespace tpu_mlir::tpu {

/// Ops that are computed, in the order in which they stand: no weights, no "none", no terminator.
std::vector<mlir::Operation *> computedOps(mlir::Block &block);

/// What an order costs. Views keep alive what they show and count for nothing themselves.
struct OrderCost {
  /// Bytes of every result times the number of ops computed while it is alive.
  int64_t lifetimes = 0;
  /// Bytes read by other ops than the one right behind their producer, which can take them from local memory.
  int64_t laterReads = 0;
};
OrderCost costOf(llvm::ArrayRef<mlir::Operation *> order, mlir::Block &block);

/// An order that takes, of the ops whose operands are there, the one after which the fewest bytes are alive; of equal
/// ones the reader of the latest result.
std::vector<mlir::Operation *> greedyOrder(mlir::Block &block);

/// Brings the ops into the order, behind the block's constants.
void applyOrder(llvm::ArrayRef<mlir::Operation *> order, mlir::Block &block);

} // namespace tpu_mlir::tpu
