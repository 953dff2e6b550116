// Permutations that exchange two neighbouring runs of axes, as [a, c, p] to [a, p, c]. By itself such an op is one
// transposition in global memory; behind an op whose result [1, a * c, h, w] is in local memory, with p = h * w, the
// transposition is its store.
#pragma once
#include "GlobalMove.h"

#include "tpu_mlir/Codegen/TiledOp.h"

#include <memory>
#include <optional>

namespace tpu_mlir::codegen {

/// The extents of an exchange.
struct Exchange {
  int64_t outer = 1, channels = 1, positions = 1;
  /// The exchange that a permutation of a shape is, if it is one.
  static std::optional<Exchange> of(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> order);
};

/// The op as a move in global memory, in one tile.
std::unique_ptr<TiledOp> makeGlobalExchange(const GlobalMove &move, GlobalTensor input, GlobalTensor result);

/// The op as a member of a group: `input` is seen as [1, outer * channels, h, w], the result as
/// [1, outer, h, w * channels]. Null for other shapes.
std::unique_ptr<TiledOp> makeLocalExchange(const Exchange &exchange, GlobalTensor input, GlobalTensor result);

} // namespace tpu_mlir::codegen
